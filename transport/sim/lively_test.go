package sim_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/hardware"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/vm"
	"github.com/limiquantix/limiquantix/transport/sim"
)

// TestALivelyFleetIsTheSameEachTime: names, clusters, states and figures.
func TestALivelyFleetIsTheSameEachTime(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	picture := func() string {
		f := sim.NewFleet(sim.Model{Hosts: 8, VMsPerHost: 24, Lively: true, Now: func() time.Time { return now }})
		defer f.Close()
		out := ""
		for _, name := range f.Hosts() {
			l := dial(t, f, name)
			c, err := l.Counters(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			out += fmt.Sprintln(name, f.Cluster(name), c, list(t, l))
		}
		return out
	}
	if d := cmp.Diff(picture(), picture()); d != "" {
		t.Errorf("two fleets of one model differ:\n%s", d)
	}
}

func TestALivelyFleetIsSound(t *testing.T) {
	f := sim.NewFleet(sim.Model{Hosts: 8, VMsPerHost: 24, Lively: true})
	t.Cleanup(f.Close)
	if hosts := f.Hosts(); !slices.IsSorted(hosts) || !slices.Contains(hosts, "ams-kvm1") {
		t.Errorf("hosts %q", hosts)
	}
	clusters, names, states := map[string]int{}, map[string]bool{}, map[vm.State]int{}
	for _, name := range f.Hosts() {
		clusters[f.Cluster(name)]++
		l := dial(t, f, name)
		for _, s := range list(t, l) {
			if names[s.Name] {
				t.Errorf("two VMs are called %s", s.Name)
			}
			names[s.Name] = true
			states[s.State]++
			xml, err := l.VMXML(t.Context(), s.UUID, false)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := l.DefineVM(t.Context(), xml); err != nil {
				t.Fatalf("%s: %v", s.Name, err)
			}
			if s.State == vm.Running {
				if a, err := l.Addresses(t.Context(), s.UUID); err != nil || len(a) == 0 {
					t.Errorf("%s has no address: %v", s.Name, err)
				}
			}
		}
		pools, err := l.Pools(t.Context())
		if err != nil || len(pools) != 4 || pools[0].Capacity < pools[0].Allocation {
			t.Errorf("pools %v, %v", pools, err)
		}
		if nets, err := l.Networks(t.Context()); err != nil || len(nets) != 4 {
			t.Errorf("networks %v, %v", nets, err)
		}
	}
	if d := cmp.Diff(map[string]int{"production": 4, "staging": 2, "lab": 2}, clusters); d != "" {
		t.Error(d)
	}
	if states[vm.Running] < 100 || states[vm.Stopped] < 10 || states[vm.Paused] == 0 {
		t.Errorf("states %v", states)
	}
}

// TestFiguresAreBelievable looks at a lively fleet for two hours.
func TestFiguresAreBelievable(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	_, l := fleet(t, sim.Model{Hosts: 1, VMsPerHost: 60, Lively: true, Now: func() time.Time { return now }})
	const step = 5 * time.Second
	before, err := l.Counters(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lowest, highest := map[string]float64{}, map[string]float64{}
	for range 1440 {
		now = now.Add(step)
		c, err := l.Counters(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sum := time.Duration(0)
		for i, s := range c.VMs {
			moved := s.CPUTime - before.VMs[i].CPUTime
			sum += moved
			load := moved.Seconds() / step.Seconds() / float64(s.VCPUs)
			if s.State == vm.Running && (load <= 0 || load > 1.02) || s.Balloon.RSS > s.Memory || s.Balloon.Usable > s.Balloon.Available {
				t.Fatalf("%s uses %.2f of its CPUs: %+v", s.Name, load, s)
			}
			if low, ok := lowest[s.Name]; !ok || load < low {
				lowest[s.Name] = load
			}
			highest[s.Name] = max(highest[s.Name], load)
		}
		busy, all := c.Node.Busy-before.Node.Busy, c.Node.Total-before.Node.Total
		if busy < sum || busy > sum+all/50 || all != 128*step {
			t.Fatalf("the host was busy for %v of %v, its VMs for %v", busy, all, sum)
		}
		before = c
	}
	lively := 0
	for name, high := range highest {
		if high > 2*lowest[name] {
			lively++
		}
	}
	if lively < len(highest)/2 {
		t.Errorf("only %d of %d VMs have figures that move", lively, len(highest))
	}
}

// TestIncidents: hosts are lost and come back, VMs change by themselves, and
// without incidents nothing does.
func TestIncidents(t *testing.T) {
	for _, every := range []time.Duration{0, 10 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			f := sim.NewFleet(sim.Model{Hosts: 4, VMsPerHost: 10, Lively: true, Incidents: every})
			defer f.Close()
			lost, events := 0, 0
			for range 600 {
				for _, name := range f.Hosts() {
					l, err := f.Dial(t.Context(), name)
					if err != nil {
						lost++
						continue
					}
					time.Sleep(time.Second)
					select {
					case <-l.Events():
						events++
					default:
					}
					l.Close()
				}
			}
			if happened := lost > 0 && events > 0; happened != (every > 0) || lost > 600 {
				t.Errorf("every %v: hosts were lost %d times, %d events", every, lost, events)
			}
		})
	}
}

func TestARefusedHostNeedsItsUser(t *testing.T) {
	f, l := fleet(t, sim.Model{Hosts: 1})
	accept := f.Refuse("host1")
	<-l.Done()
	_, err := f.Dial(t.Context(), "host1")
	wantCode(t, err, core.HostKeyChanged)
	if core.AsError(err).Detail["fingerprint"] == core.AsError(err).Detail["old_fingerprint"] {
		t.Error("the key is the same")
	}
	accept()
	dial(t, f, "host1")
}

func TestHardwareIsThere(t *testing.T) {
	_, l := fleet(t, sim.Model{Hosts: 1, VMsPerHost: 10, Lively: true})
	out, err := l.Run(t.Context(), host.Command{Argv: []string{"sh", "-c", hardware.Script}})
	if err != nil || out.Exit != 0 || len(out.Out) < 1000 {
		t.Errorf("exit %d, %d bytes, %v", out.Exit, len(out.Out), err)
	}
}
