package sim

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/snapshot"
	"github.com/limiquantix/limiquantix/core/xmledit"
)

// snap is a saved state of a VM.
type snap struct {
	name    string
	parent  *snap
	created time.Time
	config  *config
	state   string // "running", "paused", "stopped", "disk-only"
}

// Snapshots returns a VM's snapshots, parents before children.
func (l *Link) Snapshots(ctx context.Context, vmUUID string) ([]snapshot.Snapshot, error) {
	return ask(ctx, l, "Snapshots", func(h *Host) ([]snapshot.Snapshot, error) {
		d, err := h.domain(vmUUID)
		if err != nil {
			return nil, err
		}
		list := make([]snapshot.Snapshot, 0, len(d.snapshots))
		for _, s := range d.snapshots {
			info := snapshot.Snapshot{Name: s.name, State: s.state, Created: s.created, Current: s == d.current}
			if s.parent != nil {
				info.Parent = s.parent.name
			}
			list = append(list, info)
		}
		return list, nil
	})
}

// CreateSnapshot makes one from libvirt domainsnapshot XML and returns its
// name: the seconds since 1970 when the XML gives none.
//
// Errors: [core.Invalid]; [core.Exists] when the name is taken;
// [core.Unsupported] when a disk's format cannot hold a snapshot inside.
func (l *Link) CreateSnapshot(ctx context.Context, vmUUID, xml string) (name string, err error) {
	err = l.tell(ctx, "CreateSnapshot", func(h *Host) error {
		d, err := h.domain(vmUUID)
		if err != nil {
			return err
		}
		s, err := h.readSnapshot(d, xml)
		if err != nil {
			return err
		}
		name = s.name
		d.snapshots = append(d.snapshots, s)
		d.current = s
		h.emit(host.ObjectSnapshot, d.uuid, s.name, "defined")
		return nil
	})
	if err != nil {
		return "", err
	}
	return name, nil
}

func (h *Host) readSnapshot(d *domain, xml string) (*snap, error) {
	doc, err := xmledit.Parse(xml)
	if err != nil {
		return nil, err
	}
	root := doc.Root()
	if root.Name() != "domainsnapshot" {
		return nil, core.Errorf(core.Invalid, "the XML is a <%s>, not a <domainsnapshot>", root.Name())
	}
	now := h.fleet.now()
	s := &snap{parent: d.current, created: now.Truncate(time.Second), config: d.config, state: string(d.state())}
	s.name = firstOf(root.Child("name").Text(), strconv.FormatInt(now.Unix(), 10))
	switch {
	case strings.ContainsRune(s.name, '/'):
		return nil, core.Errorf(core.Invalid, "the snapshot's name %s cannot contain '/'", core.Printable(s.name, 60))
	case d.snapshot(s.name) != nil:
		return nil, core.Errorf(core.Exists, "VM %s has a snapshot %s already", core.Printable(d.name, 60), core.Printable(s.name, 60))
	}
	if root.Find("disks/disk[@snapshot='external']") != nil {
		s.state = "disk-only"
		return s, nil
	}
	for _, disk := range d.config.disks {
		if f := h.disk.find(disk.path); f != nil && !disk.cdrom && f.format != "qcow2" {
			return nil, core.Errorf(core.Unsupported, "disk %s is of format %s, which cannot hold a snapshot", disk.target, f.format).
				WithHint("a snapshot inside the disk needs qcow2")
		}
	}
	return s, nil
}

func (d *domain) snapshot(name string) *snap {
	for _, s := range d.snapshots {
		if s.name == name {
			return s
		}
	}
	return nil
}

// snapshot finds a snapshot of a VM.
func (h *Host) snapshot(vmUUID, name string) (*domain, *snap, error) {
	d, err := h.domain(vmUUID)
	if err != nil {
		return nil, nil, err
	}
	s := d.snapshot(name)
	if s == nil {
		return nil, nil, core.Errorf(core.NotFound, "VM %s has no snapshot %s", core.Printable(d.name, 60), core.Printable(name, 60))
	}
	return d, s, nil
}

// RevertSnapshot puts the VM back: its configuration and whether it runs.
func (l *Link) RevertSnapshot(ctx context.Context, vmUUID, name string) error {
	return l.tell(ctx, "RevertSnapshot", func(h *Host) error {
		d, s, err := h.snapshot(vmUUID, name)
		if err != nil {
			return err
		}
		if s.state == "disk-only" {
			return core.Errorf(core.Unsupported, "the host's libvirt cannot revert to an external snapshot")
		}
		d.config, d.current = s.config, s
		on := s.state == "running" || s.state == "paused"
		if d.run != nil {
			keep := d.persistent
			d.persistent = true // its disks are back: it does not vanish
			h.stopped(d, "stopped")
			d.persistent = keep
		}
		if on {
			h.started(d)
			d.run.paused = s.state == "paused"
		}
		h.emit(host.ObjectSnapshot, d.uuid, s.name, "changed")
		return nil
	})
}

// DeleteSnapshot removes it; its children move to its parent.
func (l *Link) DeleteSnapshot(ctx context.Context, vmUUID, name string) error {
	return l.tell(ctx, "DeleteSnapshot", func(h *Host) error {
		d, s, err := h.snapshot(vmUUID, name)
		if err != nil {
			return err
		}
		for _, child := range d.snapshots {
			if child.parent == s {
				child.parent = s.parent
			}
		}
		if d.current == s {
			d.current = s.parent
		}
		d.snapshots = slices.DeleteFunc(d.snapshots, func(x *snap) bool { return x == s })
		h.emit(host.ObjectSnapshot, d.uuid, s.name, "undefined")
		return nil
	})
}
