package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// placeFlags are the flags of where a host stands and when it is connected to.
func placeFlags(f *pflag.FlagSet, site, connect *string) {
	f.StringVar(site, "site", "", "where it stands, groups from the outermost: eu/berlin")
	f.StringVar(connect, "connect", "", "when it is connected to: always, or on demand (demand)")
}

func connectOf(word string) (apiv1.Host_Connect, error) {
	switch word {
	case "":
		return apiv1.Host_CONNECT_UNSPECIFIED, nil
	case "always":
		return apiv1.Host_CONNECT_ALWAYS, nil
	case "demand":
		return apiv1.Host_CONNECT_DEMAND, nil
	}
	return 0, core.Errorf(core.Invalid, "--connect is always or demand, not %s", core.Printable(word, 40))
}

// notice says what did not go as wished, if anything.
func (p *program) notice(text string) {
	if text != "" {
		p.say("warning: %s", core.Escape(text))
	}
}

// wayOut is the command that may lead out of a host's state; "" for none.
func wayOut(h *apiv1.Host) string {
	name, err := core.Quote(h.Name)
	if err != nil {
		return ""
	}
	switch h.Action {
	case apiv1.Host_ACTION_RECONNECT, apiv1.Host_ACTION_GIVE_SECRET:
		return "limiquantix host reconnect " + name
	case apiv1.Host_ACTION_ACCEPT_KEY:
		return "limiquantix host reconnect " + name + " --host-key SHA256:…, once it is compared"
	case apiv1.Host_ACTION_EDIT_ADDRESS:
		return "limiquantix host set " + name + " --address …"
	case apiv1.Host_ACTION_EDIT_LOGIN:
		return "limiquantix host set " + name + " --identity …"
	case apiv1.Host_ACTION_CHECK:
		return "limiquantix host check " + name
	}
	return ""
}

func (p *program) hostSet() *cobra.Command {
	var r reach
	var name, cluster, site, connect, address string
	var untested, forget bool
	cmd := &cobra.Command{
		Use:   "set HOST",
		Short: "Change a host's name, place or how it is reached",
		Long: `Change a host's name, place or how it is reached. What is not given stays. Another
way to it is tried first, and kept when it leads to the same machine; with
--untested it is kept as it is, for a host that is down.`,
		Example: `  limiquantix host set kvm1 --site eu/berlin --connect demand
  limiquantix host set kvm1 --name kvm-old
  limiquantix host set kvm1 --address root@10.0.0.7 --untested`,
		Args:              between(1, 1),
		ValidArgsFunction: p.completeHosts,
	}
	f := cmd.Flags()
	r.flags(f)
	placeFlags(f, &site, &connect)
	f.StringVar(&name, "name", "", "another name")
	f.StringVar(&cluster, "cluster", "", "cluster that it belongs to")
	f.StringVar(&address, "address", "", "another address")
	f.BoolVar(&untested, "untested", false, "keep the way to it although it was not tried")
	f.BoolVar(&forget, "forget-secret", false, "drop the password or passphrase that is kept")
	cmd.RunE = p.with(func(ctx context.Context, a *api, args []string) error {
		req := &apiv1.EditHostRequest{Host: args[0], Untested: untested, ForgetSecret: forget}
		for flag, to := range map[string]struct {
			field **string
			value *string
		}{"name": {&req.Name, &name}, "cluster": {&req.Cluster, &cluster}, "site": {&req.Site, &site}} {
			if f.Changed(flag) {
				*to.field = to.value
			}
		}
		var err error
		if req.Connect, err = connectOf(connect); err != nil {
			return err
		}
		if req.Spec, err = r.over(ctx, a, f, args[0], address); err != nil {
			return err
		}
		var res *apiv1.EditHostResponse
		answers := trust{&r.spec.HostKey, &r.spec.Secret}
		err = p.trusting(ctx, answers, func() (err error) {
			res, err = a.hosts.EditHost(ctx, req)
			return err
		})
		if err != nil {
			return fmt.Errorf("set host %s: %w", args[0], err)
		}
		p.say("Host %s changed: %s", core.Escape(res.Host.Name), word(res.Host.State))
		p.notice(res.Notice)
		return p.printHostData(res.Host)
	})
	return cmd
}

// over returns how a host is to be reached: as now, but for the flags that were
// given; nil when none was.
func (r *reach) over(ctx context.Context, a *api, f *pflag.FlagSet, host, address string) (*apiv1.HostSpec, error) {
	any := false
	for _, flag := range []string{"address", "jump", "identity", "uri", "host-key", "accept-new", "remember"} {
		any = any || f.Changed(flag)
	}
	if !any {
		return nil, nil
	}
	now, err := a.hosts.GetHost(ctx, &apiv1.GetHostRequest{Host: host})
	if err != nil {
		return nil, fmt.Errorf("set host %s: %w", host, err)
	}
	if address == "" {
		address = now.Host.Address
	}
	if _, err := r.to(address); err != nil {
		return nil, err
	}
	if !f.Changed("jump") {
		r.spec.Jumps = now.Host.Jumps
	}
	if !f.Changed("identity") {
		r.spec.Identities = now.Host.Identities
	}
	if !f.Changed("uri") {
		r.spec.Uri = now.Host.Uri
	}
	r.spec.Jumps, r.spec.Identities = given(r.spec.Jumps), given(r.spec.Identities)
	return &r.spec, nil
}

// given drops empty values: --jump= takes the jump hosts away.
func given(values []string) []string {
	var out []string
	for _, v := range values {
		if v != "" {
			out = append(out, v)
		}
	}
	return out
}
