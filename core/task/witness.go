package task

import (
	"context"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/store"
)

// Act is something that becomes of a task.
type Act struct {
	// Event is "begin" (nothing was sent to a host yet), "resume", or the state
	// that it ended in.
	Event string
	Task  Task
	Actor core.Actor
	// Request is what was asked for, as JSON without secrets; nil but for "begin".
	Request []byte
}

// Witness is told of each act within the transaction that journals it: both are
// kept, or none is. An error of it undoes both.
type Witness func(ctx context.Context, tx *store.Tx, a Act) error

// Acts of tasks that are no state.
const (
	actBegin  = "begin"
	actResume = "resume"
)

// tell tells of an act, if somebody wants to know.
func (j journal) tell(ctx context.Context, tx *store.Tx, event string, r row, request []byte) error {
	if j.witness == nil {
		return nil
	}
	return j.witness(ctx, tx, Act{Event: event, Task: r.Task, Actor: r.actor, Request: request})
}

// Worker is a task that was at work on an object.
type Worker struct {
	ID       string
	Finished int64  // Unix milliseconds; 0: it is at work
	Hash     string // of the configuration that it left; "" when it wrote none
}

// AtWork returns the tasks that were at work on an object (names of host and
// object) at any time between two (Unix milliseconds), newest first, ten at most.
func AtWork(ctx context.Context, tx *store.Tx, host, object string, since, until int64) ([]Worker, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, finished, ifnull(json_extract(result, '$.hash'), '') FROM task
		WHERE host = ? AND object = ? AND created <= ? AND (finished = 0 AND state = 'running' OR finished >= ?) ORDER BY created DESC LIMIT 10`, host, object, until, since)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Worker
	for rows.Next() {
		var w Worker
		if err := rows.Scan(&w.ID, &w.Finished, &w.Hash); err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, rows.Err()
}
