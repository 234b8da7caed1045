package virt

import "testing"

// A host may claim any number of cards and disks; what it tells is counted.
func TestClaimedCountsAreNotBelieved(t *testing.T) {
	p := params{"net.count": uint64(1<<63 - 1), "block.count": uint64(1<<63 - 1), "net.1.name": "vnet1", "block.0.name": "vda"}
	if got := nics(p); len(got) != 1 || got[0].Name != "vnet1" {
		t.Errorf("got cards %v", got)
	}
	if got := disks(p); len(got) != 1 || got[0].Target != "vda" {
		t.Errorf("got disks %v", got)
	}
}
