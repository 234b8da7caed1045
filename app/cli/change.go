package cli

import (
	"cmp"
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
	// question is what is asked; "" for the plan's title.
	question string
	// shown is the digest of the plan that the user saw: that is done, or
	// nothing. "" when none was shown.
	shown string
	// send makes the call.
	send func(ctx context.Context, m mode) (*apiv1.Operation, error)
}

// mode is how a changing call is made.
type mode struct {
	planOnly bool   // it changes nothing
	shown    string // [change.shown]
}

// do plans, or asks, does and waits, as the flags say.
func (p *program) do(ctx context.Context, a *api, c change) error {
	if p.plan && p.asPlanned != "" {
		return core.Errorf(core.Invalid, "%s: --plan changes nothing, and --as-planned does", c.what).WithHint("give one of the two")
	}
	if p.plan {
		return p.showPlan(ctx, c)
	}
	if !p.wait && !a.Remote {
		return core.Errorf(core.Invalid, "%s: --wait=false needs an application that goes on with it", c.what).
			WithHint("start one in another terminal with: limiquantix serve")
	}
	if p.asPlanned != "" {
		c.shown = p.asPlanned
	}
	if c.destroys && !p.yes && c.shown == "" {
		plan, err := p.confirmChange(ctx, c)
		if err != nil {
			return err
		}
		c.shown = plan.GetDigest()
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
	op, err := c.send(ctx, mode{planOnly: true})
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

// confirmChange shows what would be done and asks, after it is known that the
// change is possible. It returns the plan that was shown.
func (p *program) confirmChange(ctx context.Context, c change) (*apiv1.Plan, error) {
	plan, err := c.planned(ctx)
	if err != nil {
		return nil, err
	}
	p.outline(plan)
	return plan, p.confirm(ctx, cmp.Or(c.question, plan.GetTitle()))
}

// outline tells a plan's warnings, and on a terminal its steps.
func (p *program) outline(plan *apiv1.Plan) {
	for _, w := range plan.GetWarnings() {
		p.say("warning: %s", core.Escape(w))
	}
	if p.io.InTerminal {
		for _, s := range plan.GetSteps() {
			p.say("  - %s", core.Escape(s.Text))
		}
	}
}

// start starts the change. An interrupt does not end the call at once, or the
// task that it may have started would run on unknown.
func (p *program) start(ctx context.Context, c change) (*apiv1.Operation, error) {
	call, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(startGrace, cancel) })
	defer stop()
	op, err := c.send(call, mode{shown: c.shown})
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
