package sim_test

import (
	"context"
	"testing"

	"github.com/limiquantix/limiquantix/transport/contract"
	"github.com/limiquantix/limiquantix/transport/sim"
)

// TestContract runs the suite that real libvirtd passes, with nothing left out.
func TestContract(t *testing.T) {
	fleet := sim.NewFleet(sim.Model{Hosts: 1, VMsPerHost: 7, Seed: 1})
	t.Cleanup(fleet.Close)
	name := fleet.Hosts()[0]
	contract.Run(t, func(t *testing.T) contract.Host {
		l, err := fleet.Dial(context.Background(), name) // in clean-ups too, when t.Context is over
		if err != nil {
			t.Fatal(err)
		}
		return l
	}, contract.Caps{Backend: "sim", Type: "qemu", PoolDir: "/srv/pools"})
}
