package compose

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/vm"
	"github.com/limiquantix/limiquantix/core/vm/label"
	"github.com/limiquantix/limiquantix/transport/sim"
)

func (r *rig) list(t *testing.T, offline bool) map[string]*apiv1.VM {
	t.Helper()
	res, err := r.vms.ListVMs(t.Context(), &apiv1.ListVMsRequest{Offline: offline})
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]*apiv1.VM{}
	for _, v := range res.Vms {
		byName[v.Name] = v
	}
	return byName
}

func labelsSay(v *apiv1.VM) string { return fmt.Sprint(v.Tags, v.Folder, v.Fields) }

func TestLabelsOfManyAreOneTaskAndUndone(t *testing.T) {
	r := oneHost(t, 3)
	was := r.xml(t, "vm1").Xml
	folder, notes := "prod/web/", "# hello"
	req := func() *apiv1.LabelVMsRequest {
		return &apiv1.LabelVMsRequest{Vms: []string{"vm1", "host1/vm2", "vm1"}, AddTags: []string{"web", "b<b>"}, Folder: &folder, Fields: []*apiv1.LabelField{{Name: "owner", Value: "ops"}}, Notes: &notes}
	}
	ask := req()
	ask.PlanOnly = true
	op, err := r.vms.LabelVMs(t.Context(), ask)
	if err != nil || len(op.Plan.Steps) != 1 || !strings.Contains(op.Plan.Steps[0].Diff, "+      <tag>web</tag>") {
		t.Fatalf("got %v, %v", op, err)
	}
	op, err = r.vms.LabelVMs(t.Context(), req())
	task := r.mustDo(t, op, err)
	for _, offline := range []bool{true, false} {
		all := r.list(t, offline)
		for _, name := range []string{"vm1", "vm2"} {
			if got := labelsSay(all[name]); got != "[b<b> web]/prod/webmap[owner:ops]" {
				t.Errorf("%s (offline %t): %s", name, offline, got)
			}
		}
		if got := labelsSay(all["vm3"]); got != "[]map[]" {
			t.Errorf("vm3: %s", got)
		}
	}
	if v := r.show(t, "vm1"); labelsSay(v) != "[b<b> web]/prod/webmap[owner:ops]" || v.Description != notes {
		t.Errorf("shown: %s, %q", labelsSay(v), v.Description)
	}
	r.undo(t, task)
	if now := r.xml(t, "vm1").Xml; now != was {
		t.Errorf("undone is not as before:\n%s\n%s", now, was)
	}
	if got := labelsSay(r.list(t, true)["vm1"]); got != "[]map[]" {
		t.Errorf("after undo: %s", got)
	}
}

func TestLabelsOfAnotherAreNotOverwritten(t *testing.T) {
	r := oneHost(t, 2)
	op, err := r.vms.LabelVMs(t.Context(), &apiv1.LabelVMsRequest{Vms: []string{"vm1"}, AddTags: []string{"a"}})
	task := r.mustDo(t, op, err)
	uuid := r.show(t, "vm1").Uuid
	other := vm.Metadata{Space: label.Space, Prefix: "o", XML: "<labels><tag>theirs</tag></labels>"}
	if err := r.link(t).SetVMMetadata(t.Context(), uuid, other); err != nil {
		t.Fatal(err)
	}
	if _, err := r.tasks.UndoTask(t.Context(), &apiv1.UndoTaskRequest{Id: task.Id}); codeOf(err) != core.Conflict {
		t.Errorf("undo: %v", err)
	}
	if got := r.list(t, false)["vm1"].Tags; !slices.Equal(got, []string{"theirs"}) {
		t.Errorf("got %v", got)
	}
}

func TestLabelsThatAreNoneAreRefused(t *testing.T) {
	r := oneHost(t, 2)
	bad := "a\x01b"
	for field, req := range map[string]*apiv1.LabelVMsRequest{
		"vms":      {AddTags: []string{"a"}},
		"add_tags": {Vms: []string{"vm1"}, AddTags: []string{"a,b"}},
		"notes":    {Vms: []string{"vm1"}, Notes: &bad},
	} {
		if _, err := r.vms.LabelVMs(t.Context(), req); codeOf(err) != core.Invalid {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := r.vms.LabelVMs(t.Context(), &apiv1.LabelVMsRequest{Vms: []string{"vm1", "no"}, AddTags: []string{"a"}}); codeOf(err) != core.NotFound {
		t.Errorf("of a VM that is not there: %v", err)
	}
}

// TestLabelsOfAnotherAreSeen holds that an application that runs learns of labels
// that somebody else writes, and finds VMs by them.
func TestLabelsOfAnotherAreSeen(t *testing.T) {
	fleet := sim.NewFleet(sim.Model{Hosts: 1, VMsPerHost: 3})
	t.Cleanup(fleet.Close)
	r := newRig(t, t.TempDir(), fleet, true)
	r.add(t, "host1")
	uuid := r.show(t, "vm2").Uuid
	l := label.Labels{Tags: []string{"theirs"}, Folder: "/x/y", Fields: map[string]string{"cost": "7"}}
	xml, err := l.XML()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.link(t).SetVMMetadata(t.Context(), uuid, vm.Metadata{Space: label.Space, Prefix: "o", XML: xml}); err != nil {
		t.Fatal(err)
	}
	for until := time.Now().Add(30 * time.Second); labelsSay(r.list(t, true)["vm2"]) != "[theirs]/x/ymap[cost:7]"; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("not seen: %s", labelsSay(r.list(t, true)["vm2"]))
		}
	}
}

func TestLabelsOfSeveralHostsAreAllOrNone(t *testing.T) {
	fleet := sim.NewFleet(sim.Model{Hosts: 2, VMsPerHost: 2})
	t.Cleanup(fleet.Close)
	r := newRig(t, t.TempDir(), fleet, false)
	r.add(t, "host1")
	r.add(t, "host2")
	req := func() *apiv1.LabelVMsRequest {
		return &apiv1.LabelVMsRequest{Vms: []string{"host2/vm1", "host1/vm1"}, AddTags: []string{"a"}}
	}
	heal := fleet.Fault(sim.Fault{Host: "host2", Method: "SetVMMetadata", Err: core.Errorf(core.Denied, "not now")})
	op, err := r.vms.LabelVMs(t.Context(), req())
	if task := r.done(t, op, err); len(op.Plan.Steps) != 2 || task.State != apiv1.Task_STATE_FAILED {
		t.Fatalf("got %v with %d steps", task.State, len(op.Plan.Steps))
	}
	if v := r.show(t, "host1/vm1"); len(v.Tags) > 0 {
		t.Errorf("what was written is not taken back: %v", v.Tags)
	}
	heal()
	op, err = r.vms.LabelVMs(t.Context(), req())
	r.mustDo(t, op, err)
	for _, name := range []string{"host1/vm1", "host2/vm1"} {
		if v := r.show(t, name); !slices.Equal(v.Tags, []string{"a"}) {
			t.Errorf("%s has %v", name, v.Tags)
		}
	}
}
