package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

func (p *program) eventCommand() *cobra.Command {
	return p.noun("event", "What was seen to happen to hosts and VMs", "", p.eventList())
}

func (p *program) eventList() *cobra.Command {
	req := &apiv1.ListEventsRequest{}
	cmd := &cobra.Command{
		Use:   "list [OBJECT]",
		Short: "List events, newest first",
		Long: `List events, newest first: of all objects, or of one VM (NAME, HOST/NAME or UUID),
host, pool, network or task. They are those that this computer saw, also of
objects that are gone by now.`,
		Example:           "  limiquantix event list\n  limiquantix event list --host kvm1\n  limiquantix event list web1 -o json",
		Args:              between(0, 1),
		ValidArgsFunction: p.completeVMs,
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			if len(args) > 0 {
				req.Id = args[0]
				if host, name, ok := strings.Cut(args[0], "/"); ok && req.Host == "" {
					req.Host, req.Id = host, name
				}
			}
			res, err := a.events.ListEvents(ctx, req)
			if err != nil {
				return fmt.Errorf("list events: %w", err)
			}
			return printList(p, res.Events,
				column[*apiv1.Event]{"AGE", func(e *apiv1.Event) string { return p.age(e.Time) }},
				column[*apiv1.Event]{"HOST", (*apiv1.Event).GetHost},
				column[*apiv1.Event]{"LEVEL", func(e *apiv1.Event) string { return word(e.Level) }},
				column[*apiv1.Event]{"WHAT", (*apiv1.Event).GetText},
			)
		}),
	}
	cmd.Flags().StringVar(&req.Host, "host", "", "only of this host and what is on it")
	cmd.Flags().Int32Var(&req.Limit, "limit", 0, "at most so many (default 200)")
	cmd.Flags().Int64Var(&req.Before, "before", 0, "only those before this sequence, for the next page")
	return cmd
}
