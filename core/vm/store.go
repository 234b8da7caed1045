package vm

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/store"
	"github.com/limiquantix/limiquantix/core/vm/label"
)

// Migrations are this package's tables: a cache of what hosts said, with its age.
var Migrations = []store.Migration{{Name: "vm/0001", SQL: `
CREATE TABLE vm_host (
	host TEXT PRIMARY KEY, -- host id
	seen INTEGER NOT NULL  -- Unix milliseconds of the last list
) STRICT, WITHOUT ROWID;
CREATE TABLE vm (
	host       TEXT NOT NULL,
	uuid       TEXT NOT NULL,
	name       TEXT NOT NULL,
	state      TEXT NOT NULL,
	vcpus      INTEGER NOT NULL,
	memory     INTEGER NOT NULL, -- bytes
	persistent INTEGER NOT NULL,
	autostart  INTEGER NOT NULL,
	addresses  TEXT NOT NULL DEFAULT '[]', -- JSON, as last found
	PRIMARY KEY (host, uuid)
) STRICT, WITHOUT ROWID;
CREATE INDEX vm_name ON vm (name);
CREATE INDEX vm_uuid ON vm (uuid);
`}, {Name: "vm/0002", SQL: `
ALTER TABLE vm ADD COLUMN labels TEXT NOT NULL DEFAULT '{}'; -- JSON, as last read
`}}

// Known is a VM as last seen.
type Known struct {
	Summary
	HostID    string
	Addresses []Address
	Labels    label.Labels
	Seen      time.Time
}

// replace makes list the VMs of a host, writing only rows that differ, and
// returns what those were changed by. VMs of which something newer is known stay
// as they are; behind: the list says otherwise of one of them.
func replace(ctx context.Context, db *store.DB, hostID string, list []Summary, newer func(uuid string) bool) (changed []Change, behind bool, err error) {
	old, err := query(ctx, db, `WHERE vm.host = ?`, hostID)
	if err != nil {
		return nil, false, err
	}
	before := make(map[string]Known, len(old))
	for _, k := range old {
		before[k.UUID] = k
	}
	err = db.Write(ctx, func(tx *store.Tx) error {
		first, err := neverListed(ctx, tx, hostID)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO vm_host (host, seen) VALUES (?, ?) ON CONFLICT DO UPDATE SET seen = excluded.seen`, hostID, time.Now().UnixMilli()); err != nil {
			return err
		}
		put, err := tx.PrepareContext(ctx, `INSERT INTO vm (host, uuid, name, state, vcpus, memory, persistent, autostart) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET name = excluded.name, state = excluded.state, vcpus = excluded.vcpus, memory = excluded.memory,
			persistent = excluded.persistent, autostart = excluded.autostart,
			addresses = CASE excluded.state WHEN 'running' THEN addresses ELSE '[]' END`)
		if err != nil {
			return err
		}
		defer put.Close()
		for _, s := range list {
			was, had := before[s.UUID]
			delete(before, s.UUID)
			if had && same(was.Summary, s) {
				continue
			}
			if newer(s.UUID) {
				behind = true
				continue
			}
			changed = append(changed, changeOf(was.Summary, s, had, first))
			if _, err := put.ExecContext(ctx, hostID, s.UUID, s.Name, s.State, s.VCPUs, s.Memory, s.Persistent, s.Autostart); err != nil {
				return err
			}
		}
		for uuid, was := range before {
			if newer(uuid) {
				behind = true
				continue
			}
			changed = append(changed, Change{UUID: uuid, Name: was.Name, Kind: "removed"})
			if _, err := tx.ExecContext(ctx, `DELETE FROM vm WHERE host = ? AND uuid = ?`, hostID, uuid); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, false, fmt.Errorf("keep list of VMs: %w", err)
	}
	return changed, behind, nil
}

// neverListed reports whether nothing is known of a host's VMs.
func neverListed(ctx context.Context, tx *store.Tx, hostID string) (bool, error) {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM vm_host WHERE host = ?`, hostID).Scan(&n)
	return n == 0, err
}

func same(a, b Summary) bool {
	return a.Name == b.Name && a.State == b.State && a.VCPUs == b.VCPUs && a.Memory == b.Memory && a.Persistent == b.Persistent && a.Autostart == b.Autostart
}

// setState writes the state of a VM alone.
func setState(ctx context.Context, db *store.DB, hostID, uuid string, state State) error {
	return db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE vm SET state = ?1, addresses = CASE ?1 WHEN 'running' THEN addresses ELSE '[]' END
			WHERE host = ?2 AND uuid = ?3`, state, hostID, uuid)
		return err
	})
}

// heard makes the list of a host's VMs as young as at; it never ages by that.
func heard(ctx context.Context, db *store.DB, hostID string, at time.Time) error {
	return db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE vm_host SET seen = max(seen, ?) WHERE host = ?`, at.UnixMilli(), hostID)
		return err
	})
}

func saveAddresses(ctx context.Context, db *store.DB, hostID, uuid string, addrs []Address) error {
	b, err := json.Marshal(addrs)
	if err != nil {
		return fmt.Errorf("encode addresses: %w", err)
	}
	return db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE vm SET addresses = ? WHERE host = ? AND uuid = ?`, string(b), hostID, uuid)
		return err
	})
}

// forget drops all that is known of the VMs of a host.
func forget(ctx context.Context, db *store.DB, hostID string) error {
	return db.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM vm WHERE host = ?`, hostID); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM vm_host WHERE host = ?`, hostID)
		return err
	})
}

func count(ctx context.Context, db *store.DB, hostID string) (all, running int) {
	db.Read(ctx, func(tx *store.Tx) error { // a count that cannot be read is shown as 0
		return tx.QueryRowContext(ctx, `SELECT count(*), count(*) FILTER (WHERE state IN ('running', 'starting')) FROM vm WHERE host = ?`, hostID).Scan(&all, &running)
	})
	return all, running
}

func query(ctx context.Context, db *store.DB, where string, args ...any) ([]Known, error) {
	var out []Known
	err := db.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT vm.host, uuid, name, state, vcpus, memory, persistent, autostart, addresses, labels, seen
			FROM vm JOIN vm_host USING (host) `+where, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var k Known
			var memory, seen int64
			var addrs, labels string
			if err := rows.Scan(&k.HostID, &k.UUID, &k.Name, &k.State, &k.VCPUs, &memory, &k.Persistent, &k.Autostart, &addrs, &labels, &seen); err != nil {
				return err
			}
			k.Memory, k.Seen = core.Bytes(memory), time.UnixMilli(seen)
			if addrs != "[]" {
				if err := json.Unmarshal([]byte(addrs), &k.Addresses); err != nil {
					return err
				}
			}
			if labels != "{}" {
				if err := json.Unmarshal([]byte(labels), &k.Labels); err != nil {
					return err
				}
			}
			out = append(out, k)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read VMs: %w", err)
	}
	return out, nil
}
