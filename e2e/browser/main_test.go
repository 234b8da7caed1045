//go:build linux

package browser

import (
	"testing"

	"github.com/limiquantix/limiquantix/lab"
	"github.com/limiquantix/limiquantix/lab/guest"
	"github.com/limiquantix/limiquantix/lab/labtest"
)

// TestMainPath is the product's main job, by the page alone, on a real host over
// real SSH: from a key that nobody has compared to a VM that came and went.
func TestMainPath(t *testing.T) {
	files, err := guest.Tiny(t.Context(), guest.Options{Progress: func(line string) { t.Log(line) }})
	if err != nil {
		t.Fatal(err)
	}
	l := labtest.Up(t, lab.Options{Hosts: 1})
	state, err := l.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	host := state.Hosts[0]
	home := t.TempDir()
	t.Cleanup(func() {
		if t.Failed() {
			for _, noun := range []string{"task", "vm", "event"} {
				t.Logf("%s list:\n%s", noun, command(t, home, noun, "list"))
			}
		}
	})
	play(t, "main.spec.ts", start(t, home, "serve"),
		"LIMIQUANTIX_HOST=root@"+host.Address, "LIMIQUANTIX_IDENTITY="+host.Identity,
		"LIMIQUANTIX_FINGERPRINT="+host.HostKeys[0].Fingerprint, "LIMIQUANTIX_IMAGE="+files.Disk)
	for _, dir := range []string{"/var/lib/libvirt/images", "/etc/libvirt/qemu"} {
		out, err := l.Exec(t.Context(), host.Name, "find", dir, "-name", "web1*")
		if err != nil || len(out) > 0 {
			t.Errorf("left on the host: %s (%v)", out, err)
		}
	}
}
