package virt_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core/host"
)

// TestDefinitionsOfOthersAreToldOf has virsh change a stopped VM. libvirt 9.0
// says nothing of setmem, setvcpus, attach-disk, blkiotune (each with --config)
// and autostart: these are seen with the next list.
func TestDefinitionsOfOthersAreToldOf(t *testing.T) {
	h := newHost(t)
	c := h.open(t, h.options(t, "qemu:///system"))
	dir := t.TempDir()
	define := func(notes string) []string {
		xml := `<domain type='qemu'><name>quiet</name><uuid>6a1a5d0e-0c53-4b5e-9b0c-6f3c7f0e6a11</uuid><description>` + notes +
			`</description><memory>65536</memory><vcpu>2</vcpu><os><type arch='x86_64'>hvm</type></os></domain>`
		file := filepath.Join(dir, notes+".xml")
		if err := os.WriteFile(file, []byte(xml), 0o644); err != nil {
			t.Fatal(err)
		}
		return []string{"define", file}
	}
	for _, step := range []struct {
		argv   []string
		change string
	}{
		{define("a"), "defined"},
		{define("b"), "defined"},
		{[]string{"desc", "quiet", "--config", "new"}, "changed"},
		{[]string{"metadata", "quiet", "http://x.example/", "--config", "--key", "k", "--set", "<a/>"}, "changed"},
		{[]string{"undefine", "quiet"}, "undefined"},
	} {
		argv := append([]string{"-c", "qemu+unix:///system?socket=" + h.root + "/run/libvirt/libvirt-sock"}, step.argv...)
		if out, err := exec.CommandContext(t.Context(), "virsh", argv...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v: %s", step.argv, err, out)
		}
		select {
		case e := <-c.Events():
			if e.Object != host.ObjectVM || e.Name != "quiet" || e.Change != step.change {
				t.Errorf("%v: got %+v, want %s", step.argv, e, step.change)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%v: no event", step.argv)
		}
	}
}
