package metric

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/vm"
)

// counted is a VM's counters after it was busy for some seconds.
func counted(cpu time.Duration, bytes core.Bytes) vm.Summary {
	return vm.Summary{UUID: "u", VCPUs: 2, Memory: core.GiB, CPUTime: cpu,
		Disks: []vm.DiskStats{{Read: bytes, Reads: uint64(bytes / core.KiB)}, {Written: bytes}}, NICs: []vm.NICStats{{Received: bytes}, {Sent: bytes}}}
}

func TestRates(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	later := func(d time.Duration) time.Time { return at.Add(d) }
	before := totalOf(counted(100*time.Second, core.GiB), at)
	busy := Sample{CPU: 50, Memory: core.GiB, Read: core.MiB, Written: core.MiB, Reads: 1024, Received: core.MiB, Sent: core.MiB}
	none := Sample{CPU: unknown, Memory: core.GiB}
	for _, c := range []struct {
		name string
		now  vm.Summary
		at   time.Time
		from total
		want Sample
	}{
		{"busy", counted(105*time.Second, core.GiB+5*core.MiB), later(5 * time.Second), before, busy},
		{"idle", counted(100*time.Second, core.GiB), later(5 * time.Second), before, Sample{Memory: core.GiB}},
		{"the first", counted(105*time.Second, core.GiB), at, total{}, none},
		{"restarted", counted(2*time.Second, core.MiB), later(5 * time.Second), before, none},
		{"a disk was removed", counted(101*time.Second, core.MiB), later(5 * time.Second), before, none},
		{"nobody looked for long", counted(105*time.Second, core.GiB+core.MiB), later(time.Hour), before, none},
		{"at the same time", counted(105*time.Second, core.GiB+core.MiB), at, before, none},
		{"more than its CPUs", counted(200*time.Second, core.GiB), later(5 * time.Second), before, Sample{CPU: 100, Memory: core.GiB}},
	} {
		if d := cmp.Diff(c.want, sampleVM(c.now, totalOf(c.now, c.at), c.from)); d != "" {
			t.Errorf("%s:\n%s", c.name, d)
		}
	}
}

func TestMemoryUsed(t *testing.T) {
	for _, c := range []struct {
		balloon vm.Balloon
		want    core.Bytes
	}{
		{vm.Balloon{RSS: 300, Available: 1000, Unused: 100, Usable: 600}, 400},
		{vm.Balloon{RSS: 300, Available: 1000, Unused: 100}, 900},
		{vm.Balloon{RSS: 300, Available: 1000}, 300},
		{vm.Balloon{RSS: 300, Available: 1000, Usable: 2000}, 300},
		{vm.Balloon{RSS: -1}, 0},
		{vm.Balloon{}, 0},
	} {
		if got := memoryUsed(vm.Summary{Balloon: c.balloon}); got != c.want {
			t.Errorf("%+v: got %d, want %d", c.balloon, got, c.want)
		}
	}
}

// TestPastIsAnHour fills a past for three hours at every interval.
func TestPastIsAnHour(t *testing.T) {
	for _, every := range []time.Duration{time.Second, 5 * time.Second, time.Minute} {
		p, begun := newPast(), time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		tenths := func(at time.Time) uint32 { return uint32(at.Sub(begun) / (100 * time.Millisecond)) }
		at := begun
		for busy := time.Duration(0); at.Sub(begun) < 3*time.Hour; at = at.Add(every) {
			busy += every // half of two CPUs
			p.add(Counters{Node: Node{Busy: busy, Total: 4 * busy, Memory: core.GiB}, VMs: []vm.Summary{counted(busy, 0)}}, at, tenths(at))
		}
		hour := tenths(at.Add(-keep))
		if n := len(p.hostSince(hour)); n != int(keep/every) {
			t.Errorf("every %v: %d samples of the host", every, n)
		}
		points := p.vmSince("u", hour)
		if len(points) < 55 || len(points) > 60+recentPoints {
			t.Errorf("every %v: %d points of the VM", every, len(points))
		}
		for i, x := range points {
			if x.cpu != 50 || i > 0 && x.at <= points[i-1].at {
				t.Fatalf("every %v: point %d of %d is %+v", every, i, len(points), x)
			}
		}
	}
}

func TestVMsThatAreGoneAreForgotten(t *testing.T) {
	p, at := newPast(), time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	list := func(prefix string, n int) (c Counters) {
		for i := range n {
			c.VMs = append(c.VMs, vm.Summary{UUID: fmt.Sprint(prefix, i)})
		}
		return c
	}
	p.add(list("a", 10), at, 0)
	p.add(list("b", 10), at.Add(5*time.Minute), 0)
	if len(p.vms) != 20 {
		t.Errorf("%d VMs are known, want 20: a stopped VM keeps its past for a while", len(p.vms))
	}
	p.add(list("b", 10), at.Add(12*time.Minute), 0)
	if len(p.vms) != 10 {
		t.Errorf("%d VMs are known, want 10", len(p.vms))
	}
	for i := range 100 { // a host that tells of other VMs each time
		p.add(list(fmt.Sprint("c", i, "-"), 1000), at.Add(12*time.Minute+time.Duration(i)*time.Second), 0)
		if len(p.vms) > 2*1000+spareVMs {
			t.Fatalf("%d VMs are known", len(p.vms))
		}
	}
}

// TestTenThousandVMsTakeLittle holds the memory of an hour's figures of 10,000 VMs.
func TestTenThousandVMsTakeLittle(t *testing.T) {
	const n = 10_000
	c := Counters{VMs: make([]vm.Summary, n)}
	for i := range c.VMs {
		c.VMs[i] = vm.Summary{UUID: core.NewUUID(), VCPUs: 1}
	}
	before := heap()
	p, at := newPast(), time.Now()
	for i := range 130 {
		p.add(c, at.Add(time.Duration(i)*30*time.Second), uint32(300*i))
	}
	p.newest = nil // of which there is one, whatever the time
	used := heap() - before
	if used > 40_000_000 {
		t.Errorf("an hour of %d VMs takes %v, want at most 40 MB", n, used)
	}
	t.Logf("an hour of %d VMs takes %v", n, used)
	runtime.KeepAlive(p)
	runtime.KeepAlive(c)
}

func heap() core.Bytes {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return core.Bytes(m.HeapAlloc)
}

func BenchmarkRoundOfTenThousand(b *testing.B) {
	c := Counters{VMs: make([]vm.Summary, 10_000)}
	for i := range c.VMs {
		c.VMs[i] = counted(time.Hour, core.GiB)
		c.VMs[i].UUID = core.NewUUID()
	}
	p, at := newPast(), time.Now()
	for i := 0; b.Loop(); i++ {
		p.add(c, at.Add(time.Duration(i)*time.Second), uint32(10*i)).proto()
	}
}
