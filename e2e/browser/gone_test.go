//go:build linux

package browser

import (
	"testing"

	"github.com/limiquantix/limiquantix/lab"
	"github.com/limiquantix/limiquantix/lab/labtest"
)

// TestGone takes away, on a real host, what the page shows.
func TestGone(t *testing.T) {
	l := labtest.Up(t, lab.Options{Hosts: 1})
	state, err := l.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	host, home := state.Hosts[0], t.TempDir()
	define(t, l, host.Name, []string{"gone1", "gone2"})
	url := start(t, home, "serve")
	command(t, home, "host", "add", "kvm1", "root@"+host.Address, "--identity", host.Identity, "--host-key", host.HostKeys[0].Fingerprint)
	exe, err := built()
	if err != nil {
		t.Fatal(err)
	}
	play(t, "gone.spec.ts", url, "LIMIQUANTIX_EXE="+exe, "LIMIQUANTIX_HOME="+home, "LIMIQUANTIX_IDENTITY="+host.Identity, "LIMIQUANTIX_HOST="+host.Address)
}

// TestInspector looks at VMs beside their list.
func TestInspector(t *testing.T) {
	play(t, "inspector.spec.ts", start(t, t.TempDir(), "demo", "--calm", "--hosts", "6", "--vms", "30"))
}
