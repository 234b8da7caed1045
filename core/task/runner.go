package task

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/failpoint"
	"github.com/limiquantix/limiquantix/core/plan"
	"github.com/limiquantix/limiquantix/core/store"
)

// undoLimit bounds one step's Undo: a host that hangs must not hold the program.
const undoLimit = 2 * time.Minute

// settleLimit bounds the look at a host after a task, when it may have gone.
const settleLimit = 5 * time.Second

// errShutdown ends tasks when the program ends: they are resumed later, not undone.
var errShutdown = errors.New("the program ended")

// errCancel ends a task because the user asked for it.
var errCancel = core.Errorf(core.Canceled, "cancelled")

// Options are what a [Runner] works with.
type Options struct {
	DB     *store.DB
	Home   string // where the owner's lock file lives
	Points *failpoint.Points
	Log    *slog.Logger
	// Changed is told of each visible change of a task; it must not block.
	Changed func(t Task)
	// Settled, which may be nil, is called before the end of a task is told, so
	// that what it changed is known by then, unless its plan has seen to that. It
	// may block.
	Settled func(ctx context.Context, host string)
	// Witness, which may be nil, is told of each act as it is journaled.
	Witness Witness
}

// Runner carries out tasks. It may be used concurrently.
type Runner struct {
	o       Options
	journal journal
	owner   *owner
	kinds   map[string]Kind
	shown   *shown

	mu   sync.Mutex
	live map[string]*live
	wg   sync.WaitGroup
	ctx  context.Context // ends with Close
	stop context.CancelCauseFunc
}

// live is a task that this process works on.
type live struct {
	task    Task
	cancel  context.CancelCauseFunc
	changed chan struct{} // closed and replaced at each change
}

// New returns a runner of the given kinds of tasks.
func New(o Options, kinds ...Kind) (*Runner, error) {
	own, err := claimOwner(o.Home)
	if err != nil {
		return nil, err
	}
	r := &Runner{o: o, journal: journal{o.DB, o.Witness}, owner: own, kinds: map[string]Kind{}, shown: newShown(), live: map[string]*live{}}
	r.ctx, r.stop = context.WithCancelCause(context.Background())
	for _, k := range kinds {
		r.kinds[k.Name] = k
	}
	return r, nil
}

// Close interrupts running tasks, waits for them and gives up ownership.
func (r *Runner) Close() error {
	r.stop(errShutdown)
	r.wg.Wait()
	return r.owner.release()
}

func (r *Runner) planRequest(ctx context.Context, kind string, req proto.Message, run Run) (*plan.Plan, []byte, error) {
	request, err := protojson.Marshal(req)
	if err != nil {
		return nil, nil, core.Errorf(core.Invalid, "the request is not valid: %w", err)
	}
	p, err := r.kinds[kind].plan(ctx, request, run)
	return p, request, err
}

// Submit plans req and begins to carry it out. A plan that is not the expected
// one, whose digest was shown, is a [*plan.ChangedError]; "" expects nothing. One
// with blockers is a [*plan.BlockedError]. After both nothing is journaled. One
// without steps is no task (its ID is "").
func (r *Runner) Submit(ctx context.Context, kind string, req proto.Message, expected string) (*plan.Plan, Task, error) {
	return r.submit(ctx, order{kind: kind, req: req, expected: expected})
}

func (r *Runner) submit(ctx context.Context, o order) (*plan.Plan, Task, error) {
	id := core.NewUUID()
	p, request, err := r.plan(ctx, o, Run{ID: id})
	if err == nil {
		err = r.shown.check(p, o.expected)
	}
	if err == nil {
		err = p.Err()
	}
	if err != nil || len(p.Steps) == 0 {
		return p, Task{}, err
	}
	t := Task{ID: id, Kind: o.kind, Title: p.Title, Host: p.Host, Object: p.Object, State: Running, Created: time.Now(), Plan: p.Proto(), Result: maps.Clone(p.Result)}
	if o.undoes != nil {
		t.Undoes = o.undoes.ID
	}
	rw := row{Task: t, request: request, owner: r.owner.id, first: firstStep(p), actor: core.ActorOf(ctx)}
	if err := r.journal.insert(ctx, rw, r.kinds[o.kind].redact(request)); err != nil {
		return p, Task{}, err
	}
	r.o.Points.Hit()
	r.begin(rw, func(ctx context.Context) { r.forward(ctx, rw, p) })
	return p, t, nil
}

// begin runs work for a task in a goroutine of the runner.
func (r *Runner) begin(rw row, work func(ctx context.Context)) {
	ctx, cancel := context.WithCancelCause(r.ctx)
	r.mu.Lock()
	r.live[rw.ID] = &live{task: rw.Task, cancel: cancel, changed: make(chan struct{})}
	r.mu.Unlock()
	r.wg.Go(func() {
		defer cancel(nil)
		work(ctx)
	})
}

// forward does the plan's steps, and takes back what it did when one fails.
func (r *Runner) forward(ctx context.Context, rw row, p *plan.Plan) {
	for _, s := range p.Steps {
		if s.Done {
			continue
		}
		if err := r.step(ctx, rw, s); err != nil {
			r.failed(ctx, rw, p, fmt.Errorf("%s: %w", lowerFirst(s.Text), err))
			return
		}
	}
	rw.Result = maps.Clone(rw.Result) // others read it: steps may have learned more
	if rw.Result == nil {
		rw.Result = map[string]string{}
	}
	maps.Copy(rw.Result, p.Result)
	rw.settled = r.settle(rw, p)
	r.end(rw, Done, nil)
}

// settle lets who asks after a task's end see what it changed. That it cannot,
// as the host has just gone, makes no task fail.
func (r *Runner) settle(rw row, p *plan.Plan) bool {
	if p.Settle == nil || r.ctx.Err() != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(r.ctx, settleLimit)
	defer cancel()
	err := p.Settle(ctx)
	if err != nil {
		r.o.Log.Debug("settle", "task", rw.ID, "err", err)
	}
	return err == nil
}

func (r *Runner) step(ctx context.Context, rw row, s plan.Step) error {
	r.update(rw.ID, func(t *Task) { t.Step, t.Done, t.Total = s.Text, 0, 0 })
	journaled := rw.first == s.ID
	if ctx.Err() != nil {
		if journaled { // and never sent: there is nothing to take back
			return errors.Join(context.Cause(ctx), r.journal.undone(context.WithoutCancel(ctx), rw.ID, s.ID))
		}
		return context.Cause(ctx)
	}
	r.o.Points.Hit()
	if !journaled {
		if err := r.journal.sent(context.WithoutCancel(ctx), rw.ID, s.ID); err != nil {
			return err
		}
	}
	r.o.Points.Hit()
	err := s.Do(ctx, func(done, total int64) {
		r.update(rw.ID, func(t *Task) { t.Done, t.Total = done, total })
		r.o.Points.Hit() // in the middle of it
	})
	taken := core.CodeOf(err) == core.Exists
	if ctx.Err() != nil && err != nil {
		err = context.Cause(ctx)
	}
	if taken {
		// What is there is somebody else's: nothing of this step may be taken back.
		if jerr := r.journal.undone(context.WithoutCancel(ctx), rw.ID, s.ID); jerr != nil {
			return errors.Join(core.Errorf(core.UnknownOutcome, "journal step: %w", jerr), err)
		}
	}
	if err != nil {
		return err
	}
	r.o.Points.Hit()
	if err := r.journal.seen(context.WithoutCancel(ctx), rw.ID, s.ID, s.Call); err != nil {
		return err
	}
	r.o.Points.Hit()
	return nil
}

// failed decides what an error means: interrupted when the host's part cannot
// be known or reached, else everything is taken back.
func (r *Runner) failed(ctx context.Context, rw row, p *plan.Plan, err error) {
	code := core.CodeOf(err)
	lost := code == core.UnknownOutcome || code == core.Unreachable
	if lost || errors.Is(err, errShutdown) {
		if sent, jerr := r.journal.steps(context.WithoutCancel(ctx), rw.ID); jerr == nil && len(sent) == 0 {
			r.end(rw, Failed, core.AsError(err))
			return
		}
		r.end(rw, Interrupted, core.AsError(err).WithHint("look at it and carry it on with: limiquantix task resume %s", rw.ID[:8]))
		return
	}
	r.back(ctx, rw, p, core.AsError(err))
}

// back takes back the steps that were sent, last first.
func (r *Runner) back(ctx context.Context, rw row, p *plan.Plan, cause *core.Error) {
	ctx = context.WithoutCancel(ctx)
	if err := r.journal.turnBack(ctx, rw.ID, encodeError(cause)); err != nil {
		r.o.Log.Error("journal", "task", rw.ID, "err", err)
	}
	sent, err := r.journal.steps(ctx, rw.ID)
	if err != nil {
		r.end(rw, Stuck, cause)
		return
	}
	state := Failed
	if cause.Code == core.Canceled {
		state = Canceled
	}
	for i := len(p.Steps) - 1; i >= 0; i-- {
		s := p.Steps[i]
		if _, began := sent[s.ID]; s.Undo == nil || !began {
			continue
		}
		r.o.Points.Hit()
		if err := r.undo(ctx, rw, s); err != nil {
			state = Stuck
			if code := core.CodeOf(err); code == core.Unreachable || code == core.UnknownOutcome {
				state = Interrupted
			}
			cause = cause.WithHint("%s could not be taken back (%s); try again with: limiquantix task resume %s", s.Text, err, rw.ID[:8])
			break
		}
	}
	r.end(rw, state, cause)
}

func (r *Runner) undo(ctx context.Context, rw row, s plan.Step) error {
	ctx, cancel := context.WithTimeout(ctx, undoLimit)
	defer cancel()
	r.update(rw.ID, func(t *Task) { t.Step, t.Done, t.Total = "Take back: "+s.Text, 0, 0 })
	if err := s.Undo(ctx); err != nil {
		return err
	}
	r.o.Points.Hit()
	r.note(ctx, rw.ID, "taken back: "+s.Text)
	return r.journal.undone(ctx, rw.ID, s.ID)
}

func (r *Runner) note(ctx context.Context, id, text string) {
	if err := r.journal.log(ctx, id, text); err != nil {
		r.o.Log.Error("journal", "task", id, "err", err)
	}
}

// firstStep returns the id of the first step to be done; "" when there is none.
func firstStep(p *plan.Plan) string {
	for _, s := range p.Steps {
		if !s.Done {
			return s.ID
		}
	}
	return ""
}

// end records how a task ended and tells who waits. They need not wait for the
// disk: an end that is lost with the machine's power is found again by planning.
func (r *Runner) end(rw row, s State, e *core.Error) {
	ctx := context.WithoutCancel(r.ctx)
	request := rw.request
	if s == Done || s == Failed || s == Canceled {
		request = r.kinds[rw.Kind].redact(request)
	}
	if r.o.Settled != nil && !rw.settled && r.ctx.Err() == nil {
		r.o.Settled(ctx, rw.Host)
	}
	err := r.journal.finish(ctx, rw, s, e, request)
	ended := row{Task: rw.Task, request: request}
	ended.State = s
	undo := r.undoText(ended)
	r.update(rw.ID, func(t *Task) {
		t.State, t.Err, t.Step, t.Finished, t.Result, t.Undo = s, e, "", time.Now(), rw.Result, undo
	})
	if err != nil {
		// The disk is full, say. Who waits learns the end from memory; for the
		// next process the task was interrupted and is planned again.
		r.o.Log.Error("journal", "task", rw.ID, "err", err)
		return
	}
	r.mu.Lock()
	delete(r.live, rw.ID)
	r.mu.Unlock()
	if err := r.journal.settle(ctx, rw.ID); err != nil {
		r.o.Log.Error("journal", "task", rw.ID, "err", err)
	}
	if !bytes.Equal(request, rw.request) { // it held a secret
		if err := r.o.DB.Forget(ctx); err != nil {
			r.o.Log.Warn("journal", "task", rw.ID, "err", err)
		}
	}
}

func lowerFirst(s string) string {
	if len(s) > 1 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'a' && s[1] <= 'z' {
		return string(s[0]+'a'-'A') + s[1:]
	}
	return s
}
