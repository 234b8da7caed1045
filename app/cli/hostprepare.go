package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

func (p *program) hostPrepare() *cobra.Command {
	var r reach
	cmd := p.changes(&cobra.Command{
		Use:   "prepare HOST|ADDRESS",
		Short: "Install and start what a host lacks to run VMs",
		Long: `Install and start what a host lacks to run VMs: the packages of its distribution
(Debian, Ubuntu, Fedora, RHEL), libvirt's daemons, the group libvirt for this user,
the network and the pool "default". It needs root, or sudo without a password, and
repositories that the host reaches. The host need not have been added, and need not
have libvirt. --plan shows the commands; host footprint lists what was done.`,
		Example:           "  limiquantix host prepare kvm1 --plan\n  limiquantix host prepare root@kvm9.example.org",
		Args:              between(1, 1),
		ValidArgsFunction: p.completeHosts,
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			at, err := checkRequest(ctx, a, &r, args[0])
			if err != nil {
				return err
			}
			req := &apiv1.PrepareHostRequest{Host: at.Host, Spec: at.Spec}
			ask := trust{new(string), new(string)} // a managed host is asked about by reconnect
			if at.Spec != nil {
				ask = trust{&at.Spec.HostKey, &at.Spec.Secret}
			}
			return p.do(ctx, a, change{what: "prepare host " + clip(args[0]),
				send: func(ctx context.Context, m mode) (op *apiv1.Operation, err error) {
					req.PlanOnly, req.ExpectedPlanDigest = m.planOnly, m.shown
					err = p.trusting(ctx, ask, func() (err error) {
						op, err = a.ready.PrepareHost(ctx, req)
						return err
					})
					return op, err
				}})
		}),
	})
	r.flags(cmd.Flags())
	return cmd
}

func (p *program) hostFootprint() *cobra.Command {
	var remove bool
	cmd := p.changes(&cobra.Command{
		Use:   "footprint HOST",
		Short: "List, or remove, what was prepared on a host",
		Long: `List what host prepare left on a host from this inventory, in the order in which it
was made, or take it away with --remove, last first. What was there before, and
what somebody else made, stays.`,
		Example:           "  limiquantix host footprint kvm1\n  limiquantix host footprint kvm1 --remove --plan",
		Args:              between(1, 1),
		ValidArgsFunction: p.completeHosts,
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			if remove {
				req := &apiv1.RemoveFootprintRequest{Host: args[0]}
				return p.do(ctx, a, change{what: "remove the footprint from host " + clip(args[0]), destroys: true,
					send: func(ctx context.Context, m mode) (*apiv1.Operation, error) {
						req.PlanOnly, req.ExpectedPlanDigest = m.planOnly, m.shown
						return a.ready.RemoveFootprint(ctx, req)
					}})
			}
			res, err := a.ready.GetFootprint(ctx, &apiv1.GetFootprintRequest{Host: args[0]})
			if err != nil {
				return fmt.Errorf("list the footprint on host %s: %w", args[0], err)
			}
			return printList(p, res.Traces,
				column[*apiv1.Trace]{"KIND", (*apiv1.Trace).GetKind},
				column[*apiv1.Trace]{"WHAT", (*apiv1.Trace).GetText},
				column[*apiv1.Trace]{"MADE", func(t *apiv1.Trace) string { return p.age(t.Made) }},
			)
		}),
	})
	cmd.Flags().BoolVar(&remove, "remove", false, "take it away")
	return cmd
}

// offerPrepare names the way out for a host that was reached and has no libvirt.
func offerPrepare(err error, address string) error {
	err = server.FromConnect(err)
	e := core.AsError(err)
	if e.Code != core.Unsupported && e.Detail["reason"] != "libvirt" {
		return err
	}
	return e.WithHint("limiquantix host prepare %s shows with --plan what would mend it, and does it", core.Escape(address))
}
