package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

func (p *program) volumeCommand() *cobra.Command {
	return p.noun("volume", "Disk images and ISOs in pools", "", p.volumeList(), p.volumeDelete())
}

func (p *program) volumeList() *cobra.Command {
	var host, pool string
	cmd := &cobra.Command{
		Use:     "list [HOST/POOL]",
		Short:   "List volumes: of a pool, a host or all",
		Example: "  limiquantix volume list\n  limiquantix volume list kvm1/default\n  limiquantix volume list --host kvm1 --pool default -o json",
		Args:    between(0, 1),
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			if len(args) == 1 {
				var ok bool
				if host, pool, ok = strings.Cut(args[0], "/"); !ok {
					return core.Errorf(core.Invalid, "%s is not HOST/POOL", core.Printable(args[0], 80))
				}
			}
			volumes, err := p.volumes(ctx, a, host, pool)
			if err != nil {
				return fmt.Errorf("list volumes: %w", err)
			}
			return printList(p, volumes,
				column[*apiv1.Volume]{"NAME", (*apiv1.Volume).GetName},
				column[*apiv1.Volume]{"HOST", (*apiv1.Volume).GetHost},
				column[*apiv1.Volume]{"POOL", (*apiv1.Volume).GetPool},
				column[*apiv1.Volume]{"FORMAT", (*apiv1.Volume).GetFormat},
				column[*apiv1.Volume]{"CAPACITY", func(v *apiv1.Volume) string { return size(v.CapacityBytes) }},
				column[*apiv1.Volume]{"USED", func(v *apiv1.Volume) string { return size(v.AllocationBytes) }},
				column[*apiv1.Volume]{"BASED ON", (*apiv1.Volume).GetBackingPath},
			)
		}),
	}
	cmd.Flags().StringVar(&host, "host", "", "only volumes of this host")
	cmd.Flags().StringVar(&pool, "pool", "", "only volumes of pools with this name")
	return cmd
}

// volumes returns the volumes of all active pools that host and pool leave.
func (p *program) volumes(ctx context.Context, a *api, host, pool string) ([]*apiv1.Volume, error) {
	if host != "" && pool != "" {
		res, err := a.storage.ListVolumes(ctx, &apiv1.ListVolumesRequest{Host: host, Pool: pool})
		return res.GetVolumes(), err
	}
	req := &apiv1.ListPoolsRequest{}
	if host != "" {
		req.Hosts = []string{host}
	}
	pools, err := a.storage.ListPools(ctx, req)
	if err != nil {
		return nil, err
	}
	if err := p.problems("list pools", req.Hosts, pools.Problems); err != nil {
		return nil, err
	}
	var out []*apiv1.Volume
	for _, o := range pools.Pools {
		if pool != "" && o.Name != pool || o.State == "inactive" {
			continue
		}
		res, err := a.storage.ListVolumes(ctx, &apiv1.ListVolumesRequest{Host: o.Host, Pool: o.Name})
		if err != nil {
			return nil, err
		}
		out = append(out, res.Volumes...)
	}
	return out, nil
}

func (p *program) volumeDelete() *cobra.Command {
	var host, pool string
	cmd := p.changes(&cobra.Command{
		Use:     "delete HOST/POOL/NAME",
		Short:   "Delete a volume with its data",
		Example: "  limiquantix volume delete kvm1/default/old.qcow2\n  limiquantix volume delete old.qcow2 --host kvm1 --pool default --yes",
		Args:    between(1, 1),
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			at, err := parsePlace(args[0], host, pool)
			if err != nil {
				return err
			}
			if at.pool == "" {
				return core.Errorf(core.Invalid, "delete volume %s: its pool is missing", args[0]).WithHint("name it as HOST/POOL/NAME")
			}
			if err := p.chooseHost(ctx, a, &at.host); err != nil {
				return err
			}
			return p.do(ctx, a, change{what: "delete volume " + clip(args[0]), destroys: true,
				send: func(ctx context.Context, m mode) (*apiv1.Operation, error) {
					return a.storage.DeleteVolume(ctx, &apiv1.DeleteVolumeRequest{Host: at.host, Pool: at.pool, Name: at.name, PlanOnly: m.planOnly, ExpectedPlanDigest: m.shown})
				}})
		}),
	})
	cmd.Flags().StringVar(&host, "host", "", "host that it is on")
	cmd.Flags().StringVar(&pool, "pool", "", "pool that it is in")
	return cmd
}
