package compose

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// xml returns the persistent XML of a VM with its hash.
func (r *rig) xml(t *testing.T, vm string) *apiv1.GetVMXMLResponse {
	t.Helper()
	res, err := r.vms.GetVMXML(t.Context(), &apiv1.GetVMXMLRequest{Vm: vm})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func (r *rig) show(t *testing.T, vm string) *apiv1.VM {
	t.Helper()
	res, err := r.vms.GetVM(t.Context(), &apiv1.GetVMRequest{Vm: vm})
	if err != nil {
		t.Fatal(err)
	}
	return res.Vm
}

// undo takes a task back and returns the task that did.
func (r *rig) undo(t *testing.T, task *apiv1.Task) *apiv1.Task {
	t.Helper()
	op, err := r.tasks.UndoTask(t.Context(), &apiv1.UndoTaskRequest{Id: task.Id})
	return r.mustDo(t, op, err)
}

func (r *rig) mustDo(t *testing.T, op *apiv1.Operation, err error) *apiv1.Task {
	t.Helper()
	task := r.done(t, op, err)
	if task.State != apiv1.Task_STATE_DONE {
		t.Fatalf("got %v: %v", task.State, task.Error)
	}
	return task
}

// codeOf returns the code of an error that came over the API.
func codeOf(err error) core.Code { return core.CodeOf(server.FromConnect(err)) }

func TestEditDefinesAndIsUndone(t *testing.T) {
	r := oneHost(t, 2)
	was := r.xml(t, "vm1")
	edited := strings.Replace(was.Xml, "<on_crash>destroy", "<on_crash>restart", 1)
	op, err := r.vms.EditVM(t.Context(), &apiv1.EditVMRequest{Vm: "vm1", Xml: edited, BaseHash: was.Hash, PlanOnly: true})
	if err != nil || op.Task != nil || len(op.Plan.Steps) != 1 {
		t.Fatalf("got %v, %v", op, err)
	}
	diff := op.Plan.Steps[0].Diff
	if !strings.Contains(diff, "-  <on_crash>destroy</on_crash>\n+  <on_crash>restart</on_crash>\n") || op.Plan.Steps[0].When != apiv1.Plan_WHEN_NEXT_BOOT {
		t.Errorf("got %v, diff:\n%s", op.Plan.Steps[0].When, diff)
	}
	if got := r.xml(t, "vm1"); got.Hash != was.Hash || got.Xml != was.Xml {
		t.Fatal("a plan alone has changed the VM")
	}
	op, err = r.vms.EditVM(t.Context(), &apiv1.EditVMRequest{Vm: "vm1", Xml: edited, BaseHash: was.Hash})
	task := r.mustDo(t, op, err)
	now := r.xml(t, "vm1")
	if now.Xml != edited || task.Result["hash"] != now.Hash || !strings.Contains(task.Undo, "vm1") {
		t.Errorf("got undo %q, hash %q, want hash %q; XML:\n%s", task.Undo, task.Result["hash"], now.Hash, now.Xml)
	}
	back := r.undo(t, task)
	if got := r.xml(t, "vm1"); got.Xml != was.Xml || back.Undoes != task.Id {
		t.Errorf("undone to:\n%s", got.Xml)
	}
}

func TestEditOfWhatChangedMeanwhileIsAConflict(t *testing.T) {
	r := oneHost(t, 1)
	was := r.xml(t, "vm1")
	op, err := r.vms.SetVM(t.Context(), &apiv1.SetVMRequest{Vm: "vm1", Title: proto.String("theirs")})
	r.mustDo(t, op, err)
	_, err = r.vms.EditVM(t.Context(), &apiv1.EditVMRequest{Vm: "vm1", Xml: was.Xml, BaseHash: was.Hash})
	e := core.AsError(server.FromConnect(err))
	if codeOf(err) != core.Conflict || !strings.Contains(e.Detail["diff"], "+  <title>theirs</title>") {
		t.Errorf("got %v, %v", err, e.Detail)
	}
	// Undo of what somebody changed since is one, too.
	mine := r.xml(t, "vm1")
	op, err = r.vms.EditVM(t.Context(), &apiv1.EditVMRequest{Vm: "vm1", Xml: strings.Replace(mine.Xml, "theirs", "mine", 1), BaseHash: mine.Hash})
	task := r.mustDo(t, op, err)
	op, err = r.vms.SetVM(t.Context(), &apiv1.SetVMRequest{Vm: "vm1", Description: proto.String("x")})
	r.mustDo(t, op, err)
	if _, err = r.tasks.UndoTask(t.Context(), &apiv1.UndoTaskRequest{Id: task.Id}); codeOf(err) != core.Conflict {
		t.Errorf("got %v, want a conflict", err)
	}
}

func TestEditIsRefused(t *testing.T) {
	r := oneHost(t, 2)
	was := r.xml(t, "vm1")
	for name, test := range map[string]struct{ xml, says string }{
		"no XML":       {"<domain>", "not valid"},
		"entities":     {`<!DOCTYPE d [<!ENTITY e "x">]><domain/>`, "document types"},
		"no domain":    {"<network/>", "not a <domain>"},
		"another name": {strings.Replace(was.Xml, "<name>vm1", "<name>vm2", 1), "named \"vm2\""},
		"another UUID": {strings.Replace(was.Xml, "<uuid>", "<uuid>f", 1), "another UUID"},
		"no UUID":      {strings.Replace(was.Xml, "uuid>", "guid>", 2), "another UUID"},
	} {
		t.Run(name, func(t *testing.T) {
			op, err := r.vms.EditVM(t.Context(), &apiv1.EditVMRequest{Vm: "vm1", Xml: test.xml, PlanOnly: true})
			if err != nil || len(op.Plan.Blockers) == 0 || !strings.Contains(op.Plan.Blockers[0].Text, test.says) || op.Plan.Blockers[0].Fix == "" {
				t.Errorf("got %v, %v, want a blocker that says %q", op, err, test.says)
			}
			if _, err = r.vms.EditVM(t.Context(), &apiv1.EditVMRequest{Vm: "vm1", Xml: test.xml}); codeOf(err) != core.Blocked {
				t.Errorf("got %v, want it blocked", err)
			}
		})
	}
	if got := r.xml(t, "vm1"); got.Xml != was.Xml {
		t.Error("the VM was changed")
	}
	op, err := r.vms.EditVM(t.Context(), &apiv1.EditVMRequest{Vm: "vm1", Xml: was.Xml})
	if err != nil || op.Task != nil || len(op.Plan.Steps) != 0 || len(op.Plan.Warnings) != 1 {
		t.Errorf("an edit without a change: got %v, %v", op, err)
	}
	op, err = r.vms.EditVM(t.Context(), &apiv1.EditVMRequest{Vm: "vm1", Xml: strings.Replace(was.Xml, "<vcpu placement='static'>", "<vcpu>x", 1)})
	task := r.done(t, op, err)
	if got := r.xml(t, "vm1"); task.State != apiv1.Task_STATE_FAILED || task.Error.Code != string(core.Invalid) || got.Xml != was.Xml {
		t.Errorf("what the host refuses: got %v, %v", task.State, task.Error)
	}
}

func TestEditKeepsThePasswordThatIsNotShown(t *testing.T) {
	r := oneHost(t, 1)
	l := r.link(t)
	uuid := r.show(t, "vm1").Uuid
	set := func(xml, password string) {
		t.Helper()
		xml = strings.Replace(xml, "<graphics type='vnc'", "<graphics type='vnc' passwd='"+password+"'", 1)
		if _, err := l.DefineVM(t.Context(), xml); err != nil {
			t.Fatal(err)
		}
	}
	stored := func() string {
		t.Helper()
		xml, err := l.VMXML(t.Context(), uuid, false)
		if err != nil {
			t.Fatal(err)
		}
		return xml
	}
	set(stored(), "hunter2")
	was := r.xml(t, "vm1")
	if strings.Contains(was.Xml, "hunter2") {
		t.Fatal("the password is shown")
	}
	edited := strings.Replace(was.Xml, "<on_crash>destroy", "<on_crash>restart", 1)
	op, err := r.vms.EditVM(t.Context(), &apiv1.EditVMRequest{Vm: "vm1", Xml: edited, BaseHash: was.Hash})
	task := r.mustDo(t, op, err)
	if !strings.Contains(stored(), "passwd='hunter2'") || strings.Contains(op.Plan.Steps[0].Diff, "hunter2") {
		t.Errorf("diff:\n%s\nstored:\n%s", op.Plan.Steps[0].Diff, stored())
	}
	r.undo(t, task)
	if !strings.Contains(stored(), "passwd='hunter2'") || !strings.Contains(stored(), "<on_crash>destroy") {
		t.Errorf("after undo:\n%s", stored())
	}
	// Another password is set, and shown nowhere.
	was = r.xml(t, "vm1")
	op, err = r.vms.EditVM(t.Context(), &apiv1.EditVMRequest{Vm: "vm1", BaseHash: was.Hash,
		Xml: strings.Replace(was.Xml, "<graphics type='vnc'", "<graphics type='vnc' passwd='s3cret'", 1)})
	task = r.mustDo(t, op, err)
	if !strings.Contains(stored(), "passwd='s3cret'") || strings.Contains(task.String(), "s3cret") || len(op.Plan.Warnings) != 1 {
		t.Errorf("got %v", task)
	}
}

func TestSetIsOnePlanAndIsUndone(t *testing.T) {
	r := oneHost(t, 1)
	was := r.xml(t, "vm1")
	before := r.show(t, "vm1")
	req := &apiv1.SetVMRequest{Vm: "vm1", Title: proto.String("Web <server> & more"), Description: proto.String("two\nlines"),
		Vcpus: proto.Int32(before.Vcpus + 2), MemoryBytes: proto.Int64(int64(3 * core.GiB)), Autostart: proto.Bool(!before.Autostart)}
	op, err := r.vms.SetVM(t.Context(), req)
	task := r.mustDo(t, op, err)
	if len(op.Plan.Steps) != 2 || op.Plan.Steps[0].When != apiv1.Plan_WHEN_NEXT_BOOT || op.Plan.Steps[1].When != apiv1.Plan_WHEN_UNSPECIFIED {
		t.Errorf("got steps %v", op.Plan.Steps)
	}
	v := r.show(t, "vm1")
	if v.Title != *req.Title || v.Description != *req.Description || v.Autostart != *req.Autostart || !v.Pending {
		t.Errorf("got %v", v)
	}
	xml := r.xml(t, "vm1").Xml
	for _, want := range []string{"<title>Web &lt;server&gt; &amp; more</title>", "<memory unit='KiB'>3145728</memory>", "<currentMemory unit='KiB'>3145728</currentMemory>"} {
		if !strings.Contains(xml, want) {
			t.Errorf("no %s in\n%s", want, xml)
		}
	}
	op, err = r.vms.SetVM(t.Context(), req) // once more
	if err != nil || op.Task != nil || len(op.Plan.Steps) != 0 || len(op.Plan.Warnings) == 0 {
		t.Errorf("it is so already: got %v, %v", op, err)
	}
	r.undo(t, task)
	if got := r.xml(t, "vm1"); got.Xml != was.Xml {
		t.Errorf("undone to\n%s", got.Xml)
	}
	if v = r.show(t, "vm1"); v.Autostart != before.Autostart || v.Pending {
		t.Errorf("undone to %v", v)
	}
}

func TestUndoOfASettingLeavesTheOthers(t *testing.T) {
	r := oneHost(t, 1)
	op, err := r.vms.SetVM(t.Context(), &apiv1.SetVMRequest{Vm: "vm1", Title: proto.String("one")})
	task := r.mustDo(t, op, err)
	op, err = r.vms.SetVM(t.Context(), &apiv1.SetVMRequest{Vm: "vm1", Description: proto.String("kept")})
	r.mustDo(t, op, err)
	r.undo(t, task)
	if v := r.show(t, "vm1"); v.Title != "" || v.Description != "kept" {
		t.Errorf("got title %q, description %q", v.Title, v.Description)
	}
	op, err = r.vms.SetVM(t.Context(), &apiv1.SetVMRequest{Vm: "vm1", Title: proto.String("two")})
	task = r.mustDo(t, op, err)
	op, err = r.vms.SetVM(t.Context(), &apiv1.SetVMRequest{Vm: "vm1", Title: proto.String("three")})
	r.mustDo(t, op, err)
	if _, err = r.tasks.UndoTask(t.Context(), &apiv1.UndoTaskRequest{Id: task.Id}); codeOf(err) != core.Conflict {
		t.Errorf("got %v, want a conflict", err)
	}
}

func TestSetRefusesWhatNoHostTakes(t *testing.T) {
	r := oneHost(t, 1)
	for field, req := range map[string]*apiv1.SetVMRequest{
		"vcpus":        {Vcpus: proto.Int32(0)},
		"memory_bytes": {MemoryBytes: proto.Int64(1 << 19)},
		"title":        {Title: proto.String("two\nlines")},
	} {
		req.Vm = "vm1"
		_, err := r.vms.SetVM(t.Context(), req)
		if e := core.AsError(server.FromConnect(err)); codeOf(err) != core.Invalid || e.Detail["field"] != field {
			t.Errorf("%s: got %v, %v", field, err, e)
		}
	}
	op, err := r.vms.SetVM(t.Context(), &apiv1.SetVMRequest{Vm: "vm1", Vcpus: proto.Int32(200), PlanOnly: true})
	if err != nil || len(op.Plan.Warnings) != 1 || len(op.Plan.Blockers) != 0 {
		t.Errorf("more CPUs than the host has: got %v, %v", op, err)
	}
}

func TestPowerIsUndoneOnTheSameVM(t *testing.T) {
	r := oneHost(t, 2)
	v := r.show(t, "vm1")
	act := func(a apiv1.PowerVMRequest_Action) *apiv1.Task {
		t.Helper()
		op, err := r.vms.PowerVM(t.Context(), &apiv1.PowerVMRequest{Vm: "vm1", Action: a})
		return r.mustDo(t, op, err)
	}
	if v.State != apiv1.VM_STATE_RUNNING {
		act(apiv1.PowerVMRequest_ACTION_START)
	}
	pause := act(apiv1.PowerVMRequest_ACTION_PAUSE)
	if pause.Undo != "Resume VM vm1" {
		t.Errorf("got %q", pause.Undo)
	}
	r.undo(t, pause)
	if got := r.show(t, "vm1"); got.State != apiv1.VM_STATE_RUNNING {
		t.Errorf("got %v", got.State)
	}
	stop := act(apiv1.PowerVMRequest_ACTION_STOP)
	if stop.Undo != "" {
		t.Errorf("powering off can be undone by %q", stop.Undo)
	}
	start := act(apiv1.PowerVMRequest_ACTION_START)
	r.undo(t, start)
	if got := r.show(t, "vm1"); got.State != apiv1.VM_STATE_STOPPED {
		t.Errorf("got %v", got.State)
	}
	if _, err := r.tasks.UndoTask(t.Context(), &apiv1.UndoTaskRequest{Id: stop.Id}); codeOf(err) != core.Unsupported {
		t.Errorf("got %v", err)
	}
}

// What nothing takes back is not said to be undone: neither by its plan nor by
// its task.
func TestAPlanPromisesNoUndoThatThereIsNot(t *testing.T) {
	r := oneHost(t, 0)
	r.image(t, "debian.qcow2")
	req := create("web1")
	req.PlanOnly = true
	op, err := r.vms.CreateVM(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if op.Plan.Undo != "" {
		t.Errorf("the plan promises %q", op.Plan.Undo)
	}
	if !strings.Contains(op.Plan.CommandLine, "--password-stdin") {
		t.Errorf("the command makes no password: %s", op.Plan.CommandLine)
	}
	op, err = r.vms.CreateVM(t.Context(), create("web1"))
	if task := r.mustDo(t, op, err); task.Undo != "" || task.Plan.GetUndo() != "" {
		t.Errorf("the task promises %q and %q", task.Undo, task.Plan.GetUndo())
	}
}

func TestMoreThanTheHostHasIsRefusedUnlessItComesBack(t *testing.T) {
	r := oneHost(t, 1)
	set := func(memory core.Bytes) (*apiv1.Operation, error) {
		return r.vms.SetVM(t.Context(), &apiv1.SetVMRequest{Vm: "vm1", MemoryBytes: proto.Int64(int64(memory))})
	}
	_, err := set(core.PiB)
	blocked := new(server.BlockedError)
	if !errors.As(server.FromConnect(err), &blocked) || len(blocked.Plan.Blockers) != 1 || blocked.Plan.Blockers[0].Field != "memory_bytes" {
		t.Fatalf("got %v, want one blocker at memory_bytes", err)
	}
	_, err = r.vms.SetVM(t.Context(), &apiv1.SetVMRequest{Vm: "vm1", Vcpus: proto.Int32(4000)})
	if !errors.As(server.FromConnect(err), &blocked) || blocked.Plan.Blockers[0].Field != "vcpus" {
		t.Errorf("got %v, want a blocker at vcpus", err)
	}
	// It had as much before it came under management here.
	was := r.xml(t, "vm1")
	huge := regexp.MustCompile(`<(memory|currentMemory)[^>]*>[0-9]+<`).ReplaceAllString(was.Xml, "<$1 unit='TiB'>900<")
	op, err := r.vms.EditVM(t.Context(), &apiv1.EditVMRequest{Vm: "vm1", Xml: huge, BaseHash: was.Hash})
	r.mustDo(t, op, err)
	before := r.xml(t, "vm1").Xml
	op, err = set(core.GiB)
	r.undo(t, r.mustDo(t, op, err))
	if got := r.xml(t, "vm1").Xml; got != before || !strings.Contains(got, "'TiB'>900<") {
		t.Errorf("got %s, want 900 TiB back", got)
	}
}
