package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

func (p *program) viewCommand() *cobra.Command {
	return p.noun("view", "Saved views: queries under a name, shared with the window", "", p.viewList(), p.viewSave(), p.viewDelete())
}

func (p *program) viewList() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List saved views",
		Example: "  limiquantix view list",
		Args:    between(0, 0),
		RunE: p.with(func(ctx context.Context, a *api, _ []string) error {
			res, err := a.searches.ListViews(ctx, &apiv1.ListViewsRequest{})
			if err != nil {
				return fmt.Errorf("list views: %w", err)
			}
			return printList(p, res.Views,
				column[*apiv1.View]{"NAME", (*apiv1.View).GetName},
				column[*apiv1.View]{"KIND", (*apiv1.View).GetKind},
				column[*apiv1.View]{"QUERY", (*apiv1.View).GetQuery},
			)
		}),
	}
}

func (p *program) viewSave() *cobra.Command {
	var replace bool
	cmd := &cobra.Command{
		Use:     "save NAME QUERY...",
		Short:   "Keep a query under a name",
		Long:    "Keep a query about VMs under a name." + aboutQueries,
		Example: "  limiquantix view save 'Big ones' 'mem>16G state:running'",
		Args:    between(2, -1),
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			query := strings.Join(args[1:], " ")
			res, err := a.searches.SaveView(ctx, &apiv1.SaveViewRequest{View: &apiv1.View{Name: args[0], Kind: "vm", Query: query}, Replace: replace})
			if err != nil {
				p.pointAt(query, err)
				return fmt.Errorf("save view: %w", err)
			}
			p.say("View %s saved", core.Escape(res.View.Name))
			return nil
		}),
	}
	cmd.Flags().BoolVar(&replace, "replace", false, "replace one of this name")
	return cmd
}

func (p *program) viewDelete() *cobra.Command {
	return &cobra.Command{
		Use:     "delete NAME",
		Short:   "Forget a saved view",
		Example: "  limiquantix view delete 'Big ones'",
		Args:    between(1, 1),
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			if _, err := a.searches.DeleteView(ctx, &apiv1.DeleteViewRequest{Name: args[0]}); err != nil {
				return fmt.Errorf("delete view: %w", err)
			}
			p.say("View %s deleted", core.Escape(args[0]))
			return nil
		}),
	}
}
