package sim_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/vm"
	"github.com/limiquantix/limiquantix/core/xmledit"
	"github.com/limiquantix/limiquantix/transport/sim"
)

// dial opens a link that ends with the test.
func dial(t *testing.T, f *sim.Fleet, host string) *sim.Link {
	t.Helper()
	l, err := f.Dial(t.Context(), host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// fleet makes a fleet that ends with the test, and a link to its first host.
func fleet(t *testing.T, m sim.Model) (*sim.Fleet, *sim.Link) {
	t.Helper()
	f := sim.NewFleet(m)
	t.Cleanup(f.Close)
	return f, dial(t, f, f.Hosts()[0])
}

func list(t *testing.T, l *sim.Link) []vm.Summary {
	t.Helper()
	all, err := l.VMs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// first returns the first VM in a state.
func first(t *testing.T, l *sim.Link, state vm.State) vm.Summary {
	t.Helper()
	for _, s := range list(t, l) {
		if s.State == state {
			return s
		}
	}
	t.Fatalf("no VM is %s", state)
	return vm.Summary{}
}

func wantCode(t *testing.T, err error, want core.Code) {
	t.Helper()
	if got := core.CodeOf(err); got != want {
		t.Errorf("got code %q (%v), want %q", got, err, want)
	}
}

func TestSameNumbersGiveTheSameFleet(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	picture := func(seed uint64) string {
		_, l := fleet(t, sim.Model{Hosts: 2, VMsPerHost: 30, Seed: seed, Now: func() time.Time { return now }})
		all := list(t, l)
		xml, err := l.VMXML(t.Context(), all[17].UUID, true)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(all, xml)
	}
	if d := cmp.Diff(picture(1), picture(1)); d != "" {
		t.Errorf("two fleets of one model differ:\n%s", d)
	}
	if picture(1) == picture(2) {
		t.Error("another seed gives the same fleet")
	}
}

// TestSeededXMLIsAccepted defines each seeded VM from its own XML: the template
// has nothing that a host would refuse, and says what the figures say.
func TestSeededXMLIsAccepted(t *testing.T) {
	for _, noKVM := range []bool{false, true} {
		_, l := fleet(t, sim.Model{Hosts: 1, VMsPerHost: 120, NoKVM: noKVM})
		before := list(t, l)
		for _, s := range before {
			xml, err := l.VMXML(t.Context(), s.UUID, false)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := l.DefineVM(t.Context(), xml); err != nil {
				t.Fatalf("%v\n%s", err, xml)
			}
			after, err := l.VMXML(t.Context(), s.UUID, false)
			if err != nil || !xmledit.Equal(xml, after) {
				t.Fatalf("%v\n%s", err, xmledit.Diff(xml, after))
			}
		}
		for i, s := range list(t, l) {
			if s.Memory != before[i].Memory || s.VCPUs != before[i].VCPUs || s.Disks[0].Path != before[i].Disks[0].Path {
				t.Errorf("got %+v, want %+v", s, before[i])
			}
		}
	}
}

func TestFiguresMoveWithTheClock(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	_, l := fleet(t, sim.Model{Hosts: 1, VMsPerHost: 50, Now: func() time.Time { return now }})
	last := list(t, l)
	for range 40 {
		now = now.Add(17 * time.Second)
		for i, s := range list(t, l) {
			moved := s.CPUTime - last[i].CPUTime
			if moved < 0 || moved > 17*time.Second*2*time.Duration(s.VCPUs) || (moved > 0) != (s.State == vm.Running) {
				t.Fatalf("%s is %s; CPU time moved by %v", s.Name, s.State, moved)
			}
			if s.State == vm.Running && (s.NICs[0].Received < last[i].NICs[0].Received || s.Disks[0].Written < last[i].Disks[0].Written) {
				t.Fatalf("counters of %s fell", s.Name)
			}
			last[i] = s
		}
	}
}

func TestCallsAreCounted(t *testing.T) {
	f, l := fleet(t, sim.Model{Hosts: 2, VMsPerHost: 40})
	other := dial(t, f, f.Hosts()[1])
	var uuids []string
	for _, s := range list(t, l) {
		uuids = append(uuids, s.UUID)
	}
	if _, err := l.VMXMLs(t.Context(), uuids); err != nil {
		t.Fatal(err)
	}
	list(t, other)
	got := []int{f.Calls("", "VMs"), f.Calls(f.Hosts()[0], ""), f.Calls(f.Hosts()[0], "VMXMLs"), f.Calls("", "Dial"), f.Calls("", "StartVM")}
	if d := cmp.Diff([]int{2, 3, 1, 2, 0}, got); d != "" {
		t.Error(d)
	}
}

func TestUnknownAndClosedFleetsAreUnreachable(t *testing.T) {
	f, _ := fleet(t, sim.Model{Hosts: 1})
	_, err := f.Dial(t.Context(), "nowhere")
	wantCode(t, err, core.Unreachable)
	f.Close()
	_, err = f.Dial(t.Context(), f.Hosts()[0])
	wantCode(t, err, core.Unreachable)
}

// TestTenThousandVMsAreLight holds the memory of the scale runs: 30 MiB for
// 10,000 VMs, on one host or on a hundred.
func TestTenThousandVMsAreLight(t *testing.T) {
	for _, m := range []sim.Model{{Hosts: 1, VMsPerHost: 10_000}, {Hosts: 100, VMsPerHost: 100}} {
		before := heap()
		f := sim.NewFleet(m)
		used := heap() - before
		if used > 30*core.MiB {
			t.Errorf("%d × %d VMs take %v, want at most 30 MiB", m.Hosts, m.VMsPerHost, used)
		}
		t.Logf("%d × %d VMs take %v", m.Hosts, m.VMsPerHost, used)
		f.Close()
		runtime.KeepAlive(f)
	}
}

func heap() core.Bytes {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return core.Bytes(m.HeapAlloc)
}

func BenchmarkListTenThousand(b *testing.B) {
	f := sim.NewFleet(sim.Model{Hosts: 1, VMsPerHost: 10_000})
	defer f.Close()
	l, err := f.Dial(context.Background(), f.Hosts()[0])
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if all, err := l.VMs(context.Background()); err != nil || len(all) != 10_000 {
			b.Fatal(len(all), err)
		}
	}
}
