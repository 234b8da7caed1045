package vm

import (
	"context"
	"encoding/json"
	"fmt"

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

// fillLabels reads the labels of all VMs of a host: one flight. It is for one
// command, which follows no events; an eager inventory has been told already.
func (v *Inventory) fillLabels(ctx context.Context, h host.Host, l host.Link) error {
	if v.eager {
		return nil
	}
	c, err := connOf(l)
	if err != nil {
		return err
	}
	known, err := query(ctx, v.db, `WHERE vm.host = ?`, h.ID)
	if err != nil {
		return err
	}
	uuids := make([]string, len(known))
	for i, k := range known {
		uuids[i] = k.UUID
	}
	xmls, err := c.VMXMLs(ctx, uuids)
	if err != nil {
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
