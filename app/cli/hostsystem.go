package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

func (p *program) hostService() *cobra.Command {
	return p.noun("service", "Services of a host's operating system", "", p.serviceList(),
		p.serviceVerb("start", "Start a service", apiv1.OperateUnitRequest_ACTION_START),
		p.serviceVerb("stop", "Stop a service", apiv1.OperateUnitRequest_ACTION_STOP),
		p.serviceVerb("restart", "Restart a service", apiv1.OperateUnitRequest_ACTION_RESTART))
}

func (p *program) serviceList() *cobra.Command {
	var failed bool
	cmd := &cobra.Command{
		Use: "list HOST", Short: "List the services of a host",
		Example: "  limiquantix host service list kvm1\n  limiquantix host service list kvm1 --failed",
		Args:    between(1, 1),
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			res, err := a.systems.ListUnits(ctx, &apiv1.ListUnitsRequest{Host: args[0]})
			if err != nil {
				return fmt.Errorf("list services of host %s: %w", args[0], err)
			}
			var units []*apiv1.Unit
			for _, u := range res.Units {
				if !failed || u.Active == "failed" {
					units = append(units, u)
				}
			}
			for _, problem := range res.Problems {
				p.say("warning: %s", core.Escape(problem))
			}
			return printList(p, units,
				column[*apiv1.Unit]{"NAME", (*apiv1.Unit).GetName},
				column[*apiv1.Unit]{"STATE", func(u *apiv1.Unit) string { return u.Active + " (" + u.Sub + ")" }},
				column[*apiv1.Unit]{"AT BOOT", func(u *apiv1.Unit) string { return orDash(u.Enabled) }},
				column[*apiv1.Unit]{"DESCRIPTION", (*apiv1.Unit).GetDescription},
			)
		}),
	}
	cmd.Flags().BoolVar(&failed, "failed", false, "only those that failed")
	return cmd
}

func (p *program) serviceVerb(verb, what string, action apiv1.OperateUnitRequest_Action) *cobra.Command {
	return p.changes(&cobra.Command{
		Use: verb + " HOST SERVICE", Short: what,
		Example: "  limiquantix host service " + verb + " kvm1 chrony\n  limiquantix host service " + verb + " kvm1 chrony --plan",
		Args:    between(2, 2),
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			return p.do(ctx, a, change{what: verb + " service " + clip(args[1]),
				send: func(ctx context.Context, m mode) (*apiv1.Operation, error) {
					return a.systems.OperateUnit(ctx, &apiv1.OperateUnitRequest{Host: args[0], Unit: args[1], Action: action, PlanOnly: m.planOnly, ExpectedPlanDigest: m.shown})
				}})
		}),
	})
}

// journalFlags choose entries.
type journalFlags struct {
	unit, since, until string
	priority           string
	boot, follow       bool
	lines              int32
}

var priorities = []string{"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"}

func (p *program) hostJournal() *cobra.Command {
	var f journalFlags
	cmd := &cobra.Command{
		Use: "journal HOST", Short: "Read a host's journal, or follow it",
		Long:    "Read a host's journal, or follow it until Ctrl+C." + aboutTimes,
		Example: "  limiquantix host journal kvm1 --unit libvirtd --since 1h\n  limiquantix host journal kvm1 --priority err --boot\n  limiquantix host journal kvm1 --follow",
		Args:    between(1, 1),
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			if err := p.journal(ctx, a, args[0], f); err != nil {
				return fmt.Errorf("journal of host %s: %w", args[0], err)
			}
			return nil
		}),
	}
	fl := cmd.Flags()
	fl.StringVar(&f.unit, "unit", "", "only of this service")
	fl.StringVar(&f.priority, "priority", "", "only this grave or graver: emerg, alert, crit, err, warning, notice, info, debug")
	fl.StringVar(&f.since, "since", "", "not before this time")
	fl.StringVar(&f.until, "until", "", "not after this time")
	fl.BoolVar(&f.boot, "boot", false, "only since the host was started")
	fl.BoolVarP(&f.follow, "follow", "f", false, "go on with what is added")
	fl.Int32VarP(&f.lines, "lines", "n", 0, "the last so many, at most 2000 (default 200; 10 with --follow)")
	return cmd
}

// filter reads the flags.
func (p *program) journalFilter(f journalFlags) (out *apiv1.JournalFilter, err error) {
	out = &apiv1.JournalFilter{Unit: f.unit, Boot: f.boot}
	if out.Since, err = p.moment("since", f.since); err != nil {
		return nil, err
	}
	if out.Until, err = p.moment("until", f.until); err != nil {
		return nil, err
	}
	if f.priority == "" {
		return out, nil
	}
	for i, name := range priorities {
		if name == f.priority || fmt.Sprint(i) == f.priority {
			n := int32(i)
			out.Priority = &n
			return out, nil
		}
	}
	return nil, core.Errorf(core.Invalid, "%s is no priority", core.Printable(f.priority, 40)).WithHint("they are %s", strings.Join(priorities, ", "))
}

func (p *program) journal(ctx context.Context, a *api, host string, f journalFlags) error {
	filter, err := p.journalFilter(f)
	if err != nil {
		return err
	}
	if f.follow {
		return p.followJournal(ctx, a, &apiv1.FollowJournalRequest{Host: host, Filter: filter, Limit: f.lines})
	}
	res, err := a.systems.ReadJournal(ctx, &apiv1.ReadJournalRequest{Host: host, Filter: filter, Limit: f.lines})
	if err != nil {
		return err
	}
	for _, problem := range res.Problems {
		p.say("warning: %s", core.Escape(problem))
	}
	if p.output != "table" {
		return printList(p, res.Entries, column[*apiv1.JournalEntry]{"MESSAGE", (*apiv1.JournalEntry).GetMessage})
	}
	return p.writeEntries(res.Entries)
}

func (p *program) followJournal(ctx context.Context, a *api, req *apiv1.FollowJournalRequest) error {
	if p.output != "table" {
		return core.Errorf(core.Invalid, "what is followed is printed as lines").WithHint("leave out --output, or --follow")
	}
	stream, err := a.systems.FollowJournal(ctx, req)
	if err != nil {
		return err
	}
	defer stream.Close()
	for stream.Receive() {
		if err := p.writeEntries(stream.Msg().Entries); err != nil {
			return err
		}
	}
	if err := stream.Err(); err != nil && !errors.Is(ctx.Err(), context.Canceled) {
		return err
	}
	return nil
}

// writeEntries prints a line for each: what came from the host is escaped.
func (p *program) writeEntries(entries []*apiv1.JournalEntry) error {
	var b strings.Builder
	for _, e := range entries {
		who := e.Source
		if e.Pid > 0 {
			who += fmt.Sprintf("[%d]", e.Pid)
		}
		text := e.Message
		if e.Cut {
			text += " … (longer)"
		}
		for _, line := range strings.Split(text, "\n") {
			fmt.Fprintf(&b, "%s %s: %s\n", p.clock(e.Time), core.Escape(who), core.Escape(line))
		}
	}
	return p.write(b.String())
}
