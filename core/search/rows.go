package search

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/query"
)

// connect has the hosts connected that are not, and returns those that could not be.
func (x *Index) connect(ctx context.Context) ([]*apiv1.HostProblem, error) {
	if x.lists.VMs == nil {
		return nil, nil
	}
	res, err := x.lists.VMs(ctx, &apiv1.ListVMsRequest{})
	if err != nil {
		return nil, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, s := range x.shelves { // what was known before they were connected is old
		s.all = true
	}
	return res.Problems, nil
}

// list returns the rows of a kind of some hosts, nil of all. A host that has
// gone meanwhile has none.
func (x *Index) list(ctx context.Context, k query.Kind, names []string) ([]*query.Row, error) {
	if k == query.Task {
		return x.taskRows(ctx)
	}
	if x.lists.Hosts == nil {
		return nil, nil
	}
	res, err := x.lists.Hosts(ctx, &apiv1.ListHostsRequest{})
	if err != nil {
		return nil, err
	}
	hosts := map[string]*apiv1.Host{}
	for _, h := range res.Hosts {
		hosts[h.Name] = h
	}
	if names != nil {
		left := names[:0:0]
		for _, n := range names {
			if hosts[n] != nil {
				left = append(left, n)
			}
		}
		if len(left) == 0 {
			return nil, nil
		}
		names = left
	}
	if k == query.Host {
		var rows []*query.Row
		for _, h := range res.Hosts {
			rows = append(rows, hostRow(h))
		}
		return rows, nil
	}
	if k == query.VM {
		return x.vmRows(ctx, names, hosts)
	}
	return x.stockRows(ctx, k, live(res.Hosts, names), hosts)
}

func (x *Index) vmRows(ctx context.Context, names []string, hosts map[string]*apiv1.Host) ([]*query.Row, error) {
	if x.lists.VMs == nil {
		return nil, nil
	}
	res, err := x.lists.VMs(ctx, &apiv1.ListVMsRequest{Hosts: names, Offline: true})
	if err != nil {
		return nil, err
	}
	rows := make([]*query.Row, 0, len(res.Vms))
	for _, v := range res.Vms {
		rows = append(rows, vmRow(v, hosts[v.Host]))
	}
	return rows, nil
}

// live returns the names of hosts that can be asked now: a list that asked one
// which is away would wait for it.
func live(hosts []*apiv1.Host, of []string) []string {
	out := []string{}
	for _, h := range hosts {
		if h.State == apiv1.Host_STATE_LIVE && (of == nil || slices.Contains(of, h.Name)) {
			out = append(out, h.Name)
		}
	}
	return out
}

// patience is how long a search waits for hosts to tell of pools and networks.
const patience = 3 * time.Second

func (x *Index) stockRows(ctx context.Context, k query.Kind, names []string, hosts map[string]*apiv1.Host) ([]*query.Row, error) {
	if len(names) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var rows []*query.Row
	if k == query.Network {
		if x.lists.Networks == nil {
			return nil, nil
		}
		res, err := x.lists.Networks(ctx, &apiv1.ListNetworksRequest{Hosts: names})
		for _, n := range res.GetNetworks() {
			rows = append(rows, networkRow(n, hosts[n.Host]))
		}
		return rows, err
	}
	if x.lists.Pools == nil {
		return nil, nil
	}
	res, err := x.lists.Pools(ctx, &apiv1.ListPoolsRequest{Hosts: names})
	if err != nil {
		return nil, err
	}
	if k == query.Volume {
		return x.volumeRows(ctx, res.Pools, hosts)
	}
	for _, p := range res.Pools {
		rows = append(rows, poolRow(p, hosts[p.Host]))
	}
	return rows, nil
}

// volumeRows asks the active pools, a few at a time. One that does not tell is passed over.
func (x *Index) volumeRows(ctx context.Context, pools []*apiv1.Pool, hosts map[string]*apiv1.Host) ([]*query.Row, error) {
	var (
		rows []*query.Row
		mu   sync.Mutex
		all  errgroup.Group
	)
	all.SetLimit(16)
	for _, p := range pools {
		if p.State != "active" || x.lists.Volumes == nil {
			continue
		}
		all.Go(func() error {
			res, err := x.lists.Volumes(ctx, &apiv1.ListVolumesRequest{Host: p.Host, Pool: p.Name})
			if err != nil {
				return nil
			}
			mu.Lock()
			defer mu.Unlock()
			for _, v := range res.Volumes {
				rows = append(rows, volumeRow(v, hosts[v.Host]))
			}
			return nil
		})
	}
	return rows, all.Wait()
}

// mostTasks is how many tasks are searched, the newest.
const mostTasks = 500

func (x *Index) taskRows(ctx context.Context) ([]*query.Row, error) {
	if x.lists.Tasks == nil {
		return nil, nil
	}
	res, err := x.lists.Tasks(ctx, &apiv1.ListTasksRequest{Limit: mostTasks})
	if err != nil {
		return nil, err
	}
	rows := make([]*query.Row, 0, len(res.Tasks))
	for _, t := range res.Tasks {
		r := query.NewRow(query.Task, t.Host, t.Id, t.Title)
		r.SetText(query.FieldTitle, t.Object)
		r.SetText(query.FieldState, word(t.State))
		r.Text = word(t.State)
		rows = append(rows, r)
	}
	return rows, nil
}

// word is an enum value's last part in lower case: "shutting down".
func word(e protoreflect.Enum) string {
	d := e.Descriptor()
	v := d.Values().ByNumber(e.Number())
	if v == nil || v.Number() == 0 {
		return "unknown"
	}
	_, name, _ := strings.Cut(string(v.Name()), "STATE_")
	return strings.ToLower(strings.ReplaceAll(name, "_", " "))
}

// placed is what objects have of their host.
func placed(r *query.Row, h *apiv1.Host) *query.Row {
	r.SetText(query.FieldCluster, h.GetCluster())
	r.Set(query.FieldIs, "stale", h.GetState() != apiv1.Host_STATE_LIVE)
	// The noun of sites is younger than this: where hosts have one it is read.
	if s, ok := any(h).(interface{ GetSite() string }); ok && h != nil {
		r.SetText(query.FieldSite, s.GetSite())
	}
	return r
}

func hostRow(h *apiv1.Host) *query.Row {
	r := placed(query.NewRow(query.Host, "", h.Name, h.Name), h)
	r.SetText(query.FieldHost, h.Name)
	r.SetText(query.FieldTitle, h.Address)
	r.SetText(query.FieldState, word(h.State))
	if h.Seen != nil {
		seen := h.Seen.AsTime()
		if h.State == apiv1.Host_STATE_LIVE {
			seen = time.Time{}
		}
		r.SetTimes(query.FieldSeen, seen)
	}
	if f := h.Facts; f != nil {
		r.SetNumber(query.FieldCPU, int64(f.Cpus))
		r.SetNumber(query.FieldMem, f.MemoryBytes)
		r.SetText(query.FieldArch, f.Arch)
	}
	r.Text = word(h.State)
	return r
}

func vmRow(v *apiv1.VM, h *apiv1.Host) *query.Row {
	r := placed(query.NewRow(query.VM, v.Host, v.Uuid, v.Name), h)
	r.SetText(query.FieldUUID, v.Uuid)
	r.SetText(query.FieldState, word(v.State))
	r.SetNumber(query.FieldCPU, int64(v.Vcpus))
	r.SetNumber(query.FieldMem, v.MemoryBytes)
	var ips, macs []string
	for _, a := range v.Addresses {
		ips, macs = append(ips, a.Ip), append(macs, a.Mac)
	}
	r.SetIPs(ips...)
	r.Set(query.FieldHas, "ip", len(ips) > 0)
	for _, n := range v.Nics {
		macs = append(macs, n.Mac)
	}
	r.SetText(query.FieldMAC, macs...)
	r.SetText(query.FieldTitle, v.Title)
	seen := v.Seen.AsTime()
	if !v.Stale {
		seen = time.Time{}
	}
	r.SetTimes(query.FieldSeen, seen)
	r.Set(query.FieldIs, "stale", v.Stale)
	r.Set(query.FieldIs, "autostart", v.Autostart)
	r.Set(query.FieldIs, "persistent", v.Persistent)
	r.Set(query.FieldIs, "transient", !v.Persistent)
	r.Text = word(v.State)
	details(r, v)
	labels(r, v)
	return r
}

// details sets what lists may leave out: then it is not known.
func details(r *query.Row, v *apiv1.VM) {
	if v.Pending {
		r.Set(query.FieldIs, "pending", true)
	}
	if v.Os != "" {
		r.SetText(query.FieldOS, v.Os)
	}
	if v.Arch != "" {
		r.SetText(query.FieldArch, v.Arch)
	}
	if v.Description != "" {
		r.SetText(query.FieldNotes, v.Description)
		r.Set(query.FieldHas, "notes", true)
	}
	var nets []string
	for _, n := range v.Nics {
		nets = append(nets, n.Source)
	}
	if nets != nil {
		r.SetText(query.FieldNet, nets...)
	}
	if v.Machine == "" { // it was not described
		return
	}
	r.SetText(query.FieldOS, v.Os)
	r.SetText(query.FieldNotes, v.Description)
	r.SetText(query.FieldNet, nets...)
	r.Set(query.FieldIs, "pending", v.Pending)
	r.Set(query.FieldHas, "notes", v.Description != "")
	r.Set(query.FieldHas, "agent", v.Agent)
	r.Set(query.FieldHas, "screen", v.Graphics != "")
	r.Set(query.FieldHas, "serial", v.Serial)
}

// labels sets what administrators wrote onto a VM. The fields are read where
// the message has them.
func labels(r *query.Row, v any) {
	if t, ok := v.(interface{ GetTags() []string }); ok {
		r.SetText(query.FieldTag, t.GetTags()...)
		r.Set(query.FieldHas, "tag", len(t.GetTags()) > 0)
	}
	if f, ok := v.(interface{ GetFolder() string }); ok {
		r.SetText(query.FieldFolder, f.GetFolder())
	}
	if f, ok := v.(interface{ GetFields() map[string]string }); ok {
		for name, text := range f.GetFields() {
			r.SetCustom(name, text)
		}
	}
}

func active(is bool) string {
	if is {
		return "active"
	}
	return "inactive"
}

func networkRow(n *apiv1.Network, h *apiv1.Host) *query.Row {
	r := placed(query.NewRow(query.Network, n.Host, n.Name, n.Name), h)
	r.SetText(query.FieldUUID, n.Uuid)
	r.SetText(query.FieldTitle, n.Bridge, n.Forward)
	r.SetText(query.FieldState, active(n.Active))
	r.SetIPs(n.Cidr)
	r.Set(query.FieldIs, "active", n.Active)
	r.Set(query.FieldIs, "autostart", n.Autostart)
	r.Text = strings.TrimSpace(active(n.Active) + " " + n.Cidr)
	return r
}

func poolRow(p *apiv1.Pool, h *apiv1.Host) *query.Row {
	r := placed(query.NewRow(query.Pool, p.Host, p.Name, p.Name), h)
	r.SetText(query.FieldUUID, p.Uuid)
	r.SetText(query.FieldTitle, p.Path, p.Type)
	r.SetText(query.FieldState, active(p.State == "active"))
	r.SetNumber(query.FieldDisk, p.CapacityBytes)
	r.SetNumber(query.FieldFree, p.AvailableBytes)
	r.Set(query.FieldIs, "active", p.State == "active")
	r.Set(query.FieldIs, "autostart", p.Autostart)
	r.Text = p.State + ", " + core.Bytes(p.AvailableBytes).String() + " free"
	return r
}

func volumeRow(v *apiv1.Volume, h *apiv1.Host) *query.Row {
	r := placed(query.NewRow(query.Volume, v.Host, v.Pool+"/"+v.Name, v.Name), h)
	r.SetText(query.FieldPool, v.Pool)
	r.SetText(query.FieldTitle, v.Path, v.Format)
	r.SetNumber(query.FieldDisk, v.CapacityBytes)
	r.Text = core.Bytes(v.CapacityBytes).String() + " in " + v.Pool
	return r
}
