package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

func (p *program) hostCommand() *cobra.Command {
	return p.noun("host", "Managed hosts: add, examine, forget", "",
		p.hostAdd(), p.hostList(), p.hostShow(), p.hostCheck(), p.hostPrepare(), p.hostFootprint(), p.hostSet(), p.hostReconnect(), p.hostRemove(), p.hostGroup(),
		p.hostShell(), p.hostService(), p.hostJournal())
}

// reach is the flags that say how a host is reached.
type reach struct{ spec apiv1.HostSpec }

func (r *reach) flags(f *pflag.FlagSet) {
	f.StringArrayVar(&r.spec.Jumps, "jump", nil, "jump host, [user@]host[:port]; repeat it for further hops, the first hop first")
	f.StringArrayVar(&r.spec.Identities, "identity", nil, "private key file; offered alone (repeatable)")
	f.StringVar(&r.spec.HostKey, "host-key", "", "SHA-256 fingerprint that the host's key must have, SHA256:…")
	f.BoolVar(&r.spec.AcceptNew, "accept-new", false, "trust an unknown host key unseen; never a changed one")
	f.BoolVar(&r.spec.Remember, "remember", false, "keep the password or passphrase, when one is asked for, in this computer's keyring")
	f.StringVar(&r.spec.Uri, "uri", "", "libvirt URI on the host (default qemu:///system)")
}

// to returns the spec for an address. Key files become absolute: the process
// that reads them may stand elsewhere.
func (r *reach) to(address string) (*apiv1.HostSpec, error) {
	r.spec.Address = address
	for i, file := range r.spec.Identities {
		abs, err := filepath.Abs(file)
		if err != nil {
			return nil, core.Errorf(core.Invalid, "the path of key file %s is unclear: %w", core.Printable(file, 80), err)
		}
		r.spec.Identities[i] = abs
	}
	return &r.spec, nil
}

func (p *program) hostAdd() *cobra.Command {
	var r reach
	var cluster, site, connect string
	cmd := &cobra.Command{
		Use:   "add NAME ADDRESS",
		Short: "Connect to a host over SSH and keep it",
		Long: `Connect to a host over SSH and keep it. ADDRESS is ssh://[user@]host[:port],
[user@]host, an alias of ~/.ssh/config, or "local" for this machine's own libvirt.
Nothing is written to the host. An unknown host key is a question on a terminal.`,
		Example: `  limiquantix host add kvm1 root@kvm1.example.org
  limiquantix host add kvm2 admin@10.0.0.12 --jump bastion.example.org --identity ~/.ssh/lab
  limiquantix host add here local`,
		Args: between(2, 2),
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			spec, err := r.to(args[1])
			if err != nil {
				return err
			}
			when, err := connectOf(connect)
			if err != nil {
				return err
			}
			var res *apiv1.AddHostResponse
			err = p.trusting(ctx, trust{&spec.HostKey, &spec.Secret}, func() (err error) {
				res, err = a.hosts.AddHost(ctx, &apiv1.AddHostRequest{Name: args[0], Spec: spec, Cluster: cluster, Site: site, Connect: when})
				return err
			})
			if err != nil {
				return fmt.Errorf("add host %s: %w", args[0], offerPrepare(err, args[1]))
			}
			p.say("Host %s added: %s", core.Escape(res.Host.Name), core.Escape(hostSummary(res.Host)))
			p.notice(res.Notice)
			return p.printHostData(res.Host)
		}),
	}
	r.flags(cmd.Flags())
	cmd.Flags().StringVar(&cluster, "cluster", "", "cluster (group) that it belongs to")
	placeFlags(cmd.Flags(), &site, &connect)
	return cmd
}

// printHostData prints a host that a verb changed, for programs only.
func (p *program) printHostData(h *apiv1.Host) error {
	if p.output == "table" {
		return nil
	}
	return printOne(p, h)
}

func hostSummary(h *apiv1.Host) string {
	f := h.GetFacts()
	parts := []string{fmt.Sprintf("libvirt %s", orDash(f.GetLibvirtVersion())), fmt.Sprintf("%d CPUs", f.GetCpus()),
		core.Bytes(f.GetMemoryBytes()).String(), fmt.Sprintf("%d VMs", h.Vms)}
	return strings.Join(parts, ", ")
}

func (p *program) hostList() *cobra.Command {
	return &cobra.Command{
		Use:     "list [QUERY]...",
		Short:   "List hosts",
		Long:    "List hosts, all or those that a query finds." + aboutQueries,
		Example: "  limiquantix host list\n  limiquantix host list 'cluster:prod mem>=64G'\n  limiquantix host list -o json",
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			res, err := a.hosts.ListHosts(ctx, &apiv1.ListHostsRequest{})
			if err != nil {
				return fmt.Errorf("list hosts: %w", err)
			}
			if len(args) > 0 {
				if res.Hosts, err = p.queriedHosts(ctx, a, res.Hosts, strings.Join(args, " ")); err != nil {
					return err
				}
			}
			return printList(p, res.Hosts,
				column[*apiv1.Host]{"NAME", (*apiv1.Host).GetName},
				column[*apiv1.Host]{"STATE", func(h *apiv1.Host) string { return word(h.State) }},
				column[*apiv1.Host]{"SITE", (*apiv1.Host).GetSite},
				column[*apiv1.Host]{"ADDRESS", (*apiv1.Host).GetAddress},
				column[*apiv1.Host]{"LIBVIRT", func(h *apiv1.Host) string { return h.GetFacts().GetLibvirtVersion() }},
				column[*apiv1.Host]{"CPUS", func(h *apiv1.Host) string { return count(h.GetFacts().GetCpus()) }},
				column[*apiv1.Host]{"MEMORY", func(h *apiv1.Host) string { return size(h.GetFacts().GetMemoryBytes()) }},
				column[*apiv1.Host]{"VMS", func(h *apiv1.Host) string { return count(h.Vms) }},
				column[*apiv1.Host]{"RUNNING", func(h *apiv1.Host) string { return count(h.Running) }},
				column[*apiv1.Host]{"SEEN", func(h *apiv1.Host) string { return p.age(h.Seen) }},
			)
		}),
	}
}

func (p *program) hostShow() *cobra.Command {
	var hardware bool
	cmd := &cobra.Command{
		Use:   "show HOST",
		Short: "Show one host",
		Long: `Show one host: how it is reached and what it can do or, with --hardware, what it
consists of, read by its own tools. Nothing is changed on it.`,
		Example:           "  limiquantix host show kvm1\n  limiquantix host show kvm1 --hardware",
		Args:              between(1, 1),
		ValidArgsFunction: p.completeHosts,
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			if hardware && p.offline {
				return core.Errorf(core.Invalid, "host show --hardware needs its host: --offline connects to none")
			}
			if hardware {
				return p.showHardware(ctx, a, args[0])
			}
			res, err := a.hosts.GetHost(ctx, &apiv1.GetHostRequest{Host: args[0]})
			if err != nil {
				return fmt.Errorf("show host %s: %w", args[0], err)
			}
			return printOne(p, res.Host, p.hostPairs(res.Host)...)
		}),
	}
	cmd.Flags().BoolVar(&hardware, "hardware", false, "NICs, disks, file systems, NUMA nodes, kernel, load")
	return cmd
}

func (p *program) hostPairs(h *apiv1.Host) [][2]string {
	f := h.GetFacts()
	pairs := [][2]string{
		{"Name", h.Name}, {"Address", h.Address}, {"State", word(h.State)}, {"Seen", p.age(h.Seen)},
		{"Jump hosts", strings.Join(h.Jumps, ", ")}, {"URI", h.Uri}, {"Cluster", h.Cluster}, {"Site", h.Site},
		{"Connect", word(h.Connect)}, {"Private keys", strings.Join(h.Identities, ", ")}, {"Secret remembered", yesNo(h.Remembered)}, {"Id", h.Id},
		{"Hostname", f.GetHostname()}, {"libvirt", f.GetLibvirtVersion()}, {"QEMU", f.GetQemuVersion()},
		{"CPU", strings.TrimSpace(f.GetArch() + " " + f.GetCpuModel())},
		{"CPUs", fmt.Sprintf("%d (%d NUMA nodes, %d sockets, %d cores, %d threads)", f.GetCpus(), f.GetNumaNodes(), f.GetSockets(), f.GetCores(), f.GetThreads())},
		{"Memory", size(f.GetMemoryBytes())}, {"KVM", yesNo(f.GetKvm())}, {"UEFI", yesNo(f.GetUefi())},
		{"VMs", fmt.Sprintf("%d, %d running", h.Vms, h.Running)},
	}
	for _, i := range h.Inherited {
		pairs = append(pairs, [2]string{"From group " + i.Group, i.Field + " " + strings.Join(i.Values, ", ")})
	}
	if h.Reason != "" {
		pairs = append(pairs, [2]string{"Reason", h.Reason})
	}
	if h.Hint != "" {
		pairs = append(pairs, [2]string{"Hint", h.Hint})
	}
	if out := wayOut(h); out != "" {
		pairs = append(pairs, [2]string{"Way out", out})
	}
	return pairs
}

func (p *program) hostReconnect() *cobra.Command {
	req := &apiv1.ReconnectHostRequest{}
	cmd := &cobra.Command{
		Use:   "reconnect HOST",
		Short: "Drop the connection, if any, and connect anew",
		Long: `Drop the connection, if any, and connect anew. A host whose key has changed is
refused until you give the new key's fingerprint with --host-key: compare it on
the host itself first.`,
		Example:           "  limiquantix host reconnect kvm1",
		Args:              between(1, 1),
		ValidArgsFunction: p.completeHosts,
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			req.Host = args[0]
			var res *apiv1.ReconnectHostResponse
			err := p.trusting(ctx, trust{&req.HostKey, &req.Secret}, func() (err error) {
				res, err = a.hosts.ReconnectHost(ctx, req)
				return err
			})
			if err != nil {
				return fmt.Errorf("reconnect host %s: %w", args[0], err)
			}
			p.say("Host %s: %s", core.Escape(res.Host.Name), word(res.Host.State))
			p.notice(res.Notice)
			return p.printHostData(res.Host)
		}),
	}
	cmd.Flags().BoolVar(&req.Remember, "remember", false, "keep the password or passphrase, when one is asked for, in this computer's keyring")
	cmd.Flags().StringVar(&req.HostKey, "host-key", "", "fingerprint of the key to accept in place of the old one, SHA256:…")
	return cmd
}

func (p *program) hostRemove() *cobra.Command {
	return &cobra.Command{
		Use:               "remove HOST",
		Short:             "Forget a host; nothing on it is touched",
		Example:           "  limiquantix host remove kvm1",
		Args:              between(1, 1),
		ValidArgsFunction: p.completeHosts,
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			if _, err := a.hosts.RemoveHost(ctx, &apiv1.RemoveHostRequest{Host: args[0]}); err != nil {
				return fmt.Errorf("remove host %s: %w", args[0], err)
			}
			p.say("Host %s removed; nothing on it was touched", core.Escape(args[0]))
			return nil
		}),
	}
}
