package compose

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/api/v1/apiv1connect"
	"github.com/limiquantix/limiquantix/core/vm"
	"github.com/limiquantix/limiquantix/transport/sim"
)

// interrupted carries out an operation whose call of method is lost once.
func (r *rig) interrupted(t *testing.T, method string, send func() (*apiv1.Operation, error)) *apiv1.Task {
	t.Helper()
	heal := r.fleet.Fault(sim.Fault{Host: "host1", Method: method, Err: core.Errorf(core.UnknownOutcome, "the connection was lost")})
	op, err := send()
	task := r.done(t, op, err)
	heal()
	if task.State != apiv1.Task_STATE_INTERRUPTED {
		t.Fatalf("got %v, want it interrupted: %v", task.State, task.Error)
	}
	return task
}

func (r *rig) resume(t *testing.T, id string) *apiv1.Task {
	t.Helper()
	res, err := r.tasks.ResumeTasks(t.Context(), &apiv1.ResumeTasksRequest{Id: id})
	if err != nil || len(res.Tasks) != 1 {
		t.Fatalf("got %v, %v", res, err)
	}
	return r.done(t, &apiv1.Operation{Task: res.Tasks[0]}, nil)
}

func (r *rig) foreignVM(t *testing.T, name, disk string) {
	t.Helper()
	l := r.link(t)
	xml := `<volume><name>` + disk + `</name><capacity>1048576</capacity><target><format type="qcow2"/></target></volume>`
	if err := l.CreateVolume(t.Context(), "default", xml); err != nil {
		t.Fatal(err)
	}
	v, err := l.Volume(t.Context(), "default", disk)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.DefineVM(t.Context(), `<domain type="qemu"><name>`+name+`</name><memory>65536</memory><os><type>hvm</type></os><devices>`+
		`<disk type="file" device="disk"><source file="`+v.Path+`"/><target dev="vda" bus="virtio"/></disk></devices></domain>`); err != nil {
		t.Fatal(err)
	}
}

// The connection is lost while a VM is made; the user makes it by other means.
// Resuming the first attempt must not touch that VM's disk.
func TestResumedCreationLeavesADiskThatAnotherVMUses(t *testing.T) {
	r := oneHost(t, 0)
	r.image(t, "debian.qcow2")
	task := r.interrupted(t, "CreateVolume", func() (*apiv1.Operation, error) { return r.vms.CreateVM(t.Context(), create("web1")) })
	if slices.Contains(r.volumes(t), "web1.qcow2") {
		if err := r.link(t).DeleteVolume(t.Context(), "default", "web1.qcow2"); err != nil {
			t.Fatal(err)
		}
	}
	r.foreignVM(t, "web1", "web1.qcow2")
	if got := r.resume(t, task.Id); got.State != apiv1.Task_STATE_FAILED {
		t.Errorf("got %v, %v", got.State, got.Error)
	}
	if want := []string{"debian.qcow2", "web1.qcow2"}; !slices.Equal(r.volumes(t), want) {
		t.Errorf("got volumes %v, want %v", r.volumes(t), want)
	}
}

// The connection is lost while a VM is deleted; meanwhile its name and its
// disk's belong to another.
func TestResumedDeletionLeavesADiskThatAnotherVMUses(t *testing.T) {
	r := oneHost(t, 0)
	r.image(t, "debian.qcow2")
	op, err := r.vms.CreateVM(t.Context(), create("web1"))
	r.done(t, op, err)
	task := r.interrupted(t, "DeleteVolume", func() (*apiv1.Operation, error) {
		return r.vms.DeleteVM(t.Context(), &apiv1.DeleteVMRequest{Vm: "web1", Stop: true})
	})
	l := r.link(t)
	for _, v := range r.volumes(t) {
		if v == "web1.qcow2" {
			if err := l.DeleteVolume(t.Context(), "default", v); err != nil {
				t.Fatal(err)
			}
		}
	}
	r.foreignVM(t, "web1", "web1.qcow2")
	if got := r.resume(t, task.Id); got.State != apiv1.Task_STATE_DONE {
		t.Errorf("got %v, %v", got.State, got.Error)
	}
	if !slices.Contains(r.volumes(t), "web1.qcow2") {
		t.Errorf("got volumes %v: the other VM's disk is gone", r.volumes(t))
	}
}

// A name that meant one VM when it was last looked at may mean another now:
// what is done is done to the VM that has the name.
func TestNameMeansTheVMThatHasItNow(t *testing.T) {
	fleet := sim.NewFleet(sim.Model{Hosts: 1})
	t.Cleanup(fleet.Close)
	home := t.TempDir()
	first := newRig(t, home, fleet, false)
	first.add(t, "host1")
	first.foreignVM(t, "web1", "a.qcow2")
	for range 500 { // until the event has come
		if _, err := first.vms.GetVM(t.Context(), &apiv1.GetVMRequest{Vm: "web1"}); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	first.app.Close()

	l := first.link(t)
	old := vmNamed(t, l, "web1")
	xml, err := l.VMXML(t.Context(), old.UUID, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.UndefineVM(t.Context(), old.UUID, vm.UndefineOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.DefineVM(t.Context(), strings.Replace(xml, "<name>web1<", "<name>web1-old<", 1)); err != nil {
		t.Fatal(err)
	}
	first.foreignVM(t, "web1", "b.qcow2")

	next := newRig(t, home, fleet, false)
	op, err := next.vms.DeleteVM(t.Context(), &apiv1.DeleteVMRequest{Vm: "web1"})
	if task := next.done(t, op, err); task.State != apiv1.Task_STATE_DONE {
		t.Fatal(task.Error)
	}
	if want := []string{"a.qcow2"}; !slices.Equal(next.volumes(t), want) {
		t.Errorf("got volumes %v, want %v: the renamed VM's", next.volumes(t), want)
	}
}

func vmNamed(t *testing.T, l interface {
	VMs(context.Context) ([]vm.Summary, error)
}, name string) vm.Summary {
	t.Helper()
	list, err := l.VMs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(s vm.Summary) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("there is no VM %s", name)
	}
	return list[i]
}

// An image whose overlay lies in another pool is in use all the same.
func TestImageWithAnOverlayInAnotherPoolIsKept(t *testing.T) {
	r := oneHost(t, 0)
	r.image(t, "debian.qcow2")
	l := r.link(t)
	if err := l.DefinePool(t.Context(), `<pool type="dir"><name>fast</name><target><path>/srv/fast</path></target></pool>`); err != nil {
		t.Fatal(err)
	}
	if err := l.StartPool(t.Context(), "fast", true); err != nil {
		t.Fatal(err)
	}
	req := create("web1")
	req.Pool, req.Image = "fast", "default/debian"
	op, err := r.vms.CreateVM(t.Context(), req)
	if task := r.done(t, op, err); task.State != apiv1.Task_STATE_DONE {
		t.Fatal(task.Error)
	}
	images := apiv1connect.NewImageServiceClient(r.http, server.LocalURL)
	_, err = images.RemoveImage(t.Context(), &apiv1.RemoveImageRequest{Host: "host1", Pool: "default", Name: "debian.qcow2"})
	if code := core.CodeOf(server.FromConnect(err)); code != core.Blocked {
		t.Errorf("got %v, want it blocked", err)
	}
}

// The image's file is gone when an interrupted transfer is taken up: what is
// taken back is what was sent, under the name that it had.
func TestResumedImageIsTakenBackUnderItsOwnName(t *testing.T) {
	r := oneHost(t, 0)
	file := filepath.Join(t.TempDir(), "x.qcow2")
	if out, err := exec.Command("qemu-img", "create", "-q", "-f", "qcow2", file, "1M").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	images := apiv1connect.NewImageServiceClient(r.http, server.LocalURL)
	task := r.interrupted(t, "PutVolume", func() (*apiv1.Operation, error) {
		return images.AddImage(t.Context(), &apiv1.AddImageRequest{Host: "host1", Name: "base", Source: file})
	})
	r.foreignVM(t, "other", "base") // "base", not base.qcow2
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if got := r.resume(t, task.Id); got.State != apiv1.Task_STATE_FAILED || core.Code(got.Error.GetCode()) != core.NotFound {
		t.Errorf("got %v, %v", got.State, got.Error)
	}
	if want := []string{"base"}; !slices.Equal(r.volumes(t), want) {
		t.Errorf("got volumes %v, want %v", r.volumes(t), want)
	}
}

// The name of a pool that was being made belongs to another one by now.
func TestResumedPoolLeavesAnotherOfThatName(t *testing.T) {
	r := oneHost(t, 0)
	pools := apiv1connect.NewStorageServiceClient(r.http, server.LocalURL)
	task := r.interrupted(t, "DefinePool", func() (*apiv1.Operation, error) {
		return pools.CreatePool(t.Context(), &apiv1.CreatePoolRequest{Host: "host1", Name: "fast", Path: "/srv/ours"})
	})
	l := r.link(t)
	if err := l.DefinePool(t.Context(), `<pool type="dir"><name>fast</name><target><path>/srv/theirs</path></target></pool>`); err != nil {
		t.Fatal(err)
	}
	if got := r.resume(t, task.Id); got.State != apiv1.Task_STATE_FAILED {
		t.Errorf("got %v, %v", got.State, got.Error)
	}
	if err := l.StartPool(t.Context(), "fast", true); err != nil {
		t.Errorf("the other's pool is gone: %v", err)
	}
}

// A host is removed, or the program ends, while it is being connected.
func TestHostRemovedWhileItConnectsLeavesNoLink(t *testing.T) {
	r := oneHost(t, 3)
	r.fleet.Drop("host1", core.Errorf(core.Unreachable, "cut"))
	heal := r.fleet.Fault(sim.Fault{Host: "host1", Method: "VMs", Latency: 300 * time.Millisecond})
	defer heal()
	var list sync.WaitGroup
	list.Go(func() { r.vms.ListVMs(t.Context(), &apiv1.ListVMsRequest{}) })
	time.Sleep(100 * time.Millisecond)
	if _, err := r.hosts.RemoveHost(t.Context(), &apiv1.RemoveHostRequest{Host: "host1"}); err != nil {
		t.Fatal(err)
	}
	list.Wait()
	closed := make(chan struct{})
	go func() { r.app.Close(); close(closed) }()
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Fatal("the program does not end: a removed host's link is still followed")
	}
}
