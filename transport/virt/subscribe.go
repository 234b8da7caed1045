package virt

import (
	"context"
	"fmt"
	"sync"

	"github.com/digitalocean/go-libvirt"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
)

// Numbers of the events that change our picture of a host: virDomainEventID
// and its like in libvirt-domain.h, libvirt-network.h, libvirt-storage.h and
// libvirt-secret.h. Left out: what only QEMU's inside sees (RTC, watchdog, I/O
// errors, graphics) and the balloon, which speaks without end.
func eventIDs() (domain, network, pool, secret []int32) {
	domain = []int32{
		0,  // lifecycle
		1,  // reboot
		9,  // disk change
		10, // tray change
		11, // PM wake-up
		12, // PM suspend
		14, // PM suspend to disk
		15, // device removed
		17, // tunable
		18, // agent lifecycle: addresses appear
		19, // device added
		21, // job completed
		23, // metadata change
	}
	return domain, []int32{0, 1}, []int32{0, 1}, []int32{0, 1}
}

// subscribe registers for all events in one flight. A host that lacks one kind
// is no error, only poorer; without lifecycle events it is.
func (c *Conn) subscribe(ctx context.Context) error {
	domain, network, pool, secret := eventIDs()
	var wg sync.WaitGroup
	var lifecycle error
	register := func(what string, id int32, fn func(*libvirt.Libvirt) (int32, error)) {
		wg.Go(func() {
			_, err := ask(ctx, c.ears, read, "subscribe to "+what+" events", fn)
			if err != nil {
				c.o.Logger.Debug("no events", "of", what, "id", id, "err", err)
			}
			if what == "domain" && id == 0 {
				lifecycle = err
			}
		})
	}
	for _, id := range domain {
		register("domain", id, func(l *libvirt.Libvirt) (int32, error) { return l.ConnectDomainEventCallbackRegisterAny(id, nil) })
	}
	for _, id := range network {
		register("network", id, func(l *libvirt.Libvirt) (int32, error) { return l.ConnectNetworkEventRegisterAny(id, nil) })
	}
	for _, id := range pool {
		register("pool", id, func(l *libvirt.Libvirt) (int32, error) { return l.ConnectStoragePoolEventRegisterAny(id, nil) })
	}
	for _, id := range secret {
		register("secret", id, func(l *libvirt.Libvirt) (int32, error) { return l.ConnectSecretEventRegisterAny(id, nil) })
	}
	wg.Wait()
	if err := c.ears.ended(); err != nil {
		return fmt.Errorf("subscribe to events: %w", lost(err))
	}
	if core.CodeOf(lifecycle) == core.Unsupported {
		return nil
	}
	return lifecycle
}

// take turns an event packet into a change; what it does not know it drops.
func (e *events) take(f frame) {
	r := &reader{rest: f.payload}
	r.uint32() // callback id: we have one for each kind
	ev := host.Event{Change: "changed"}
	switch f.proc {
	case 318: // domain lifecycle
		ev.Object = host.ObjectVM
		ev.Name, ev.UUID = r.string(), r.uuid()
		r.uint32() // id
		ev.Change = domainChange(r.uint32())
	case 329, 330, 332: // PM: a reason comes first
		r.uint32()
		fallthrough
	case 319, 327, 328, 333, 346, 348, 354, 363, 379: // reboot, disk, tray, device removed, tunable, agent, device added, job, metadata
		ev.Object = host.ObjectVM
		ev.Name, ev.UUID = r.string(), r.uuid()
	case 315: // network lifecycle
		ev.Object = host.ObjectNetwork
		ev.Name, ev.UUID = r.string(), r.uuid()
		ev.Change = otherChange(r.uint32())
	case 446: // network metadata
		ev.Object = host.ObjectNetwork
		ev.Name, ev.UUID = r.string(), r.uuid()
	case 370: // pool lifecycle
		ev.Object = host.ObjectPool
		ev.Name, ev.UUID = r.string(), r.uuid()
		ev.Change = otherChange(r.uint32())
	case 373: // pool refresh
		ev.Object, ev.Change = host.ObjectPool, "refreshed"
		ev.Name, ev.UUID = r.string(), r.uuid()
	case 382, 383: // secret lifecycle, value
		ev.Object = host.ObjectSecret
		ev.UUID = r.uuid()
	default:
		return
	}
	if !r.bad {
		e.add(ev)
	}
}

// domainChange names virDomainEventType.
func domainChange(n uint32) string {
	names := []string{"defined", "undefined", "started", "paused", "resumed", "stopped", "changed", "suspended", "crashed"}
	if int(n) < len(names) {
		return names[n]
	}
	return "changed"
}

// otherChange names virNetworkEventLifecycleType and its twin for pools.
func otherChange(n uint32) string {
	names := []string{"defined", "undefined", "started", "stopped"}
	if int(n) < len(names) {
		return names[n]
	}
	return "changed"
}
