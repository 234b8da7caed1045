//go:build linux

package browser

import "testing"

// TestKit shows every component in every state, under the page's own policy.
func TestKit(t *testing.T) {
	play(t, "kit.spec.ts", start(t, t.TempDir(), "demo", "--calm", "--hosts", "1", "--vms", "2"))
}
