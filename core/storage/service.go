package storage

import (
	"context"
	"fmt"
	"path"
	"strings"

	"libvirt.org/go/libvirtxml"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/plan"
	"github.com/limiquantix/limiquantix/core/task"
	"github.com/limiquantix/limiquantix/core/xmledit"
)

// Names of the kinds of tasks of this package.
const (
	kindCreatePool   = "pool.create"
	kindDeleteVolume = "volume.delete"
)

// Users tells which VMs of a host use a file as a disk, by name.
type Users func(ctx context.Context, l host.Link, path string) ([]string, error)

// Service is the API of pools and volumes.
type Service struct {
	m     *host.Manager
	users Users
	run   *task.Runner
}

// NewService returns the API of pools and volumes.
func NewService(m *host.Manager, users Users) *Service { return &Service{m: m, users: users} }

// Kinds returns the kinds of tasks that the service plans.
func (s *Service) Kinds() []task.Kind {
	return []task.Kind{
		task.Define(kindCreatePool, s.planCreatePool, nil),
		task.Define(kindDeleteVolume, s.planDeleteVolume, nil),
	}
}

// Use gives the service the runner of its tasks.
func (s *Service) Use(r *task.Runner) { s.run = r }

// ConnOf returns the storage of a link.
func ConnOf(l host.Link) (Conn, error) {
	c, ok := l.(Conn)
	if !ok {
		return nil, core.Errorf(core.Unsupported, "this connection cannot manage storage")
	}
	return c, nil
}

// ListPools implements the API.
func (s *Service) ListPools(ctx context.Context, req *apiv1.ListPoolsRequest) (*apiv1.ListPoolsResponse, error) {
	hosts, err := s.m.Pick(req.Hosts)
	if err != nil {
		return nil, err
	}
	lists := make([][]Pool, len(hosts))
	problems := s.m.Each(ctx, hosts, func(ctx context.Context, i int, _ host.Host, l host.Link) error {
		c, err := ConnOf(l)
		if err == nil {
			lists[i], err = c.Pools(ctx)
		}
		return err
	})
	res := &apiv1.ListPoolsResponse{Problems: problems}
	for i, list := range lists {
		for _, p := range list {
			res.Pools = append(res.Pools, &apiv1.Pool{
				Host: hosts[i].Name, Name: p.Name, Uuid: p.UUID, Type: p.Type, State: string(p.State), Path: p.Path,
				CapacityBytes: int64(p.Capacity), AllocationBytes: int64(p.Allocation), AvailableBytes: int64(p.Available), Autostart: p.Autostart,
			})
		}
	}
	return res, nil
}

// ListVolumes implements the API.
func (s *Service) ListVolumes(ctx context.Context, req *apiv1.ListVolumesRequest) (*apiv1.ListVolumesResponse, error) {
	h, l, err := s.m.Link(ctx, req.Host)
	if err != nil {
		return nil, err
	}
	c, err := ConnOf(l)
	if err != nil {
		return nil, err
	}
	list, err := c.Volumes(ctx, req.Pool)
	if err != nil {
		return nil, err
	}
	res := &apiv1.ListVolumesResponse{}
	for _, v := range list {
		res.Volumes = append(res.Volumes, &apiv1.Volume{
			Host: h.Name, Pool: v.Pool, Name: v.Name, Path: v.Path, Format: v.Format,
			CapacityBytes: int64(v.Capacity), AllocationBytes: int64(v.Allocation), BackingPath: v.BackingPath,
		})
	}
	return res, nil
}

// CreatePool implements the API.
func (s *Service) CreatePool(ctx context.Context, req *apiv1.CreatePoolRequest) (*apiv1.Operation, error) {
	if err := core.CheckName("pool name", req.Name); err != nil {
		return nil, core.InField(err, "name")
	}
	if req.Type == "" {
		req.Type = "dir"
	}
	if req.Type != "dir" {
		return nil, core.Errorf(core.Unsupported, "pools of type %s cannot be made yet", core.Printable(req.Type, 20)).WithHint("make a directory pool: --type dir").WithDetail("field", "type")
	}
	if !strings.HasPrefix(req.Path, "/") || path.Clean(req.Path) != req.Path || core.Escape(req.Path) != req.Path || len(req.Path) > 1024 {
		return nil, core.Errorf(core.Invalid, "%s is not the absolute path of a folder", core.Printable(req.Path, 80)).WithHint("give one like /srv/vms").WithDetail("field", "path")
	}
	return s.run.Operate(ctx, kindCreatePool, req)
}

func (s *Service) planCreatePool(ctx context.Context, req *apiv1.CreatePoolRequest, run task.Run) (*plan.Plan, error) {
	h, l, err := s.m.Link(ctx, req.Host)
	if err != nil {
		return nil, err
	}
	c, err := ConnOf(l)
	if err != nil {
		return nil, err
	}
	pools, err := c.Pools(ctx)
	if err != nil {
		return nil, err
	}
	def := libvirtxml.StoragePool{Type: req.Type, Name: req.Name, Target: &libvirtxml.StoragePoolTarget{Path: req.Path}}
	text, err := def.Marshal()
	if err != nil {
		return nil, core.Errorf(core.Invalid, "make the pool's XML: %w", err)
	}
	p := &plan.Plan{
		Title: fmt.Sprintf("Create pool %s on %s", req.Name, h.Name), Host: h.Name, Object: req.Name, Undo: "stop and undefine the pool; its folder stays",
		Command: []string{"pool", "create", req.Name, "--host", h.Name, "--type", req.Type, "--path", req.Path},
		Result:  map[string]string{"name": req.Name},
	}
	var mine *Pool
	foreign := false
	for _, have := range pools {
		switch {
		case have.Name == req.Name && have.Path == req.Path && run.Sent("define"):
			mine = &have
		case have.Name == req.Name:
			foreign = true
			p.BlockField("name", core.Exists, fmt.Sprintf("there is a pool %s on %s already", core.Printable(req.Name, 60), h.Name), "choose another name")
		case have.Path == req.Path:
			p.BlockField("path", core.Exists, fmt.Sprintf("pool %s has this folder already", core.Printable(have.Name, 60)), "use that pool, or another folder")
		}
	}
	p.Steps = []plan.Step{{
		ID: "define", Text: "Define pool " + req.Name, Call: "virStoragePoolDefineXML(" + req.Name + ")", Diff: xmledit.Diff("", text),
		Done: mine != nil, UndoText: "undefine it",
		Do: func(ctx context.Context, _ plan.Progress) error { return c.DefinePool(ctx, text) },
		Undo: func(ctx context.Context) error {
			if foreign {
				return nil // somebody else has taken the name since
			}
			return removePool(ctx, c, req.Name)
		},
	}, {
		ID: "start", Text: "Make its folder, start it, and let it start with the host",
		Call: "virStoragePoolBuild, virStoragePoolCreate, virStoragePoolSetAutostart(" + req.Name + ")",
		Done: mine != nil && mine.State == Active && mine.Autostart, UndoText: "stop it",
		Do: func(ctx context.Context, _ plan.Progress) error { return c.StartPool(ctx, req.Name, true) },
	}}
	return p, nil
}

// removePool stops and undefines a pool; one that is not there is fine.
func removePool(ctx context.Context, c Conn, name string) error {
	if err := c.StopPool(ctx, name); err != nil && core.CodeOf(err) != core.Conflict && core.CodeOf(err) != core.NotFound {
		return err
	}
	if err := c.UndefinePool(ctx, name); err != nil && core.CodeOf(err) != core.NotFound {
		return err
	}
	return nil
}

// DeleteVolume implements the API.
func (s *Service) DeleteVolume(ctx context.Context, req *apiv1.DeleteVolumeRequest) (*apiv1.Operation, error) {
	return s.run.Operate(ctx, kindDeleteVolume, req)
}

func (s *Service) planDeleteVolume(ctx context.Context, req *apiv1.DeleteVolumeRequest, run task.Run) (*plan.Plan, error) {
	p, err := PlanDelete(ctx, s.m, s.users, Ref{Host: req.Host, Pool: req.Pool, Name: req.Name}, run)
	if err == nil {
		p.Command = []string{"volume", "delete", req.Pool + "/" + req.Name, "--host", p.Host, "--yes"}
	}
	return p, err
}

// Ref names a volume.
type Ref struct{ Host, Pool, Name string }

// PlanDelete plans the deletion of a volume: blocked while a VM uses it or
// another volume is based on it.
func PlanDelete(ctx context.Context, m *host.Manager, users Users, r Ref, run task.Run) (*plan.Plan, error) {
	h, l, err := m.Link(ctx, r.Host)
	if err != nil {
		return nil, err
	}
	c, err := ConnOf(l)
	if err != nil {
		return nil, err
	}
	p := &plan.Plan{Title: fmt.Sprintf("Delete volume %s of pool %s on %s", r.Name, r.Pool, h.Name), Host: h.Name, Object: r.Name, Destructive: true,
		Result: map[string]string{"name": r.Name, "pool": r.Pool}}
	list, err := c.Volumes(ctx, r.Pool)
	if err != nil {
		return nil, err
	}
	var found *Volume
	for _, v := range list {
		if v.Name == r.Name {
			found = &v
		}
	}
	if found == nil && !run.Sent("delete") {
		p.Block(core.NotFound, fmt.Sprintf("there is no volume %s in pool %s", core.Printable(r.Name, 80), core.Printable(r.Pool, 60)), "see: limiquantix volume list --host "+h.Name+" --pool "+r.Pool)
	}
	if found != nil {
		if err := blockUsed(ctx, p, l, c, users, *found); err != nil {
			return nil, err
		}
		if run.Sent("delete") { // what has the name now may be another's
			p.Block(core.UnknownOutcome, fmt.Sprintf("it was interrupted; there is a volume %s now", core.Printable(r.Name, 80)), "look at it, and say it again if you still want it")
		}
	}
	p.Steps = []plan.Step{{
		ID: "delete", Text: fmt.Sprintf("Delete volume %s with its data", r.Name), Call: fmt.Sprintf("virStorageVolDelete(%s/%s)", r.Pool, r.Name), Done: found == nil,
		Do: func(ctx context.Context, _ plan.Progress) error { return c.DeleteVolume(ctx, r.Pool, r.Name) },
	}}
	return p, nil
}

// InUse says who needs a volume: a VM that has it as a disk, or a volume of any
// active pool that is based on it. "" for nobody.
func InUse(ctx context.Context, l host.Link, c Reader, users Users, v Volume) (string, error) {
	names, err := users(ctx, l, v.Path)
	if err != nil {
		return "", err
	}
	if len(names) > 0 {
		return "VM " + core.Printable(names[0], 60), nil
	}
	_, all, err := All(ctx, c)
	for _, other := range all {
		if other.BackingPath == v.Path {
			return "volume " + core.Printable(other.Name, 60), nil
		}
	}
	return "", err
}

// blockUsed blocks while a VM or another volume, of any pool, needs v.
func blockUsed(ctx context.Context, p *plan.Plan, l host.Link, c Reader, users Users, v Volume) error {
	names, err := users(ctx, l, v.Path)
	if err != nil {
		return err
	}
	for _, n := range names {
		p.Block(core.Conflict, fmt.Sprintf("VM %s uses it", core.Printable(n, 60)), "delete that VM first")
	}
	_, all, err := All(ctx, c)
	if err != nil {
		return err
	}
	for _, other := range all {
		if other.BackingPath == v.Path {
			p.Block(core.Conflict, fmt.Sprintf("volume %s is based on it", core.Printable(other.Name, 60)), "delete that volume first, with the VM that it belongs to")
		}
	}
	return nil
}
