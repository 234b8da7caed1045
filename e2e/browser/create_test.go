//go:build linux

package browser

import "testing"

// TestCreate is what the wizard says of what is missing or wrong.
func TestCreate(t *testing.T) {
	play(t, "create.spec.ts", start(t, t.TempDir(), "demo", "--calm", "--hosts", "4", "--vms", "10"))
}
