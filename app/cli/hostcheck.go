package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

func (p *program) hostCheck() *cobra.Command {
	var r reach
	cmd := &cobra.Command{
		Use:   "check HOST|ADDRESS",
		Short: "Examine whether a host is ready, without changing it",
		Long: `Examine whether a host is ready, without changing it: SSH, libvirt, QEMU, KVM,
rights, storage, time. Each finding comes with its fix. The host need not have
been added. Exit status 0: ready, perhaps with warnings.`,
		Example:           "  limiquantix host check kvm1\n  limiquantix host check root@kvm9.example.org --accept-new",
		Args:              between(1, 1),
		ValidArgsFunction: p.completeHosts,
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			req, err := checkRequest(ctx, a, &r, args[0])
			if err != nil {
				return err
			}
			ask := trust{new(string), new(string)} // a managed host is asked about by reconnect
			if req.Spec != nil {
				ask = trust{&req.Spec.HostKey, &req.Spec.Secret}
			}
			var res *apiv1.CheckHostResponse
			err = p.trusting(ctx, ask, func() (err error) {
				res, err = a.hosts.CheckHost(ctx, req)
				return err
			})
			if err != nil {
				if req.Spec != nil && !strings.ContainsAny(args[0], "@.:/") {
					err = fmt.Errorf("no host of that name was added; taken for an address: %w", err)
				}
				return fmt.Errorf("check host %s: %w", args[0], err)
			}
			if err := p.printFindings(res); err != nil || res.Ready {
				return err
			}
			return core.Errorf(core.Conflict, "check host %s: not ready", args[0]).WithHint("mend what is marked fail, and check again")
		}),
	}
	r.flags(cmd.Flags())
	return cmd
}

// checkRequest takes ref for a managed host when one has that name or id, else
// for an address.
func checkRequest(ctx context.Context, a *api, r *reach, ref string) (*apiv1.CheckHostRequest, error) {
	res, err := a.hosts.ListHosts(ctx, &apiv1.ListHostsRequest{})
	if err != nil {
		return nil, fmt.Errorf("check host %s: %w", ref, err)
	}
	for _, h := range res.Hosts {
		if h.Name == ref || h.Id == ref {
			return &apiv1.CheckHostRequest{Host: ref}, nil
		}
	}
	spec, err := r.to(ref)
	return &apiv1.CheckHostRequest{Spec: spec}, err
}

func (p *program) printFindings(res *apiv1.CheckHostResponse) error {
	if p.output == "csv" {
		return printList[*apiv1.Finding](p, res.Findings)
	}
	if p.output != "table" {
		return printOne(p, res)
	}
	rows := make([][]string, len(res.Findings))
	for i, f := range res.Findings {
		rows[i] = []string{word(f.Level), f.Check, f.Text}
	}
	var b strings.Builder
	for i, line := range lines(align(rows)) {
		b.WriteString(line + "\n")
		for _, fix := range lines(res.Findings[i].Fix) {
			b.WriteString("      fix: " + core.Escape(fix) + "\n")
		}
	}
	return p.write(b.String())
}
