package compose

import (
	"strings"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/api/v1/apiv1connect"
	"github.com/limiquantix/limiquantix/transport/sim"
)

// served is an application that stays connected to one host without VMs.
func served(t *testing.T, m sim.Model) *rig {
	t.Helper()
	m.Hosts = 1
	fleet := sim.NewFleet(m)
	t.Cleanup(fleet.Close)
	r := newRig(t, t.TempDir(), fleet, true)
	r.add(t, "host1")
	return r
}

// now returns what the list says of a VM; nil when it is not there.
func (r *rig) now(t *testing.T, name string) *apiv1.VM {
	t.Helper()
	res, err := r.vms.ListVMs(t.Context(), &apiv1.ListVMsRequest{Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range res.Vms {
		if v.Name == name {
			return v
		}
	}
	return nil
}

// story returns the kinds of events of VMs, oldest first.
func (r *rig) story(t *testing.T) string {
	t.Helper()
	res, err := apiv1connect.NewEventServiceClient(r.http, r.url).ListEvents(t.Context(), &apiv1.ListEventsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, e := range res.Events {
		if e.Object == "vm" {
			kinds = append([]string{e.Change}, kinds...)
		}
	}
	return strings.Join(kinds, " ")
}

// TestReadYourWrites: who reads the list once a task has ended sees what it did,
// also when the host's events never come. Power actions, whose answer says it
// all, ask the host nothing more.
func TestReadYourWrites(t *testing.T) {
	r := served(t, sim.Model{})
	r.image(t, "debian.qcow2")
	defer r.fleet.Fault(sim.Fault{LoseEvents: true})()
	lists := r.fleet.Calls("", "VMs")
	do := func(what string, atMost int, op *apiv1.Operation, err error) *apiv1.VM {
		t.Helper()
		planned := r.fleet.Calls("", "VMs")
		if task := r.done(t, op, err); task.State != apiv1.Task_STATE_DONE {
			t.Fatalf("%s: %v %v", what, task.State, task.Error)
		}
		if n := r.fleet.Calls("", "VMs") - planned; n > atMost {
			t.Errorf("%s: %d lists, want %d", what, n, atMost)
		}
		return r.now(t, "web1")
	}
	power := func(a apiv1.PowerVMRequest_Action) *apiv1.VM {
		t.Helper()
		op, err := r.vms.PowerVM(t.Context(), &apiv1.PowerVMRequest{Vm: "web1", Action: a})
		return do(a.String(), 0, op, err)
	}
	op, err := r.vms.CreateVM(t.Context(), create("web1"))
	if v := do("create", 1, op, err); v.GetState() != apiv1.VM_STATE_RUNNING {
		t.Fatalf("after it was created: %v", v)
	}
	for _, c := range []struct {
		action apiv1.PowerVMRequest_Action
		want   apiv1.VM_State
	}{
		{apiv1.PowerVMRequest_ACTION_PAUSE, apiv1.VM_STATE_PAUSED}, {apiv1.PowerVMRequest_ACTION_RESUME, apiv1.VM_STATE_RUNNING},
		{apiv1.PowerVMRequest_ACTION_STOP, apiv1.VM_STATE_STOPPED}, {apiv1.PowerVMRequest_ACTION_START, apiv1.VM_STATE_RUNNING},
		{apiv1.PowerVMRequest_ACTION_STOP, apiv1.VM_STATE_STOPPED},
	} {
		if v := power(c.action); v.GetState() != c.want {
			t.Errorf("after %s: %v", c.action, v.GetState())
		}
	}
	on, cpus := true, int32(3)
	op, err = r.vms.SetVM(t.Context(), &apiv1.SetVMRequest{Vm: "web1", Autostart: &on, Vcpus: &cpus})
	if v := do("set", 1, op, err); !v.GetAutostart() || v.GetVcpus() != cpus {
		t.Errorf("after it was set: %v", v)
	}
	op, err = r.vms.DeleteVM(t.Context(), &apiv1.DeleteVMRequest{Vm: "web1"})
	if v := do("delete", 3, op, err); v != nil { // its own two looks before, and one after
		t.Errorf("after it was deleted: %v", v)
	}
	if got := r.story(t); got != "added paused resumed stopped started stopped removed" {
		t.Errorf("told: %s", got)
	}
	t.Logf("%d lists in all", r.fleet.Calls("", "VMs")-lists)
}

// TestStartIsToldOnce: lists that come while QEMU gets ready tell of no pause.
func TestStartIsToldOnce(t *testing.T) {
	r := served(t, sim.Model{VMsPerHost: 0, Delays: sim.Delays{Start: 300 * time.Millisecond}})
	r.image(t, "debian.qcow2")
	req := create("web1")
	req.Start = false
	op, err := r.vms.CreateVM(t.Context(), req)
	r.done(t, op, err)
	op, err = r.vms.PowerVM(t.Context(), &apiv1.PowerVMRequest{Vm: "web1", Action: apiv1.PowerVMRequest_ACTION_START})
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		r.app.Hosts.Relist(t.Context(), "host1") // as events of other VMs have it done
		if task, err := r.app.Tasks.Task(t.Context(), op.Task.Id); err != nil || task.State.Ended() {
			break
		}
		seen++
	}
	if task := r.done(t, op, nil); task.State != apiv1.Task_STATE_DONE || seen < 3 {
		t.Fatalf("%v %v, seen %d times on its way", task.State, task.Error, seen)
	}
	op, err = r.vms.PowerVM(t.Context(), &apiv1.PowerVMRequest{Vm: "web1", Action: apiv1.PowerVMRequest_ACTION_PAUSE})
	r.done(t, op, err) // a real one is news
	if got := r.story(t); got != "added started paused" {
		t.Errorf("told: %s", got)
	}
}

// TestAgeOfALostHost: a host and its VMs are as old as its last word, not as its
// connection, and the next process knows it.
func TestAgeOfALostHost(t *testing.T) {
	home := t.TempDir()
	fleet := sim.NewFleet(sim.Model{Hosts: 1, VMsPerHost: 1})
	t.Cleanup(fleet.Close)
	r := newRig(t, home, fleet, true)
	r.add(t, "host1")
	time.Sleep(2500 * time.Millisecond) // longer than what is too brief to be kept
	lost := time.Now().Truncate(time.Millisecond)
	fleet.Fault(sim.Fault{Method: "Dial", Err: core.Errorf(core.Unreachable, "no route to the host")})
	fleet.Drop("host1", core.Errorf(core.Unreachable, "no route to the host"))
	check := func(r *rig) {
		t.Helper()
		hosts, err := r.hosts.ListHosts(t.Context(), &apiv1.ListHostsRequest{})
		if err != nil || len(hosts.Hosts) != 1 {
			t.Fatal(err, hosts)
		}
		vms, err := r.vms.ListVMs(t.Context(), &apiv1.ListVMsRequest{Offline: true})
		if err != nil || len(vms.Vms) != 1 {
			t.Fatal(err, vms)
		}
		for what, seen := range map[string]time.Time{"host": hosts.Hosts[0].Seen.AsTime(), "VM": vms.Vms[0].Seen.AsTime()} {
			if seen.Before(lost) || vms.Vms[0].Stale != true {
				t.Errorf("the %s was seen %s before the host was lost", what, lost.Sub(seen))
			}
		}
	}
	eventually(t, "the host to be lost", func() bool {
		h, err := r.app.Hosts.Host("host1")
		return err == nil && h.State == "stale"
	})
	check(r)
	if err := r.app.Close(); err != nil {
		t.Fatal(err)
	}
	check(newRig(t, home, fleet, true))
}
