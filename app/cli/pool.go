package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

func (p *program) poolCommand() *cobra.Command {
	return p.noun("pool", "Places for volumes on hosts", "", p.poolCreate(), p.poolList())
}

func (p *program) poolCreate() *cobra.Command {
	req := &apiv1.CreatePoolRequest{}
	cmd := p.changes(&cobra.Command{
		Use:     "create NAME --path DIR",
		Short:   "Make a pool, start it, and have it start with its host",
		Example: "  limiquantix pool create default --host kvm1 --path /var/lib/libvirt/images",
		Args:    between(1, 1),
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			req.Name = args[0]
			if req.Path == "" {
				return core.Errorf(core.Invalid, "create pool %s: --path is missing", args[0]).WithHint("it is a directory on the host, like /var/lib/libvirt/images")
			}
			if err := p.chooseHost(ctx, a, &req.Host); err != nil {
				return err
			}
			return p.do(ctx, a, change{what: "create pool " + clip(args[0]),
				send: func(ctx context.Context, m mode) (*apiv1.Operation, error) {
					req.PlanOnly, req.ExpectedPlanDigest = m.planOnly, m.shown
					return a.storage.CreatePool(ctx, req)
				}})
		}),
	})
	f := cmd.Flags()
	f.StringVar(&req.Host, "host", "", "host that it is made on (needed when there are several)")
	f.StringVar(&req.Type, "type", "dir", "kind of pool: dir")
	f.StringVar(&req.Path, "path", "", "directory on the host")
	return cmd
}

func (p *program) poolList() *cobra.Command {
	var hosts []string
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List pools",
		Example: "  limiquantix pool list\n  limiquantix pool list --host kvm1",
		Args:    between(0, 0),
		RunE: p.with(func(ctx context.Context, a *api, _ []string) error {
			res, err := a.storage.ListPools(ctx, &apiv1.ListPoolsRequest{Hosts: hosts})
			if err != nil {
				return fmt.Errorf("list pools: %w", err)
			}
			err = printList(p, res.Pools,
				column[*apiv1.Pool]{"NAME", (*apiv1.Pool).GetName},
				column[*apiv1.Pool]{"HOST", (*apiv1.Pool).GetHost},
				column[*apiv1.Pool]{"TYPE", (*apiv1.Pool).GetType},
				column[*apiv1.Pool]{"STATE", (*apiv1.Pool).GetState},
				column[*apiv1.Pool]{"CAPACITY", func(o *apiv1.Pool) string { return size(o.CapacityBytes) }},
				column[*apiv1.Pool]{"FREE", func(o *apiv1.Pool) string { return size(o.AvailableBytes) }},
				column[*apiv1.Pool]{"PATH", (*apiv1.Pool).GetPath},
			)
			if err != nil {
				return err
			}
			return p.problems("list pools", hosts, res.Problems)
		}),
	}
	cmd.Flags().StringArrayVar(&hosts, "host", nil, "only pools of this host (repeatable)")
	return cmd
}
