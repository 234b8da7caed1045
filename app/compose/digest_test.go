package compose

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// planned asks for a plan twice and checks that nothing in it is different: its digest.
func planned(t *testing.T, ask func() (*apiv1.Operation, error)) *apiv1.Plan {
	t.Helper()
	var plans []*apiv1.Plan
	for range 2 {
		op, err := ask()
		if err != nil {
			t.Fatal(err)
		}
		plans = append(plans, op.Plan)
	}
	if plans[0].Digest == "" || plans[0].Digest != plans[1].Digest {
		t.Errorf("two plans of the same have the digests %q and %q", plans[0].Digest, plans[1].Digest)
	}
	return plans[0]
}

// changed checks that err says that the plan has changed and names each of says,
// and returns the plan as it is now.
func changed(t *testing.T, err error, says ...string) *apiv1.Plan {
	t.Helper()
	b, is := server.FromConnect(err).(*server.BlockedError)
	if !is || core.CodeOf(b) != core.Changed {
		t.Fatalf("got %v, want that it has changed, with the plan", err)
	}
	for _, s := range says {
		if !strings.Contains(b.Error(), s) {
			t.Errorf("got %q, want %q in it", b.Error(), s)
		}
	}
	return b.Plan
}

func TestDeleteDoesOnlyWhatWasShown(t *testing.T) {
	r := oneHost(t, 0)
	r.image(t, "debian.qcow2")
	for _, name := range []string{"web1", "web2"} {
		op, err := r.vms.CreateVM(t.Context(), create(name))
		r.done(t, op, err)
	}
	ask := &apiv1.DeleteVMRequest{Vm: "web1", Stop: true, PlanOnly: true}
	shown := planned(t, func() (*apiv1.Operation, error) { return r.vms.DeleteVM(t.Context(), ask) })
	before := r.volumes(t)
	shareDisk(t, r, "web2", "web1.qcow2")

	deed := &apiv1.DeleteVMRequest{Vm: "web1", Stop: true, ExpectedPlanDigest: shown.Digest}
	_, err := r.vms.DeleteVM(t.Context(), deed)
	now := changed(t, err, "no longer done: Delete volume web1.qcow2 of pool default", "new warning", "web2")
	if after := r.volumes(t); len(after) != len(before) || r.show(t, "web1").State != apiv1.VM_STATE_RUNNING {
		t.Errorf("something was done: volumes %v, were %v", after, before)
	}
	deed.ExpectedPlanDigest = now.Digest
	op, err := r.vms.DeleteVM(t.Context(), deed)
	if task := r.mustDo(t, op, err); task.Plan.Digest != now.Digest || len(task.Plan.Warnings) != 1 {
		t.Errorf("the task's plan is not the one that was shown: %v", task.Plan)
	}
}

func TestSettingDoesOnlyWhatWasShown(t *testing.T) {
	r := oneHost(t, 1)
	ask := &apiv1.SetVMRequest{Vm: "vm1", Vcpus: proto.Int32(r.show(t, "vm1").Vcpus + 1), PlanOnly: true}
	shown := planned(t, func() (*apiv1.Operation, error) { return r.vms.SetVM(t.Context(), ask) })
	op, err := r.vms.SetVM(t.Context(), &apiv1.SetVMRequest{Vm: "vm1", Title: proto.String("somebody else's")})
	r.mustDo(t, op, err)
	was := r.xml(t, "vm1").Xml
	deed := proto.CloneOf(ask)
	deed.PlanOnly, deed.ExpectedPlanDigest = false, shown.Digest
	_, err = r.vms.SetVM(t.Context(), deed)
	now := changed(t, err, "done otherwise: Store the new configuration of VM vm1")
	if r.xml(t, "vm1").Xml != was {
		t.Error("something was done")
	}
	deed.ExpectedPlanDigest = now.Digest
	op, err = r.vms.SetVM(t.Context(), deed)
	r.mustDo(t, op, err)
}

func TestPowerDoesOnlyWhatWasShown(t *testing.T) {
	r := oneHost(t, 1)
	if r.show(t, "vm1").State != apiv1.VM_STATE_RUNNING {
		op, err := r.vms.PowerVM(t.Context(), &apiv1.PowerVMRequest{Vm: "vm1", Action: apiv1.PowerVMRequest_ACTION_START})
		r.mustDo(t, op, err)
	}
	stop := &apiv1.PowerVMRequest{Vm: "vm1", Action: apiv1.PowerVMRequest_ACTION_STOP, PlanOnly: true}
	shown := planned(t, func() (*apiv1.Operation, error) { return r.vms.PowerVM(t.Context(), stop) })
	stop.PlanOnly, stop.ExpectedPlanDigest = false, shown.Digest
	op, err := r.vms.PowerVM(t.Context(), stop)
	r.mustDo(t, op, err)
	_, err = r.vms.PowerVM(t.Context(), stop) // it is off now
	changed(t, err, `in the way now: VM "vm1" is stopped`)
}

func TestUndoDoesOnlyWhatWasShown(t *testing.T) {
	r := oneHost(t, 1)
	op, err := r.vms.SetVM(t.Context(), &apiv1.SetVMRequest{Vm: "vm1", Title: proto.String("one")})
	task := r.mustDo(t, op, err)
	ask := &apiv1.UndoTaskRequest{Id: task.Id, PlanOnly: true}
	shown := planned(t, func() (*apiv1.Operation, error) { return r.tasks.UndoTask(t.Context(), ask) })
	op, err = r.vms.SetVM(t.Context(), &apiv1.SetVMRequest{Vm: "vm1", Description: proto.String("another's")})
	r.mustDo(t, op, err)
	deed := &apiv1.UndoTaskRequest{Id: task.Id, ExpectedPlanDigest: shown.Digest}
	_, err = r.tasks.UndoTask(t.Context(), deed)
	now := changed(t, err, "done otherwise")
	if v := r.show(t, "vm1"); v.Title != "one" {
		t.Errorf("something was done: the title is %q", v.Title)
	}
	deed.ExpectedPlanDigest = now.Digest
	op, err = r.tasks.UndoTask(t.Context(), deed)
	r.mustDo(t, op, err)
}

func TestADigestMakesOneVMOnce(t *testing.T) {
	r := oneHost(t, 0)
	r.image(t, "debian.qcow2")
	ask := func() *apiv1.Plan {
		req := create("web1")
		req.PlanOnly = true
		op, err := r.vms.CreateVM(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		return op.Plan
	}
	first, second := ask(), ask()
	if first.Digest == second.Digest {
		t.Error("two VMs would have the same UUID and MAC addresses")
	}
	make := func(digest, user string) (*apiv1.Operation, error) {
		req := create("web1")
		req.ExpectedPlanDigest, req.CloudInit.User = digest, user
		return r.vms.CreateVM(t.Context(), req)
	}
	_, err := make(first.Digest, "mallory")
	changed(t, err, "done otherwise: Write the cloud-init seed") // what the seed says is bound, though it is not shown
	for _, digest := range []string{"x", strings.Repeat("0", 32), strings.Split(first.Digest, ".")[0] + ".../..", strings.Repeat("é", 100)} {
		_, err := make(digest, "admin")
		changed(t, err, "is not what was shown")
	}
	if got := r.volumes(t); len(got) != 1 {
		t.Fatalf("something was made: %v", got)
	}
	op, err := make(first.Digest, "admin")
	r.mustDo(t, op, err)
	_, err = make(first.Digest, "admin")
	changed(t, err, "was made by this plan already")
}
