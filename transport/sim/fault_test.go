package sim_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/storage"
	"github.com/limiquantix/limiquantix/core/vm"
	"github.com/limiquantix/limiquantix/transport/sim"
)

func TestEachFlightCostsOneRoundTrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rtt = 50 * time.Millisecond
		start := time.Now()
		f := sim.NewFleet(sim.Model{Hosts: 1, VMsPerHost: 10, RTT: rtt})
		defer f.Close()
		l := dial(t, f, f.Hosts()[0])
		took := func(what string, want time.Duration) {
			t.Helper()
			if got := time.Since(start); got != want {
				t.Errorf("%s took %v, want %v", what, got, want)
			}
			start = time.Now()
		}
		took("dial", 9*rtt)
		list(t, l)
		took("list", rtt)
		f.Fault(sim.Fault{Method: "VMs", Latency: time.Second})
		list(t, l)
		took("slow list", rtt+time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		_, err := l.VMs(ctx)
		wantCode(t, err, core.Unreachable)
		took("list with a deadline", 10*time.Millisecond)
	})
}

func TestErrorFaults(t *testing.T) {
	f, l := fleet(t, sim.Model{Hosts: 2, VMsPerHost: 10})
	boom := core.Errorf(core.Internal, "boom")
	f.Fault(sim.Fault{Host: f.Hosts()[0], Method: "VMs", Err: boom, Times: 2})
	for range 2 {
		if _, err := l.VMs(t.Context()); !errors.Is(err, boom) {
			t.Errorf("got %v, want the fault's error", err)
		}
	}
	list(t, l) // the fault is spent
	list(t, dial(t, f, f.Hosts()[1]))

	off := first(t, l, vm.Stopped)
	clear := f.Fault(sim.Fault{Method: "StartVM", Err: boom, After: true})
	wantCode(t, l.StartVM(t.Context(), off.UUID), core.Internal)
	wantCode(t, l.StartVM(t.Context(), off.UUID), core.Conflict) // it had been done
	clear()
	f.Fault(sim.Fault{Method: "Dial", Err: core.Errorf(core.AuthFailed, "no")})
	_, err := f.Dial(t.Context(), f.Hosts()[0])
	wantCode(t, err, core.AuthFailed)
}

func TestDroppedLink(t *testing.T) {
	for _, after := range []bool{false, true} {
		f, l := fleet(t, sim.Model{Hosts: 1, VMsPerHost: 10})
		off := first(t, l, vm.Stopped)
		f.Fault(sim.Fault{Method: "StartVM", Drop: true, After: after, Times: 1})
		wantCode(t, l.StartVM(t.Context(), off.UUID), core.UnknownOutcome)
		<-l.Done()
		wantCode(t, l.Err(), core.Unreachable)
		_, err := l.VMs(t.Context())
		wantCode(t, err, core.Unreachable)
		again := dial(t, f, f.Hosts()[0])
		for _, s := range list(t, again) {
			if s.UUID == off.UUID && (s.State == vm.Running) != after {
				t.Errorf("dropped after the deed: %t, and the VM is %s", after, s.State)
			}
		}
	}
}

func TestSilentHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := sim.NewFleet(sim.Model{Hosts: 2, VMsPerHost: 10})
		defer f.Close()
		l, other := dial(t, f, f.Hosts()[0]), dial(t, f, f.Hosts()[1])
		heal := f.Fault(sim.Fault{Host: f.Hosts()[0], Hang: true})
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		_, err := l.VMs(ctx)
		wantCode(t, err, core.Unreachable)
		if l.Err() != nil {
			t.Errorf("a caller's deadline ended the link: %v", l.Err())
		}
		list(t, other)
		start := time.Now()
		wantCode(t, l.StopVM(t.Context(), core.NewUUID()), core.UnknownOutcome)
		if got := time.Since(start); got != 10*time.Second || l.Err() == nil {
			t.Errorf("the link gave up after %v: %v", got, l.Err())
		}
		heal()
		list(t, dial(t, f, f.Hosts()[0]))
	})
}

func TestFullDisk(t *testing.T) {
	f, l := fleet(t, sim.Model{Hosts: 1, DiskSize: core.GiB})
	data := make([]byte, 1<<20)
	up := func(name string) error {
		return l.PutVolume(t.Context(), storage.Upload{Pool: "default", Name: name, Size: core.MiB, Token: "t"}, bytes.NewReader(data))
	}
	heal := f.Fault(sim.Fault{DiskFull: true})
	wantCode(t, up("a"), core.NoSpace)
	heal()
	if err := up("a"); err != nil {
		t.Fatal(err)
	}
	raw := `<volume><name>b</name><capacity unit='GiB'>1</capacity></volume>`
	wantCode(t, l.CreateVolume(t.Context(), "default", raw), core.NoSpace)
	if err := l.DeleteVolume(t.Context(), "default", "a"); err != nil {
		t.Fatal(err)
	}
	pools, err := l.Pools(t.Context())
	if err != nil || pools[0].Available != core.GiB-340*core.MiB {
		t.Errorf("room is not given back: %v, %v free", err, pools[0].Available)
	}
}

func TestUploadCutInTheMiddle(t *testing.T) {
	f, l := fleet(t, sim.Model{Hosts: 1})
	u := storage.Upload{Pool: "default", Name: "x.iso", Size: 4 * core.MiB, Token: "task7"}
	data := make([]byte, u.Size)
	f.Fault(sim.Fault{Method: "PutVolume", AfterBytes: core.MiB, Drop: true, Times: 1})
	wantCode(t, l.PutVolume(t.Context(), u, bytes.NewReader(data)), core.UnknownOutcome)
	l = dial(t, f, f.Hosts()[0])
	_, err := l.Volume(t.Context(), "default", "x.iso")
	wantCode(t, err, core.NotFound)
	if _, err := l.Volume(t.Context(), "default", ".lqx-task7.part"); err != nil {
		t.Errorf("the half-written file is not there: %v", err)
	}
	if err := l.DiscardUpload(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	_, err = l.Volume(t.Context(), "default", ".lqx-task7.part")
	wantCode(t, err, core.NotFound)
	if err := l.PutVolume(t.Context(), u, bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	// SHA-256 of 4 MiB of zeros
	want := "bb9f8df61474d25e71fa00722318cd387396ca1736605e1248821cc0de3d3af8"
	if got := f.Host(f.Hosts()[0]).VolumeSHA256("/var/lib/libvirt/images/x.iso"); got != want {
		t.Errorf("hash %q, want %q", got, want)
	}
}

func TestLostEvents(t *testing.T) {
	f, l := fleet(t, sim.Model{Hosts: 1, VMsPerHost: 10})
	on := first(t, l, vm.Running)
	heal := f.Fault(sim.Fault{LoseEvents: true})
	if err := l.PauseVM(t.Context(), on.UUID); err != nil {
		t.Fatal(err)
	}
	heal()
	if err := l.ResumeVM(t.Context(), on.UUID); err != nil {
		t.Fatal(err)
	}
	if e := <-l.Events(); e.Change != "resumed" {
		t.Errorf("got %+v, want the event after the lost one", e)
	}
}

func TestSlowReaderOfEvents(t *testing.T) {
	_, l := fleet(t, sim.Model{Hosts: 1, VMsPerHost: 3000})
	var on []vm.Summary
	for _, s := range list(t, l) {
		if s.State == vm.Running {
			on = append(on, s)
		}
	}
	for range 3 { // more objects than a queue holds, several events each
		for _, s := range on {
			if err := l.ResetVM(t.Context(), s.UUID); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := l.StopPool(t.Context(), "default"); err != nil {
		t.Fatal(err)
	}
	seen, all := 0, false
	for !all {
		select {
		case e := <-l.Events():
			seen++
			all = e.Object == host.ObjectAll
		case <-time.After(time.Minute):
			t.Fatalf("no %q event after %d others", host.ObjectAll, seen)
		}
	}
	if seen > 1100 {
		t.Errorf("%d events were kept for a reader that did not read", seen)
	}
}

func TestDropTellsEveryLink(t *testing.T) {
	f, a := fleet(t, sim.Model{Hosts: 1})
	b := dial(t, f, f.Hosts()[0])
	reason := core.Errorf(core.Unreachable, "libvirtd was killed")
	f.Drop(f.Hosts()[0], reason)
	for _, l := range []*sim.Link{a, b} {
		<-l.Done()
		if _, open := <-l.Events(); open || !errors.Is(l.Err(), reason) {
			t.Errorf("events open %t, error %v", open, l.Err())
		}
	}
	list(t, dial(t, f, f.Hosts()[0]))
}
