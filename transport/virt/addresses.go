package virt

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/digitalocean/go-libvirt"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/vm"
)

// agentPatience is how long a guest's agent may take; libvirt itself waits 5 s
// for a sign of life.
const agentPatience = 6 * time.Second

// Addresses returns the addresses of a running VM. The three sources are asked
// in one flight; the best one that answered with something counts.
func (c *Conn) Addresses(ctx context.Context, uuid string) ([]vm.Address, error) {
	d, err := domain(uuid)
	if err != nil {
		return nil, err
	}
	var wg sync.WaitGroup
	var agent, lease, arp []vm.Address
	var errLease, errARP error
	wg.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, agentPatience)
		defer cancel()
		if s, err := c.guests(ctx); err == nil {
			agent, _ = addressesBy(ctx, s, d, libvirt.DomainInterfaceAddressesSrcAgent, "agent")
		}
	})
	wg.Go(func() {
		lease, errLease = addressesBy(ctx, c.s, d, libvirt.DomainInterfaceAddressesSrcLease, "lease")
	})
	wg.Go(func() { arp, errARP = addressesBy(ctx, c.s, d, libvirt.DomainInterfaceAddressesSrcArp, "arp") })
	wg.Wait()
	for _, found := range [][]vm.Address{agent, lease, arp} {
		if len(found) > 0 {
			return found, nil
		}
	}
	// A VM that is gone or stopped is an error; a source that cannot be asked
	// (no libvirt network, no ARP on old hosts) is none.
	for _, err := range []error{errLease, errARP} {
		switch core.CodeOf(err) {
		case "", core.Unsupported, core.Invalid, core.Internal:
		default:
			return nil, err
		}
	}
	return nil, nil
}

func addressesBy(ctx context.Context, s *session, d libvirt.Domain, source libvirt.DomainInterfaceAddressesSource, name string) ([]vm.Address, error) {
	ifaces, err := ask(ctx, s, read, "read the VM's addresses", func(l *libvirt.Libvirt) ([]libvirt.DomainInterface, error) {
		return l.DomainInterfaceAddresses(d, uint32(source), 0)
	})
	var all []vm.Address
	for _, i := range ifaces {
		for _, a := range i.Addrs {
			ip, bad := netip.ParseAddr(a.Addr)
			if bad != nil || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsUnspecified() {
				continue
			}
			addr := vm.Address{IP: ip.String(), Prefix: int(a.Prefix), Source: name}
			if len(i.Hwaddr) > 0 {
				addr.MAC = strings.ToLower(i.Hwaddr[0])
			}
			if name == "agent" {
				addr.NIC = i.Name
			}
			all = append(all, addr)
		}
	}
	return all, err
}
