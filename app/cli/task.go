package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

func (p *program) taskCommand() *cobra.Command {
	return p.noun("task", "Changes under way and past", "",
		p.taskList(), p.taskShow(), p.taskCancel(), p.taskWatch(), p.taskResume())
}

func (p *program) taskList() *cobra.Command {
	req := &apiv1.ListTasksRequest{}
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List tasks, newest first",
		Example: "  limiquantix task list\n  limiquantix task list --open",
		Args:    between(0, 0),
		RunE: p.with(func(ctx context.Context, a *api, _ []string) error {
			res, err := a.tasks.ListTasks(ctx, req)
			if err != nil {
				return fmt.Errorf("list tasks: %w", err)
			}
			return printList(p, res.Tasks,
				column[*apiv1.Task]{"ID", func(t *apiv1.Task) string { return short(t.Id) }},
				column[*apiv1.Task]{"STATE", func(t *apiv1.Task) string { return word(t.State) }},
				column[*apiv1.Task]{"AGE", func(t *apiv1.Task) string { return p.age(t.Created) }},
				column[*apiv1.Task]{"HOST", (*apiv1.Task).GetHost},
				column[*apiv1.Task]{"TITLE", (*apiv1.Task).GetTitle},
			)
		}),
	}
	cmd.Flags().BoolVar(&req.Open, "open", false, "only those that are running, interrupted or stuck")
	cmd.Flags().Int32Var(&req.Limit, "limit", 0, "at most so many (default 100)")
	return cmd
}

func (p *program) taskShow() *cobra.Command {
	return &cobra.Command{
		Use:     "show TASK",
		Short:   "Show a task with its plan and the calls that it made",
		Example: "  limiquantix task show 3f2a91c0\n  limiquantix task show 3f2a91c0 -o json",
		Args:    between(1, 1),
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			res, err := a.tasks.GetTask(ctx, &apiv1.GetTaskRequest{Id: args[0]})
			if err != nil {
				return fmt.Errorf("show task %s: %w", args[0], err)
			}
			if p.output != "table" {
				return printOne(p, res.Task)
			}
			return p.write(p.taskText(res.Task))
		}),
	}
}

func (p *program) taskText(t *apiv1.Task) string {
	pairs := [][]string{{"Id", t.Id}, {"Title", t.Title}, {"State", word(t.State)}, {"Host", orDash(t.Host)}, {"Begun", orDash(p.age(t.Created))}}
	if t.Step != "" {
		pairs = append(pairs, []string{"Step", t.Step})
	}
	if t.Total > 0 && t.State == apiv1.Task_STATE_RUNNING {
		pairs = append(pairs, []string{"Progress", fmt.Sprintf("%d of %d", t.Done, t.Total)})
	}
	if t.Error != nil {
		pairs = append(pairs, []string{"Error", t.Error.Message})
		if t.Error.Hint != "" {
			pairs = append(pairs, []string{"Hint", t.Error.Hint})
		}
	}
	var b strings.Builder
	b.WriteString(align(pairs))
	if t.Plan != nil {
		b.WriteString("\nPlan: " + planText(t.Plan))
	}
	if len(t.Log) > 0 {
		b.WriteString("\nLog:\n")
	}
	for _, l := range t.Log {
		fmt.Fprintf(&b, "  %s  %s\n", l.Time.AsTime().UTC().Format(time.RFC3339), core.Escape(l.Text))
	}
	return b.String()
}

func (p *program) taskCancel() *cobra.Command {
	return &cobra.Command{
		Use:     "cancel TASK",
		Short:   "Have a running task stop and take back what it did",
		Example: "  limiquantix task cancel 3f2a91c0",
		Args:    between(1, 1),
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			if _, err := a.tasks.CancelTask(ctx, &apiv1.CancelTaskRequest{Id: args[0]}); err != nil {
				return fmt.Errorf("cancel task %s: %w", args[0], err)
			}
			p.say("Task %s is being canceled; limiquantix task watch %[1]s shows how it ends", core.Escape(args[0]))
			return nil
		}),
	}
}

func (p *program) taskWatch() *cobra.Command {
	return &cobra.Command{
		Use:     "watch TASK",
		Short:   "Watch a task until it has ended; an interrupt stops watching, not the task",
		Example: "  limiquantix task watch 3f2a91c0",
		Args:    between(1, 1),
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			res, err := a.tasks.GetTask(ctx, &apiv1.GetTaskRequest{Id: args[0]})
			if err != nil {
				return fmt.Errorf("watch task %s: %w", args[0], err)
			}
			return p.watchOnly(ctx, a, res.Task)
		}),
	}
}

// watchOnly shows how a task goes, without touching it.
func (p *program) watchOnly(ctx context.Context, a *api, t *apiv1.Task) error {
	r := newReporter(p, t.Title)
	updates, ended := make(chan *apiv1.Task), make(chan error, 1)
	go func() { ended <- watchTask(ctx, a, t.Id, updates) }()
	tick := time.NewTicker(p.lineEvery)
	defer tick.Stop()
	for {
		select {
		case t = <-updates:
			r.update(t)
		case <-tick.C:
			r.tick()
		case err := <-ended:
			r.end()
			if ctx.Err() != nil {
				return core.Errorf(core.Canceled, "%s: no longer watched; it goes on", t.Title)
			}
			if err == nil {
				err = outcome(t)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", t.Title, err)
			}
			p.say("%s: done%s", core.Escape(t.Title), took(t))
			return nil
		}
	}
}

func (p *program) taskResume() *cobra.Command {
	return &cobra.Command{
		Use:     "resume [TASK]",
		Short:   "Carry interrupted tasks on, or take them back: one or all",
		Example: "  limiquantix task resume\n  limiquantix task resume 3f2a91c0",
		Args:    between(0, 1),
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			req := &apiv1.ResumeTasksRequest{}
			if len(args) == 1 {
				req.Id = args[0]
			}
			res, err := a.tasks.ResumeTasks(ctx, req)
			if err != nil {
				return fmt.Errorf("resume tasks: %w", err)
			}
			if len(res.Tasks) == 0 {
				p.say("No task is interrupted.")
			}
			var failed error
			for _, t := range res.Tasks {
				r := newReporter(p, t.Title)
				last, err := p.follow(ctx, a, t.Id, r)
				r.end()
				if err == nil {
					err = outcome(last)
				}
				if err != nil {
					failed = fmt.Errorf("%s: %w", t.Title, err)
					p.complain(failed)
					continue
				}
				p.say("%s: done", core.Escape(t.Title))
			}
			if failed != nil {
				return core.Errorf(core.CodeOf(failed), "resume tasks: not all could be carried on")
			}
			return nil
		}),
	}
}
