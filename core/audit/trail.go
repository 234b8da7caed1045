package audit

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/failpoint"
	"github.com/limiquantix/limiquantix/core/store"
	"github.com/limiquantix/limiquantix/core/task"
)

// HeadsFile is the name of the second file, in the inventory's directory.
const HeadsFile = "audit.heads"

// longest is how much of a text is kept: requests may hold a whole XML.
const longest = 64 << 10

// Options are what a [Trail] works with.
type Options struct {
	DB   *store.DB
	Home string // where the second file is
	User string // of this computer, whoever's program this is
	// Key returns the fingerprint of the SSH key that opened a host (name); ""
	// when it was opened otherwise.
	Key func(host string) string
	Log *slog.Logger
	// Points, which may be nil, are passed before and after a record is on disk.
	Points *failpoint.Points
}

// Trail is the chain of records. It may be used concurrently, and by several
// processes: SQLite lets one write at a time.
type Trail struct {
	o     Options
	heads string // path
}

// Open returns the trail of an inventory, and begins the second file of a new one.
func Open(ctx context.Context, o Options) (*Trail, error) {
	t := &Trail{o: o, heads: filepath.Join(o.Home, HeadsFile)}
	err := o.DB.Read(ctx, func(tx *store.Tx) error {
		last, err := head(ctx, tx)
		if err != nil || last.Number > 0 {
			return err // if the file is missing now, that is to be seen
		}
		return t.note(nil)
	})
	if err != nil {
		return nil, fmt.Errorf("open audit: %w", err)
	}
	return t, nil
}

// Witness is the [task.Witness] that keeps each act of a task.
func (t *Trail) Witness(ctx context.Context, tx *store.Tx, a task.Act) error {
	r := Record{
		Event: a.Event, Act: a.Task.ID, Kind: a.Task.Kind, Title: a.Task.Title, Host: a.Task.Host, Object: a.Task.Object,
		Actor: t.actor(a.Actor, a.Task.Host), Digest: a.Task.Plan.GetDigest(),
		Before: a.Task.Result["before"], After: a.Task.Result["hash"],
	}
	if a.Event == "begin" {
		r.Request, r.Command = bounded(a.Request), a.Task.Plan.GetCommandLine()
		for _, s := range a.Task.Plan.GetSteps() {
			r.Steps = append(r.Steps, s.Text+" ["+s.Call+"]")
		}
	} else {
		r.Result = a.Task.Result
	}
	if a.Task.Err != nil {
		r.Error = a.Task.Err.Message
	}
	return t.append(ctx, tx, r)
}

// Note keeps a record of what is no task, durably. A context that ends does not
// keep it from being written.
func (t *Trail) Note(ctx context.Context, r Record) error {
	ctx = context.WithoutCancel(ctx)
	r.Actor = t.actor(core.ActorOf(ctx), r.Host)
	r.Request = bounded(r.Request)
	err := t.o.DB.WriteDurable(ctx, func(tx *store.Tx) error { return t.append(ctx, tx, r) })
	if err != nil {
		return fmt.Errorf("keep audit: %w", err)
	}
	return nil
}

func (t *Trail) actor(a core.Actor, host string) Actor {
	out := Actor{User: cmp.Or(a.User, t.o.User), Door: cmp.Or(a.Door, "resume")}
	if t.o.Key != nil && host != "" {
		out.Key = t.o.Key(host)
	}
	return out
}

// bounded is a request as it is kept: of one that is too long, its length.
func bounded(request []byte) json.RawMessage {
	if len(request) <= longest && (len(request) == 0 || json.Valid(request)) {
		return request
	}
	return json.RawMessage(fmt.Sprintf(`{"too_long":%d}`, len(request)))
}

// append writes r at the end of the chain.
func (t *Trail) append(ctx context.Context, tx *store.Tx, r Record) error {
	last, err := head(ctx, tx)
	if err != nil {
		return err
	}
	r.Number, r.Time = last.Number+1, Time{time.Now()}
	content, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode audit: %w", err)
	}
	now := Head{Number: r.Number, Hash: next(last.Hash, string(content))}
	if _, err := tx.ExecContext(ctx, `INSERT INTO audit (number, content, hash) VALUES (?, ?, ?)`, now.Number, string(content), now.Hash); err != nil {
		return err
	}
	t.o.Points.Hit()
	tx.After(func() {
		t.o.Points.Hit()
		if err := t.note(&now); err != nil { // the chain itself is whole: the next line speaks for this one, too
			t.o.Log.Error("note the head of the audit", "err", err)
		}
	})
	return nil
}

// head returns the end of the chain; the zero Head when there is none.
func head(ctx context.Context, tx *store.Tx) (h Head, err error) {
	err = tx.QueryRowContext(ctx, `SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1`).Scan(&h.Number, &h.Hash)
	if errors.Is(err, sql.ErrNoRows) {
		return Head{}, nil
	}
	return h, err
}
