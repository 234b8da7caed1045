//go:build linux

package browser

import "testing"

// TestManyVMs shows the list of 10,000 VMs of 100 hosts.
func TestManyVMs(t *testing.T) {
	play(t, "many-vms.spec.ts", start(t, t.TempDir(), "demo", "--calm", "--hosts", "100", "--vms", "100"))
}

// TestVMs works with the list of VMs and the page of one VM.
func TestVMs(t *testing.T) {
	play(t, "vm.spec.ts", start(t, t.TempDir(), "demo", "--calm", "--hosts", "6", "--vms", "30"))
}

// TestSearch asks by the query language in all its places, and keeps views.
func TestSearch(t *testing.T) {
	play(t, "search.spec.ts", start(t, t.TempDir(), "demo", "--calm", "--hosts", "6", "--vms", "30"))
}

// TestLabels gives VMs tags, folders, fields and notes, and finds them by these.
func TestLabels(t *testing.T) {
	play(t, "label.spec.ts", start(t, t.TempDir(), "demo", "--calm", "--hosts", "6", "--vms", "30"))
}
