//go:build linux

package e2e

import (
	"encoding/json"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/lab"
	"github.com/limiquantix/limiquantix/lab/guest"
)

// figures are what vm stats tells of one VM.
type figures struct {
	Host       string
	Name       string
	CPUPercent float64 `json:"cpu_percent"`
	MemoryUsed int64   `json:"memory_used_bytes"`
	Memory     int64   `json:"memory_bytes"`
}

// TestFiguresEventsAndHardware: a real host tells how busy its VMs are, what
// happens to them past the product is seen, and the host's own tools say what
// it consists of.
func TestFiguresEventsAndHardware(t *testing.T) {
	f := newFleet(t, lab.Options{Hosts: 1})
	s := f.site(t, "kvm1")
	s.define("busy")
	s.define("idle")
	s.run(s.add("root")...)

	t.Run("one command", func(t *testing.T) {
		s.run("vm", "start", "busy")
		s.checkFigures(t)
		s.checkHardware(t)
	})
	t.Run("a running application", func(t *testing.T) {
		app := s.serve()
		s.await("host to be live", time.Minute, func() bool { return strings.Contains(s.run("host", "list"), "live") })
		live := time.Now()
		s.checkFigures(t)
		s.seen("Start VM busy on kvm1: done")
		s.inside("virsh", "suspend", "busy")
		s.seen("VM busy paused")
		s.inside("virsh", "resume", "busy")
		s.seen("VM busy resumed")
		s.inside("sh", "-c", "kill -9 $(cat /run/libvirt/qemu/busy.pid)")
		s.seen("VM busy crashed")
		want(t, "vm list", s.run("vm", "list"), "crashed")
		s.run("vm", "start", "busy")
		s.checkStory(t)
		s.inside("virsh", "undefine", "idle")
		s.seen("VM idle removed")
		if out := s.run("event", "list"); strings.Contains(out, "VM busy added") || strings.Contains(out, "Host kvm1 is connected again") {
			t.Errorf("the first list is no news:\n%s", out)
		}
		time.Sleep(time.Until(live.Add(2 * asked)))
		lost := time.Now()
		if err := s.lab.Fault(t.Context(), "kvm1", lab.StopLibvirtd); err != nil {
			t.Fatal(err)
		}
		s.seen("Host kvm1 is not reachable: ")
		s.checkAges(t, lost)
		app.stop()
		s.checkAges(t, lost)
		defer s.serve().stop()
		s.await("host to be tried", time.Minute, func() bool { return strings.Contains(s.run("host", "list"), "stale") })
		s.checkAges(t, lost)
		if err := s.lab.Fault(t.Context(), "kvm1", lab.Heal); err != nil {
			t.Fatal(err)
		}
		s.seen("Host kvm1 is connected again")
		want(t, "events of the host", s.run("event", "list", "--host", "kvm1"), "VM busy crashed")
	})
}

// TestMemoryIsTheGuests: a guest with a balloon driver says itself what it uses.
func TestMemoryIsTheGuests(t *testing.T) {
	files, err := guest.Tiny(t.Context(), guest.Options{Progress: func(line string) { t.Log(line) }})
	if err != nil {
		t.Fatal(err)
	}
	s := newFleet(t, lab.Options{Hosts: 1}).manage(t, "kvm1")
	s.run("image", "add", files.Disk, "--host", "kvm1", "--name", "tiny.qcow2")
	s.run("vm", "create", "mem1", "--host", "kvm1", "--image", "tiny.qcow2", "--memory", "256MiB", "--start")
	var told map[string]int64 // by the guest, in KiB
	s.await("the guest to tell", 3*time.Minute, func() bool {
		told = s.memory("mem1")
		return told["usable"] > 0
	})
	s.await("the product to tell the same", time.Minute, func() bool {
		var all []figures
		if err := json.Unmarshal([]byte(s.run("vm", "stats", "mem1", "-o", "json")), &all); err != nil || len(all) != 1 {
			t.Fatalf("figures %+v, %v", all, err)
		}
		told = s.memory("mem1")
		used := (told["available"] - told["usable"]) << 10
		t.Logf("the guest uses %d, the product says %d; QEMU holds %d", used, all[0].MemoryUsed, told["rss"]<<10)
		return used > 0 && max(used, all[0].MemoryUsed)-min(used, all[0].MemoryUsed) < 16<<20
	})
}

// checkStory starts a VM again and again while events of another have the host
// listed all the time: each list is true at once, and the log tells of starts
// and stops alone, since nobody pauses a VM that QEMU gets ready.
func (s *site) checkStory(t *testing.T) {
	t.Helper()
	type event struct{ Number, Text string }
	var before, after []event
	s.read(&before, "event", "list", "--limit", "500", "busy")
	s.inside("sh", "-c", "touch /tmp/busy; (while [ -e /tmp/busy ]; do virsh -q define /tmp/idle.xml; done; touch /tmp/done) >/dev/null 2>&1 &")
	defer s.inside("sh", "-c", "rm /tmp/busy; until [ -e /tmp/done ]; do sleep 0.1; done")
	const times = 4
	for range times {
		for _, step := range [][2]string{{"stop", "stopped"}, {"start", "running"}} {
			s.run("vm", step[0], "busy")
			if out := s.run("vm", "list", "busy", "--offline"); !strings.Contains(out, step[1]) {
				t.Errorf("right after vm %s:\n%s", step[0], out)
			}
		}
	}
	s.read(&after, "event", "list", "--limit", "500", "busy")
	story := map[string]int{}
	for _, e := range after[:len(after)-len(before)] {
		story[e.Text]++
	}
	delete(story, "Start VM busy on kvm1: done")
	delete(story, "Power off VM busy on kvm1: done")
	if want := map[string]int{"VM busy started": times, "VM busy stopped": times}; !maps.Equal(story, want) {
		t.Errorf("%d starts were told as %v", times, story)
	}
}

// asked is well over how long a host may be quiet without being asked whether it
// is there.
const asked = 8 * time.Second

// checkAges wants the host, and its VMs, to be as old as the host's last word,
// which a quiet one is asked for every few seconds.
func (s *site) checkAges(t *testing.T, lost time.Time) {
	t.Helper()
	for _, noun := range []string{"host", "vm"} {
		var all []struct{ Seen time.Time }
		s.read(&all, noun, "list")
		if len(all) != 1 {
			t.Fatalf("%d of %s", len(all), noun)
		}
		if early := lost.Sub(all[0].Seen).Abs(); early > asked {
			t.Errorf("%s: last seen %s from when the host was lost", noun, early)
		}
	}
}

// memory is what virsh knows of a VM's memory, in KiB.
func (s *site) memory(vm string) map[string]int64 {
	out := map[string]int64{}
	for line := range strings.Lines(s.inside("virsh", "dommemstat", vm)) {
		if f := strings.Fields(line); len(f) == 2 {
			out[f[0]], _ = strconv.ParseInt(f[1], 10, 64)
		}
	}
	return out
}

// checkFigures wants figures of the one VM that runs. Its firmware finds nothing
// to boot and tries again and again.
func (s *site) checkFigures(t *testing.T) {
	t.Helper()
	var all []figures
	if err := json.Unmarshal([]byte(s.run("vm", "stats", "-o", "json")), &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 || all[0].Name != "busy" || all[0].Host != "kvm1" || all[0].CPUPercent < 0 || all[0].CPUPercent > 100 ||
		all[0].MemoryUsed <= 0 || all[0].Memory != 32<<20 {
		t.Errorf("figures %+v", all)
	}
}

// checkHardware compares what the product says of the host with what the host says.
func (s *site) checkHardware(t *testing.T) {
	t.Helper()
	var h struct {
		OS, Kernel, Booted string
		Load               []float64
		NICs               []struct {
			Name      string
			Addresses []string
		}
		Filesystems []struct {
			Mount string
			Size  int64 `json:"size_bytes"`
		}
		Problems []string
	}
	if err := json.Unmarshal([]byte(s.run("host", "show", "kvm1", "--hardware", "-o", "json")), &h); err != nil {
		t.Fatal(err)
	}
	if kernel := strings.TrimSpace(s.inside("uname", "-r")); h.Kernel != kernel || h.Booted == "" || len(h.Load) != 3 {
		t.Errorf("kernel %q, booted %q, load %v; the kernel is %q", h.Kernel, h.Booted, h.Load, kernel)
	}
	if !strings.Contains(s.inside("cat", "/etc/os-release"), h.OS) || h.OS == "" {
		t.Errorf("the system is called %q", h.OS)
	}
	if len(h.Problems) > 0 {
		t.Errorf("problems: %q", h.Problems)
	}
	if len(h.Filesystems) == 0 || h.Filesystems[0].Size <= 0 {
		t.Errorf("file systems: %+v", h.Filesystems)
	}
	found := false
	for _, n := range h.NICs {
		for _, a := range n.Addresses {
			found = found || strings.Contains(s.inside("ip", "-o", "address", "show", "dev", n.Name), a)
		}
	}
	if !found {
		t.Errorf("no address of the host's is among %+v", h.NICs)
	}
}

// seen waits until an event has the text.
func (s *site) seen(text string) {
	s.t.Helper()
	s.await("event: "+text, time.Minute, func() bool { return strings.Contains(s.run("event", "list"), text) })
}
