package compose

import (
	"strings"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/api/v1/apiv1connect"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/vm"
	"github.com/limiquantix/limiquantix/transport/sim"
)

// lively is an application that stays connected to a lively fleet.
func lively(t *testing.T, hosts, vms int) *rig {
	t.Helper()
	fleet := sim.NewFleet(sim.Model{Hosts: hosts, VMsPerHost: vms, Lively: true})
	t.Cleanup(fleet.Close)
	r := newRig(t, t.TempDir(), fleet, true)
	for _, name := range fleet.Hosts() {
		r.add(t, name)
	}
	return r
}

// eventually polls until cond holds.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !cond(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within a minute", what)
		}
	}
}

func TestFiguresOfWhomSomebodyLooksAt(t *testing.T) {
	r := lively(t, 2, 20)
	metrics := apiv1connect.NewMetricServiceClient(r.http, "http://limiquantix")
	first := r.fleet.Hosts()[0]
	if n := r.fleet.Calls("", "Counters"); n != 0 {
		t.Errorf("%d calls before anybody looked", n)
	}
	stream, err := metrics.WatchStats(t.Context(), &apiv1.WatchStatsRequest{IntervalSeconds: 1, Hosts: []string{first}})
	if err != nil {
		t.Fatal(err)
	}
	var last *apiv1.WatchStatsResponse
	for range 2 {
		if !stream.Receive() {
			t.Fatal(stream.Err())
		}
		last = stream.Msg()
	}
	stream.Close()
	vms, err := r.vms.ListVMs(t.Context(), &apiv1.ListVMsRequest{Hosts: []string{first}})
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for _, v := range vms.Vms {
		names[v.Uuid] = v.Name
	}
	if h := last.Host; h.Host != first || h.CpuPercent <= 0 || h.MemoryUsedBytes <= 0 || h.MemoryBytes != int64(768*core.GiB) {
		t.Errorf("the host's figures: %v", h)
	}
	for _, v := range last.Vms {
		if names[v.Uuid] == "" || v.CpuPercent < 0 || v.MemoryUsedBytes <= 0 || v.MemoryUsedBytes > v.MemoryBytes {
			t.Errorf("figures of %s: %v", names[v.Uuid], v)
		}
	}
	if n := r.fleet.Calls(r.fleet.Hosts()[1], "Counters"); n != 0 {
		t.Errorf("%d calls to a host that nobody looked at", n)
	}
	past, err := metrics.GetStats(t.Context(), &apiv1.GetStatsRequest{Vm: first + "/" + names[last.Vms[0].Uuid]})
	if err != nil || len(past.Vms) < 2 || len(past.Times) != len(past.Vms) {
		t.Errorf("the past of a VM: %v, %v", past, err)
	}
	past, err = metrics.GetStats(t.Context(), &apiv1.GetStatsRequest{Host: first})
	if err != nil || len(past.Hosts) < 2 {
		t.Errorf("the past of a host: %v, %v", past, err)
	}
	eventually(t, "reading to end", func() bool {
		before := r.fleet.Calls("", "Counters")
		time.Sleep(1500 * time.Millisecond)
		return r.fleet.Calls("", "Counters") == before
	})
	for _, wrong := range []*apiv1.GetStatsRequest{{Host: "nowhere"}, {Vm: "nothing"}} {
		if _, err := metrics.GetStats(t.Context(), wrong); core.CodeOf(server.FromConnect(err)) != core.NotFound {
			t.Errorf("%v: %v", wrong, err)
		}
	}
}

// TestEventsTellWhatHappened: sentences for what happened to VMs, hosts and
// tasks, and none for what was there before.
func TestEventsTellWhatHappened(t *testing.T) {
	r := lively(t, 2, 12)
	events := apiv1connect.NewEventServiceClient(r.http, "http://limiquantix")
	seen := func() string {
		res, err := events.ListEvents(t.Context(), &apiv1.ListEventsRequest{})
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, e := range res.Events {
			texts = append(texts, e.Level.String()+" "+e.Text)
		}
		return strings.Join(texts, "\n") + "\n"
	}
	first, second := r.fleet.Hosts()[0], r.fleet.Hosts()[1]
	if got, want := seen(), "LEVEL_INFO Host "+second+" added\nLEVEL_INFO Host "+first+" added\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	link, err := r.fleet.Dial(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	defer link.Close()
	all, err := link.VMs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var on []vm.Summary
	for _, s := range all {
		if s.State == vm.Running {
			on = append(on, s)
		}
	}
	op, err := r.vms.PowerVM(t.Context(), &apiv1.PowerVMRequest{Vm: on[0].UUID, Action: apiv1.PowerVMRequest_ACTION_PAUSE})
	r.done(t, op, err)
	r.fleet.Host(first).Crash(on[1].UUID)
	if err := link.StopVM(t.Context(), on[2].UUID); err != nil {
		t.Fatal(err)
	}
	if err := link.UndefineVM(t.Context(), on[2].UUID, vm.UndefineOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"LEVEL_INFO VM " + on[0].Name + " paused\n", "LEVEL_INFO Pause VM " + on[0].Name + " on " + first + ": done\n",
		"LEVEL_ERROR VM " + on[1].Name + " crashed\n", "LEVEL_INFO VM " + on[2].Name + " removed\n",
	} {
		eventually(t, want, func() bool { return strings.Contains(seen(), want) })
	}

	heal := r.fleet.Fault(sim.Fault{Host: second, Method: "Dial", Err: core.Errorf(core.Unreachable, "no route to host")})
	r.fleet.Drop(second, core.Errorf(core.Unreachable, "the connection was cut"))
	lost := "LEVEL_WARN Host " + second + " is not reachable: the connection was cut\n"
	eventually(t, lost, func() bool { return strings.Contains(seen(), lost) })
	r.state(t, second, apiv1.Host_STATE_STALE)
	time.Sleep(2 * time.Second) // attempts that fail
	heal()
	r.state(t, second, apiv1.Host_STATE_LIVE)
	accept := r.fleet.Refuse(second)
	refused := "LEVEL_ERROR Host " + second + " cannot be used: the host key of " + second + " has changed\n"
	eventually(t, refused, func() bool { return strings.Contains(seen(), refused) })
	accept()
	if _, err := r.hosts.RemoveHost(t.Context(), &apiv1.RemoveHostRequest{Host: second}); err != nil {
		t.Fatal(err)
	}
	got := seen()
	for text, n := range map[string]int{"Host " + second + " is not reachable": 1, "Host " + second + " is connected again": 1, "Host " + second + " removed": 1} {
		if have := strings.Count(got, text); have != n {
			t.Errorf("%d times %q, want %d:\n%s", have, text, n, got)
		}
	}
}

// TestOneCommandKeepsNoConnections: that a host was not reached is its answer.
func TestOneCommandKeepsNoConnections(t *testing.T) {
	r := oneHost(t, 3)
	r.fleet.Refuse("host1")
	if _, err := r.vms.ListVMs(t.Context(), &apiv1.ListVMsRequest{}); err != nil {
		t.Fatal(err)
	}
	res, err := apiv1connect.NewEventServiceClient(r.http, "http://limiquantix").ListEvents(t.Context(), &apiv1.ListEventsRequest{})
	if err != nil || len(res.Events) != 1 {
		t.Errorf("events %v, %v; want that the host was added", res, err)
	}
}

func TestHardwareOfASimulatedHost(t *testing.T) {
	r := lively(t, 1, 10)
	name := r.fleet.Hosts()[0]
	before := r.fleet.Calls("", "Run")
	h, err := r.hosts.GetHostHardware(t.Context(), &apiv1.GetHostHardwareRequest{Host: name})
	if err != nil {
		t.Fatal(err)
	}
	if n := r.fleet.Calls("", "Run") - before; n != 1 {
		t.Errorf("it took %d commands", n)
	}
	if len(h.Problems) > 0 || len(h.Nics) < 6 || len(h.Disks) < 3 || len(h.Filesystems) != 3 || len(h.Numa) != 2 || h.Os == "" || h.Machine == "" || h.Booted == nil {
		t.Errorf("got %v", h)
	}
	_, err = r.hosts.GetHostHardware(t.Context(), &apiv1.GetHostHardwareRequest{Host: "nowhere"})
	if core.CodeOf(server.FromConnect(err)) != core.NotFound {
		t.Error(err)
	}
}

func TestAbout(t *testing.T) {
	r := oneHost(t, 0)
	a, err := apiv1connect.NewAppServiceClient(r.http, "http://limiquantix").GetAbout(t.Context(), &apiv1.GetAboutRequest{})
	if err != nil || !a.Demo || a.Home == "" || a.Os == "" || a.Computer == "" {
		t.Errorf("got %v, %v", a, err)
	}
}

var _ host.Watcher = (*news)(nil)
