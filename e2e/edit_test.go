//go:build linux

package e2e

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/lab"
)

// richXML is a VM with much that the product knows nothing of, and room for
// more memory and CPUs.
//
//go:embed testdata/rich.xml
var richXML string

// TestEdit edits, sets and undoes on real libvirtd and QEMU.
func TestEdit(t *testing.T) {
	f := newFleet(t, lab.Options{Hosts: 5})
	for i, test := range []struct {
		name string
		run  func(t *testing.T, s *site)
	}{
		{"nothing is lost", editLosesNothing}, {"others edit too", editMeetsOthers},
		{"killed", editKilled}, {"pending", pendingOnlyWhatWasChanged}, {"planned", plannedOrNothing},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := f.manage(t, fmt.Sprintf("kvm%d", i+1))
			s.env = append(s.env, "TMPDIR="+t.TempDir()) // where texts are kept
			test.run(t, s)
		})
	}
}

// defineXML has the host define a VM, past the product.
func (s *site) defineXML(xml string) {
	s.t.Helper()
	s.inside("sh", "-c", "cat >/tmp/define.xml <<'END'\n"+xml+"\nEND\nvirsh define /tmp/define.xml")
}

// stored is a VM's persistent XML as the host itself prints it, passwords too.
func (s *site) stored(vm string) string {
	s.t.Helper()
	return s.inside("virsh", "dumpxml", vm, "--inactive", "--security-info")
}

// is fails the test unless a VM's persistent XML is want to the byte.
func (s *site) is(vm, want string) {
	s.t.Helper()
	if got := s.stored(vm); got != want {
		s.t.Errorf("the XML of %s differs (-want +got):\n%s", vm, cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
	}
}

// rich makes the VM rich, and returns its XML as libvirt wrote it.
func (s *site) rich() string {
	s.t.Helper()
	s.inside("virsh", "vol-create-as", "default", "rich.qcow2", "10M", "--format", "qcow2")
	s.defineXML(richXML)
	s.defineXML(s.stored("rich")) // libvirt writes the controllers in their final order the second time
	return s.stored("rich")
}

func editLosesNothing(t *testing.T, s *site) {
	was := s.rich()
	if !strings.Contains(was, "passwd='hunter2'") || !strings.Contains(was, "qemu:env") {
		t.Fatalf("the VM is not as it was defined:\n%s", was)
	}
	if xml := s.run("vm", "xml", "rich"); strings.Contains(xml, "hunter2") {
		t.Error("vm xml tells the password")
	}
	s.env = append(s.env, "EDITOR=sed -i s/<on_crash>destroy/<on_crash>restart/")
	plan := s.run("vm", "edit", "rich", "--plan")
	want(t, "the plan", plan, "+  <on_crash>restart</on_crash>", "virDomainDefineXML(rich)", "undo: put back the XML of before")
	s.is("rich", was)
	s.run("vm", "edit", "rich", "--yes")
	s.is("rich", strings.Replace(was, "<on_crash>destroy", "<on_crash>restart", 1))
	s.run("undo")
	s.is("rich", was)

	s.run("vm", "set", "rich", "--title", "A <title> & more", "--description", "")
	s.is("rich", strings.Replace(strings.Replace(was, "  <title>Rich</title>\n", "  <title>A &lt;title&gt; &amp; more</title>\n", 1), "  <description>Two\nlines</description>\n", "", 1))
	s.run("undo")
	s.is("rich", was)

	// Within the room that there is, then beyond it: the topology follows.
	s.run("vm", "set", "rich", "--cpus", "2", "--memory", "112MiB", "--autostart")
	want(t, "within", s.stored("rich"), "<memory unit='KiB'>131072</memory>", "<currentMemory unit='KiB'>114688</currentMemory>", ">2</vcpu>")
	s.run("vm", "set", "rich", "--cpus", "6", "--memory", "1GiB")
	want(t, "beyond", s.stored("rich"), "<memory unit='KiB'>1048576</memory>", "<currentMemory unit='KiB'>1048576</currentMemory>", ">6</vcpu>", "cores='6'")
	want(t, "autostart", s.inside("virsh", "dominfo", "rich"), "Autostart:      enable")
	s.run("undo")
	s.run("undo")
	s.is("rich", was)
	want(t, "autostart", s.inside("virsh", "dominfo", "rich"), "Autostart:      disable")
	s.fails(4, "no task can be taken back", "undo")
}

func editMeetsOthers(t *testing.T, s *site) {
	was := s.rich()
	dir := t.TempDir()
	// libvirt itself refuses.
	s.env = append(s.env, "EDITOR=sed -i s/pc-q35[^']*/nonsense/")
	_, talk, status := s.try("vm", "edit", "rich", "--yes")
	if status == 0 || !strings.Contains(talk, "nonsense") || !strings.Contains(talk, "is kept in") {
		t.Errorf("status %d: %s", status, talk)
	}
	s.is("rich", was)
	// Somebody changes the VM while the editor is open.
	editor := filepath.Join(dir, "editor")
	script := "#!/bin/sh\ntouch " + dir + "/open\nwhile [ ! -e " + dir + "/go ]; do sleep 0.1; done\nsed -i s/on_crash.destroy/on_crash\\>restart/ \"$1\"\n"
	if err := os.WriteFile(editor, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	s.env = append(s.env, "EDITOR="+editor)
	type end struct {
		talk   string
		status int
	}
	ended := make(chan end, 1)
	go func() {
		_, talk, status := s.try("vm", "edit", "rich", "--yes")
		ended <- end{talk, status}
	}()
	for begun := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(dir, "open")); err == nil {
			break
		}
		if time.Since(begun) > time.Minute {
			t.Fatal("the editor was not opened")
		}
	}
	s.inside("virsh", "desc", "rich", "--config", "--title", "--new-desc", "theirs")
	theirs := s.stored("rich")
	if err := os.WriteFile(filepath.Join(dir, "go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if e := <-ended; e.status != 1 {
		t.Errorf("status %d: %s", e.status, e.talk)
	} else {
		want(t, "vm edit", e.talk, "changed by somebody else meanwhile", "  -  <title>Rich</title>", "  +  <title>theirs</title>", "is kept in")
	}
	s.is("rich", theirs)
	// Undo of what somebody changed since.
	s.env = append(s.env, "EDITOR=sed -i s/<on_crash>destroy/<on_crash>restart/")
	s.run("vm", "edit", "rich", "--yes")
	s.run("vm", "set", "rich", "--title", "ours")
	s.inside("virsh", "desc", "rich", "--config", "--title", "--new-desc", "again theirs")
	now := s.stored("rich")
	s.fails(1, "the title of VM \"rich\" was changed since", "undo")
	s.is("rich", now)
	// A VM that is deleted while a change of it is interrupted.
	if killed, _, talk := s.dies(3, "vm", "set", "rich", "--title", "never"); !killed {
		t.Fatalf("not killed: %s", talk)
	}
	s.inside("virsh", "undefine", "rich", "--nvram")
	if _, talk, status := s.try("task", "resume"); status == 0 || !strings.Contains(talk, "is gone") {
		t.Errorf("status %d: %s", status, talk)
	}
	if open := strings.TrimSpace(s.run("task", "list", "--open", "-o", "json")); open != "[]" {
		t.Errorf("tasks are open: %s", open)
	}
}

// editKilled kills the program at every failpoint of each change.
func editKilled(t *testing.T, s *site) {
	was := s.rich()
	// In somebody's own spelling, with what libvirt will add to.
	script := filepath.Join(t.TempDir(), "edit.sed")
	const sed = `s|<memory unit='KiB'>131072|<memory unit='MiB'>160|
s|<on_crash>destroy|<on_crash>restart|
/<sound /,/<\/sound>/d
s|^  </devices>|    <interface type='network'><source network='default'/><model type='virtio'/></interface>\n  </devices>|
`
	if err := os.WriteFile(script, []byte(sed), 0o600); err != nil {
		t.Fatal(err)
	}
	s.env = append(s.env, "EDITOR=sed -i -f "+script)
	none := func(what string) {
		t.Helper()
		if open := strings.TrimSpace(s.run("task", "list", "--open", "-o", "json")); open != "[]" {
			t.Errorf("%s: tasks are open: %s", what, open)
		}
	}
	back := func() {
		t.Helper()
		s.defineXML(was)
		s.inside("virsh", "autostart", "--disable", "rich")
		s.is("rich", was)
	}
	s.everyPoint(4, 0, []string{"vm", "edit", "rich", "--yes"}, func(int) {
		s.run("task", "resume")
		none("vm edit")
		got := s.stored("rich")
		want(t, "vm edit", got, "<memory unit='KiB'>163840</memory>", "<on_crash>restart", "passwd='hunter2'")
		if strings.Contains(got, "<sound") || strings.Count(got, "<interface") != 2 {
			t.Errorf("vm edit:\n%s", got)
		}
		s.run("undo")
		s.is("rich", was)
	})
	back()
	s.everyPoint(8, 0, []string{"vm", "set", "rich", "--cpus", "6", "--title", "set", "--autostart"}, func(int) {
		s.run("task", "resume")
		none("vm set")
		want(t, "vm set", s.stored("rich"), "<title>set</title>", ">6</vcpu>")
		want(t, "vm set", s.inside("virsh", "dominfo", "rich"), "Autostart:      enable")
		back()
	})
	after := s.stored("rich")
	s.everyPoint(4, 0, []string{"undo"}, func(int) {
		s.run("task", "resume")
		none("undo")
		s.is("rich", was)
		s.run("vm", "set", "rich", "--cpus", "6", "--title", "set", "--autostart")
		s.is("rich", after)
	})
	s.is("rich", was)
	// The step is sent, and somebody else is quicker: that is left.
	s.run("vm", "set", "rich", "--title", "")
	now := s.stored("rich")
	if killed, _, talk := s.dies(3, "vm", "set", "rich", "--title", "late"); !killed {
		t.Fatalf("not killed: %s", talk)
	}
	s.is("rich", now)
	s.inside("virsh", "desc", "rich", "--config", "--title", "--new-desc", "theirs")
	theirs := s.stored("rich")
	if _, talk, status := s.try("task", "resume"); status == 0 || !strings.Contains(talk, "changed by somebody else") {
		t.Errorf("status %d: %s", status, talk)
	}
	none("after somebody else")
	s.is("rich", theirs)
}

// pendingOnlyWhatWasChanged: what libvirt makes of a VM that it starts is no change.
func pendingOnlyWhatWasChanged(t *testing.T, s *site) {
	s.rich()
	s.run("image", "add", disk(t, "base.qcow2", core.MiB), "--host", s.host.Name)
	for _, firmware := range []string{"bios", "uefi"} {
		s.run("vm", "create", firmware, "--host", s.host.Name, "--image", "base.qcow2", "--memory", "64MiB", "--user", "admin", "--firmware", firmware)
	}
	pending := func(vm string) bool {
		t.Helper()
		var v struct {
			Pending                                 bool
			Machine, Graphics, Hypervisor, Arch, Os string
			CPUModel                                string `json:"cpu_model"`
			UEFI, Serial                            bool
			Devices                                 []struct{ Kind, Text string }
		}
		s.read(&v, "vm", "show", vm)
		if !strings.HasPrefix(v.Machine, "pc-") || v.Graphics != "vnc" || v.Hypervisor != "qemu" || v.Arch != "x86_64" || !v.Serial || v.UEFI != (vm == "uefi") || len(v.Devices) < 5 {
			t.Errorf("%s is described as %+v", vm, v)
		}
		if want := "http://debian.org/debian/12"; vm == "rich" && (v.Os != want || v.CPUModel != "custom: qemu64") {
			t.Errorf("%s is described as %+v", vm, v)
		}
		return v.Pending
	}
	for _, vm := range []string{"rich", "bios", "uefi"} {
		s.run("vm", "start", vm)
		if pending(vm) {
			t.Errorf("%s has just been started, and something is pending:\n%s\n%s", vm, s.stored(vm), s.inside("virsh", "dumpxml", vm))
		}
		s.run("vm", "set", vm, "--title", "another", "--autostart")
		if pending(vm) {
			t.Errorf("a title is pending on %s", vm)
		}
		for _, change := range [][]string{{"--memory", "72MiB"}, {"--cpus", "2"}} {
			out := s.run(append([]string{"vm", "set", vm, "--plan"}, change...)...)
			want(t, "the plan", out, "[at next boot]")
			if vm == "rich" && change[0] == "--memory" {
				continue // within its maximum: a balloon's size is not compared
			}
			s.run(append([]string{"vm", "set", vm}, change...)...)
			if !pending(vm) {
				t.Errorf("%v of %s is not pending", change, vm)
			}
			s.run("undo")
			if pending(vm) {
				t.Errorf("%v of %s is pending after undo", change, vm)
			}
		}
		for _, sed := range []string{"/<rng /,/<.rng>/d", "s/<on_crash>[a-z]*/<on_crash>preserve/", "s/model type='virtio'/model type='e1000e'/", "s|<vcpu |<iothreads>7</iothreads>&|;/^  <iothreads>2/d"} {
			script := filepath.Join(t.TempDir(), "edit.sed")
			if err := os.WriteFile(script, []byte(sed), 0o600); err != nil {
				t.Fatal(err)
			}
			s.env = append(s.env, "EDITOR=sed -i -f "+script)
			s.run("vm", "edit", vm, "--yes")
			if !pending(vm) {
				t.Errorf("the edit %s of %s is not pending", sed, vm)
			}
			s.run("undo")
		}
		s.run("vm", "stop", vm)
	}
}
