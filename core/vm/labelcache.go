package vm

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/store"
	"github.com/limiquantix/limiquantix/core/vm/label"
)

// Read takes the labels of VMs out of their XML, by UUID, that somebody has read,
// keeps them, and tells of each VM whose labels are others than were known. No
// list of VMs has them, and no call is made for them where the history reads the
// XML of what changed anyway.
func (v *Inventory) Read(ctx context.Context, h host.Host, xmls map[string]string) error {
	labels := make(map[string]label.Labels, len(xmls))
	for uuid, xml := range xmls {
		labels[uuid] = label.Read(xml)
	}
	return v.learnLabels(ctx, h, labels)
}

// unread is the VMs whose labels are to be read, where nobody else reads them:
// all of a new link, then those that events name.
type unread struct {
	mu   sync.Mutex
	link map[string]host.Link       // by host's id: of what was read
	todo map[string]map[string]bool // UUIDs by host's id
}

// told notes the VMs that events name.
func (u *unread) told(hostID string, events []host.Event) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, e := range events {
		switch {
		case e.Object == host.ObjectAll:
			delete(u.link, hostID)
		case e.Object == host.ObjectVM && u.link[hostID] != nil:
			if u.todo[hostID] == nil {
				u.todo[hostID] = map[string]bool{}
			}
			u.todo[hostID][e.UUID] = true
		}
	}
}

// take returns the VMs to read over a link: all, or some.
func (u *unread) take(hostID string, l host.Link) (all bool, some map[string]bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.link == nil {
		u.link, u.todo = map[string]host.Link{}, map[string]map[string]bool{}
	}
	all, some = u.link[hostID] != l, u.todo[hostID]
	u.link[hostID] = l
	delete(u.todo, hostID)
	return all, some
}

// forget has all VMs of a host read the next time.
func (u *unread) forget(hostID string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.link, hostID)
	delete(u.todo, hostID)
}

// fillLabels reads the labels of the VMs of a host that were not read over this
// link, or have changed since: one flight, or none. It is for one command; an
// eager inventory has been told already.
func (v *Inventory) fillLabels(ctx context.Context, h host.Host, l host.Link) error {
	if v.eager {
		return nil
	}
	c, err := connOf(l)
	if err != nil {
		return err
	}
	all, some := v.unread.take(h.ID, l)
	if !all && len(some) == 0 {
		return nil
	}
	known, err := query(ctx, v.db, `WHERE vm.host = ?`, h.ID)
	if err != nil {
		return err
	}
	var uuids []string
	for _, k := range known {
		if all || some[k.UUID] {
			uuids = append(uuids, k.UUID)
		}
	}
	xmls, err := c.VMXMLs(ctx, uuids)
	if err != nil {
		v.unread.forget(h.ID)
		return err
	}
	return v.Read(ctx, h, xmls)
}

// learnLabels keeps the labels of VMs (by UUID) and tells of those that differ.
func (v *Inventory) learnLabels(ctx context.Context, h host.Host, labels map[string]label.Labels) error {
	b := v.ledgers.get(h.ID)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.gone {
		return nil
	}
	known, err := query(ctx, v.db, `WHERE vm.host = ?`, h.ID)
	if err != nil {
		return err
	}
	var changed []Known
	for _, k := range known {
		if now, read := labels[k.UUID]; read && !now.Equal(k.Labels) {
			k.Labels = now
			changed = append(changed, k)
		}
	}
	if err := saveLabels(ctx, v.db, changed); err != nil {
		return fmt.Errorf("keep labels: %w", err)
	}
	for _, k := range changed {
		v.tell(h, Change{UUID: k.UUID, Name: k.Name, Kind: "changed", State: k.State})
	}
	return nil
}

func saveLabels(ctx context.Context, db *store.DB, changed []Known) error {
	if len(changed) == 0 {
		return nil
	}
	return db.Write(ctx, func(tx *store.Tx) error {
		for _, k := range changed {
			b, err := json.Marshal(k.Labels)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `UPDATE vm SET labels = ? WHERE host = ? AND uuid = ?`, string(b), k.HostID, k.UUID); err != nil {
				return err
			}
		}
		return nil
	})
}
