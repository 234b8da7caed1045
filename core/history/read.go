package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/store"
)

// Query chooses objects. What is "" or zero chooses all.
type Query struct {
	Kind Kind
	Host string // name of the host
	Ref  string // NAME, HOST/NAME or UUID
}

// where is q as a condition on history_object AS o.
func (q Query) where() (string, []any) {
	cond, args := []string{"1"}, []any{}
	if q.Kind != "" {
		cond, args = append(cond, "o.kind = ?"), append(args, q.Kind)
	}
	host, name := q.Host, q.Ref
	if h, n, ok := strings.Cut(q.Ref, "/"); ok && host == "" {
		host, name = h, n
	}
	if host != "" {
		cond, args = append(cond, "o.within = ?"), append(args, host)
	}
	if name != "" {
		id := name
		if b, err := core.ParseUUID(name); err == nil {
			id = core.FormatUUID(b)
		}
		cond, args = append(cond, "(o.id = ? OR o.name = ?)"), append(args, id, name)
	}
	return strings.Join(cond, " AND "), args
}

// Page is a part of a list of changes.
type Page struct {
	Since, Until time.Time // zero: from the beginning, until now
	Before       int64     // only with lower numbers; 0: all
	Limit        int
}

// List returns changes, newest first, with all that was observed before. What
// was found as it is when its host was first listed is told of one object only.
func (l *Log) List(ctx context.Context, q Query, p Page) ([]Change, error) {
	where, args := q.where()
	if !p.Since.IsZero() {
		where, args = where+" AND h.time >= ?", append(args, p.Since.UnixMilli())
	}
	if !p.Until.IsZero() {
		where, args = where+" AND h.time < ?", append(args, p.Until.UnixMilli())
	}
	if q.Ref == "" {
		where, args = where+" AND h.change <> ?", append(args, found)
	}
	if p.Before > 0 {
		where, args = where+" AND h.number < ?", append(args, p.Before)
	}
	return l.changes(ctx, where+" AND h.change NOT IN ('', 'body') ORDER BY h.number DESC LIMIT ?", append(args, p.Limit))
}

// changes reads changes, and of those that were renamed the name before.
func (l *Log) changes(ctx context.Context, where string, args []any) ([]Change, error) {
	var out []Change
	err := l.read(ctx, func(tx *store.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT h.number, h.time, h.change, h.name, h.state, h.since, ifnull(h.task, ''), ifnull(h.actor, ''),
			h.config IS h.number AND h.change NOT IN ('found', 'added'), o.kind, o.host, o.within, o.id,
			CASE h.change WHEN 'renamed' THEN ifnull((SELECT name FROM history AS b WHERE b.object = h.object AND b.number < h.number ORDER BY b.number DESC LIMIT 1), '') ELSE '' END
			FROM history AS h JOIN history_object AS o ON o.row = h.object WHERE `+where, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var c Change
			var at int64
			var since sql.NullInt64
			if err := rows.Scan(&c.Number, &at, &c.Change, &c.Name, &c.State, &since, &c.Task, &c.Actor, &c.Config, &c.Kind, &c.HostID, &c.HostName, &c.ID, &c.Was); err != nil {
				return err
			}
			c.Time = time.UnixMilli(at)
			if since.Valid {
				c.Since = time.UnixMilli(since.Int64)
			}
			out = append(out, c)
		}
		return rows.Err()
	})
	return out, err
}

// FleetAt returns what there was at a time, by host, kind and name.
func (l *Log) FleetAt(ctx context.Context, q Query, at time.Time) ([]Past, error) {
	var out []Past
	err := l.read(ctx, func(tx *store.Tx) (err error) {
		out, err = fleetAt(ctx, tx, q, at)
		return err
	})
	return out, err
}

// fleetAt reads of each object its last row until then: one look into the index.
func fleetAt(ctx context.Context, tx *store.Tx, q Query, at time.Time) ([]Past, error) {
	where, args := q.where()
	rows, err := tx.QueryContext(ctx, `SELECT o.kind, o.host, o.within, o.id, h.name, h.state, h.time, ifnull(c.number, 0), ifnull(hex(c.hash), '')
		FROM history_object AS o JOIN history AS h
		ON h.number = (SELECT number FROM history WHERE object = o.row AND time <= ? ORDER BY time DESC, number DESC LIMIT 1)
		LEFT JOIN history AS c ON c.number = h.config
		WHERE `+where+` AND h.change NOT IN ('removed', 'forgotten', 'body') ORDER BY o.within, o.kind, h.name, o.id`, append([]any{at.UnixMilli()}, args...)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Past
	for rows.Next() {
		var p Past
		var since int64
		if err := rows.Scan(&p.Kind, &p.HostID, &p.HostName, &p.ID, &p.Name, &p.State, &since, &p.row, &p.Hash); err != nil {
			return nil, err
		}
		p.Since, p.Hash = time.UnixMilli(since), strings.ToLower(p.Hash)
		out = append(out, p)
	}
	return out, rows.Err()
}

func (l *Log) read(ctx context.Context, f func(tx *store.Tx) error) error {
	if err := l.Flush(ctx); err != nil {
		return err
	}
	err := l.db.Read(ctx, f)
	if told := (*core.Error)(nil); err == nil || errors.As(err, &told) {
		return err // it says by itself what is wrong
	}
	return fmt.Errorf("read history: %w", err)
}

// NameOf returns the name that an object had last; "" for one that is not known.
func NameOf(ctx context.Context, tx *store.Tx, o Object) (name string, err error) {
	err = tx.QueryRowContext(ctx, `SELECT ifnull((SELECT name FROM history_object WHERE kind = ? AND host = ? AND id = ?), '')`, o.Kind, o.HostID, o.ID).Scan(&name)
	return name, err
}

// hashes returns [Sight.Hash] of what is known of a host's objects of a kind, by id.
func (l *Log) hashes(ctx context.Context, k Kind, hostID string) (map[string]string, error) {
	known := map[string]string{}
	err := l.read(ctx, func(tx *store.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT id, raw FROM history_object WHERE kind = ? AND host = ? AND gone = 0 AND raw IS NOT NULL`, k, hostID)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id, hash string
			if err := rows.Scan(&id, &hash); err != nil {
				return err
			}
			known[id] = hash
		}
		return rows.Err()
	})
	return known, err
}
