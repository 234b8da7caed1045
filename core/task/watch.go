package task

import (
	"context"
	"time"

	"github.com/limiquantix/limiquantix/core"
)

// poll is how often a task of another process is looked at.
const poll = 300 * time.Millisecond

// update changes a live task and wakes who watches it.
func (r *Runner) update(id string, f func(t *Task)) {
	r.mu.Lock()
	l := r.live[id]
	if l == nil {
		r.mu.Unlock()
		return
	}
	f(&l.task)
	t := l.task
	close(l.changed)
	l.changed = make(chan struct{})
	r.mu.Unlock()
	if r.o.Changed != nil {
		r.o.Changed(t)
	}
}

// List returns tasks, newest first: all, or those that have not ended well.
func (r *Runner) List(ctx context.Context, open bool, limit int) ([]Task, error) {
	rows, err := r.journal.list(ctx, open, limit)
	if err != nil {
		return nil, err
	}
	tasks := make([]Task, len(rows))
	for i, rw := range rows {
		tasks[i] = r.observe(rw)
	}
	return tasks, nil
}

// Task returns one task with its log, by its id or the beginning of it (at
// least four characters). [core.NotFound], [core.Ambiguous].
func (r *Runner) Task(ctx context.Context, id string) (Task, error) {
	rw, err := r.journal.get(ctx, id)
	if err != nil {
		return Task{}, err
	}
	return r.observe(rw), nil
}

// observe adds what only memory knows: progress of our own tasks, and that the
// process which worked on another is gone.
func (r *Runner) observe(rw row) Task {
	r.mu.Lock()
	l := r.live[rw.ID]
	if l != nil {
		t := l.task
		t.Log = rw.Log
		r.mu.Unlock()
		return t
	}
	r.mu.Unlock()
	if rw.State == Running && !r.owner.alive(rw.owner) {
		rw.State = Interrupted
	}
	rw.Undo = r.undoText(rw)
	return rw.Task
}

// Watch calls f with the task now and after each change until it has ended, f
// returns an error, or ctx is done.
func (r *Runner) Watch(ctx context.Context, id string, f func(Task) error) error {
	for {
		changed := r.changes(id)
		t, err := r.Task(ctx, id)
		if err != nil {
			return err
		}
		if err := f(t); err != nil || t.State.Ended() {
			return err
		}
		select {
		case <-changed:
		case <-time.After(poll):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (r *Runner) changes(id string) <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if l := r.live[id]; l != nil {
		return l.changed
	}
	return nil
}

// Wait returns the task once it has ended.
func (r *Runner) Wait(ctx context.Context, id string) (Task, error) {
	var last Task
	err := r.Watch(ctx, id, func(t Task) error { last = t; return nil })
	return last, err
}

// Cancel asks a task of this process to stop and be taken back; it returns at
// once. [core.NotFound]; [core.Conflict] when it does not run here.
func (r *Runner) Cancel(ctx context.Context, id string) error {
	t, err := r.Task(ctx, id)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.live[t.ID]
	if l == nil {
		return core.Errorf(core.Conflict, "task %s does not run in this program: it is %s", t.ID[:8], t.State)
	}
	l.cancel(errCancel)
	return nil
}
