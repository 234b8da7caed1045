package virt

import (
	"context"
	"sync"
	"time"

	"github.com/digitalocean/go-libvirt"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/metric"
)

// Arguments of virNodeGetCPUStats and virNodeGetMemoryStats: all CPUs, all NUMA
// cells, and as many figures as Linux has (src/util/virhostcpu.c, virhostmem.c).
// Asked for another number, libvirt refuses; asked for none, it says how many
// there are, which would be one round trip more.
const (
	allCPUs, allCells           = -1, -1
	linuxCPUStats, linuxMemStat = 4, 4
)

// Counters reads the host's counters and those of the VMs that run: three calls
// in one flight. What a driver does not tell of the host stays zero.
func (c *Conn) Counters(ctx context.Context) (metric.Counters, error) {
	var (
		wg     sync.WaitGroup
		out    metric.Counters
		cpu    []libvirt.NodeGetCPUStats
		memory []libvirt.NodeGetMemoryStats
	)
	wg.Go(func() {
		cpu, _ = ask(ctx, c.s, read, "read the host's CPU time", func(l *libvirt.Libvirt) ([]libvirt.NodeGetCPUStats, error) {
			stats, _, err := l.NodeGetCPUStats(allCPUs, linuxCPUStats, 0)
			return stats, err
		})
	})
	wg.Go(func() { memory = c.memoryStats(ctx) })
	all, err := c.figures(ctx, libvirt.ConnectGetAllDomainsStatsActive)
	wg.Wait()
	if err != nil {
		return metric.Counters{}, err
	}
	out.Node = node(cpu, memory)
	for _, f := range all {
		out.VMs = append(out.VMs, f.Summary)
	}
	return out, nil
}

// memoryStats reads what the host says of its memory; nil when the driver does
// not tell.
func (c *Conn) memoryStats(ctx context.Context) []libvirt.NodeGetMemoryStats {
	memory, _ := ask(ctx, c.s, read, "read the host's memory", func(l *libvirt.Libvirt) ([]libvirt.NodeGetMemoryStats, error) {
		stats, _, err := l.NodeGetMemoryStats(linuxMemStat, allCells, 0)
		return stats, err
	})
	return memory
}

// node sums up. Names of the figures: virNodeGetCPUStats (nanoseconds) and
// virNodeGetMemoryStats (KiB), libvirt-host API reference.
func node(cpu []libvirt.NodeGetCPUStats, memory []libvirt.NodeGetMemoryStats) metric.Node {
	var n metric.Node
	for _, s := range cpu {
		switch s.Field {
		case "kernel", "user", "intr":
			n.Busy += time.Duration(s.Value)
			n.Total += time.Duration(s.Value)
		case "idle", "iowait":
			n.Total += time.Duration(s.Value)
		}
	}
	free := core.Bytes(0)
	for _, s := range memory {
		switch s.Field {
		case "total":
			n.Memory = core.Bytes(s.Value) * core.KiB
		case "free", "buffers", "cached":
			free += core.Bytes(s.Value) * core.KiB
		}
	}
	n.MemoryUsed = max(0, n.Memory-free)
	return n
}
