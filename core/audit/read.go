package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/store"
)

// Query chooses records; what is "" or zero chooses all.
type Query struct {
	Host, Object, User string // Object: a name, or the id of an act
	Since, Until       time.Time
	Before             int64 // only with lower numbers
	Limit              int
}

// List returns records, newest first.
func (t *Trail) List(ctx context.Context, q Query) ([]Link, error) {
	cond, args := []string{"1"}, []any{}
	and := func(c string, a ...any) { cond, args = append(cond, c), append(args, a...) }
	if q.Host != "" {
		and("host = ?", q.Host)
	}
	if q.Object != "" {
		and("(object = ? OR act = ?)", q.Object, q.Object)
	}
	if q.User != "" {
		and("user = ?", q.User)
	}
	if !q.Since.IsZero() {
		and("time >= ?", textOf(q.Since))
	}
	if !q.Until.IsZero() {
		and("time < ?", textOf(q.Until))
	}
	if q.Before > 0 {
		and("number < ?", q.Before)
	}
	return t.query(ctx, strings.Join(cond, " AND ")+` ORDER BY number DESC LIMIT ?`, append(args, q.Limit)...)
}

// Show returns the records of an act, oldest first: by its id, the beginning of
// that (four characters), or the number of one of them. [core.NotFound],
// [core.Ambiguous].
func (t *Trail) Show(ctx context.Context, ref string) ([]Link, error) {
	where, arg := `act >= ?1 AND act < ?1 || 'g'`, any(ref)
	n, err := strconv.ParseInt(ref, 10, 64)
	if err == nil {
		where, arg = `act = (SELECT act FROM audit WHERE number = ?)`, n
	}
	if err != nil && len(ref) < 4 {
		return nil, notFound(ref)
	}
	found, qerr := t.query(ctx, where+` ORDER BY number`, arg)
	if qerr == nil && len(found) == 0 && err == nil && len(ref) >= 4 { // an id may begin with digits alone
		found, qerr = t.query(ctx, `act >= ?1 AND act < ?1 || 'g' ORDER BY number`, ref)
	}
	if qerr != nil {
		return nil, qerr
	}
	for _, l := range found {
		if l.Act != found[0].Act {
			return nil, core.Errorf(core.Ambiguous, "several acts begin with %s", core.Printable(ref, 40))
		}
	}
	if len(found) == 0 {
		return nil, notFound(ref)
	}
	return found, nil
}

func notFound(ref string) error {
	return core.Errorf(core.NotFound, "the audit has no act %s", core.Printable(ref, 40)).WithHint("limiquantix audit list shows all")
}

// ActorOf returns who had a task done; "" when the trail does not know it.
func ActorOf(ctx context.Context, tx *store.Tx, act string) (user string, err error) {
	err = tx.QueryRowContext(ctx, `SELECT ifnull((SELECT user FROM audit WHERE act = ? ORDER BY number LIMIT 1), '')`, act).Scan(&user)
	return user, err
}

func (t *Trail) query(ctx context.Context, where string, args ...any) ([]Link, error) {
	var out []Link
	err := t.o.DB.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT number, content, hash FROM audit WHERE `+where, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var l Link
			var number int64
			if err := rows.Scan(&number, &l.Content, &l.Hash); err != nil {
				return err
			}
			if json.Unmarshal([]byte(l.Content), &l.Record) != nil {
				l.Title = "(what stands here is no record: limiquantix audit verify)"
			}
			l.Number = number
			out = append(out, l)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read audit: %w", err)
	}
	return out, nil
}
