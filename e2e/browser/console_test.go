//go:build linux

package browser

import "testing"

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
