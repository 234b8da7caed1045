//go:build linux

package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/lab/guest"
)

// TestSpine is the product's main job, from an unknown host to a VM that is
// logged into, and back to an empty host.
func TestSpine(t *testing.T) {
	files, err := guest.Tiny(t.Context(), guest.Options{Progress: func(line string) { t.Log(line) }})
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t)
	want(t, "host check", s.run("host", "check", "kvm1"), "libvirt 9.", "logged in as root", "no KVM")
	empty := s.volumes()

	s.run("image", "add", files.Disk, "--host", "kvm1", "--name", "tiny.qcow2")
	s.fails(3, "already", "image", "add", files.Disk, "--host", "kvm1", "--name", "tiny.qcow2")
	want(t, "image list", s.run("image", "list"), "tiny.qcow2")
	imageOnly := s.volumes()

	key := key(t)
	create := []string{"vm", "create", "web1", "--host", "kvm1", "--image", "tiny.qcow2", "--memory", "256MiB",
		"--disk", "1GiB", "--user", "admin", "--ssh-key", key + ".pub", "--start"}
	want(t, "the plan", s.run(append(create, "--plan")...), "web1.qcow2", "web1-seed.iso", "<domain", "undo:")
	if got := s.volumes(); got != imageOnly {
		t.Errorf("--plan changed the host from %s to %s", imageOnly, got)
	}
	s.run(create...)
	s.recordConsole("web1")
	want(t, "qemu-img info", s.inside("qemu-img", "info", "-U", "/var/lib/libvirt/images/web1.qcow2"), "backing file: ", "tiny.qcow2", "1 GiB")
	want(t, "vm list", s.run("vm", "list"), "web1", "kvm1", "running")
	s.fails(3, "web1", "image", "remove", "kvm1/default/tiny.qcow2", "--yes") // web1 is based on it

	t.Run("login", func(t *testing.T) {
		address := s.address("web1", 2*time.Minute)
		if got := s.logIn(address, "admin", key, 2*time.Minute, "hostname"); got != "web1" {
			t.Errorf("the guest is named %q", got)
		}
	})
	t.Run("console", func(t *testing.T) {
		// A shell runs on the tiny guest's serial line.
		cmd := s.command(t.Context(), "vm", "console", "web1", "--serial", "--until", "ANSWER-42", "--timeout", "1m")
		cmd.Stdin = strings.NewReader("\necho ANSWER-$((40+2))\n")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v:\n%s", err, out)
		}
	})

	s.run("vm", "pause", "web1")
	want(t, "vm show", s.run("vm", "show", "web1"), "paused")
	s.run("vm", "resume", "web1")
	s.run("vm", "shutdown", "web1", "--timeout", "60s")
	want(t, "vm show", s.run("vm", "show", "web1"), "stopped")
	s.run("vm", "start", "web1")
	s.fails(6, "--yes", "vm", "delete", "web1", "--stop")
	s.fails(3, "--stop", "vm", "delete", "web1", "--yes") // it runs
	s.run("vm", "stop", "web1")
	s.run("vm", "delete", "web1", "--yes")
	if got := s.volumes(); got != imageOnly {
		t.Errorf("after the VM's end the host has %s, before it %s", got, imageOnly)
	}
	s.run("image", "remove", "kvm1/default/tiny.qcow2", "--yes")
	if got := s.volumes(); got != empty {
		t.Errorf("at the end the host has %s, at the beginning %s", got, empty)
	}
	want(t, "task list", s.run("task", "list"), "Create VM web1", "Delete VM web1")
	s.run("host", "remove", "kvm1")
	if out := s.run("host", "list", "-o", "json"); strings.TrimSpace(out) != "[]" {
		t.Errorf("hosts left: %s", out)
	}
}

// TestCloudImage boots a real Debian with systemd and cloud-init.
func TestCloudImage(t *testing.T) {
	image, err := guest.Cloud(t.Context(), guest.Options{Progress: func(line string) { t.Log(line) }})
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t)
	s.run("image", "add", image, "--host", "kvm1", "--name", "debian.qcow2")
	userData := filepath.Join(t.TempDir(), "user-data.yaml")
	own := "#cloud-config\nwrite_files:\n  - path: /etc/of-my-own\n    content: |\n      seen\n"
	if err := os.WriteFile(userData, []byte(own), 0o600); err != nil {
		t.Fatal(err)
	}
	key := key(t)
	s.run("vm", "create", "deb1", "--host", "kvm1", "--image", "debian.qcow2", "--cpus", "2", "--memory", "1GiB", "--disk", "4GiB",
		"--user", "admin", "--ssh-key", key+".pub", "--user-data", userData, "--start")
	s.recordConsole("deb1")
	address := s.address("deb1", 8*time.Minute)
	got := s.logIn(address, "admin", key, 5*time.Minute, "cloud-init status --wait >/dev/null; hostname; cat /etc/of-my-own; sudo -n id -un; lsblk -bdno SIZE /dev/vda")
	if want := "deb1\nseen\nroot\n4294967296"; got != want {
		t.Errorf("the guest says %q, want %q", got, want)
	}
	// The agent knows what no lease does.
	var v vm
	s.read(&v, "vm", "show", "deb1")
	if len(v.Addresses) == 0 || v.Addresses[0].Source != "agent" {
		t.Errorf("addresses are %+v, want the guest agent's first", v.Addresses)
	}
	s.run("vm", "shutdown", "deb1", "--timeout", "3m")
	s.run("vm", "delete", "deb1", "--yes")
}

// TestLabTry is "make run" without a display: it logs in to a VM and ends in an
// address for a browser, and an interrupt leaves nothing.
func TestLabTry(t *testing.T) {
	p := newProgram(t)
	p.env = []string{"DISPLAY=", "WAYLAND_DISPLAY="}
	name := "t-" + core.NewUUID()[:8]
	cmd := p.command(t.Context(), "lab", "try", "--tiny", "--name", name)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { exec.Command(p.exe, "lab", "down", "--name", name).Run() })
	limit := time.AfterFunc(6*time.Minute, func() { cmd.Process.Kill() })
	defer limit.Stop()
	var seen strings.Builder
	buf := make([]byte, 4096)
	interrupted := false
	for {
		n, err := out.Read(buf)
		seen.Write(buf[:n])
		if !interrupted && strings.Contains(seen.String(), "/#token=") {
			interrupted = true
			vms := p.command(t.Context(), "vm", "list")
			vms.Env = append(vms.Env, "LIMIQUANTIX_HOME="+between(seen.String(), "LIMIQUANTIX_HOME=", "\n"))
			list, err := vms.CombinedOutput()
			if err != nil || !strings.Contains(string(list), "running") {
				t.Errorf("vm list as told: %v:\n%s", err, list)
			}
			cmd.Process.Signal(os.Interrupt)
		}
		if err != nil {
			break
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("lab try: %v\n%s%s", err, seen.String(), &errs)
	}
	want(t, "lab try", seen.String(), "Ctrl-C here", "In a browser on this computer:", "limiquantix host add kvm2", "the guest says web1", "everything is taken down")
	if labs := p.run("lab", "list"); strings.Contains(labs, name) {
		t.Errorf("a lab is left:\n%s", labs)
	}
}

// between returns the text between two marks; "" without them.
func between(s, before, after string) string {
	_, s, _ = strings.Cut(s, before)
	s, _, _ = strings.Cut(s, after)
	return s
}
