package sim

import (
	"context"
	"hash/fnv"
	"net/netip"
	"time"

	"github.com/limiquantix/limiquantix/core/vm"
)

// Addresses returns the addresses of a running VM: none until its guest has
// booted, from the agent when it has one, else from leases or the ARP table.
func (l *Link) Addresses(ctx context.Context, uuid string) ([]vm.Address, error) {
	return ask(ctx, l, "Addresses", func(h *Host) ([]vm.Address, error) {
		d, err := h.running(uuid)
		if err != nil {
			return nil, err
		}
		return h.addresses(d, h.fleet.now()), nil
	})
}

func (h *Host) addresses(d *domain, now time.Time) []vm.Address {
	if !d.run.up(now) {
		return nil
	}
	var list []vm.Address
	for i, nic := range d.run.config.nics {
		a := vm.Address{MAC: nic.mac, Source: "arp"}
		switch n := h.networks[nic.network]; {
		case n == nil || n.forward == "bridge":
			a.IP, a.Prefix = bridgedIP(nic.mac).String(), 16
		case n.lease(nic).IsValid():
			a.IP, a.Prefix, a.Source = n.lease(nic).String(), n.subnet.Bits(), "lease"
		default:
			continue
		}
		if d.run.config.agent {
			a.Source, a.NIC = "agent", numbered("eth", i, 0)
		}
		list = append(list, a)
	}
	return list
}

// bridgedIP is the address that some DHCP server outside of the host gives to
// a MAC address: always the same one, out of 10.20.0.0/16.
func bridgedIP(mac string) netip.Addr {
	sum := fnv.New32a()
	sum.Write([]byte(mac))
	n := sum.Sum32()
	return netip.AddrFrom4([4]byte{10, 20, byte(n >> 8), 1 + byte(n)%254})
}
