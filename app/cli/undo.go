package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

func (p *program) undoCommand() *cobra.Command {
	return p.changes(&cobra.Command{
		Use:   "undo [TASK]",
		Short: "Take a finished change back, by a change of its own",
		Long: `Take a finished change back: the newest that can be, or the one that is named.
What was started is powered off, what was edited or set is put back, unless it
was changed again since. What made or deleted something cannot be undone.`,
		Example: "  limiquantix undo --plan\n  limiquantix undo\n  limiquantix undo 3f2a91c0",
		Args:    between(0, 1),
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			if len(args) == 1 {
				return p.undo(ctx, a, args[0], change{what: "undo task " + clip(args[0])})
			}
			t, err := newestUndoable(ctx, a)
			if err != nil {
				return err
			}
			c := change{what: "undo " + clip(t.Title), destroys: p.io.InTerminal, question: t.Undo}
			if p.io.InTerminal && !p.plan {
				p.say("Newest change: %s (%s ago)", core.Escape(t.Title), p.age(t.Created))
			}
			return p.undo(ctx, a, t.Id, c)
		}),
	})
}

func (p *program) undo(ctx context.Context, a *api, id string, c change) error {
	c.send = func(ctx context.Context, m mode) (*apiv1.Operation, error) {
		return a.tasks.UndoTask(ctx, &apiv1.UndoTaskRequest{Id: id, PlanOnly: m.planOnly, ExpectedPlanDigest: m.shown})
	}
	return p.do(ctx, a, c)
}

// newestUndoable returns the newest finished task that can be taken back.
//
// Errors: [core.NotFound] when there is none among the newest.
func newestUndoable(ctx context.Context, a *api) (*apiv1.Task, error) {
	const newest = 1000
	res, err := a.tasks.ListTasks(ctx, &apiv1.ListTasksRequest{Limit: newest})
	if err != nil {
		return nil, fmt.Errorf("list tasks: %w", err)
	}
	for _, t := range res.Tasks {
		if t.Undo != "" {
			return t, nil
		}
	}
	return nil, core.Errorf(core.NotFound, "undo: no task can be taken back").WithHint("limiquantix task list shows what was done")
}
