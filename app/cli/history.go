package cli

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// past is what the flags of history say.
type past struct {
	host, kind, since, until, at, diff string
	all, retention                     bool
	limit, days                        int32
	before, number                     int64
	size                               string
}

func (p *program) historyCommand() *cobra.Command {
	f := &past{}
	cmd := &cobra.Command{
		Use:   "history [OBJECT] [--diff TIME [TIME]]",
		Short: "What changed, and what was at any time",
		Long: `What was seen to change on a VM (NAME, HOST/NAME or UUID), host, pool or network, by
whoever it was changed, newest first; also of objects that are gone by now. With
--at what it was at a time, with --diff what became of it between two. With --all
or --host instead of an object, all that there was. No host is asked.` + aboutTimes,
		Example: `  limiquantix history web1 --since 2d
  limiquantix history web1 --at '2026-03-01 14:30'
  limiquantix history web1 --diff 2026-03-01 2026-03-02
  limiquantix history web1 --change 4711
  limiquantix history --all --at 1d -o csv
  limiquantix history --host kvm1 --diff 3h
  limiquantix history --retention --keep-days 90`,
		Args:              between(0, 2),
		ValidArgsFunction: p.completeVMs,
		RunE:              p.with(func(ctx context.Context, a *api, args []string) error { return p.history(ctx, a, f, args) }),
	}
	s := cmd.Flags()
	s.StringVar(&f.since, "since", "", "only changes at or after this time")
	s.StringVar(&f.until, "until", "", "only changes before this time")
	s.StringVar(&f.at, "at", "", "show what was at this time")
	s.StringVar(&f.diff, "diff", "", "show what is different between this time and another, or now")
	s.Int64Var(&f.number, "change", 0, "show what the change of this number did")
	s.BoolVar(&f.all, "all", false, "all objects")
	s.StringVar(&f.host, "host", "", "this host and what is on it")
	s.StringVar(&f.kind, "kind", "", "only these: vm, host, pool or network")
	s.Int32Var(&f.limit, "limit", 0, "at most so many changes (default 200)")
	s.Int64Var(&f.before, "before", 0, "only changes before this number, for the next page")
	s.BoolVar(&f.retention, "retention", false, "show how much is kept, and change it")
	s.Int32Var(&f.days, "keep-days", 0, "with --retention: keep changes for so many days")
	s.StringVar(&f.size, "keep-size", "", "with --retention: keep at most so much")
	return cmd
}

func (p *program) history(ctx context.Context, a *api, f *past, args []string) error {
	object := ""
	if len(args) > 0 && !f.all {
		object, args = args[0], args[1:]
	}
	other := ""
	if len(args) > 0 {
		other = args[0]
	}
	switch {
	case f.retention:
		return p.retain(ctx, a, f)
	case object == "" && !f.all && f.host == "" && f.number == 0:
		return core.Errorf(core.Invalid, "history: say of what").WithHint("limiquantix history OBJECT, --host HOST or --all")
	case other != "" && f.diff == "":
		return core.Errorf(core.Invalid, "history: one argument too many: %s", core.Printable(other, 60)).WithHint("a second time is for --diff")
	case f.number != 0:
		return p.historyDiff(ctx, a, &apiv1.DiffObjectRequest{Number: f.number})
	case f.diff != "":
		return p.historyBetween(ctx, a, f, object, other)
	case f.at != "":
		return p.historyAt(ctx, a, f, object)
	}
	return p.historyList(ctx, a, f, object)
}

func (p *program) historyList(ctx context.Context, a *api, f *past, object string) error {
	req := &apiv1.ListHistoryRequest{Object: object, Host: f.host, Kind: f.kind, Before: f.before, Limit: f.limit}
	var err error
	if req.Since, err = p.moment("since", f.since); err != nil {
		return err
	}
	if req.Until, err = p.moment("until", f.until); err != nil {
		return err
	}
	res, err := a.histories.ListHistory(ctx, req)
	if err != nil {
		return fmt.Errorf("list history: %w", err)
	}
	return printList(p, res.Changes,
		column[*apiv1.HistoryChange]{"CHANGE", func(c *apiv1.HistoryChange) string { return fmt.Sprint(c.Number) }},
		column[*apiv1.HistoryChange]{"TIME", func(c *apiv1.HistoryChange) string { return p.clock(c.Time) }},
		column[*apiv1.HistoryChange]{"HOST", func(c *apiv1.HistoryChange) string { return c.Object.GetHost() }},
		column[*apiv1.HistoryChange]{"BY", func(c *apiv1.HistoryChange) string { return by(c) }},
		column[*apiv1.HistoryChange]{"WHAT", func(c *apiv1.HistoryChange) string { return c.Text + p.away(c) }},
	)
}

// by says who did it: one of us with the task, or another.
func by(c *apiv1.HistoryChange) string {
	switch {
	case c.Change == "found":
		return ""
	case c.Task == "":
		return "another"
	}
	return strings.TrimSpace(c.Actor + " (task " + c.Task[:min(8, len(c.Task))] + ")")
}

func (p *program) away(c *apiv1.HistoryChange) string {
	if c.Since == nil {
		return ""
	}
	return ", some time since " + p.clock(c.Since)
}

func (p *program) historyAt(ctx context.Context, a *api, f *past, object string) error {
	at, err := p.moment("at", f.at)
	if err != nil {
		return err
	}
	if object == "" {
		res, err := a.histories.FleetAt(ctx, &apiv1.FleetAtRequest{Time: at, Host: f.host, Kind: f.kind})
		if err != nil {
			return fmt.Errorf("read history: %w", err)
		}
		return printList(p, res.Objects,
			column[*apiv1.PastObject]{"HOST", func(o *apiv1.PastObject) string { return o.Object.GetHost() }},
			column[*apiv1.PastObject]{"KIND", func(o *apiv1.PastObject) string { return o.Object.GetKind() }},
			column[*apiv1.PastObject]{"NAME", func(o *apiv1.PastObject) string { return o.Object.GetName() }},
			column[*apiv1.PastObject]{"STATE", (*apiv1.PastObject).GetState},
			column[*apiv1.PastObject]{"SINCE", func(o *apiv1.PastObject) string { return p.clock(o.Since) }},
		)
	}
	res, err := a.histories.ObjectAt(ctx, &apiv1.ObjectAtRequest{Object: object, Host: f.host, Kind: f.kind, Time: at})
	if err != nil {
		return fmt.Errorf("read history: %w", err)
	}
	if err := printOne(p, res, [2]string{"Name", res.Past.Object.GetName()}, [2]string{"Host", res.Past.Object.GetHost()},
		[2]string{"State", res.Past.State}, [2]string{"Since", p.clock(res.Past.Since)}); err != nil || p.output != "table" || res.Configuration == "" {
		return err
	}
	return p.writeText("\n" + res.Configuration)
}

// writeText prints a text of several lines that came from a host.
func (p *program) writeText(text string) error {
	var b strings.Builder
	for _, line := range lines(text) {
		b.WriteString(core.Escape(line) + "\n")
	}
	return p.write(b.String())
}

func (p *program) historyBetween(ctx context.Context, a *api, f *past, object, other string) error {
	from, err := p.moment("diff", f.diff)
	if err != nil {
		return err
	}
	to, err := p.moment("diff", other)
	if err != nil {
		return err
	}
	if object != "" {
		return p.historyDiff(ctx, a, &apiv1.DiffObjectRequest{Object: object, Host: f.host, Kind: f.kind, From: from, To: to})
	}
	res, err := a.histories.DiffFleet(ctx, &apiv1.DiffFleetRequest{From: from, To: to, Host: f.host, Kind: f.kind})
	if err != nil {
		return fmt.Errorf("compare history: %w", err)
	}
	last := func(d *apiv1.PastDifference) *apiv1.HistoryObject { return cmp.Or(d.After, d.Before).GetObject() }
	return printList(p, res.Differences,
		column[*apiv1.PastDifference]{"HOST", func(d *apiv1.PastDifference) string { return last(d).GetHost() }},
		column[*apiv1.PastDifference]{"KIND", func(d *apiv1.PastDifference) string { return last(d).GetKind() }},
		column[*apiv1.PastDifference]{"NAME", func(d *apiv1.PastDifference) string { return last(d).GetName() }},
		column[*apiv1.PastDifference]{"BEFORE", func(d *apiv1.PastDifference) string { return stateThen(d.Before) }},
		column[*apiv1.PastDifference]{"AFTER", func(d *apiv1.PastDifference) string { return stateThen(d.After) }},
		column[*apiv1.PastDifference]{"CONFIGURED", func(d *apiv1.PastDifference) string { return yesNo(d.Configured) }},
	)
}

func stateThen(o *apiv1.PastObject) string {
	if o == nil {
		return "not there"
	}
	return o.State
}

func (p *program) historyDiff(ctx context.Context, a *api, req *apiv1.DiffObjectRequest) error {
	res, err := a.histories.DiffObject(ctx, req)
	if err != nil {
		return fmt.Errorf("compare history: %w", err)
	}
	if p.output != "table" {
		return printOne(p, res)
	}
	object := cmp.Or(res.After, res.Before).GetObject()
	p.say("%s %s on %s: %s before, %s after", object.GetKind(), core.Escape(object.GetName()), core.Escape(object.GetHost()),
		core.Escape(cmp.Or(stateThen(res.Before), "unknown")), core.Escape(cmp.Or(stateThen(res.After), "unknown")))
	if res.Diff == "" {
		p.say("Its configuration is the same, or was not known at one of the two")
	}
	return p.writeText(res.Diff)
}

// retain shows how much is kept, and changes it first when flags say so.
func (p *program) retain(ctx context.Context, a *api, f *past) error {
	r, err := a.histories.ReadRetention(ctx, &apiv1.ReadRetentionRequest{})
	if err == nil && (f.days != 0 || f.size != "") {
		req := &apiv1.SetRetentionRequest{Days: cmp.Or(f.days, r.Days), Bytes: r.Bytes}
		if f.size != "" {
			bytes, err := core.ParseBytes(f.size)
			if err != nil {
				return err
			}
			req.Bytes = int64(bytes)
		}
		r, err = a.histories.SetRetention(ctx, req)
	}
	if err != nil {
		return fmt.Errorf("history retention: %w", err)
	}
	return printOne(p, r, [2]string{"Kept for", fmt.Sprintf("%d days", r.Days)}, [2]string{"Kept at most", size(r.Bytes)},
		[2]string{"Changes", fmt.Sprint(r.Changes)}, [2]string{"Size", size(r.UsedBytes)}, [2]string{"Oldest", p.clock(r.Oldest)})
}
