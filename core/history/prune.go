package history

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/store"
)

// Retention is how much is kept.
type Retention struct {
	Days  int
	Bytes core.Bytes
}

// usual is what is kept when nobody has said otherwise.
var usual = Retention{Days: 365, Bytes: 256 * core.MiB}

// Bounds of a retention.
const (
	mostDays   = 3650
	fewestSize = core.MiB
	mostSize   = core.TiB // it is a file of this computer
)

// rowBytes is what a row takes beside its configuration, its share of the
// indexes included, as measured (see the benchmark).
const rowBytes = 110

// Usage is how much there is.
type Usage struct {
	Bytes   core.Bytes
	Changes int64
	Oldest  time.Time // zero: nothing
}

// Retention returns what was set, and how much there is.
func (l *Log) Retention(ctx context.Context) (r Retention, u Usage, err error) {
	err = l.read(ctx, func(tx *store.Tx) error {
		if r, err = retention(ctx, tx); err != nil {
			return err
		}
		u, err = usage(ctx, tx)
		return err
	})
	return r, u, err
}

// SetRetention changes it, and forgets what is more. [core.Invalid].
func (l *Log) SetRetention(ctx context.Context, r Retention) error {
	switch {
	case r.Days < 1 || r.Days > mostDays:
		return core.Errorf(core.Invalid, "history cannot be kept for %d days", r.Days).WithHint("give 1 to %d days", mostDays).WithDetail("field", "days")
	case r.Bytes < fewestSize || r.Bytes > mostSize:
		return core.Errorf(core.Invalid, "history cannot be kept in %s", r.Bytes).WithHint("give %s to %s", fewestSize, mostSize).WithDetail("field", "bytes")
	}
	err := l.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO history_retention (one, days, bytes) VALUES (1, ?, ?)
			ON CONFLICT DO UPDATE SET days = excluded.days, bytes = excluded.bytes`, r.Days, int64(r.Bytes))
		return err
	})
	if err != nil {
		return err
	}
	return l.Prune(ctx, time.Now())
}

func retention(ctx context.Context, tx *store.Tx) (Retention, error) {
	r, size := usual, int64(0)
	err := tx.QueryRowContext(ctx, `SELECT days, bytes FROM history_retention`).Scan(&r.Days, &size)
	if errors.Is(err, sql.ErrNoRows) {
		return usual, nil
	}
	r.Bytes = core.Bytes(size)
	return r, err
}

func usage(ctx context.Context, tx *store.Tx) (u Usage, err error) {
	var bodies int64
	var oldest sql.NullInt64
	err = tx.QueryRowContext(ctx, `SELECT count(*), ifnull(sum(length(body)), 0), min(time) FROM history`).Scan(&u.Changes, &bodies, &oldest)
	u.Bytes = core.Bytes(bodies + rowBytes*u.Changes)
	if oldest.Valid {
		u.Oldest = time.UnixMilli(oldest.Int64)
	}
	return u, err
}

// prune forgets what is too old or too much, until ctx ends.
func (l *Log) prune(ctx context.Context) {
	t := time.NewTicker(pruneEvery)
	defer t.Stop()
	for {
		if err := l.Prune(ctx, time.Now()); err != nil && ctx.Err() == nil {
			l.log.Warn("forget old history", "err", err)
		}
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		}
	}
}

// Prune forgets changes that are too old, and then the oldest until the rest is
// small enough. What is there now keeps its last row and its configuration.
func (l *Log) Prune(ctx context.Context, now time.Time) error {
	var r Retention
	var u Usage
	err := l.db.Read(ctx, func(tx *store.Tx) (err error) {
		if r, err = retention(ctx, tx); err != nil {
			return err
		}
		u, err = usage(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	if oldest := now.AddDate(0, 0, -r.Days); !u.Oldest.IsZero() && u.Oldest.Before(oldest) {
		if err := l.forget(ctx, `SELECT number FROM history WHERE time < ?`, oldest.UnixMilli()); err != nil {
			return err
		}
	}
	for {
		left, n, err := l.shrink(ctx, r.Bytes)
		if err != nil || left || n == 0 {
			return err
		}
	}
}

// shrink forgets the oldest tenth if there is more than limit. enough: there is
// not; n: how many rows are fewer.
func (l *Log) shrink(ctx context.Context, limit core.Bytes) (enough bool, n int64, err error) {
	var before, after Usage
	if err = l.db.Read(ctx, func(tx *store.Tx) (err error) { before, err = usage(ctx, tx); return err }); err != nil || before.Bytes <= limit {
		return true, 0, err
	}
	if err = l.forget(ctx, `SELECT number FROM history WHERE change <> 'body' ORDER BY number LIMIT ?`, max(before.Changes/10, 1)); err != nil {
		return false, 0, err
	}
	err = l.db.Read(ctx, func(tx *store.Tx) (err error) { after, err = usage(ctx, tx); return err })
	return false, before.Changes - after.Changes, err
}

// forget deletes the rows that choose selects, but for the last row of what is
// there now. Rows whose configuration others need become bodies: they answer
// for no time any more.
func (l *Log) forget(ctx context.Context, choose string, arg any) error {
	return l.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE history SET change = 'body' WHERE number IN (`+choose+`) AND number NOT IN (
				SELECT max(number) FROM history GROUP BY object HAVING object IN (SELECT row FROM history_object WHERE gone = 0))`, arg); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `WITH needed (number) AS (
				SELECT config FROM history WHERE change <> 'body' AND config IS NOT NULL
			)
			DELETE FROM history WHERE change = 'body' AND number NOT IN (
				SELECT number FROM needed
				UNION SELECT base FROM history WHERE base IS NOT NULL AND number IN (SELECT number FROM needed)
				UNION SELECT base FROM history_object WHERE gone = 0
			)`); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM history_object WHERE gone = 1 AND row NOT IN (SELECT object FROM history)`)
		return err
	})
}
