package sim

import (
	"context"
	"math"
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
	g := gauge{load: load(d.uuid), ran: ran.Seconds()}
	s.CPUTime = g.cpu(c.vcpus)
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
	s.Balloon = vm.Balloon{RSS: s.Memory / 2}
	s.NICs = make([]vm.NICStats, len(c.nics))
	for i := range c.nics {
		s.NICs[i] = g.nic(vnetName(d.run.vnet + i))
	}
	return s
}

// gauge gives the counters of a VM that has run for so many seconds. They only
// grow, and wave about their mean once in five minutes.
type gauge struct {
	load float64 // mean use of its CPUs, 0 to 1
	ran  float64
}

// sum is the integral of 1 + 0.8 sin(ωt), which never falls.
func (g gauge) sum() float64 {
	const omega, depth = 2 * math.Pi / 300, 0.8
	return g.ran + depth/omega*(1-math.Cos(omega*g.ran))
}

func (g gauge) cpu(vcpus int) time.Duration {
	return time.Duration(g.load * float64(vcpus) * g.sum() * float64(time.Second))
}

func (g gauge) disk(d diskDev) vm.DiskStats {
	s := vm.DiskStats{Target: d.target, Path: d.path}
	if d.path == "" || d.cdrom {
		return s
	}
	amount := g.load * g.sum()
	s.Reads, s.Writes = uint64(40*amount), uint64(25*amount)
	s.Read, s.Written = core.Bytes(s.Reads)*16*core.KiB, core.Bytes(s.Writes)*8*core.KiB
	return s
}

func (g gauge) nic(name string) vm.NICStats {
	amount := g.load * g.sum()
	s := vm.NICStats{Name: name, ReceivedPkts: uint64(900 * amount), SentPkts: uint64(700 * amount)}
	s.Received, s.Sent = core.Bytes(s.ReceivedPkts)*900, core.Bytes(s.SentPkts)*400
	return s
}

// load is how busy a VM is, by its UUID: most are idle, a few are not.
func load(uuid string) float64 {
	sum := uint32(2166136261) // FNV-1a
	for i := range len(uuid) {
		sum = (sum ^ uint32(uuid[i])) * 16777619
	}
	x := float64(sum>>8) / (1 << 24)
	return 0.02 + 0.9*x*x*x*x
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
