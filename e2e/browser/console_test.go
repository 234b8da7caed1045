//go:build linux

package browser

import (
	"testing"

	"github.com/limiquantix/limiquantix/lab"
	"github.com/limiquantix/limiquantix/lab/guest"
	"github.com/limiquantix/limiquantix/lab/labtest"
)

// TestConsoles is the consoles and the wall on simulated hosts: keys, typing,
// reboots, lost connections, windows of their own.
func TestConsoles(t *testing.T) {
	play(t, "console.spec.ts", start(t, t.TempDir(), "demo", "--calm", "--hosts", "4", "--vms", "20"))
}

// TestHostileConsoles is guests that mean harm: the page takes their place at
// the other end of the WebSocket.
func TestHostileConsoles(t *testing.T) {
	play(t, "console-hostile.spec.ts", start(t, t.TempDir(), "demo", "--calm", "--hosts", "4", "--vms", "20"))
}

// TestConsoleComesBack cuts a real guest's console off: at SSH, and with its
// QEMU.
func TestConsoleComesBack(t *testing.T) {
	files, err := guest.Tiny(t.Context(), guest.Options{Progress: func(line string) { t.Log(line) }})
	if err != nil {
		t.Fatal(err)
	}
	l := labtest.Up(t, lab.Options{Hosts: 1})
	state, err := l.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	host, home := state.Hosts[0], t.TempDir()
	url := start(t, home, "serve")
	command(t, home, "host", "add", "kvm1", "root@"+host.Address, "--identity", host.Identity, "--host-key", host.HostKeys[0].Fingerprint)
	command(t, home, "image", "add", files.Disk, "--host", "kvm1", "--name", "tiny.qcow2")
	command(t, home, "vm", "create", "web1", "--host", "kvm1", "--image", "tiny.qcow2", "--start")
	exe, err := built()
	if err != nil {
		t.Fatal(err)
	}
	play(t, "console-real.spec.ts", url, "LIMIQUANTIX_EXE="+exe, "LIMIQUANTIX_HOME="+home, "LIMIQUANTIX_IDENTITY="+host.Identity, "LIMIQUANTIX_HOST="+host.Address)
}
