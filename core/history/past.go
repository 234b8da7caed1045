package history

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/store"
	"github.com/limiquantix/limiquantix/core/xmledit"
)

// Difference is an object at two times.
type Difference struct {
	Before, After *Past  // nil: it was not there
	Diff          string // unified diff of its configurations; "" when they are the same, and of a fleet
}

// Configured reports whether the configuration is known to be another.
func (d Difference) Configured() bool {
	return d.Before != nil && d.After != nil && d.Before.Hash != "" && d.After.Hash != "" && d.Before.Hash != d.After.Hash
}

// At returns what an object was at a time. [core.NotFound] when there was none
// of that name, [core.Ambiguous] when there were several.
func (l *Log) At(ctx context.Context, q Query, at time.Time) (Past, error) {
	var out Past
	err := l.read(ctx, func(tx *store.Tx) error {
		all, err := fleetAt(ctx, tx, q, at)
		if err != nil {
			return err
		}
		out, err = one(q, all)
		if err != nil {
			return err
		}
		out.Config, err = read(ctx, tx, out.row)
		return err
	})
	return out, err
}

func one(q Query, all []Past) (Past, error) {
	switch len(all) {
	case 1:
		return all[0], nil
	case 0:
		return Past{}, core.Errorf(core.NotFound, "nothing is known of %s at that time", core.Printable(q.Ref, 80)).
			WithHint("limiquantix history %s tells from when on", core.Escape(q.Ref))
	}
	return Past{}, core.Errorf(core.Ambiguous, "several objects are called %s", core.Printable(q.Ref, 80)).
		WithHint("name one as HOST/NAME or by its UUID, or its sort with --kind")
}

// Between returns how an object differs between two times. The errors of [Log.At]
// when it was there at neither.
func (l *Log) Between(ctx context.Context, q Query, from, to time.Time) (Difference, error) {
	before, err := l.At(ctx, q, from)
	if err != nil && core.CodeOf(err) != core.NotFound {
		return Difference{}, err
	}
	was := err == nil
	if was { // it may have another name by then
		q = Query{Kind: before.Kind, Host: before.HostName, Ref: before.ID}
	}
	after, err := l.At(ctx, q, to)
	if err != nil && (!was || core.CodeOf(err) != core.NotFound) {
		return Difference{}, err
	}
	return difference(&before, &after, was, err == nil), nil
}

func difference(before, after *Past, was, is bool) Difference {
	var d Difference
	if was {
		d.Before = before
	}
	if is {
		d.After = after
	}
	if before.Config != "" && after.Config != "" {
		d.Diff = xmledit.Diff(before.Config, after.Config)
	}
	return d
}

// Step returns how a change made an object other than it was. [core.NotFound]
// when there is no such change any more.
func (l *Log) Step(ctx context.Context, number int64) (Difference, error) {
	var d Difference
	err := l.read(ctx, func(tx *store.Tx) error {
		after, word, err := row(ctx, tx, `h.number = ?`, number)
		if errors.Is(err, sql.ErrNoRows) {
			return core.Errorf(core.NotFound, "there is no change %d", number).WithHint("it may be too old: limiquantix history --retention tells how much is kept")
		}
		if err != nil {
			return err
		}
		before, then, err := row(ctx, tx, `h.object = (SELECT object FROM history WHERE number = ?1) AND h.number < ?1 ORDER BY h.number DESC LIMIT 1`, number)
		was := err == nil && then != body
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		d = difference(&before, &after, was && word != added, word != removed && word != forgotten)
		return nil
	})
	return d, err
}

// row reads what an object was by one row, configuration and all.
func row(ctx context.Context, tx *store.Tx, where string, args ...any) (p Past, word string, err error) {
	var since int64
	err = tx.QueryRowContext(ctx, `SELECT o.kind, o.host, o.within, o.id, h.name, h.state, h.time, h.change, ifnull(c.number, 0), ifnull(lower(hex(c.hash)), '')
		FROM history AS h JOIN history_object AS o ON o.row = h.object LEFT JOIN history AS c ON c.number = h.config WHERE `+where, args...).
		Scan(&p.Kind, &p.HostID, &p.HostName, &p.ID, &p.Name, &p.State, &since, &word, &p.row, &p.Hash)
	if err != nil {
		return p, word, err
	}
	p.Since = time.UnixMilli(since)
	p.Config, err = read(ctx, tx, p.row)
	return p, word, err
}

// FleetBetween returns the objects that differ between two times, by host, kind
// and name. Of their configurations it tells only whether they are the same.
func (l *Log) FleetBetween(ctx context.Context, q Query, from, to time.Time) ([]Difference, error) {
	var out []Difference
	err := l.read(ctx, func(tx *store.Tx) error {
		before, err := fleetAt(ctx, tx, q, from)
		if err != nil {
			return err
		}
		after, err := fleetAt(ctx, tx, q, to)
		if err != nil {
			return err
		}
		out = compare(before, after)
		return nil
	})
	return out, err
}

// compare pairs what there was with what there is. Those that are gone come last.
func compare(before, after []Past) []Difference {
	type key struct {
		kind     Kind
		host, id string
	}
	of := func(p Past) key { return key{p.Kind, p.HostID, p.ID} }
	was := make(map[key]*Past, len(before))
	for i := range before {
		was[of(before[i])] = &before[i]
	}
	var out []Difference
	for i := range after {
		d := Difference{Before: was[of(after[i])], After: &after[i]}
		delete(was, of(after[i]))
		if d.Before == nil || d.Before.Name != d.After.Name || d.Before.State != d.After.State || d.Configured() {
			out = append(out, d)
		}
	}
	for i := range before {
		if p, left := was[of(before[i])]; left {
			out = append(out, Difference{Before: p})
		}
	}
	return slices.Clip(out)
}
