package compose

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/api/v1/apiv1connect"
	"github.com/limiquantix/limiquantix/core/storage"
	"github.com/limiquantix/limiquantix/transport/sim"
)

// rig is the whole application on simulated hosts, and clients of its API.
type rig struct {
	fleet *sim.Fleet
	app   *App
	http  *http.Client
	url   string
	vms   apiv1connect.VMServiceClient
	hosts apiv1connect.HostServiceClient
	tasks apiv1connect.TaskServiceClient
}

func newRig(t *testing.T, home string, fleet *sim.Fleet, keep bool) *rig {
	t.Helper()
	app, err := New(t.Context(), Config{Home: home, Log: Discard(), Fleet: fleet, Keep: keep})
	if err != nil {
		t.Fatal(err)
	}
	mem := server.InMemory(app.Handler, Discard())
	t.Cleanup(func() { mem.Close(); app.Close() })
	c := mem.Client()
	return &rig{
		fleet: fleet, app: app, http: c, url: mem.URL, vms: apiv1connect.NewVMServiceClient(c, mem.URL),
		hosts: apiv1connect.NewHostServiceClient(c, mem.URL), tasks: apiv1connect.NewTaskServiceClient(c, mem.URL),
	}
}

func oneHost(t *testing.T, vms int) *rig {
	t.Helper()
	fleet := sim.NewFleet(sim.Model{Hosts: 1, VMsPerHost: vms})
	t.Cleanup(fleet.Close)
	r := newRig(t, t.TempDir(), fleet, false)
	r.add(t, "host1")
	return r
}

func (r *rig) add(t *testing.T, name string) {
	t.Helper()
	if _, err := r.hosts.AddHost(t.Context(), &apiv1.AddHostRequest{Name: name, Spec: &apiv1.HostSpec{Address: simScheme + name}}); err != nil {
		t.Fatal(err)
	}
}

func (r *rig) link(t *testing.T) *sim.Link {
	t.Helper()
	l, err := r.fleet.Dial(t.Context(), "host1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// image puts an image into the default pool.
func (r *rig) image(t *testing.T, name string) {
	t.Helper()
	data := strings.Repeat("x", 4096)
	u := storage.Upload{Pool: "default", Name: name, Format: "qcow2", Size: core.Bytes(len(data)), Capacity: core.GiB, Token: "test"}
	if err := r.link(t).PutVolume(t.Context(), u, strings.NewReader(data)); err != nil {
		t.Fatal(err)
	}
}

func (r *rig) volumes(t *testing.T) []string {
	t.Helper()
	list, err := r.link(t).Volumes(t.Context(), "default")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, v := range list {
		if v.Name != "debian-12-base.qcow2" { // each simulated host has it
			names = append(names, v.Name)
		}
	}
	return names
}

// done waits for an operation's task and returns it.
func (r *rig) done(t *testing.T, op *apiv1.Operation, err error) *apiv1.Task {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	stream, err := r.tasks.WatchTask(ctx, &apiv1.WatchTaskRequest{Id: op.Task.Id})
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	var last *apiv1.Task
	for stream.Receive() {
		last = stream.Msg().Task
	}
	if err := stream.Err(); err != nil {
		t.Fatal(err)
	}
	return last
}

func create(name string) *apiv1.CreateVMRequest {
	return &apiv1.CreateVMRequest{
		Name: name, Host: "host1", Image: "debian", MemoryBytes: int64(512 * core.MiB), Start: true,
		CloudInit: &apiv1.CloudInit{User: "admin", Password: "hunter2"},
	}
}

func TestPreviewEqualsDeed(t *testing.T) {
	r := oneHost(t, 0)
	r.image(t, "debian.qcow2")
	ask := create("web1")
	ask.PlanOnly = true
	preview, err := r.vms.CreateVM(t.Context(), ask)
	if err != nil {
		t.Fatal(err)
	}
	req := create("web1")
	req.ExpectedPlanDigest = preview.Plan.Digest
	op, err := r.vms.CreateVM(t.Context(), req)
	task := r.done(t, op, err)
	if !proto.Equal(preview.Plan, op.Plan) {
		t.Errorf("shown %v\nplanned %v", preview.Plan, op.Plan)
	}
	if task.State != apiv1.Task_STATE_DONE {
		t.Fatalf("got %v: %v", task.State, task.Error)
	}
	var calls []string
	for _, s := range op.Plan.Steps {
		calls = append(calls, s.Call)
	}
	var log []string
	for _, l := range task.Log {
		log = append(log, l.Text)
	}
	if !slices.Equal(calls, log) {
		t.Errorf("planned %v\ndid     %v", calls, log)
	}
	var diff string
	for _, s := range op.Plan.Steps {
		if s.Id == "define" {
			diff = s.Diff
		}
	}
	xml, err := r.vms.GetVMXML(t.Context(), &apiv1.GetVMXMLRequest{Vm: "web1"})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(diff, "\n") {
		want, added := strings.CutPrefix(line, "+")
		start, _, _ := strings.Cut(want, "></") // libvirt may put an address into an empty element
		if added && !strings.HasPrefix(line, "+++") && !strings.Contains(xml.Xml, strings.TrimSpace(start)) {
			t.Errorf("the preview has %s, the VM's XML does not", want)
		}
	}
	if want := []string{"debian.qcow2", "web1-seed.iso", "web1.qcow2"}; !slices.Equal(r.volumes(t), want) {
		t.Errorf("got volumes %v, want %v", r.volumes(t), want)
	}
}

func TestPlanOnlyChangesNothing(t *testing.T) {
	r := oneHost(t, 0)
	r.image(t, "debian.qcow2")
	req := create("web1")
	req.PlanOnly = true
	op, err := r.vms.CreateVM(t.Context(), req)
	if err != nil || op.Task != nil || len(op.Plan.Steps) != 4 {
		t.Fatalf("got %v, %v", op, err)
	}
	if got := r.volumes(t); len(got) != 1 {
		t.Errorf("got volumes %v", got)
	}
	list, err := r.tasks.ListTasks(t.Context(), &apiv1.ListTasksRequest{})
	if err != nil || len(list.Tasks) != 0 {
		t.Errorf("got tasks %v, %v", list, err)
	}
}

func TestDeleteKeepsWhatOthersUse(t *testing.T) {
	r := oneHost(t, 0)
	r.image(t, "debian.qcow2")
	for _, name := range []string{"web1", "web2"} {
		op, err := r.vms.CreateVM(t.Context(), create(name))
		r.done(t, op, err)
	}
	shareDisk(t, r, "web2", "web1.qcow2")
	op, err := r.vms.DeleteVM(t.Context(), &apiv1.DeleteVMRequest{Vm: "web1", Stop: true})
	if task := r.done(t, op, err); task.State != apiv1.Task_STATE_DONE {
		t.Fatal(task.Error)
	}
	if want := []string{"debian.qcow2", "web1.qcow2", "web2-seed.iso", "web2.qcow2"}; !slices.Equal(r.volumes(t), want) {
		t.Errorf("got volumes %v, want %v", r.volumes(t), want)
	}
	if !strings.Contains(strings.Join(op.Plan.Warnings, "\n"), `VM "web2" uses it too`) {
		t.Errorf("got warnings %q", op.Plan.Warnings)
	}
}

// shareDisk makes a VM use a volume of the default pool as its second disk.
func shareDisk(t *testing.T, r *rig, name, volume string) {
	t.Helper()
	l := r.link(t)
	list, err := l.VMs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v, err := l.Volume(t.Context(), "default", volume)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		if m.Name != name {
			continue
		}
		xml, err := l.VMXML(t.Context(), m.UUID, false)
		if err != nil {
			t.Fatal(err)
		}
		disk := `<disk type="file" device="disk"><driver name="qemu" type="qcow2"/><source file="` + v.Path + `"/><target dev="vdb" bus="virtio"/></disk></devices>`
		if _, err := l.DefineVM(t.Context(), strings.Replace(xml, "</devices>", disk, 1)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAmbiguousNameListsTheCandidates(t *testing.T) {
	fleet := sim.NewFleet(sim.Model{Hosts: 2, VMsPerHost: 1})
	t.Cleanup(fleet.Close)
	r := newRig(t, t.TempDir(), fleet, false)
	r.add(t, "host1")
	r.add(t, "host2")
	_, err := r.vms.GetVM(t.Context(), &apiv1.GetVMRequest{Vm: "vm1"})
	e := core.AsError(server.FromConnect(err))
	if e.Code != core.Ambiguous || e.Detail["candidates"] != "host1/vm1\nhost2/vm1" {
		t.Errorf("got %+v", e)
	}
	got, err := r.vms.GetVM(t.Context(), &apiv1.GetVMRequest{Vm: "host2/vm1"})
	if err != nil || got.Vm.Host != "host2" {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestListOfVMsIsOneRoundTripPerHost(t *testing.T) {
	r := oneHost(t, 100)
	if _, err := r.vms.ListVMs(t.Context(), &apiv1.ListVMsRequest{}); err != nil { // addresses are asked for once
		t.Fatal(err)
	}
	before := r.fleet.Calls("host1", "")
	list, err := r.vms.ListVMs(t.Context(), &apiv1.ListVMsRequest{})
	if err != nil || len(list.Vms) != 100 {
		t.Fatalf("got %d VMs, %v", len(list.GetVms()), err)
	}
	if n := r.fleet.Calls("host1", "") - before; n != 0 {
		t.Errorf("a warm list cost %d round trips, want 0: events keep the cache true", n)
	}
}

func TestStartCostsOneRoundTrip(t *testing.T) {
	r := oneHost(t, 20)
	list, err := r.vms.ListVMs(t.Context(), &apiv1.ListVMsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list.Vms, func(v *apiv1.VM) bool { return v.State == apiv1.VM_STATE_STOPPED })
	op, err := r.vms.PowerVM(t.Context(), &apiv1.PowerVMRequest{Vm: list.Vms[i].Uuid, Action: apiv1.PowerVMRequest_ACTION_START})
	if task := r.done(t, op, err); task.State != apiv1.Task_STATE_DONE {
		t.Fatal(task.Error)
	}
	if n := r.fleet.Calls("host1", "StartVM"); n != 1 {
		t.Errorf("StartVM was called %d times", n)
	}
}

func TestLostHostIsStaleWithItsReasonAndComesBack(t *testing.T) {
	fleet := sim.NewFleet(sim.Model{Hosts: 2, VMsPerHost: 1})
	t.Cleanup(fleet.Close)
	r := newRig(t, t.TempDir(), fleet, true)
	r.add(t, "host1")
	r.add(t, "host2")
	heal := fleet.Fault(sim.Fault{Host: "host1", Method: "Dial", Err: core.Errorf(core.Unreachable, "host1 does not answer")})
	fleet.Drop("host1", core.Errorf(core.Unreachable, "cut"))
	r.state(t, "host1", apiv1.Host_STATE_STALE)
	list, err := r.vms.ListVMs(t.Context(), &apiv1.ListVMsRequest{})
	if err != nil || len(list.Vms) != 2 || len(list.Problems) != 1 || list.Problems[0].Code != string(core.Unreachable) {
		t.Fatalf("got %v, %v", list, err)
	}
	for _, v := range list.Vms {
		if v.Stale != (v.Host == "host1") {
			t.Errorf("%s/%s: stale is %v", v.Host, v.Name, v.Stale)
		}
	}
	heal()
	r.state(t, "host1", apiv1.Host_STATE_LIVE)
}

func (r *rig) state(t *testing.T, name string, want apiv1.Host_State) {
	t.Helper()
	var got *apiv1.GetHostResponse
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		var err error
		if got, err = r.hosts.GetHost(t.Context(), &apiv1.GetHostRequest{Host: name}); err != nil {
			t.Fatal(err)
		}
		if got.Host.State == want {
			return
		}
	}
	t.Fatalf("%s is %v (%s), want %v", name, got.Host.State, got.Host.Reason, want)
}

func TestNoSecretIsKept(t *testing.T) {
	home := t.TempDir()
	fleet := sim.NewFleet(sim.Model{Hosts: 1})
	t.Cleanup(fleet.Close)
	r := newRig(t, home, fleet, false)
	r.add(t, "host1")
	r.image(t, "debian.qcow2")
	for _, name := range []string{"web1", "web2"} { // web2 fails and is taken back
		req := create(name)
		req.CloudInit.UserData = "#cloud-config\nwrite_files:\n- {path: /key, content: " + strings.Repeat("canary", 1000) + "}\n"
		if name == "web2" {
			heal := fleet.Fault(sim.Fault{Host: "host1", Method: "StartVM", Err: core.Errorf(core.Internal, "no")})
			defer heal()
		}
		op, err := r.vms.CreateVM(t.Context(), req)
		r.done(t, op, err)
	}
	r.app.Tasks.Close()
	for _, secret := range []string{"hunter2", "canary", "$6$"} {
		if found := grep(t, home, secret); found != "" {
			t.Errorf("%s is in %s while the program runs", secret, found)
		}
	}
}

func TestAddressOfAStartedVMIsFoundAndListed(t *testing.T) {
	fleet := sim.NewFleet(sim.Model{Hosts: 1})
	t.Cleanup(fleet.Close)
	r := newRig(t, t.TempDir(), fleet, true)
	r.add(t, "host1")
	r.image(t, "debian.qcow2")
	op, err := r.vms.CreateVM(t.Context(), create("web1"))
	r.done(t, op, err)
	for until := time.Now().Add(30 * time.Second); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		list, err := r.vms.ListVMs(t.Context(), &apiv1.ListVMsRequest{Offline: true})
		if err != nil {
			t.Fatal(err)
		}
		if len(list.Vms) == 1 && len(list.Vms[0].Addresses) > 0 {
			return
		}
	}
	t.Error("the list never showed an address")
}

// The window lists from the cache: what ran before the host was connected has
// its addresses there too, those that only the guest knows included.
func TestAddressesOfVMsThatRanAlreadyAreFound(t *testing.T) {
	fleet := sim.NewFleet(sim.Model{Hosts: 1, VMsPerHost: 6})
	t.Cleanup(fleet.Close)
	r := newRig(t, t.TempDir(), fleet, true)
	leases := fleet.Fault(sim.Fault{Host: "host1", Method: "Leases", Err: core.Errorf(core.Unsupported, "no DHCP here")})
	defer leases()
	r.add(t, "host1")
	var without []string
	for until := time.Now().Add(30 * time.Second); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		list, err := r.vms.ListVMs(t.Context(), &apiv1.ListVMsRequest{Offline: true})
		if err != nil {
			t.Fatal(err)
		}
		without = nil
		for _, v := range list.Vms {
			if v.State == apiv1.VM_STATE_RUNNING && len(v.Addresses) == 0 {
				without = append(without, v.Name)
			}
		}
		if len(list.Vms) == 6 && len(without) == 0 {
			return
		}
	}
	t.Errorf("%v run and have no address", without)
}

func TestListShowsAddressesFromLeases(t *testing.T) {
	r := oneHost(t, 5)
	list, err := r.vms.ListVMs(t.Context(), &apiv1.ListVMsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range list.Vms {
		if v.State == apiv1.VM_STATE_RUNNING && len(v.Addresses) == 0 {
			t.Errorf("%s runs and has no address", v.Name)
		}
	}
}

func TestCacheKnowsWhatATaskDid(t *testing.T) {
	r := oneHost(t, 0)
	r.image(t, "debian.qcow2")
	op, err := r.vms.CreateVM(t.Context(), create("web1"))
	r.done(t, op, err)
	list, err := r.vms.ListVMs(t.Context(), &apiv1.ListVMsRequest{Offline: true})
	if err != nil || len(list.Vms) != 1 || list.Vms[0].State != apiv1.VM_STATE_RUNNING {
		t.Fatalf("got %v, %v, want web1 running", list, err)
	}
	op, err = r.vms.DeleteVM(t.Context(), &apiv1.DeleteVMRequest{Vm: "web1", Stop: true})
	r.done(t, op, err)
	if list, err = r.vms.ListVMs(t.Context(), &apiv1.ListVMsRequest{Offline: true}); err != nil || len(list.Vms) != 0 {
		t.Fatalf("got %v, %v, want none", list, err)
	}
}
