package contract

import (
	"slices"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/metric"
	"github.com/limiquantix/limiquantix/core/vm"
)

func metricCases() []one {
	return []one{
		{"counters are those of running VMs", nil, countersOfRunning},
		{"counters grow", []Feature{Stats}, countersGrow},
		{"counters of the host", []Feature{Hardware}, countersOfHost},
	}
}

// counters reads all counters, and those of one VM; ok is false when it has none.
func (e *env) counters(uuid string) (c metric.Counters, s vm.Summary, ok bool) {
	e.Helper()
	c, err := e.h.Counters(e.ctx)
	e.ok("counters", err)
	i := slices.IndexFunc(c.VMs, func(s vm.Summary) bool { return s.UUID == uuid })
	if i < 0 {
		return c, vm.Summary{}, false
	}
	return c, c.VMs[i], true
}

func countersOfRunning(e *env) {
	uuid := e.define(e.name("vm"), "")
	if _, _, ok := e.counters(uuid); ok {
		e.Error("a stopped VM has counters")
	}
	e.ok("start", e.h.StartVM(e.ctx, uuid))
	if _, s, ok := e.counters(uuid); !ok || s.State != vm.Running {
		e.Errorf("of a running VM (%t): %+v", ok, s)
	}
	e.ok("stop", e.h.StopVM(e.ctx, uuid))
	if _, _, ok := e.counters(uuid); ok {
		e.Error("a VM that was stopped has counters")
	}
}

func countersGrow(e *env) {
	uuid := e.running("")
	var before time.Duration
	e.eventually("CPU time and memory to be counted", func() bool {
		_, s, _ := e.counters(uuid)
		before = s.CPUTime
		return s.CPUTime > 0 && s.VCPUs == 1 && s.Memory == 64*core.MiB && s.Balloon.RSS > 0
	})
	e.eventually("CPU time to grow", func() bool {
		_, s, _ := e.counters(uuid)
		if s.CPUTime < before {
			e.Fatalf("CPU time fell from %v to %v", before, s.CPUTime)
		}
		return s.CPUTime > before
	})
}

func countersOfHost(e *env) {
	first, _, _ := e.counters("")
	n := first.Node
	f, err := e.h.Facts(e.ctx)
	e.ok("facts", err)
	if off := f.Memory - n.Memory; max(off, -off) > f.Memory/100 {
		e.Errorf("facts tell of %s of memory, figures of %s", f.Memory, n.Memory)
	}
	if n.Busy <= 0 || n.Total <= n.Busy || n.MemoryUsed <= 0 || n.Memory <= n.MemoryUsed {
		e.Errorf("the host tells %+v", n)
	}
	e.eventually("the host's time to pass", func() bool {
		c, _, _ := e.counters("")
		if c.Node.Busy < n.Busy {
			e.Fatalf("busy time fell from %v to %v", n.Busy, c.Node.Busy)
		}
		return c.Node.Total > n.Total
	})
}
