package sim

import (
	"context"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/metric"
	"github.com/limiquantix/limiquantix/core/vm"
)

// summary returns what one bulk call tells of a VM.
func (h *Host) summary(d *domain, now time.Time) vm.Summary {
	s := vm.Summary{
		UUID: d.uuid, Name: d.name, State: d.state(), Persistent: d.persistent, Autostart: d.autostart,
		VCPUs: d.config.vcpus, Memory: d.config.memory,
	}
	c, ran := d.config, time.Duration(0)
	if d.run != nil {
		c, ran = d.run.config, d.run.ran(now)
		s.VCPUs, s.Memory = c.vcpus, c.memory
	}
	g := gauge{habitOf(d.name, d.uuid), ran.Seconds(), c.vcpus}
	s.CPUTime = time.Duration(g.cpu() * float64(time.Second))
	s.Disks = make([]vm.DiskStats, len(c.disks))
	for i, disk := range c.disks {
		s.Disks[i] = g.disk(disk)
		if f := h.disk.find(disk.path); f != nil {
			s.Disks[i].Capacity, s.Disks[i].Allocation = f.capacity, f.allocation
		}
	}
	if d.run == nil {
		return s
	}
	s.Balloon = g.balloon(s.Memory, d.run.up(now))
	s.NICs = make([]vm.NICStats, len(c.nics))
	for i := range c.nics {
		s.NICs[i] = g.nic(vnetName(d.run.vnet + i))
	}
	return s
}

// gauge gives the figures of a VM that has run for so many seconds. What is
// counted only grows.
type gauge struct {
	habit
	ran   float64
	vcpus int
}

// cpu is in seconds.
func (g *gauge) cpu() float64 { return g.used(g.ran) * float64(g.vcpus) }

func (g *gauge) disk(d diskDev) vm.DiskStats {
	s := vm.DiskStats{Target: d.target, Path: d.path}
	if d.path == "" || d.cdrom {
		return s
	}
	s.Reads, s.Writes = uint64(g.reads*g.cpu()), uint64(g.writes*g.cpu())
	s.Read, s.Written = core.Bytes(s.Reads)*16*core.KiB, core.Bytes(s.Writes)*8*core.KiB
	return s
}

func (g *gauge) nic(name string) vm.NICStats {
	s := vm.NICStats{Name: name, ReceivedPkts: uint64(g.receives * g.cpu()), SentPkts: uint64(g.says * g.cpu())}
	s.Received, s.Sent = core.Bytes(s.ReceivedPkts)*900, core.Bytes(s.SentPkts)*400
	return s
}

// balloon is what there is to know of the memory; a guest that has not booted
// has no driver yet. QEMU holds what the guest ever touched, caches and all.
func (g *gauge) balloon(memory core.Bytes, up bool) vm.Balloon {
	share := func(of core.Bytes, part float64) core.Bytes {
		return core.Bytes(float64(of)*part) / core.KiB * core.KiB
	}
	b := vm.Balloon{RSS: share(memory, min(1, 0.2+g.holding(g.ran)))}
	if up && !g.silent {
		b.Available = share(memory, 0.97)
		b.Usable = b.Available - share(b.Available, g.holding(g.ran))
		b.Unused = share(b.Usable, 0.4)
	}
	return b
}

// Counters returns what the host and its running VMs count.
func (l *Link) Counters(ctx context.Context) (metric.Counters, error) {
	return ask(ctx, l, "Counters", func(h *Host) (metric.Counters, error) {
		now := h.fleet.now()
		c := metric.Counters{Node: metric.Node{
			Busy: h.spent, MemoryUsed: hostOwnMemory, Memory: h.facts.Memory,
			Total: now.Sub(h.booted) * time.Duration(h.facts.CPUs),
		}}
		for _, d := range h.byNames() {
			if d.run == nil {
				continue
			}
			s := h.summary(d, now)
			c.VMs = append(c.VMs, s)
			c.Node.Busy += s.CPUTime
			c.Node.MemoryUsed += s.Balloon.RSS
		}
		own := time.Duration(float64(c.Node.Total) * hostOwnLoad)
		c.Node.Busy = min(c.Node.Busy+own, c.Node.Total)
		c.Node.MemoryUsed = min(c.Node.MemoryUsed, c.Node.Memory)
		return c, nil
	})
}

// What a host needs for itself: of its memory, and of all its CPUs.
const (
	hostOwnMemory = 3 * core.GiB
	hostOwnLoad   = 0.01
)
