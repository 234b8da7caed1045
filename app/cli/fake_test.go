package cli_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/api/v1/apiv1connect"
)

// now is the time in all scripts.
var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func ago(d time.Duration) *timestamppb.Timestamp { return timestamppb.New(now.Add(-d)) }

// fleet is a stateful fake of the whole core: two hosts, of which kvm2 is cut
// off. Names decide what goes wrong: "slow" never ends by itself, "boom" fails.
type fleet struct {
	apiv1connect.UnimplementedHostServiceHandler
	apiv1connect.UnimplementedVMServiceHandler
	apiv1connect.UnimplementedImageServiceHandler
	apiv1connect.UnimplementedStorageServiceHandler
	apiv1connect.UnimplementedNetworkServiceHandler
	apiv1connect.UnimplementedTaskServiceHandler
	apiv1connect.UnimplementedEventServiceHandler
	apiv1connect.UnimplementedMetricServiceHandler
	apiv1connect.UnimplementedSearchServiceHandler

	mu      sync.Mutex
	hosts   []*apiv1.Host
	vms     []*apiv1.VM
	tasks   []*apiv1.Task
	views   []*apiv1.View
	cancels map[string]chan struct{}
	changed chan struct{} // closed and replaced at each change of a task
}

// hostile is a name that would command a terminal.
const hostile = "evil\x1b]52;c;cm0=\x07\u202e\u009b2J"

func newFleet() *fleet {
	f := &fleet{changed: make(chan struct{}), cancels: map[string]chan struct{}{}}
	facts := &apiv1.HostFacts{Hostname: "kvm1", LibvirtVersion: "9.0.0", QemuVersion: "7.2.22", Arch: "x86_64",
		CpuModel: "EPYC", Cpus: 8, Sockets: 1, Cores: 4, Threads: 2, NumaNodes: 1, MemoryBytes: int64(32 * core.GiB), Kvm: true}
	f.hosts = []*apiv1.Host{
		{Id: "11111111-0000-4000-8000-000000000001", Name: "kvm1", Address: "ssh://root@kvm1.example.org", State: apiv1.Host_STATE_LIVE,
			Seen: ago(0), Facts: facts, Vms: 4, Running: 1, Uri: "qemu:///system"},
		{Id: "11111111-0000-4000-8000-000000000002", Name: "kvm2", Address: "ssh://root@kvm2.example.org", State: apiv1.Host_STATE_STALE,
			Seen: ago(3 * time.Minute), Vms: 1, Jumps: []string{"bastion"}, Reason: "no answer", Hint: "check its power", Uri: "qemu:///system"},
	}
	vm := func(n int, host, name string, state apiv1.VM_State) *apiv1.VM {
		return &apiv1.VM{Uuid: fmt.Sprintf("22222222-0000-4000-8000-%012d", n), Name: name, Host: host, State: state, Vcpus: 2,
			MemoryBytes: int64(2 * core.GiB), Persistent: true, Seen: ago(0)}
	}
	f.vms = []*apiv1.VM{
		vm(1, "kvm1", "db1", apiv1.VM_STATE_STOPPED), vm(2, "kvm1", hostile, apiv1.VM_STATE_STOPPED),
		vm(3, "kvm1", "web1", apiv1.VM_STATE_RUNNING), vm(4, "kvm1", "web2", apiv1.VM_STATE_STOPPED),
		vm(5, "kvm2", "web1", apiv1.VM_STATE_RUNNING),
	}
	f.vms[2].Addresses = []*apiv1.Address{{Ip: "192.168.122.5", Mac: "52:54:00:00:00:01", Source: "agent"}}
	f.vms[2].Disks = []*apiv1.Disk{{Target: "vda", Device: "disk", Bus: "virtio", Source: "/pool/web1.qcow2", Format: "qcow2"}}
	f.vms[2].Nics = []*apiv1.NIC{{Mac: "52:54:00:00:00:01", Model: "virtio", Kind: "network", Source: "default"}}
	f.vms[4].Stale, f.vms[4].Seen = true, ago(3*time.Minute)
	return f
}

func (f *fleet) handler() http.Handler {
	return server.Handler(server.Services{Host: f, VM: f, Image: f, Storage: f, Network: f, Task: f, Event: f, Metric: f, Search: f, Console: f.console}, slog.New(slog.DiscardHandler))
}

func (f *fleet) AddHost(_ context.Context, r *apiv1.AddHostRequest) (*apiv1.AddHostResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, h := range f.hosts {
		if h.Name == r.Name {
			return nil, core.Errorf(core.Exists, "a host named %s exists already", r.Name)
		}
	}
	if err := reachable(r.Spec); err != nil {
		return nil, err
	}
	h := &apiv1.Host{Id: core.NewUUID(), Name: r.Name, Address: r.Spec.Address, State: apiv1.Host_STATE_LIVE, Seen: ago(0),
		Cluster: r.Cluster, Jumps: r.Spec.Jumps, Facts: f.hosts[0].Facts}
	f.hosts = append(f.hosts, h)
	return &apiv1.AddHostResponse{Host: h}, nil
}

func reachable(s *apiv1.HostSpec) error {
	switch {
	case strings.Contains(s.Address, "unknown") && !s.AcceptNew && s.HostKey != "SHA256:abc":
		return core.Errorf(core.HostKeyUnknown, "the host key of %s is not known", s.Address).
			WithDetail("fingerprint", "SHA256:abc").WithDetail("key_type", "ssh-ed25519").WithDetail("address", s.Address)
	case strings.Contains(s.Address, "secret") && s.Secret != "hunter2":
		return core.Errorf(core.SecretNeeded, "%s wants a password", s.Address).WithDetail("secret", "password").WithDetail("for", s.Address)
	case strings.Contains(s.Address, "changed"):
		return core.Errorf(core.HostKeyChanged, "the host key of %s has changed", s.Address).WithHint("somebody may be listening").
			WithDetail("fingerprint", "SHA256:new").WithDetail("key_type", "ssh-ed25519").
			WithDetail("old_fingerprint", "SHA256:old").WithDetail("old_key_type", "ssh-rsa")
	case strings.Contains(s.Address, "down"):
		return core.Errorf(core.Unreachable, "%s does not answer", s.Address).WithHint("is it switched on?")
	}
	return nil
}

func (f *fleet) ListHosts(context.Context, *apiv1.ListHostsRequest) (*apiv1.ListHostsResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return &apiv1.ListHostsResponse{Hosts: slices.Clone(f.hosts)}, nil
}

func (f *fleet) GetHost(_ context.Context, r *apiv1.GetHostRequest) (*apiv1.GetHostResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, h := range f.hosts {
		if h.Name == r.Host {
			return &apiv1.GetHostResponse{Host: h}, nil
		}
	}
	return nil, core.Errorf(core.NotFound, "no host named %s", core.Printable(r.Host, 60)).WithHint("limiquantix host list shows all")
}

func (f *fleet) RemoveHost(ctx context.Context, r *apiv1.RemoveHostRequest) (*apiv1.RemoveHostResponse, error) {
	if _, err := f.GetHost(ctx, &apiv1.GetHostRequest{Host: r.Host}); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hosts = slices.DeleteFunc(f.hosts, func(h *apiv1.Host) bool { return h.Name == r.Host })
	return &apiv1.RemoveHostResponse{}, nil
}

func (f *fleet) ReconnectHost(ctx context.Context, r *apiv1.ReconnectHostRequest) (*apiv1.ReconnectHostResponse, error) {
	res, err := f.GetHost(ctx, &apiv1.GetHostRequest{Host: r.Host})
	if err != nil {
		return nil, err
	}
	if r.Host == "kvm2" && r.HostKey != "SHA256:new" {
		return nil, core.Errorf(core.HostKeyChanged, "the host key of kvm2 has changed").WithHint("compare it, then: limiquantix host reconnect kvm2 --host-key SHA256:new")
	}
	return &apiv1.ReconnectHostResponse{Host: res.Host}, nil
}

func (f *fleet) CheckHost(_ context.Context, r *apiv1.CheckHostRequest) (*apiv1.CheckHostResponse, error) {
	if r.Spec != nil {
		if err := reachable(r.Spec); err != nil {
			return nil, err
		}
		return &apiv1.CheckHostResponse{Findings: []*apiv1.Finding{
			{Check: "ssh", Level: apiv1.Finding_LEVEL_OK, Text: "connected"},
			{Check: "libvirt", Level: apiv1.Finding_LEVEL_FAIL, Text: "libvirt is not installed", Fix: "apt install libvirt-daemon-system"},
		}}, nil
	}
	return &apiv1.CheckHostResponse{Ready: true, Findings: []*apiv1.Finding{
		{Check: "ssh", Level: apiv1.Finding_LEVEL_OK, Text: "connected"},
		{Check: "kvm", Level: apiv1.Finding_LEVEL_WARN, Text: "guests are emulated", Fix: "switch virtualisation on in the firmware"},
	}}, nil
}

func (f *fleet) problems(hosts []string) []*apiv1.HostProblem {
	if len(hosts) > 0 && !slices.Contains(hosts, "kvm2") {
		return nil
	}
	return []*apiv1.HostProblem{{Host: "kvm2", Message: "no answer since 3 minutes", Hint: "check its power", Code: "unreachable"}}
}

func (f *fleet) ListVMs(_ context.Context, r *apiv1.ListVMsRequest) (*apiv1.ListVMsResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	res := &apiv1.ListVMsResponse{Problems: f.problems(r.Hosts)}
	if r.Offline {
		res.Problems = nil
	}
	for _, v := range f.vms {
		if len(r.Hosts) == 0 || slices.Contains(r.Hosts, v.Host) {
			res.Vms = append(res.Vms, v)
		}
	}
	return res, nil
}

func (f *fleet) find(ref string) (*apiv1.VM, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var found []*apiv1.VM
	var names []string
	for _, v := range f.vms {
		if v.Name == ref || v.Host+"/"+v.Name == ref || v.Uuid == ref {
			found = append(found, v)
			names = append(names, v.Host+"/"+v.Name)
		}
	}
	switch len(found) {
	case 0:
		return nil, core.Errorf(core.NotFound, "no VM named %s", core.Printable(ref, 60)).WithHint("limiquantix vm list shows all")
	case 1:
		return found[0], nil
	}
	return nil, core.Errorf(core.Ambiguous, "several VMs are named %s", ref).WithHint("name one as HOST/NAME").WithDetail("candidates", strings.Join(names, "\n"))
}

func (f *fleet) GetVM(_ context.Context, r *apiv1.GetVMRequest) (*apiv1.GetVMResponse, error) {
	v, err := f.find(r.Vm)
	return &apiv1.GetVMResponse{Vm: v}, err
}

func (f *fleet) GetVMXML(_ context.Context, r *apiv1.GetVMXMLRequest) (*apiv1.GetVMXMLResponse, error) {
	v, err := f.find(r.Vm)
	return &apiv1.GetVMXMLResponse{Xml: "<domain>\n\t<name>" + v.GetName() + "</name>\n</domain>\n"}, err
}

func (f *fleet) CreateVM(_ context.Context, r *apiv1.CreateVMRequest) (*apiv1.Operation, error) {
	if err := core.CheckName("VM name", r.Name); err != nil {
		return nil, err
	}
	plan := &apiv1.Plan{Title: fmt.Sprintf("Create VM %s on %s", r.Name, r.Host), Host: r.Host, Undo: "Delete VM " + r.Name,
		Warnings: []string{"guests are emulated on " + r.Host}, CommandLine: "limiquantix vm create " + r.Name,
		Steps: []*apiv1.Plan_Step{
			{Id: "overlay", Text: "Make overlay volume " + r.Name + ".qcow2", Call: "virStorageVolCreateXML(default)", Undo: "delete the volume"},
			{Id: "define", Text: "Define the VM", Call: "virDomainDefineXML()", Diff: "+<domain>\n+  <name>" + r.Name + "</name>\n+</domain>\n", Done: r.Name == "half"},
			{Id: "boot", Text: "Take the new title", When: apiv1.Plan_WHEN_NEXT_BOOT},
		}}
	if r.Image == "missing.qcow2" {
		plan.Blockers = []*apiv1.Plan_Blocker{{Text: "pool default of kvm1 has no volume missing.qcow2", Fix: "limiquantix image add", Code: "not_found"}}
		return nil, &server.BlockedError{Err: core.Errorf(core.Blocked, "the plan is blocked: no image"), Plan: plan}
	}
	f.mu.Lock()
	for _, v := range f.vms {
		if v.Host == r.Host && v.Name == r.Name {
			f.mu.Unlock()
			return nil, core.Errorf(core.Exists, "a VM named %s exists on %s", r.Name, r.Host)
		}
	}
	f.mu.Unlock()
	c := r.CloudInit
	log := fmt.Sprintf("cpus=%d memory=%d disk=%d user=%s keys=%d password=%t userdata=%d nics=%v uefi=%t start=%t",
		r.Vcpus, r.MemoryBytes, r.DiskBytes, c.GetUser(), len(c.GetSshKeys()), c.GetPassword() != "", len(c.GetUserData()), len(r.Nics), r.Uefi, r.Start)
	return f.begin(plan, "vm.create", r.Name, r.PlanOnly, log, func() {
		f.vms = append(f.vms, &apiv1.VM{Uuid: core.NewUUID(), Name: r.Name, Host: r.Host, State: apiv1.VM_STATE_STOPPED, Vcpus: r.Vcpus, MemoryBytes: r.MemoryBytes, Seen: ago(0)})
	})
}

func (f *fleet) PowerVM(_ context.Context, r *apiv1.PowerVMRequest) (*apiv1.Operation, error) {
	v, err := f.find(r.Vm)
	if err != nil {
		return nil, err
	}
	on := r.Action != apiv1.PowerVMRequest_ACTION_START
	if running := v.State == apiv1.VM_STATE_RUNNING; running != on {
		return nil, core.Errorf(core.Conflict, "VM %s is %s", v.Name, strings.ToLower(strings.TrimPrefix(v.State.String(), "STATE_")))
	}
	plan := &apiv1.Plan{Title: fmt.Sprintf("Power VM %s: %s", v.Name, strings.ToLower(r.Action.String())), Host: v.Host,
		Steps: []*apiv1.Plan_Step{{Id: "power", Text: "Call", Call: "virDomainX(" + v.Name + ")"}}}
	return f.begin(plan, "vm.power", v.Name, r.PlanOnly, fmt.Sprintf("timeout=%d force=%t", r.TimeoutSeconds, r.ForceAfter), func() {
		switch r.Action {
		case apiv1.PowerVMRequest_ACTION_START:
			v.State = apiv1.VM_STATE_RUNNING
		case apiv1.PowerVMRequest_ACTION_STOP, apiv1.PowerVMRequest_ACTION_SHUTDOWN:
			v.State = apiv1.VM_STATE_STOPPED
		}
	})
}

func (f *fleet) DeleteVM(_ context.Context, r *apiv1.DeleteVMRequest) (*apiv1.Operation, error) {
	v, err := f.find(r.Vm)
	if err != nil {
		return nil, err
	}
	plan := &apiv1.Plan{Title: fmt.Sprintf("Delete VM %s on %s", v.Name, v.Host), Host: v.Host, Destructive: true,
		Warnings: []string{"its disks go with it"}, Steps: []*apiv1.Plan_Step{{Id: "undefine", Text: "Undefine", Call: "virDomainUndefineFlags()"}}}
	return f.begin(plan, "vm.delete", v.Name, r.PlanOnly, "", func() {
		f.vms = slices.DeleteFunc(f.vms, func(o *apiv1.VM) bool { return o == v })
	})
}

func (f *fleet) OpenConsole(_ context.Context, r *apiv1.OpenConsoleRequest) (*apiv1.OpenConsoleResponse, error) {
	v, err := f.find(r.Vm)
	if err != nil {
		return nil, err
	}
	if v.State != apiv1.VM_STATE_RUNNING {
		return nil, core.Errorf(core.Conflict, "VM %s is not running", v.Name)
	}
	return &apiv1.OpenConsoleResponse{Ticket: "t+/&"}, nil
}

// console is a guest that greets and echoes; "poweroff" ends it.
func (f *fleet) console(_ context.Context, ticket string) (io.ReadWriteCloser, error) {
	if ticket != "t+/&" {
		return nil, core.Errorf(core.Denied, "the ticket is used or too old")
	}
	here, guest := net.Pipe()
	go func() {
		defer guest.Close()
		io.WriteString(guest, "web1 login: ")
		buf := make([]byte, 4096)
		for {
			n, err := guest.Read(buf)
			if err != nil {
				return
			}
			fmt.Fprintf(guest, "got %q\r\n", buf[:n])
			if strings.Contains(string(buf[:n]), "poweroff") {
				return
			}
		}
	}()
	return here, nil
}

func (f *fleet) AddImage(_ context.Context, r *apiv1.AddImageRequest) (*apiv1.Operation, error) {
	if strings.HasSuffix(r.Source, ".txt") {
		return nil, core.Errorf(core.BadImage, "the file is not a disk image")
	}
	return f.begin(&apiv1.Plan{Title: "Add image " + r.Source[strings.LastIndex(r.Source, "/")+1:] + " to " + r.Host, Host: r.Host}, "image.add", r.Name, r.PlanOnly, r.Source, func() {})
}

func (f *fleet) ListImages(_ context.Context, r *apiv1.ListImagesRequest) (*apiv1.ListImagesResponse, error) {
	res := &apiv1.ListImagesResponse{}
	for _, h := range []string{"kvm1", "kvm3"} {
		if len(r.Hosts) == 0 || slices.Contains(r.Hosts, h) {
			res.Images = append(res.Images, &apiv1.Image{Host: h, Pool: "default", Name: "debian.qcow2", Format: "qcow2", VirtualBytes: int64(3 * core.GiB), AllocationBytes: int64(400 * core.MiB)})
		}
	}
	return res, nil
}

func (f *fleet) RemoveImage(_ context.Context, r *apiv1.RemoveImageRequest) (*apiv1.Operation, error) {
	return f.begin(&apiv1.Plan{Title: fmt.Sprintf("Remove image %s/%s/%s", r.Host, r.Pool, r.Name), Destructive: true}, "image.remove", r.Name, r.PlanOnly, "", func() {})
}

func (f *fleet) ListPools(context.Context, *apiv1.ListPoolsRequest) (*apiv1.ListPoolsResponse, error) {
	return &apiv1.ListPoolsResponse{Pools: []*apiv1.Pool{{Host: "kvm1", Name: "default", Type: "dir", State: "active", Path: "/pool",
		CapacityBytes: int64(100 * core.GiB), AllocationBytes: int64(40 * core.GiB), AvailableBytes: int64(60 * core.GiB)}}}, nil
}

func (f *fleet) ListVolumes(_ context.Context, r *apiv1.ListVolumesRequest) (*apiv1.ListVolumesResponse, error) {
	if r.Pool != "default" {
		return nil, core.Errorf(core.NotFound, "no pool named %s on %s", r.Pool, r.Host)
	}
	return &apiv1.ListVolumesResponse{Volumes: []*apiv1.Volume{{Host: r.Host, Pool: r.Pool, Name: "web1.qcow2", Path: "/pool/web1.qcow2", Format: "qcow2",
		CapacityBytes: int64(10 * core.GiB), AllocationBytes: int64(core.GiB), BackingPath: "/pool/debian.qcow2"}}}, nil
}

func (f *fleet) CreatePool(_ context.Context, r *apiv1.CreatePoolRequest) (*apiv1.Operation, error) {
	return f.begin(&apiv1.Plan{Title: fmt.Sprintf("Create pool %s on %s", r.Name, r.Host)}, "pool.create", r.Name, r.PlanOnly, r.Path, func() {})
}

func (f *fleet) DeleteVolume(_ context.Context, r *apiv1.DeleteVolumeRequest) (*apiv1.Operation, error) {
	return f.begin(&apiv1.Plan{Title: fmt.Sprintf("Delete volume %s/%s/%s", r.Host, r.Pool, r.Name), Destructive: true}, "volume.delete", r.Name, r.PlanOnly, "", func() {})
}

func (f *fleet) ListNetworks(context.Context, *apiv1.ListNetworksRequest) (*apiv1.ListNetworksResponse, error) {
	return &apiv1.ListNetworksResponse{Networks: []*apiv1.Network{{Host: "kvm1", Name: "default", Uuid: "33333333-0000-4000-8000-000000000001",
		Active: true, Bridge: "virbr0", Forward: "nat", Cidr: "192.168.122.1/24", Autostart: true}}}, nil
}

func (f *fleet) ListLeases(_ context.Context, r *apiv1.ListLeasesRequest) (*apiv1.ListLeasesResponse, error) {
	if r.Network != "default" || r.Host != "kvm1" {
		return nil, core.Errorf(core.NotFound, "no network named %s on %s", r.Network, r.Host)
	}
	return &apiv1.ListLeasesResponse{Leases: []*apiv1.Lease{{Mac: "52:54:00:00:00:01", Ip: "192.168.122.5", Hostname: "web1", Expires: timestamppb.New(now.Add(time.Hour))}}}, nil
}

// begin returns the plan, or starts a task that does deed.
func (f *fleet) begin(plan *apiv1.Plan, kind, object string, planOnly bool, log string, deed func()) (*apiv1.Operation, error) {
	if planOnly {
		return &apiv1.Operation{Plan: plan}, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	t := &apiv1.Task{Id: fmt.Sprintf("44444444-0000-4000-8000-%012d", len(f.tasks)+1), Kind: kind, Title: plan.Title, Host: plan.Host, Object: object,
		State: apiv1.Task_STATE_RUNNING, Step: "working", Done: 1 << 20, Total: 4 << 20, Created: ago(0), Plan: plan,
		Log: []*apiv1.Task_LogLine{{Time: ago(0), Text: log}}}
	if len(f.tasks) == 0 { // a short id that says which it is
		t.Id = "aaaaaaaa" + t.Id[8:]
	}
	f.tasks = append(f.tasks, t)
	cancel := make(chan struct{})
	f.cancels[t.Id] = cancel
	go f.work(t, object, cancel, deed)
	return &apiv1.Operation{Plan: plan, Task: proto.Clone(t).(*apiv1.Task)}, nil
}

func (f *fleet) work(t *apiv1.Task, object string, cancel chan struct{}, deed func()) {
	state := apiv1.Task_STATE_DONE
	if strings.Contains(object, "slow") {
		<-cancel
		state = apiv1.Task_STATE_CANCELED
		if strings.Contains(object, "stubborn") {
			select {}
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case strings.Contains(object, "boom"):
		state, t.Error = apiv1.Task_STATE_FAILED, &apiv1.ErrorDetail{Code: "no_space", Message: "pool default is full", Hint: "delete something"}
	case strings.Contains(object, "lost"):
		state, t.Error = apiv1.Task_STATE_INTERRUPTED, &apiv1.ErrorDetail{Code: "unreachable", Message: "the host was lost"}
	case state == apiv1.Task_STATE_DONE:
		deed()
	}
	t.State, t.Step, t.Finished = state, "", timestamppb.New(now.Add(3*time.Second))
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f *fleet) task(id string) (*apiv1.Task, chan struct{}, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range f.tasks {
		if id != "" && strings.HasPrefix(t.Id, id) {
			return proto.Clone(t).(*apiv1.Task), f.changed, nil
		}
	}
	return nil, nil, core.Errorf(core.NotFound, "no task %s", core.Printable(id, 40)).WithHint("limiquantix task list shows all")
}

func (f *fleet) ListTasks(context.Context, *apiv1.ListTasksRequest) (*apiv1.ListTasksResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	res := &apiv1.ListTasksResponse{}
	for _, t := range slices.Backward(f.tasks) {
		res.Tasks = append(res.Tasks, proto.Clone(t).(*apiv1.Task))
	}
	return res, nil
}

func (f *fleet) GetTask(_ context.Context, r *apiv1.GetTaskRequest) (*apiv1.GetTaskResponse, error) {
	t, _, err := f.task(r.Id)
	return &apiv1.GetTaskResponse{Task: t}, err
}

func (f *fleet) WatchTask(ctx context.Context, r *apiv1.WatchTaskRequest, s *connect.ServerStream[apiv1.WatchTaskResponse]) error {
	for {
		t, changed, err := f.task(r.Id)
		if err != nil {
			return err
		}
		if err := s.Send(&apiv1.WatchTaskResponse{Task: t}); err != nil || t.State != apiv1.Task_STATE_RUNNING {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (f *fleet) CancelTask(_ context.Context, r *apiv1.CancelTaskRequest) (*apiv1.CancelTaskResponse, error) {
	t, _, err := f.task(r.Id)
	if err != nil {
		return nil, err
	}
	if t.State != apiv1.Task_STATE_RUNNING {
		return nil, core.Errorf(core.Conflict, "the task has ended")
	}
	close(f.cancels[t.Id])
	return &apiv1.CancelTaskResponse{}, nil
}

func (f *fleet) ResumeTasks(context.Context, *apiv1.ResumeTasksRequest) (*apiv1.ResumeTasksResponse, error) {
	return &apiv1.ResumeTasksResponse{}, nil
}
