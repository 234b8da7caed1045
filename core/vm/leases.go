package vm

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/network"
)

// leaseAge is how long an answer without an address stands before hosts are
// asked again.
const leaseAge = 20 * time.Second

// leased is what is needed of a host to find addresses of many VMs at once.
type leased interface {
	Reader
	Networks(ctx context.Context) ([]network.Network, error)
	Leases(ctx context.Context, name string) ([]network.Lease, error)
}

// asked remembers when VMs without an address were last looked up.
type asked struct {
	mu   sync.Mutex
	when map[string]time.Time // by UUID
}

// due returns the VMs to ask for now, and counts them as asked.
func (a *asked) due(all []Known) []Known {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	var out []Known
	for _, k := range all {
		if k.State == Running && len(k.Addresses) == 0 && now.Sub(a.when[k.UUID]) > leaseAge {
			a.when[k.UUID] = now
			out = append(out, k)
		}
	}
	return out
}

// fillAddresses finds addresses of running VMs that have none yet in their
// networks' DHCP leases: two flights for any number of VMs. What it does not
// find (bridges, static addresses) [Service.GetVM] asks the guest for.
func (v *Inventory) fillAddresses(ctx context.Context, h host.Host, l host.Link) error {
	c, ok := l.(leased)
	if !ok {
		return nil
	}
	all, err := query(ctx, v.db, `WHERE vm.host = ? AND state = 'running' AND addresses = '[]'`, h.ID)
	if err != nil {
		return err
	}
	due := v.asked.due(all)
	if len(due) == 0 {
		return nil
	}
	byMAC, err := leasesByMAC(ctx, c)
	if err != nil || len(byMAC) == 0 {
		return err
	}
	uuids := make([]string, len(due))
	for i, k := range due {
		uuids[i] = k.UUID
	}
	xmls, err := c.VMXMLs(ctx, uuids)
	if err != nil {
		return err
	}
	for uuid, xml := range xmls {
		hw, err := ReadHardware(xml)
		if err != nil {
			return err
		}
		var found []Address
		for _, n := range hw.NICs {
			found = append(found, byMAC[n.MAC.Address]...)
		}
		if len(found) == 0 {
			continue
		}
		if err := v.found(ctx, h, uuid, found); err != nil {
			return err
		}
	}
	return nil
}

// found keeps the addresses of a VM, and tells that it has them.
func (v *Inventory) found(ctx context.Context, h host.Host, uuid string, addrs []Address) error {
	if err := saveAddresses(ctx, v.db, h.ID, uuid, addrs); err != nil {
		return err
	}
	v.tell(h, Change{UUID: uuid, Kind: "address"})
	return nil
}

// survey finds the addresses of VMs that ran already when their host was
// connected: all that have a lease at once, and then, one after the other, those
// that only the guest or the host's ARP table knows. It ends with the link.
func (v *Inventory) survey(h host.Host, l host.Link) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-l.Done():
			cancel()
		case <-ctx.Done():
		}
	}()
	err := v.fillAddresses(ctx, h, l)
	if err == nil {
		err = v.askGuests(ctx, h, l)
	}
	if err != nil && l.Err() == nil {
		v.log.Warn("look for addresses", "host", h.Name, "err", err)
	}
}

// askGuests asks once for the addresses of each running VM that has none yet.
func (v *Inventory) askGuests(ctx context.Context, h host.Host, l host.Link) error {
	c, err := connOf(l)
	if err != nil {
		return err
	}
	rest, err := query(ctx, v.db, `WHERE vm.host = ? AND state = 'running' AND addresses = '[]'`, h.ID)
	if err != nil {
		return err
	}
	for _, k := range rest {
		select {
		case v.hunt.slots <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		addrs, err := c.Addresses(ctx, k.UUID)
		<-v.hunt.slots
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil || len(addrs) == 0 {
			continue // it has just stopped, or nobody knows
		}
		if err := v.found(ctx, h, k.UUID, addrs); err != nil {
			return err
		}
	}
	return nil
}

// leasesByMAC reads the leases of all active networks.
func leasesByMAC(ctx context.Context, c leased) (map[string][]Address, error) {
	nets, err := c.Networks(ctx)
	if err != nil {
		return nil, err
	}
	lists := make([][]network.Lease, len(nets))
	g, gctx := errgroup.WithContext(ctx)
	for i, n := range nets {
		if !n.Active || n.CIDR == "" {
			continue
		}
		g.Go(func() error {
			list, err := c.Leases(gctx, n.Name)
			if code := core.CodeOf(err); code == core.NotFound || code == core.Conflict || code == core.Unsupported {
				return nil // it has just gone, or has no DHCP
			}
			lists[i] = list
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	byMAC := map[string][]Address{}
	for _, list := range lists {
		for _, x := range list {
			byMAC[x.MAC] = append(byMAC[x.MAC], Address{MAC: x.MAC, IP: x.IP, Source: "lease"})
		}
	}
	return byMAC, nil
}
