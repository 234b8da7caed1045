//go:build linux

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/failpoint"
	"github.com/limiquantix/limiquantix/lab"
)

// TestKilled kills the program as kill -9 does, at every moment of a change
// that its journal knows, and looks at what the host is left with.
func TestKilled(t *testing.T) {
	f := newFleet(t, lab.Options{Hosts: 8, Each: lab.HostOptions{Users: []lab.User{{Name: "operator", Groups: []string{"libvirt"}}}}})
	image := disk(t, "base.qcow2", 3*core.MiB)
	for i, test := range []struct {
		name string
		run  func(t *testing.T, s *site, image string)
	}{
		{"image add", killImageAdd},
		{"image add through libvirt", killImageAddThroughLibvirt},
		{"vm create", killCreate},
		{"vm delete", killDelete},
		{"roll-back", killRollBack},
		{"resume", killResume},
		{"resume of a roll-back", killResumeOfRollBack},
		{"application", killApplication},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, f.manage(t, fmt.Sprintf("kvm%d", i+1)), image)
		})
	}
}

// manyPoints is more failpoints than any command passes.
const manyPoints = 100

// dies runs a command line that kills itself at the n-th failpoint, and
// reports whether it came that far.
func (s *site) dies(n int, args ...string) (killed bool, status int, talk string) {
	s.t.Helper()
	var errs bytes.Buffer
	c := s.command(s.t.Context(), args...)
	c.Env = append(c.Env, fmt.Sprintf("%s=%d", failpoint.Env, n))
	c.Stderr = &errs
	err := c.Run()
	if c.ProcessState == nil {
		s.t.Fatal(err)
	}
	return c.ProcessState.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL && !c.ProcessState.Exited(), c.ProcessState.ExitCode(), errs.String()
}

// everyPoint runs a command line again and again, killed at its first
// failpoint, its second, and so on, and calls after each time what shall mend
// it; at last the command line comes to its end with status. It fails when
// that is after fewer than atLeast points.
func (s *site) everyPoint(atLeast, status int, args []string, mend func(n int)) {
	s.t.Helper()
	for n := 1; n < manyPoints; n++ {
		killed, got, talk := s.dies(n, args...)
		if !killed {
			if got != status || n <= atLeast {
				s.t.Errorf("%q ended with %d after %d failpoints, want %d after at least %d\n%s", args, got, n-1, status, atLeast, talk)
			}
			s.t.Logf("%d failpoints", n-1)
			return
		}
		mend(n)
		s.run("audit", "verify")
		if s.t.Failed() {
			s.t.Fatalf("killed at failpoint %d", n)
		}
	}
	s.t.Fatalf("%q passes more than %d failpoints", args, manyPoints)
}

// settled fails the test unless no task is open, the host looks as wanted and
// the inventory agrees with it.
func (s *site) settled(want string) {
	s.t.Helper()
	if open := strings.TrimSpace(s.run("task", "list", "--open", "-o", "json")); open != "[]" {
		s.t.Errorf("tasks are open: %s", open)
	}
	if got := s.picture(); got != want {
		s.t.Errorf("the host differs (-want +got):\n%s", cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
	}
	s.checkInventory()
}

func killImageAdd(t *testing.T, s *site, image string) {
	if whole := s.killImageAdd(image); whole != 1 {
		t.Errorf("the upload was whole, but not published, at %d failpoints, want 1", whole)
	}
}

// killImageAddThroughLibvirt: a user who may not write into the pool.
func killImageAddThroughLibvirt(_ *testing.T, s *site, image string) {
	s.run("host", "remove", s.host.Name)
	s.run(s.add("operator")...)
	s.killImageAdd(image)
}

// killImageAdd returns how often an upload was killed when it was whole, but
// for its name.
func (s *site) killImageAdd(image string) (whole int) {
	before := s.picture()
	add := []string{"image", "add", image, "--host", s.host.Name}
	s.run(add...)
	after := s.picture()
	remove := func() {
		s.run("image", "remove", s.host.Name+"/default/base.qcow2", "--yes")
		s.settled(before)
	}
	remove()
	s.everyPoint(8, 0, add, func(n int) {
		whole += s.publishByHand(image, "base.qcow2")
		s.run("task", "resume")
		s.settled(after)
		remove()
	})
	return whole
}

// publishByHand makes of a crash right before an upload's last act, the
// renaming, one right after it, where there is no failpoint. It returns how
// many uploads it found.
func (s *site) publishByHand(image, name string) int {
	s.t.Helper()
	parts, err := filepath.Glob(filepath.Join(s.host.Images, ".lqx-*.part"))
	if err != nil {
		s.t.Fatal(err)
	}
	n := 0
	for _, part := range parts {
		got, err := os.Stat(part)
		if err != nil {
			s.t.Fatal(err)
		}
		if image != "" {
			if want, err := os.Stat(image); err != nil || got.Size() != want.Size() {
				continue
			}
		}
		if err := os.Rename(part, filepath.Join(s.host.Images, name)); err != nil {
			s.t.Fatal(err)
		}
		n++
	}
	return n
}

// create is the command line of a VM that has all that may be left over: a
// seed, a disk, a definition, firmware variables, a process.
func (s *site) create(name string, more ...string) []string {
	return append([]string{"vm", "create", name, "--host", s.host.Name, "--image", "base.qcow2", "--memory", "64MiB",
		"--user", "admin", "--firmware", "uefi", "--start"}, more...)
}

func killCreate(t *testing.T, s *site, image string) {
	s.run("image", "add", image, "--host", s.host.Name)
	before := s.picture()
	s.run(s.create("web")...)
	after := s.picture()
	remove := func() {
		s.run("vm", "delete", "web", "--yes", "--stop")
		s.settled(before)
	}
	remove()
	s.everyPoint(18, 0, s.create("web"), func(int) {
		s.run("task", "resume")
		s.settled(after)
		s.run("vm", "delete", "web", "--yes", "--stop")
	})
	remove()
	// The same with a seed that was published before the end.
	const inUpload = 4
	if killed, _, talk := s.dies(inUpload, s.create("web")...); !killed || s.publishByHand("", "web-seed.iso") != 1 {
		t.Fatalf("not killed in the seed's upload: %s", talk)
	}
	s.run("task", "resume")
	s.settled(after)
	remove()
}

func killDelete(t *testing.T, s *site, image string) {
	s.run("image", "add", image, "--host", s.host.Name)
	before := s.picture()
	s.run(s.create("web")...)
	s.everyPoint(16, 0, []string{"vm", "delete", "web", "--yes", "--stop"}, func(n int) {
		s.run("task", "resume")
		s.settled(before)
		s.run(s.create("web")...)
	})
	s.settled(before)
}

// badNetwork gives the host a network that no VM can start on, so that the
// last step of vm create fails.
func (s *site) badNetwork() {
	s.t.Helper()
	s.inside("sh", "-c", `echo "<network><name>bad</name><forward mode='bridge'/><bridge name='nobridge'/></network>" >/tmp/bad.xml
virsh net-define /tmp/bad.xml && virsh net-start bad`)
}

func killRollBack(t *testing.T, s *site, image string) {
	s.run("image", "add", image, "--host", s.host.Name)
	s.badNetwork()
	before := s.picture()
	// The way there is killCreate's; what is new begins with the failure.
	s.everyPoint(22, 1, s.create("web", "--network", "bad"), func(n int) {
		if _, talk, status := s.try("task", "resume"); status == 0 {
			t.Errorf("task resume succeeds: %s", talk)
		}
		s.settled(before)
	})
	s.settled(before)
}

func killResume(t *testing.T, s *site, image string) {
	s.run("image", "add", image, "--host", s.host.Name)
	before := s.picture()
	s.run(s.create("web")...)
	after := s.picture()
	s.run("vm", "delete", "web", "--yes", "--stop")
	for _, first := range []int{3, 9, 17} {
		if killed, _, talk := s.dies(first, s.create("web")...); !killed {
			t.Fatalf("not killed at %d: %s", first, talk)
		}
		s.everyPoint(1, 0, []string{"task", "resume"}, func(int) {})
		s.settled(after)
		if killed, _, talk := s.dies(first, "vm", "delete", "web", "--yes", "--stop"); !killed {
			t.Fatalf("not killed at %d: %s", first, talk)
		}
		s.everyPoint(1, 0, []string{"task", "resume"}, func(int) {})
		s.settled(before)
	}
}

func killResumeOfRollBack(t *testing.T, s *site, image string) {
	s.run("image", "add", image, "--host", s.host.Name)
	s.badNetwork()
	before := s.picture()
	for _, first := range []int{9, 17, 19} {
		if killed, _, talk := s.dies(first, s.create("web", "--network", "bad")...); !killed {
			t.Fatalf("not killed at %d: %s", first, talk)
		}
		s.everyPoint(3, 1, []string{"task", "resume"}, func(int) {})
		s.settled(before)
	}
}

// killApplication: an application that was killed carries on by itself when it
// is started again.
func killApplication(t *testing.T, s *site, image string) {
	s.run("image", "add", image, "--host", s.host.Name)
	before := s.picture()
	for _, n := range []int{4, 12} {
		app := s.serve(fmt.Sprintf("%s=%d", failpoint.Env, n))
		_, talk, status := s.try(s.create("web")...)
		if status == 0 {
			t.Errorf("vm create succeeds although the application died: %s", talk)
		}
		want(t, "vm create", talk, "limiquantix: ", "hint: ")
		app.Wait()
		begun := time.Now()
		next := s.serve()
		for strings.TrimSpace(s.run("task", "list", "--open", "-o", "json")) != "[]" {
			if time.Since(begun) > time.Minute {
				t.Fatal("the task is still open after a minute")
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Logf("carried on %s after the start", time.Since(begun).Round(time.Millisecond))
		s.checkInventory()
		s.run("vm", "delete", "web", "--yes", "--stop")
		s.settled(before)
		next.stop()
	}
}
