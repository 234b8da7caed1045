package task

import (
	"context"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/plan"
)

// Resume takes up interrupted tasks: it plans each request again against what
// is observed now, and carries on with the steps that are left; or takes back
// what was done, when something blocks it now or that had begun already. id ""
// means all. It returns the tasks taken up; watch them.
//
// Errors: [core.NotFound]; [core.Conflict] when the named task is not interrupted.
func (r *Runner) Resume(ctx context.Context, id string) ([]Task, error) {
	rows, err := r.open(ctx, id)
	if err != nil {
		return nil, err
	}
	var taken []Task
	for _, rw := range rows {
		rw.actor = core.ActorOf(ctx)
		ok, err := r.journal.claim(ctx, rw, r.owner.id)
		if err != nil {
			return taken, err
		}
		if !ok {
			continue // another process was quicker
		}
		r.o.Points.Hit()
		rw.State, rw.owner = Running, r.owner.id
		taken = append(taken, rw.Task)
		r.begin(rw, func(ctx context.Context) { r.resume(ctx, rw) })
	}
	return taken, nil
}

// Open returns how many tasks wait to be resumed, for a hint to the user.
func (r *Runner) Open(ctx context.Context) int {
	rows, err := r.open(ctx, "")
	if err != nil {
		return 0
	}
	return len(rows)
}

// BusyHost reports whether a task of a host has not come to its end.
func (r *Runner) BusyHost(ctx context.Context, name string) bool {
	rows, err := r.journal.list(ctx, true, 1000)
	for _, rw := range rows {
		if rw.Host == name {
			return true
		}
	}
	return err != nil
}

func (r *Runner) open(ctx context.Context, id string) ([]row, error) {
	if id == "" {
		rows, err := r.journal.list(ctx, true, 1000)
		kept := rows[:0]
		for _, rw := range rows {
			if r.resumable(rw) {
				kept = append(kept, rw)
			}
		}
		return kept, err
	}
	rw, err := r.journal.get(ctx, id)
	if err != nil {
		return nil, err
	}
	if !r.resumable(rw) {
		return nil, core.Errorf(core.Conflict, "task %s is %s, there is nothing to resume", rw.ID[:8], rw.State)
	}
	return []row{rw}, nil
}

func (r *Runner) resumable(rw row) bool {
	switch rw.State {
	case Interrupted, Stuck:
		return true
	case Running:
		return !r.owner.alive(rw.owner)
	}
	return false
}

func (r *Runner) resume(ctx context.Context, rw row) {
	p, err := r.again(ctx, rw)
	switch {
	case err != nil && p == nil:
		if code := core.CodeOf(err); code == core.Unreachable || code == core.UnknownOutcome || ctx.Err() != nil {
			r.end(rw, Interrupted, core.AsError(err).WithHint("try again with: limiquantix task resume %s", rw.ID[:8]))
			return
		}
		r.end(rw, Stuck, core.AsError(err))
	case rw.back:
		cause := rw.Err
		if cause == nil {
			cause = core.Errorf(core.Canceled, "interrupted while it was taken back")
		}
		r.back(ctx, rw, p, cause)
	case p.Err() != nil:
		r.back(ctx, rw, p, core.AsError(p.Err()))
	default:
		r.note(ctx, rw.ID, "resumed")
		r.forward(ctx, rw, p)
	}
}

func (r *Runner) again(ctx context.Context, rw row) (*plan.Plan, error) {
	k, ok := r.kinds[rw.Kind]
	if !ok {
		return nil, core.Errorf(core.Unsupported, "this version cannot carry on a task of kind %s", rw.Kind)
	}
	sent, err := r.journal.steps(ctx, rw.ID)
	if err != nil {
		return nil, err
	}
	return k.plan(ctx, rw.request, Run{ID: rw.ID, Resumed: true, Object: rw.Object, sent: sent})
}
