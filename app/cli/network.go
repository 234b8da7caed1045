package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

func (p *program) networkCommand() *cobra.Command {
	return p.noun("network", "Networks that VMs are plugged into", "", p.networkList(), p.networkLeases())
}

func (p *program) networkList() *cobra.Command {
	var hosts []string
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List networks",
		Example: "  limiquantix network list\n  limiquantix network list --host kvm1",
		Args:    between(0, 0),
		RunE: p.with(func(ctx context.Context, a *api, _ []string) error {
			res, err := a.networks.ListNetworks(ctx, &apiv1.ListNetworksRequest{Hosts: hosts})
			if err != nil {
				return fmt.Errorf("list networks: %w", err)
			}
			err = printList(p, res.Networks,
				column[*apiv1.Network]{"NAME", (*apiv1.Network).GetName},
				column[*apiv1.Network]{"HOST", (*apiv1.Network).GetHost},
				column[*apiv1.Network]{"ACTIVE", func(n *apiv1.Network) string { return yesNo(n.Active) }},
				column[*apiv1.Network]{"FORWARD", func(n *apiv1.Network) string {
					if n.Forward == "" {
						return "isolated"
					}
					return n.Forward
				}},
				column[*apiv1.Network]{"BRIDGE", (*apiv1.Network).GetBridge},
				column[*apiv1.Network]{"SUBNET", (*apiv1.Network).GetCidr},
				column[*apiv1.Network]{"AUTOSTART", func(n *apiv1.Network) string { return yesNo(n.Autostart) }},
			)
			if err != nil {
				return err
			}
			return p.problems("list networks", hosts, res.Problems)
		}),
	}
	cmd.Flags().StringArrayVar(&hosts, "host", nil, "only networks of this host (repeatable)")
	return cmd
}

func (p *program) networkLeases() *cobra.Command {
	req := &apiv1.ListLeasesRequest{}
	cmd := &cobra.Command{
		Use:     "leases [HOST/]NETWORK",
		Short:   "List the addresses that a network's DHCP server gave out",
		Example: "  limiquantix network leases kvm1/default",
		Args:    between(1, 1),
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			req.Network = args[0]
			if host, network, ok := strings.Cut(args[0], "/"); ok && req.Host == "" {
				req.Host, req.Network = host, network
			}
			if err := p.chooseHost(ctx, a, &req.Host); err != nil {
				return err
			}
			res, err := a.networks.ListLeases(ctx, req)
			if err != nil {
				return fmt.Errorf("leases of network %s: %w", args[0], err)
			}
			return printList(p, res.Leases,
				column[*apiv1.Lease]{"MAC", (*apiv1.Lease).GetMac},
				column[*apiv1.Lease]{"ADDRESS", (*apiv1.Lease).GetIp},
				column[*apiv1.Lease]{"HOSTNAME", (*apiv1.Lease).GetHostname},
				column[*apiv1.Lease]{"EXPIRES", func(l *apiv1.Lease) string {
					if l.Expires == nil {
						return "never"
					}
					return l.Expires.AsTime().Format(time.RFC3339)
				}},
			)
		}),
	}
	cmd.Flags().StringVar(&req.Host, "host", "", "host that the network is on")
	return cmd
}
