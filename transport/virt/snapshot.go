package virt

import (
	"context"
	"time"

	"github.com/digitalocean/go-libvirt"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/snapshot"
	"github.com/limiquantix/limiquantix/core/vm"
)

// snapshotXML is what we read of a snapshot's XML.
type snapshotXML struct {
	Name    string `xml:"name"`
	Parent  string `xml:"parent>name"`
	State   string `xml:"state"`
	Created int64  `xml:"creationTime"`
}

// snapshotListTopological puts parents before children (libvirt ≥ 5.2).
const snapshotListTopological = uint32(libvirt.DomainSnapshotListTopological)

// Snapshots returns a VM's snapshots, parents before children: two flights.
func (c *Conn) Snapshots(ctx context.Context, vmUUID string) ([]snapshot.Snapshot, error) {
	d, err := domain(vmUUID)
	if err != nil {
		return nil, err
	}
	list, err := ask(ctx, c.s, read, "list the VM's snapshots", func(l *libvirt.Libvirt) ([]libvirt.DomainSnapshot, error) {
		snaps, _, err := l.DomainListAllSnapshots(d, 1, snapshotListTopological)
		return snaps, err
	})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	n := len(list)
	all, gone := make([]snapshot.Snapshot, n), make([]error, n)
	var current string
	flight(n+1, func(i int) {
		if i == n {
			current = c.currentSnapshot(ctx, d)
			return
		}
		var x snapshotXML
		text, err := ask(ctx, c.s, read, "read a snapshot", func(l *libvirt.Libvirt) (string, error) { return l.DomainSnapshotGetXMLDesc(list[i], 0) })
		if err == nil {
			err = unmarshal(text, &x)
		}
		all[i] = snapshot.Snapshot{Name: list[i].Name, Parent: x.Parent, State: snapshotState(x.State), Created: time.Unix(x.Created, 0)}
		gone[i] = err
	})
	var left []snapshot.Snapshot
	for i, s := range all {
		switch core.CodeOf(gone[i]) {
		case "":
			s.Current = s.Name == current
			left = append(left, s)
		case core.NotFound:
		default:
			return nil, gone[i]
		}
	}
	return left, nil
}

// currentSnapshot returns the name of the snapshot that the VM stands on; "" when there is none.
func (c *Conn) currentSnapshot(ctx context.Context, d libvirt.Domain) string {
	s, _ := ask(ctx, c.s, read, "read the current snapshot", func(l *libvirt.Libvirt) (libvirt.DomainSnapshot, error) {
		return l.DomainSnapshotCurrent(d, 0)
	})
	return s.Name
}

// snapshotState puts libvirt's name of a state into users' words.
func snapshotState(s string) string {
	switch s {
	case "shutoff":
		return string(vm.Stopped)
	case "shutdown":
		return string(vm.ShuttingDown)
	case "pmsuspended":
		return string(vm.Suspended)
	case "disk-snapshot":
		return "disk-only"
	}
	return s
}

// CreateSnapshot makes a snapshot from libvirt domainsnapshot XML.
func (c *Conn) CreateSnapshot(ctx context.Context, vmUUID, xml string) (string, error) {
	if _, err := identify("snapshot", "domainsnapshot", xml); err != nil {
		return "", err
	}
	var name string
	err := c.changeSnapshots(ctx, "create a snapshot", vmUUID, func(l *libvirt.Libvirt, d libvirt.Domain) error {
		s, err := l.DomainSnapshotCreateXML(d, xml, 0)
		name = s.Name
		return err
	})
	if err != nil {
		return "", err
	}
	return name, nil
}

// RevertSnapshot puts the VM back to a snapshot.
func (c *Conn) RevertSnapshot(ctx context.Context, vmUUID, name string) error {
	return c.changeSnapshots(ctx, "revert to snapshot "+core.Printable(name, 60), vmUUID, func(l *libvirt.Libvirt, d libvirt.Domain) error {
		return l.DomainRevertToSnapshot(libvirt.DomainSnapshot{Name: name, Dom: d}, 0)
	})
}

// DeleteSnapshot removes a snapshot; its children move to its parent.
func (c *Conn) DeleteSnapshot(ctx context.Context, vmUUID, name string) error {
	return c.changeSnapshots(ctx, "delete snapshot "+core.Printable(name, 60), vmUUID, func(l *libvirt.Libvirt, d libvirt.Domain) error {
		return l.DomainSnapshotDelete(libvirt.DomainSnapshot{Name: name, Dom: d}, 0)
	})
}

// changeSnapshots makes a changing call and tells this program about it:
// libvirt has no events for snapshots.
func (c *Conn) changeSnapshots(ctx context.Context, what, vmUUID string, fn func(*libvirt.Libvirt, libvirt.Domain) error) error {
	err := c.writeVM(ctx, what, vmUUID, fn)
	if err == nil {
		c.events.add(host.Event{Object: host.ObjectSnapshot, UUID: vmUUID, Change: "changed"})
	}
	return err
}
