//go:build linux

package browser

import "testing"

// TestHistoryPages is the history of a VM and of the fleet, and the audit.
func TestHistoryPages(t *testing.T) {
	play(t, "history.spec.ts", start(t, t.TempDir(), "demo", "--calm", "--hosts", "4", "--vms", "20"))
}
