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
		if err := saveAddresses(ctx, v.db, h.ID, uuid, found); err != nil {
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
