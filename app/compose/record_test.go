package compose

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/api/v1/apiv1connect"
	"github.com/limiquantix/limiquantix/transport/sim"
)

func (r *rig) histories() apiv1connect.HistoryServiceClient {
	return apiv1connect.NewHistoryServiceClient(r.http, r.url)
}

// untilChange waits for a change of an object, and returns the newest of them.
func (r *rig) untilChange(t *testing.T, object, change string) *apiv1.HistoryChange {
	t.Helper()
	var res *apiv1.ListHistoryResponse
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		var err error
		if res, err = r.histories().ListHistory(t.Context(), &apiv1.ListHistoryRequest{Object: object}); err != nil {
			t.Fatal(err)
		}
		if len(res.Changes) > 0 && res.Changes[0].Change == change {
			return res.Changes[0]
		}
	}
	t.Fatalf("the last change of %s is not %s: %v", object, change, res.Changes)
	return nil
}

// configuration waits until the history knows what an object is configured by.
func (r *rig) configuration(t *testing.T, object string) string {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		res, err := r.histories().ObjectAt(t.Context(), &apiv1.ObjectAtRequest{Object: object})
		if err == nil && res.Configuration != "" {
			return res.Configuration
		}
	}
	t.Fatalf("nothing is known of %s", object)
	return ""
}

// define changes the XML of a VM as another would.
func (r *rig) define(t *testing.T, vm, old, new string) {
	t.Helper()
	l := r.link(t)
	xml, err := l.VMXML(t.Context(), r.show(t, vm).Uuid, false)
	if err != nil || !strings.Contains(xml, old) {
		t.Fatal(err, xml)
	}
	if _, err := l.DefineVM(t.Context(), strings.Replace(xml, old, new, 1)); err != nil {
		t.Fatal(err)
	}
}

func TestHistoryTellsWhoChangedWhat(t *testing.T) {
	r := served(t, sim.Model{VMsPerHost: 2})
	first := r.configuration(t, "vm1")
	was := r.xml(t, "vm1")
	op, err := r.vms.EditVM(t.Context(), &apiv1.EditVMRequest{Vm: "vm1", Xml: strings.Replace(was.Xml, "<on_crash>destroy", "<on_crash>restart", 1)})
	task := r.mustDo(t, op, err)
	ours := r.untilChange(t, "vm1", "configured")
	if ours.Task != task.Id || ours.Actor == "" || !ours.HasDiff || ours.Since != nil {
		t.Errorf("our change is told as %v, want that of task %s", ours, task.Id)
	}
	diff, err := r.histories().DiffObject(t.Context(), &apiv1.DiffObjectRequest{Number: ours.Number})
	if err != nil || !strings.Contains(diff.Diff, "-  <on_crash>destroy</on_crash>\n+  <on_crash>restart</on_crash>\n") {
		t.Errorf("got %v, %v", diff, err)
	}
	// Another's, right after it: our task has left another configuration.
	r.define(t, "vm1", "<on_crash>restart", "<on_crash>preserve")
	var theirs *apiv1.HistoryChange
	for theirs = ours; theirs.Number == ours.Number; time.Sleep(20 * time.Millisecond) {
		theirs = r.untilChange(t, "vm1", "configured")
	}
	if theirs.Task != "" || theirs.Actor != "" {
		t.Errorf("another's change is told as ours: %v", theirs)
	}
	diff, err = r.histories().DiffObject(t.Context(), &apiv1.DiffObjectRequest{Object: "vm1", From: timestamppb.New(ours.Time.AsTime().Add(-time.Millisecond))})
	if err != nil || !strings.Contains(diff.Diff, "+  <on_crash>preserve") {
		t.Errorf("got %v, %v", diff, err)
	}
	if then, err := r.histories().ObjectAt(t.Context(), &apiv1.ObjectAtRequest{Object: "vm1", Time: timestamppb.New(ours.Time.AsTime().Add(-time.Millisecond))}); err != nil || then.Configuration != first {
		t.Errorf("%v: got\n%s\nwant\n%s", err, then.GetConfiguration(), first)
	}
}

func TestHistoryTellsWhatChangedWhileWeWereAway(t *testing.T) {
	fleet := sim.NewFleet(sim.Model{Hosts: 1, VMsPerHost: 2})
	t.Cleanup(fleet.Close)
	r := newRig(t, t.TempDir(), fleet, true)
	r.add(t, "host1")
	r.configuration(t, "vm1")
	heal := fleet.Fault(sim.Fault{Host: "host1", Method: "Dial", Err: core.Errorf(core.Unreachable, "host1 does not answer")})
	fleet.Drop("host1", core.Errorf(core.Unreachable, "cut"))
	r.state(t, "host1", apiv1.Host_STATE_STALE)
	heal()
	r.define(t, "vm1", "<on_crash>destroy", "<on_crash>restart")
	r.state(t, "host1", apiv1.Host_STATE_LIVE)
	c := r.untilChange(t, "vm1", "configured")
	if c.Task != "" || !c.HasDiff {
		t.Errorf("got %v", c)
	}
}

func TestHistoryKnowsAllKindsOfObjects(t *testing.T) {
	r := served(t, sim.Model{VMsPerHost: 2})
	want := map[string]string{"vm": "vm1", "host": "host1", "pool": "default", "network": "default"}
	var got *apiv1.FleetAtResponse
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until) && len(want) > 0; time.Sleep(20 * time.Millisecond) {
		var err error
		if got, err = r.histories().FleetAt(t.Context(), &apiv1.FleetAtRequest{}); err != nil {
			t.Fatal(err)
		}
		for _, o := range got.Objects {
			if o.Object.Name == want[o.Object.Kind] && o.Hash != "" {
				delete(want, o.Object.Kind)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("%v are missing of %v", want, got)
	}
	if _, err := r.hosts.RemoveHost(t.Context(), &apiv1.RemoveHostRequest{Host: "host1"}); err != nil {
		t.Fatal(err)
	}
	if got, err := r.histories().FleetAt(t.Context(), &apiv1.FleetAtRequest{}); err != nil || len(got.Objects) > 0 {
		t.Errorf("%v, %v", got, err)
	}
}
