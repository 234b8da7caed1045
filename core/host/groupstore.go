package host

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/limiquantix/limiquantix/core/store"
)

func portText(n int) string { return strconv.Itoa(n) }

func loadGroups(ctx context.Context, db *store.DB) (map[string]Group, error) {
	groups := map[string]Group{}
	err := db.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT settings FROM host_group`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var settings string
			var g Group
			if err := rows.Scan(&settings); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(settings), &g); err != nil {
				return err
			}
			groups[g.Path] = g
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read groups of hosts: %w", err)
	}
	return groups, nil
}

func saveGroup(ctx context.Context, db *store.DB, g Group) error {
	settings, err := json.Marshal(g)
	if err != nil {
		return fmt.Errorf("encode group: %w", err)
	}
	return db.WriteDurable(ctx, func(tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO host_group (path, settings) VALUES (?, ?)
			ON CONFLICT (path) DO UPDATE SET settings = excluded.settings`, g.Path, string(settings))
		return err
	})
}

func removeGroup(ctx context.Context, db *store.DB, path string) error {
	return db.WriteDurable(ctx, func(tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM host_group WHERE path = ?`, path)
		return err
	})
}
