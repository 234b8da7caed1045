package host

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/store"
)

// Migrations are this package's tables.
var Migrations = []store.Migration{{Name: "host/0001", SQL: `
CREATE TABLE host (
	id      TEXT PRIMARY KEY,
	name    TEXT NOT NULL UNIQUE,
	cluster TEXT NOT NULL,
	spec    TEXT NOT NULL, -- JSON of Spec, without Secret
	facts   TEXT NOT NULL, -- JSON of Facts
	machine TEXT NOT NULL, -- libvirt's host UUID and URI: the same machine is not added twice
	seen    INTEGER NOT NULL -- Unix milliseconds
) STRICT;
CREATE UNIQUE INDEX host_machine ON host (machine) WHERE machine <> '';
`}, {Name: "host/0002", SQL: `
ALTER TABLE host ADD COLUMN site TEXT NOT NULL DEFAULT '';
ALTER TABLE host ADD COLUMN connect TEXT NOT NULL DEFAULT 'always';
ALTER TABLE host ADD COLUMN remembered INTEGER NOT NULL DEFAULT 0; -- its secret is in the keyring
CREATE TABLE host_group (
	path     TEXT PRIMARY KEY,
	settings TEXT NOT NULL -- JSON of Group; no secret
) STRICT;
`}}

func load(ctx context.Context, db *store.DB) ([]Host, error) {
	var hosts []Host
	err := db.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT id, name, cluster, site, connect, remembered, spec, facts, seen FROM host ORDER BY name`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			h := Host{State: Idle}
			var spec, facts string
			var seen int64
			if err := rows.Scan(&h.ID, &h.Name, &h.Cluster, &h.Site, &h.Connect, &h.Remembered, &spec, &facts, &seen); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(spec), &h.Spec); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(facts), &h.Facts); err != nil {
				return err
			}
			h.Seen = time.UnixMilli(seen)
			hosts = append(hosts, h)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read hosts: %w", err)
	}
	return hosts, nil
}

// save inserts or updates h.
func save(ctx context.Context, db *store.DB, h Host) error {
	h.Spec.Secret, h.Spec.HostKey, h.Spec.AcceptNew = "", "", false
	spec, err := json.Marshal(h.Spec)
	if err != nil {
		return fmt.Errorf("encode host: %w", err)
	}
	facts, err := json.Marshal(h.Facts)
	if err != nil {
		return fmt.Errorf("encode host: %w", err)
	}
	machine := ""
	if h.Facts.UUID != "" {
		machine = h.Facts.UUID + " " + h.Spec.URI
	}
	return db.WriteDurable(ctx, func(tx *store.Tx) error {
		var other string
		if err := tx.QueryRowContext(ctx, `SELECT name FROM host WHERE machine = ? AND machine <> '' AND id <> ?`, machine, h.ID).Scan(&other); err == nil {
			return core.Errorf(core.Exists, "this is the host %s, which is in the inventory already", core.Printable(other, 60))
		}
		if err := tx.QueryRowContext(ctx, `SELECT name FROM host WHERE name = ? AND id <> ?`, h.Name, h.ID).Scan(&other); err == nil {
			return taken(h.Name)
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO host (id, name, cluster, site, connect, remembered, spec, facts, machine, seen)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, cluster = excluded.cluster, site = excluded.site,
			connect = excluded.connect, remembered = excluded.remembered, spec = excluded.spec,
			facts = excluded.facts, machine = excluded.machine, seen = excluded.seen`,
			h.ID, h.Name, h.Cluster, h.Site, string(h.Connect), h.Remembered, string(spec), string(facts), machine, h.Seen.UnixMilli())
		return err
	})
}

func remove(ctx context.Context, db *store.DB, id string) error {
	return db.WriteDurable(ctx, func(tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM host WHERE id = ?`, id)
		return err
	})
}

// touch records when a host was last heard.
func touch(ctx context.Context, db *store.DB, h Host) error {
	return db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE host SET seen = ? WHERE id = ?`, h.Seen.UnixMilli(), h.ID)
		return err
	})
}
