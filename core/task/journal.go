package task

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/store"
)

// Migrations are this package's tables. task_step is the journal proper: a row
// is on disk before its step is sent to a host.
var Migrations = []store.Migration{{Name: "task/0001", SQL: `
CREATE TABLE task (
	id       TEXT PRIMARY KEY,
	kind     TEXT NOT NULL,
	title    TEXT NOT NULL,
	host     TEXT NOT NULL,
	object   TEXT NOT NULL,
	state    TEXT NOT NULL,
	back     INTEGER NOT NULL DEFAULT 0, -- being taken back
	owner    TEXT NOT NULL,              -- the process that works on it
	request  BLOB NOT NULL,
	plan     BLOB NOT NULL,
	error    BLOB,
	result   TEXT NOT NULL,
	created  INTEGER NOT NULL,           -- Unix milliseconds
	finished INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX task_state ON task (state);
CREATE INDEX task_created ON task (created);
CREATE TABLE task_step (
	task   TEXT NOT NULL REFERENCES task (id) ON DELETE CASCADE,
	step   TEXT NOT NULL,
	sent   INTEGER NOT NULL,
	seen   INTEGER NOT NULL DEFAULT 0,
	undone INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (task, step)
) STRICT, WITHOUT ROWID;
CREATE TABLE task_log (
	task TEXT NOT NULL REFERENCES task (id) ON DELETE CASCADE,
	time INTEGER NOT NULL,
	text TEXT NOT NULL
) STRICT;
CREATE INDEX task_log_task ON task_log (task);
`}, {Name: "task/0002", SQL: `
ALTER TABLE task ADD COLUMN undoes TEXT NOT NULL DEFAULT ''; -- the task that this one takes back
CREATE INDEX task_undoes ON task (undoes) WHERE undoes <> '';
`}, {Name: "task/0003", SQL: `CREATE INDEX task_object ON task (object, host)`}}

// journal is the tasks on disk. Rows that decide recovery are written durably.
type journal struct {
	db      *store.DB
	witness Witness // nil: none
}

// row is a task with what only recovery needs.
type row struct {
	Task
	request []byte
	owner   string
	back    bool
	actor   core.Actor // who asked for it; of a row that was read, nobody
	undone  bool       // another task took it back, or is about to
	settled bool       // what was changed is known
	first   string     // the step that insert journals as sent; "" for a row that was read
}

// undoing tells which tasks u take another back, or have.
const undoing = `u.undoes <> '' AND u.state IN ('done', 'running', 'interrupted')`

// insert begins a task together with its first step: one wait for the disk.
// [core.Unsupported] when it is to take back what another does by now.
func (j journal) insert(ctx context.Context, r row, redacted []byte) error {
	plan, err := proto.Marshal(r.Plan)
	if err != nil {
		return fmt.Errorf("encode plan: %w", err)
	}
	result, err := json.Marshal(r.Result)
	if err != nil {
		return fmt.Errorf("encode result: %w", err)
	}
	err = j.db.WriteDurable(ctx, func(tx *store.Tx) error {
		created := r.Created.UnixMilli()
		var taken bool
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM task AS u WHERE u.undoes = ? AND `+undoing+`)`, r.Undoes).Scan(&taken); err != nil {
			return err
		}
		if taken {
			return core.Errorf(core.Unsupported, "task %s was undone already", r.Undoes[:8])
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO task (id, kind, title, host, object, state, owner, request, plan, result, created, undoes)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			r.ID, r.Kind, r.Title, r.Host, r.Object, r.State, r.owner, r.request, plan, string(result), created, r.Undoes); err != nil {
			return err
		}
		if err := j.tell(ctx, tx, actBegin, r, redacted); err != nil || r.first == "" {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO task_step (task, step, sent) VALUES (?, ?, ?)`, r.ID, r.first, created)
		return err
	})
	if err != nil && core.CodeOf(err) != core.Unsupported {
		return fmt.Errorf("begin task: %w", err)
	}
	return err
}

func (j journal) sent(ctx context.Context, id, step string) error {
	return j.exec(ctx, "journal step", `INSERT INTO task_step (task, step, sent) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET sent = excluded.sent, seen = 0, undone = 0`, id, step, time.Now().UnixMilli())
}

func (j journal) seen(ctx context.Context, id, step, log string) error {
	now := time.Now().UnixMilli()
	return j.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE task_step SET seen = ? WHERE task = ? AND step = ?`, now, id, step); err != nil {
			return fmt.Errorf("journal step: %w", err)
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO task_log (task, time, text) VALUES (?, ?, ?)`, id, now, log)
		return err
	})
}

func (j journal) undone(ctx context.Context, id, step string) error {
	return j.exec(ctx, "journal step", `UPDATE task_step SET undone = ? WHERE task = ? AND step = ?`, time.Now().UnixMilli(), id, step)
}

// turnBack records that the task is being taken back from here on.
func (j journal) turnBack(ctx context.Context, id string, e []byte) error {
	return j.exec(ctx, "journal task", `UPDATE task SET back = 1, error = ? WHERE id = ?`, e, id)
}

// finish records the end of a task for everybody who asks, settle gets it onto
// the disk.
func (j journal) finish(ctx context.Context, r row, s State, e *core.Error, request []byte) error {
	result, err := json.Marshal(r.Result)
	if err != nil {
		return fmt.Errorf("encode result: %w", err)
	}
	return j.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE task SET state = ?, error = ?, request = ?, result = ?, finished = ? WHERE id = ?`,
			s, encodeError(e), request, string(result), time.Now().UnixMilli(), r.ID)
		if err != nil {
			return fmt.Errorf("end task: %w", err)
		}
		r.State, r.Err = s, e
		return j.tell(ctx, tx, string(s), r, nil)
	})
}

// settle gives up a task that has ended: with it, all that was written before
// is on the disk.
func (j journal) settle(ctx context.Context, id string) error {
	return j.exec(ctx, "settle task", `UPDATE task SET owner = owner WHERE id = ?`, id)
}

func (j journal) log(ctx context.Context, id, text string) error {
	return j.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO task_log (task, time, text) VALUES (?, ?, ?)`, id, time.Now().UnixMilli(), text)
		return err
	})
}

// claim makes this process the owner of a task as it was read; false when
// another process, or another caller in this one, was quicker.
func (j journal) claim(ctx context.Context, r row, owner string) (bool, error) {
	var n int64
	err := j.db.WriteDurable(ctx, func(tx *store.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE task SET owner = ?, state = ?, finished = 0 WHERE id = ? AND owner = ? AND state = ?`,
			owner, Running, r.ID, r.owner, r.State)
		if err != nil {
			return err
		}
		if n, err = res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return j.tell(ctx, tx, actResume, r, nil)
	})
	return n == 1, err
}

// steps returns the steps of a task that were sent and not undone, and whether
// each was seen to be done.
func (j journal) steps(ctx context.Context, id string) (map[string]bool, error) {
	steps := map[string]bool{}
	err := j.db.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT step, seen > 0 FROM task_step WHERE task = ? AND undone = 0`, id)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var step string
			var seen bool
			if err := rows.Scan(&step, &seen); err != nil {
				return err
			}
			steps[step] = seen
		}
		return rows.Err()
	})
	return steps, err
}

func (j journal) exec(ctx context.Context, what, query string, args ...any) error {
	err := j.db.WriteDurable(ctx, func(tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

const columns = `id, kind, title, host, object, state, back, owner, request, plan, error, result, created, finished, undoes,
	EXISTS (SELECT 1 FROM task AS u WHERE u.undoes = task.id AND ` + undoing + `)`

// list returns tasks, newest first; open ones only, or all.
func (j journal) list(ctx context.Context, open bool, limit int) ([]row, error) {
	where := ``
	if open {
		where = `WHERE state IN ('running', 'interrupted', 'stuck')`
	}
	return j.query(ctx, `SELECT `+columns+` FROM task `+where+` ORDER BY created DESC LIMIT ?`, limit)
}

// get returns the task whose id is, or begins with, id.
func (j journal) get(ctx context.Context, id string) (row, error) {
	rows, err := j.query(ctx, `SELECT `+columns+` FROM task WHERE id >= ?1 AND id < ?1 || 'g' LIMIT 2`, id)
	switch {
	case err != nil:
		return row{}, err
	case len(rows) == 0 || len(id) < 4:
		return row{}, core.Errorf(core.NotFound, "there is no task %s", core.Printable(id, 40)).WithHint("limiquantix task list shows all")
	case len(rows) > 1:
		return row{}, core.Errorf(core.Ambiguous, "several tasks begin with %s", id)
	}
	r := rows[0]
	err = j.db.Read(ctx, func(tx *store.Tx) error {
		lines, err := tx.QueryContext(ctx, `SELECT time, text FROM task_log WHERE task = ? ORDER BY rowid`, r.ID)
		if err != nil {
			return err
		}
		defer lines.Close()
		for lines.Next() {
			var ms int64
			var l LogLine
			if err := lines.Scan(&ms, &l.Text); err != nil {
				return err
			}
			l.Time = time.UnixMilli(ms)
			r.Log = append(r.Log, l)
		}
		return lines.Err()
	})
	return r, err
}

func (j journal) query(ctx context.Context, query string, args ...any) ([]row, error) {
	var out []row
	err := j.db.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.QueryContext(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			r, err := scan(rows)
			if err != nil {
				return err
			}
			out = append(out, r)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read tasks: %w", err)
	}
	return out, nil
}

func scan(rows *sql.Rows) (row, error) {
	var r row
	var plan, failure []byte
	var result string
	var created, finished int64
	if err := rows.Scan(&r.ID, &r.Kind, &r.Title, &r.Host, &r.Object, &r.State, &r.back, &r.owner, &r.request, &plan, &failure, &result, &created, &finished, &r.Undoes, &r.undone); err != nil {
		return r, err
	}
	r.Created = time.UnixMilli(created)
	if finished > 0 {
		r.Finished = time.UnixMilli(finished)
	}
	r.Plan = &apiv1.Plan{}
	return r, errors.Join(proto.Unmarshal(plan, r.Plan), json.Unmarshal([]byte(result), &r.Result), decodeError(failure, &r.Err))
}

func encodeError(e *core.Error) []byte {
	if e == nil {
		return nil
	}
	b, _ := proto.Marshal(&apiv1.ErrorDetail{Code: string(e.Code), Message: e.Message, Hint: e.Hint, Detail: e.Detail})
	return b
}

func decodeError(b []byte, to **core.Error) error {
	if len(b) == 0 {
		return nil
	}
	var d apiv1.ErrorDetail
	if err := proto.Unmarshal(b, &d); err != nil {
		return err
	}
	*to = &core.Error{Code: core.Code(d.Code), Message: d.Message, Hint: d.Hint, Detail: d.Detail}
	return nil
}
