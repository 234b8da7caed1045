package virt_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/vm"
	"github.com/limiquantix/limiquantix/transport/virt"
	"github.com/limiquantix/limiquantix/transport/virt/rpccount"
)

// TestRoundTrips holds the price of each action on a host with 100 VMs: how
// many calls, and how many of them wait for one another.
func TestRoundTrips(t *testing.T) {
	h := newHost(t)
	count := &rpccount.Counter{Delay: 40 * time.Millisecond}
	o := h.options(t, "qemu:///system")
	o.Dial = count.Dialer(h.dial)
	c := h.open(t, o)
	if calls, flights := count.Calls(), count.Flights(); flights != 2 {
		t.Errorf("open: %d calls in %d flights, want 2 flights", calls, flights)
	}
	ctx := context.Background()
	uuids := defineMany(t, h.open(t, h.options(t, "qemu:///system")), 100)
	const pool = "default"
	actions := []struct {
		name           string
		calls, flights int
		run            func() error
	}{
		{"list 100 VMs", 3, 1, func() error { _, err := c.VMs(ctx); return err }},
		{"figures of 100 VMs", 3, 1, func() error { _, err := c.Counters(ctx); return err }},
		{"XML of 100 VMs", 100, 1, func() error { _, err := c.VMXMLs(ctx, uuids); return err }},
		{"facts", 8, 1, func() error { _, err := c.Facts(ctx); return err }},
		{"start", 1, 1, func() error { return c.StartVM(ctx, uuids[0]) }},
		{"pause", 1, 1, func() error { return c.PauseVM(ctx, uuids[0]) }},
		{"stop", 1, 1, func() error { return c.StopVM(ctx, uuids[0]) }},
		{"set autostart", 1, 1, func() error { return c.SetAutostart(ctx, uuids[0], true) }},
		{"XML", 1, 1, func() error { _, err := c.VMXML(ctx, uuids[0], false); return err }},
		{"undefine", 1, 1, func() error { return c.UndefineVM(ctx, uuids[0], vm.UndefineOptions{}) }},
		{"pools", 3 + 2, 2, func() error { _, err := c.Pools(ctx); return err }},
		{"refresh a known pool", 1, 1, func() error { return c.RefreshPool(ctx, pool) }},
		{"create a volume", 1, 1, func() error {
			return c.CreateVolume(ctx, pool, "<volume><name>v</name><capacity>1048576</capacity></volume>")
		}},
		{"volumes", 1 + 1, 2, func() error { _, err := c.Volumes(ctx, pool); return err }},
		{"networks", 4 + 1, 2, func() error { _, err := c.Networks(ctx); return err }},
		{"snapshots of a VM without", 1, 1, func() error { _, err := c.Snapshots(ctx, uuids[1]); return err }},
	}
	for _, a := range actions {
		count.Reset()
		if err := a.run(); err != nil {
			t.Errorf("%s: %v", a.name, err)
		}
		if calls, flights := count.Calls(), count.Flights(); calls != a.calls || flights != a.flights {
			t.Errorf("%s: %d calls in %d flights, want %d in %d: %v", a.name, calls, flights, a.calls, a.flights, count.ByProcedure())
		}
	}
}

// defineMany defines n VMs and returns their UUIDs.
func defineMany(t *testing.T, c *virt.Conn, n int) []string {
	t.Helper()
	var uuids []string
	for i := range n {
		uuid, err := c.DefineVM(context.Background(), smallVM(fmt.Sprintf("many-%03d", i)))
		if err != nil {
			t.Fatal(err)
		}
		uuids = append(uuids, uuid)
	}
	return uuids
}

func smallVM(name string) string {
	return fmt.Sprintf(`<domain type='qemu'><name>%s</name><uuid>%s</uuid><memory unit='MiB'>32</memory><vcpu>1</vcpu><os><type machine='q35'>hvm</type></os></domain>`,
		name, core.NewUUID())
}
