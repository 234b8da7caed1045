package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

func (p *program) hostGroup() *cobra.Command {
	return p.noun("group", "Sites of hosts, and what their hosts inherit", "",
		p.groupKeep(true), p.groupKeep(false), p.groupList(), p.groupRemove())
}

// groupKeep is group add, or group set.
func (p *program) groupKeep(add bool) *cobra.Command {
	g := &apiv1.HostGroup{}
	var secret, remember, forget bool
	cmd := &cobra.Command{
		Use: "set PATH", Short: "Change what the hosts of a group inherit; what is not given stays",
		Example: "  limiquantix host group set eu/berlin --port 2222\n  limiquantix host group set eu/berlin --secret --remember",
		Args:    between(1, 1),
	}
	if add {
		cmd.Use, cmd.Short = "add PATH", "Keep a group of hosts: a site, and how its hosts are reached"
		cmd.Long = `Keep a group of hosts: a site, and how its hosts are reached. "eu/berlin" is within
"eu". A host inherits what neither it nor a nearer group says. Hosts join by
host add --site PATH and host set --site PATH.`
		cmd.Example = "  limiquantix host group add eu/berlin --user admin --jump bastion.example.org --identity ~/.ssh/berlin"
	}
	f := cmd.Flags()
	f.StringVar(&g.User, "user", "", "user to log in as where the address names none")
	f.Int32Var(&g.Port, "port", 0, "port where the address names none")
	f.StringArrayVar(&g.Identities, "identity", nil, "private key file; offered alone (repeatable)")
	f.StringArrayVar(&g.Jumps, "jump", nil, "jump host; repeat it for further hops, the first hop first")
	f.BoolVar(&secret, "secret", false, "ask for the password or passphrase of its hosts")
	f.BoolVar(&remember, "remember", false, "keep that in this computer's keyring")
	if !add {
		f.BoolVar(&forget, "forget-secret", false, "drop the password or passphrase that is kept")
	}
	cmd.RunE = p.with(func(ctx context.Context, a *api, args []string) error {
		g.Path = args[0]
		if err := absolute(g.Identities); err != nil {
			return err
		}
		if !add {
			if err := overGroup(ctx, a, cmd, g); err != nil {
				return fmt.Errorf("set group %s: %w", args[0], err)
			}
		}
		g.Identities, g.Jumps = given(g.Identities), given(g.Jumps)
		typed := ""
		if secret {
			e := core.Errorf(core.SecretNeeded, "the hosts of %s need a secret", core.Printable(args[0], 60)).
				WithDetail("secret", "secret").WithDetail("for", "the hosts of "+args[0])
			if err := p.askForSecret(ctx, e, &typed); err != nil {
				return err
			}
		}
		notice, kept, err := keepGroup(ctx, a, add, g, typed, remember, forget)
		if err != nil {
			return fmt.Errorf("keep group %s: %w", args[0], err)
		}
		p.say("Group %s kept; hosts in it: %d", core.Escape(kept.Path), kept.Hosts)
		p.notice(notice)
		if p.output == "table" {
			return nil
		}
		return printOne(p, kept)
	})
	return cmd
}

func keepGroup(ctx context.Context, a *api, add bool, g *apiv1.HostGroup, secret string, remember, forget bool) (notice string, kept *apiv1.HostGroup, err error) {
	if add {
		res, err := a.groups.AddHostGroup(ctx, &apiv1.AddHostGroupRequest{Group: g, Secret: secret, Remember: remember})
		return res.GetNotice(), res.GetGroup(), err
	}
	res, err := a.groups.SetHostGroup(ctx, &apiv1.SetHostGroupRequest{Group: g, Secret: secret, Remember: remember, ForgetSecret: forget})
	return res.GetNotice(), res.GetGroup(), err
}

// absolute makes paths absolute: the process that reads them may stand elsewhere.
func absolute(files []string) error {
	for i, file := range files {
		if file == "" {
			continue
		}
		abs, err := filepath.Abs(file)
		if err != nil {
			return core.Errorf(core.Invalid, "the path of key file %s is unclear: %w", core.Printable(file, 80), err)
		}
		files[i] = abs
	}
	return nil
}

// overGroup fills in what the flags do not say with what is kept.
func overGroup(ctx context.Context, a *api, cmd *cobra.Command, g *apiv1.HostGroup) error {
	res, err := a.groups.ListHostGroups(ctx, &apiv1.ListHostGroupsRequest{})
	if err != nil {
		return err
	}
	for _, now := range res.Groups {
		if now.Path != g.Path {
			continue
		}
		for flag, keep := range map[string]func(){
			"user": func() { g.User = now.User }, "port": func() { g.Port = now.Port },
			"identity": func() { g.Identities = now.Identities }, "jump": func() { g.Jumps = now.Jumps },
		} {
			if !cmd.Flags().Changed(flag) {
				keep()
			}
		}
	}
	return nil
}

func (p *program) groupList() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List groups of hosts",
		Example: "  limiquantix host group list",
		Args:    between(0, 0),
		RunE: p.with(func(ctx context.Context, a *api, _ []string) error {
			res, err := a.groups.ListHostGroups(ctx, &apiv1.ListHostGroupsRequest{})
			if err != nil {
				return fmt.Errorf("list groups: %w", err)
			}
			return printList(p, res.Groups,
				column[*apiv1.HostGroup]{"PATH", (*apiv1.HostGroup).GetPath},
				column[*apiv1.HostGroup]{"HOSTS", func(g *apiv1.HostGroup) string { return count(g.Hosts) }},
				column[*apiv1.HostGroup]{"USER", (*apiv1.HostGroup).GetUser},
				column[*apiv1.HostGroup]{"PORT", func(g *apiv1.HostGroup) string { return count(g.Port) }},
				column[*apiv1.HostGroup]{"JUMPS", func(g *apiv1.HostGroup) string { return strings.Join(g.Jumps, ",") }},
				column[*apiv1.HostGroup]{"IDENTITIES", func(g *apiv1.HostGroup) string { return strings.Join(g.Identities, ",") }},
			)
		}),
	}
}

func (p *program) groupRemove() *cobra.Command {
	return &cobra.Command{
		Use:     "remove PATH",
		Short:   "Forget a group's settings; its hosts stay",
		Example: "  limiquantix host group remove eu/berlin",
		Args:    between(1, 1),
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			if _, err := a.groups.RemoveHostGroup(ctx, &apiv1.RemoveHostGroupRequest{Path: args[0]}); err != nil {
				return fmt.Errorf("remove group %s: %w", args[0], err)
			}
			p.say("Group %s removed; its hosts stay where they are", core.Escape(args[0]))
			return nil
		}),
	}
}
