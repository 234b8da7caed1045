package ready

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/limiquantix/limiquantix/core/store"
)

// Migrations are this package's tables.
var Migrations = []store.Migration{{Name: "ready/0001", SQL: `
CREATE TABLE footprint (
	seq     INTEGER PRIMARY KEY, -- in the order of making
	machine TEXT NOT NULL,       -- the host's machine-id: it outlives names and addresses
	act     TEXT NOT NULL,
	kind    TEXT NOT NULL,
	text    TEXT NOT NULL,
	standing TEXT NOT NULL,      -- JSON of argv: succeeds as long as it is there
	undo    TEXT NOT NULL,       -- JSON of argv
	items   TEXT NOT NULL,       -- JSON of strings: undo ends with them
	made    INTEGER NOT NULL,    -- Unix milliseconds
	UNIQUE (machine, act)
) STRICT;
`}}

// ledger is what we left on hosts. A row is written before what it speaks of is
// made, and removed after that is gone.
type ledger struct{ db *store.DB }

// trace is one row.
type trace struct {
	act, kind, text       string
	standing, undo, items []string
	made                  time.Time
}

// removal is the command that takes it away.
func (t trace) removal() []string { return slices.Concat(t.undo, t.items) }

// sentence says what it is.
func (t trace) sentence() string {
	if len(t.items) == 0 {
		return t.text
	}
	return t.text + ": " + strings.Join(t.items, ", ")
}

// list returns what was left on a machine, in the order of making.
func (l ledger) list(ctx context.Context, machine string) (out []trace, err error) {
	err = l.db.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT act, kind, text, standing, undo, items, made FROM footprint WHERE machine = ? ORDER BY seq`, machine)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var t trace
			var standing, undo, items string
			var made int64
			if err := rows.Scan(&t.act, &t.kind, &t.text, &standing, &undo, &items, &made); err != nil {
				return err
			}
			for text, to := range map[string]*[]string{standing: &t.standing, undo: &t.undo, items: &t.items} {
				if err := json.Unmarshal([]byte(text), to); err != nil {
					return err
				}
			}
			t.made = time.UnixMilli(made)
			out = append(out, t)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read the footprint: %w", err)
	}
	return out, nil
}

// find returns a row; false when there is none.
func (l ledger) find(ctx context.Context, machine, act string) (trace, bool, error) {
	all, err := l.list(ctx, machine)
	if i := slices.IndexFunc(all, func(t trace) bool { return t.act == act }); i >= 0 {
		return all[i], true, nil
	}
	return trace{}, false, err
}

// write records what is about to be made. Items of an earlier row are kept.
func (l ledger) write(ctx context.Context, machine string, t trace) error {
	old, there, err := l.find(ctx, machine, t.act)
	if err != nil {
		return err
	}
	if there {
		t.items = slices.Compact(slices.Sorted(slices.Values(slices.Concat(old.items, t.items))))
	}
	var columns [3]string
	for i, list := range [][]string{t.standing, t.undo, t.items} {
		text, err := json.Marshal(list)
		if err != nil {
			return fmt.Errorf("encode the footprint: %w", err)
		}
		columns[i] = string(text)
	}
	return l.db.WriteDurable(ctx, func(tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO footprint (machine, act, kind, text, standing, undo, items, made) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (machine, act) DO UPDATE SET text = excluded.text, standing = excluded.standing, undo = excluded.undo, items = excluded.items`,
			machine, t.act, t.kind, t.text, columns[0], columns[1], columns[2], time.Now().UnixMilli())
		return err
	})
}

// strike removes a row: what it speaks of is gone.
func (l ledger) strike(ctx context.Context, machine, act string) error {
	return l.db.WriteDurable(ctx, func(tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM footprint WHERE machine = ? AND act = ?`, machine, act)
		return err
	})
}
