package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// statsPatience is how long figures are waited for: hosts that answer have told
// theirs by then.
const statsPatience = 15 * time.Second

func (p *program) vmStats() *cobra.Command {
	var hosts []string
	var watch bool
	var interval int32
	cmd := &cobra.Command{
		Use:   "stats [VM]...",
		Short: "Show how busy running VMs are",
		Long: `Show how busy running VMs are, all or those whose NAME or HOST/NAME matches a
pattern. Rates are per second, taken over a second or, with --watch, over the
interval. CPU is of the VM's own vCPUs. Memory is what the guest says that it
uses, else what QEMU holds of the host's.`,
		Example:           "  limiquantix vm stats\n  limiquantix vm stats 'web*' --watch\n  limiquantix vm stats web1 -o json",
		ValidArgsFunction: p.completeVMs,
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			if interval < 1 {
				return core.Errorf(core.Invalid, "the interval is at least 1 second")
			}
			t, err := p.statsTable(ctx, a, hosts, args)
			if err != nil {
				return err
			}
			if watch {
				return t.watch(ctx, a, interval)
			}
			ctx, cancel := context.WithTimeout(ctx, statsPatience)
			defer cancel()
			if err := t.follow(ctx, a, 1, func() bool { return !t.complete() }); err != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return fmt.Errorf("read figures: %w", err)
			}
			return t.print()
		}),
	}
	cmd.Flags().StringArrayVar(&hosts, "host", nil, "only VMs of this host (repeatable)")
	cmd.Flags().BoolVar(&watch, "watch", false, "print them again and again, until interrupted")
	cmd.Flags().Int32Var(&interval, "interval", 5, "seconds between two with --watch")
	return cmd
}

// statsTable is the figures of chosen VMs as they come in.
type statsTable struct {
	p     *program
	hosts []string             // that are asked for figures
	vms   map[string]*apiv1.VM // chosen, by UUID and host
	told  map[string]int       // messages, by host
	stats map[string]*apiv1.VMStats
}

// statsTable chooses VMs. Listing them connects their hosts, whose figures are
// told only then.
func (p *program) statsTable(ctx context.Context, a *api, hosts, refs []string) (*statsTable, error) {
	res, err := a.vms.ListVMs(ctx, &apiv1.ListVMsRequest{Hosts: hosts})
	if err != nil {
		return nil, fmt.Errorf("list VMs: %w", err)
	}
	vms := res.Vms
	if len(refs) > 0 {
		if vms, err = p.named(ctx, a, vms, refs); err != nil {
			return nil, err
		}
		if len(vms) == 0 {
			return nil, core.Errorf(core.NotFound, "there is no VM %s", core.Printable(strings.Join(refs, " "), 80)).WithHint("limiquantix vm list shows all")
		}
	}
	t := &statsTable{p: p, vms: map[string]*apiv1.VM{}, told: map[string]int{}, stats: map[string]*apiv1.VMStats{}}
	for _, v := range vms {
		t.vms[v.Host+"/"+v.Uuid] = v
		if !v.Stale && !slices.Contains(t.hosts, v.Host) {
			t.hosts = append(t.hosts, v.Host)
		}
	}
	return t, p.problems("list VMs", hosts, res.Problems)
}

// follow takes figures in until more says no.
func (t *statsTable) follow(ctx context.Context, a *api, interval int32, more func() bool) error {
	if len(t.hosts) == 0 {
		return nil
	}
	stream, err := a.metrics.WatchStats(ctx, &apiv1.WatchStatsRequest{IntervalSeconds: interval, Hosts: t.hosts})
	if err != nil {
		return err
	}
	defer stream.Close()
	for stream.Receive() {
		t.take(stream.Msg())
		if !more() {
			return nil
		}
	}
	return stream.Err()
}

// take replaces a host's figures.
func (t *statsTable) take(m *apiv1.WatchStatsResponse) {
	host := m.GetHost().GetHost()
	for key, v := range t.vms {
		if v.Host == host {
			delete(t.stats, key)
		}
	}
	rated := m.GetHost().GetCpuPercent() >= 0
	for _, s := range m.Vms {
		rated = rated || s.CpuPercent >= 0
		if key := host + "/" + s.Uuid; t.vms[key] != nil {
			t.stats[key] = s
		}
	}
	t.told[host]++
	if rated {
		t.told[host]++ // as good as a second message: there are rates
	}
}

// complete reports whether each host has told rates, or twice that it has none.
func (t *statsTable) complete() bool {
	return !slices.ContainsFunc(t.hosts, func(h string) bool { return t.told[h] < 2 })
}

// watch prints the table each time that all hosts have told again.
func (t *statsTable) watch(ctx context.Context, a *api, interval int32) error {
	printed := map[string]int{}
	var failed error
	err := t.follow(ctx, a, interval, func() bool {
		if !t.complete() || slices.ContainsFunc(t.hosts, func(h string) bool { return t.told[h] == printed[h] }) {
			return true
		}
		for h, n := range t.told {
			printed[h] = n
		}
		if t.p.io.OutTerminal && t.p.output == "table" {
			failed = t.p.write("\x1b[H\x1b[2J") // home, and clear
		}
		if failed == nil {
			failed = t.print()
		}
		return failed == nil
	})
	if failed != nil {
		return failed
	}
	if ctx.Err() != nil {
		return nil // it was to go on until interrupted
	}
	return err
}

// print prints what is known, by host and name.
func (t *statsTable) print() error {
	keys := make([]string, 0, len(t.stats))
	for key := range t.stats {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(x, y string) int {
		v, w := t.vms[x], t.vms[y]
		return strings.Compare(v.Host+"\x00"+v.Name+"\x00"+v.Uuid, w.Host+"\x00"+w.Name+"\x00"+w.Uuid)
	})
	rows := [][]string{{"NAME", "HOST", "CPU", "MEMORY", "OF", "READ/S", "WRITTEN/S", "RECEIVED/S", "SENT/S"}}
	if t.p.noHeaders {
		rows = nil
	}
	out, objects := list{}, []object{}
	for _, key := range keys {
		s, v := t.stats[key], t.vms[key]
		rows = append(rows, statsRow(v, s))
		o := append(object{{"host", v.Host}, {"name", v.Name}}, encode(s)...)
		out, objects = append(out, o), append(objects, o)
	}
	if t.p.output == "table" {
		return t.p.write(align(rows))
	}
	names := append([]string{"host", "name"}, fieldNames(&apiv1.VMStats{})...)
	return t.p.writeData(out, names, objects)
}

func statsRow(v *apiv1.VM, s *apiv1.VMStats) []string {
	cpu, rate := "-", func(int64) string { return "-" }
	if s.CpuPercent >= 0 {
		cpu, rate = fmt.Sprintf("%.1f%%", s.CpuPercent), func(n int64) string { return core.Bytes(n).String() }
	}
	return []string{v.Name, v.Host, cpu, orDash(size(s.MemoryUsedBytes)), orDash(size(s.MemoryBytes)),
		rate(s.DiskReadBytes), rate(s.DiskWrittenBytes), rate(s.NetReceivedBytes), rate(s.NetSentBytes)}
}
