package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// startGrace is how long a request that starts a task is waited for after an
// interrupt: its answer names the task that is to be canceled.
const startGrace = 3 * time.Second

// change is something a command does to the world, as a plan and a task.
type change struct {
	// what is done, as it stands before errors: "create VM web1".
	what string
	// destroys: asked about first.
	destroys bool
	// send makes the call; with planOnly it changes nothing.
	send func(ctx context.Context, planOnly bool) (*apiv1.Operation, error)
}

// do plans, or asks, does and waits, as the flags say.
func (p *program) do(ctx context.Context, a *api, c change) error {
	if p.plan {
		return p.showPlan(ctx, c)
	}
	if !p.wait && !a.Remote {
		return core.Errorf(core.Invalid, "%s: --wait=false needs an application that goes on with it", c.what).
			WithHint("start one in another terminal with: limiquantix serve")
	}
	if err := p.confirmChange(ctx, c); err != nil {
		return err
	}
	op, err := p.start(ctx, c)
	if err != nil {
		return err
	}
	if op.Task == nil {
		p.say("%s: nothing to do", core.Escape(c.what))
		return nil
	}
	if !p.wait {
		return p.leaveTask(op.Task)
	}
	r := newReporter(p, op.Task.Title)
	task, err := p.follow(ctx, a, op.Task.Id, r)
	r.end()
	if err != nil {
		return fmt.Errorf("%s: %w", c.what, err)
	}
	if err := outcome(task); err != nil {
		return fmt.Errorf("%s: %w", c.what, err)
	}
	p.say("%s: done%s", core.Escape(task.Title), took(task))
	if waitsForBoot(op.Plan) {
		p.say("The VM has it when it is shut down and started again.")
	}
	if p.output != "table" {
		return printOne(p, task)
	}
	return nil
}

func (p *program) showPlan(ctx context.Context, c change) error {
	plan, err := c.planned(ctx)
	if b := new(server.BlockedError); errors.As(err, &b) {
		plan = b.Plan
	}
	if plan != nil {
		if perr := p.printPlan(plan); perr != nil {
			return perr
		}
	}
	return err
}

// planned returns the plan; one with blockers as an error that carries it,
// whether the service made it one (it need not, when only the plan is asked for).
func (c change) planned(ctx context.Context) (*apiv1.Plan, error) {
	op, err := c.send(ctx, true)
	if err != nil {
		return nil, server.FromConnect(fmt.Errorf("%s: %w", c.what, err))
	}
	if len(op.Plan.GetBlockers()) > 0 {
		first := op.Plan.Blockers[0]
		e := &core.Error{Code: core.Blocked, Message: c.what + ": " + first.Text, Hint: first.Fix}
		return nil, &server.BlockedError{Err: e, Plan: op.Plan}
	}
	return op.Plan, nil
}

// confirmChange asks, after it is known that the change is possible.
func (p *program) confirmChange(ctx context.Context, c change) error {
	if !c.destroys || p.yes {
		return nil
	}
	plan, err := c.planned(ctx)
	if err != nil {
		return err
	}
	for _, w := range plan.GetWarnings() {
		p.say("warning: %s", core.Escape(w))
	}
	if p.io.InTerminal {
		for _, s := range plan.GetSteps() {
			p.say("  - %s", core.Escape(s.Text))
		}
	}
	return p.confirm(ctx, plan.GetTitle())
}

// start starts the change. An interrupt does not end the call at once, or the
// task that it may have started would run on unknown.
func (p *program) start(ctx context.Context, c change) (*apiv1.Operation, error) {
	call, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(startGrace, cancel) })
	defer stop()
	op, err := c.send(call, false)
	if err != nil && call.Err() != nil {
		return nil, core.Errorf(core.Canceled, "%s: canceled before it had begun", c.what).
			WithHint("limiquantix task list --open shows whether something runs")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.what, err)
	}
	return op, nil
}

// leaveTask prints a task's id and leaves it running.
func (p *program) leaveTask(t *apiv1.Task) error {
	if p.output != "table" {
		return printOne(p, t)
	}
	return p.write(t.Id + "\n")
}

// outcome is nil for a task that ended well.
func outcome(t *apiv1.Task) error {
	cause := server.FromDetail(t.Error)
	e := core.AsError(cause)
	if e == nil {
		e = core.Errorf(core.Internal, "it failed without saying why")
		cause = e
	}
	switch t.State {
	case apiv1.Task_STATE_DONE:
		return nil
	case apiv1.Task_STATE_CANCELED:
		return core.Errorf(core.Canceled, "canceled; everything it had done was taken back")
	case apiv1.Task_STATE_INTERRUPTED:
		return e.WithHint("limiquantix task resume %s carries it on, or takes it back", short(t.Id))
	case apiv1.Task_STATE_STUCK:
		e.Message += "; not everything could be taken back"
		return e.WithHint("limiquantix task show %s says what is left", short(t.Id))
	}
	return cause
}

// waitsForBoot reports whether a part of what was done is not so yet.
func waitsForBoot(plan *apiv1.Plan) bool {
	return slices.ContainsFunc(plan.GetSteps(), func(s *apiv1.Plan_Step) bool { return s.When == apiv1.Plan_WHEN_NEXT_BOOT })
}

func took(t *apiv1.Task) string {
	if t.Created == nil || t.Finished == nil {
		return ""
	}
	d := t.Finished.AsTime().Sub(t.Created.AsTime())
	if d < time.Second {
		return ""
	}
	return fmt.Sprintf(" in %s", d.Round(time.Second))
}

// short is enough of a task's id for people; commands take it.
func short(id string) string {
	return id[:min(8, len(id))]
}
