package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// completeTime bounds what the shell waits for; completion reads the cache only.
const completeTime = 2 * time.Second

func (p *program) completeHosts(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return p.complete(cmd, begun, func(ctx context.Context, a *api) (names []string) {
		res, err := a.hosts.ListHosts(ctx, &apiv1.ListHostsRequest{})
		if err != nil {
			return nil
		}
		for _, h := range res.Hosts {
			names = append(names, h.Name)
		}
		return names
	})
}

// completeFlags has the flags below cmd completed that name something of ours.
func (p *program) completeFlags(cmd *cobra.Command) {
	complete := func(flag string, f cobra.CompletionFunc) {
		if cmd.Flag(flag) != nil {
			_ = cmd.RegisterFlagCompletionFunc(flag, f) // fails only where it was done before
		}
	}
	complete("output", cobra.FixedCompletions([]string{"table", "json", "yaml", "csv"}, cobra.ShellCompDirectiveNoFileComp))
	complete("firmware", cobra.FixedCompletions([]string{"bios", "uefi"}, cobra.ShellCompDirectiveNoFileComp))
	complete("host", func(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		return p.completeHosts(cmd, nil, begun)
	})
	for _, c := range cmd.Commands() {
		p.completeFlags(c)
	}
}

func (p *program) completeVMs(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	return p.complete(cmd, begun, func(ctx context.Context, a *api) (names []string) {
		res, err := a.vms.ListVMs(ctx, &apiv1.ListVMsRequest{Offline: true})
		if err != nil {
			return nil
		}
		for _, v := range res.Vms {
			names = append(names, v.Name, v.Host+"/"+v.Name)
		}
		return names
	})
}

// complete offers the names that begin as typed; on any error none. A name that
// is not plain would be a command of the shell's, and is left out.
func (p *program) complete(cmd *cobra.Command, begun string, list func(context.Context, *api) []string) ([]string, cobra.ShellCompDirective) {
	p.offline, p.quiet = true, true
	ctx, cancel := context.WithTimeout(cmd.Context(), completeTime)
	defer cancel()
	a, done, err := p.open(ctx)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer done()
	var out []string
	for _, n := range list(ctx, a) {
		if strings.HasPrefix(n, begun) && plain(n) {
			out = append(out, n)
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

func plain(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:@=", r))
	}) < 0
}
