package vm

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sort"

	"google.golang.org/protobuf/proto"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/plan"
	"github.com/limiquantix/limiquantix/core/storage"
	"github.com/limiquantix/limiquantix/core/task"
)

// target finds what deleting a VM takes with it: its disks that are volumes of
// a pool and that nothing else uses, and the seed that we made; and what is kept.
func (s *Service) target(ctx context.Context, req *apiv1.DeleteVMRequest) (*apiv1.DeleteVMRequest_Target, error) {
	k, h, link, err := s.resolve(ctx, req.Vm, false)
	if err != nil {
		return nil, err
	}
	c, ok := link.(maker)
	if !ok {
		return nil, core.Errorf(core.Unsupported, "this connection cannot delete VMs")
	}
	all, err := hardwareOfAll(ctx, c)
	if err != nil {
		return nil, err
	}
	xml, err := c.VMXML(ctx, k.UUID, false)
	if err != nil {
		return nil, err
	}
	_, volumes, err := allVolumes(ctx, c)
	if err != nil {
		return nil, err
	}
	t := &apiv1.DeleteVMRequest_Target{Host: h.ID, Uuid: k.UUID, Name: k.Name, Xml: xml}
	mine, ok := all[k.UUID]
	if !ok {
		return nil, core.Errorf(core.NotFound, "VM %s is gone", core.Printable(k.Name, 60))
	}
	f := fates{volumes: volumes, all: all, self: k.UUID}
	for _, d := range mine.Disks {
		f.judge(d, mine.SeedPath(), req.KeepDisks)
	}
	t.Volumes, t.Kept = f.victims, f.kept
	return t, nil
}

func hardwareOfAll(ctx context.Context, c Conn) (map[string]Hardware, error) {
	vms, err := c.VMs(ctx)
	if err != nil {
		return nil, err
	}
	uuids := make([]string, len(vms))
	for i, v := range vms {
		uuids[i] = v.UUID
	}
	xmls, err := c.VMXMLs(ctx, uuids)
	if err != nil {
		return nil, err
	}
	all := make(map[string]Hardware, len(xmls))
	for _, v := range vms {
		xml, there := xmls[v.UUID]
		if !there {
			continue
		}
		h, err := ReadHardware(xml)
		if err != nil {
			return nil, err
		}
		for _, d := range v.Disks {
			h.Open = append(h.Open, d.Path)
		}
		all[v.UUID] = h
	}
	return all, nil
}

// fates decides what happens to each disk of a VM that is deleted.
//
// Where there are several answers it gives the same each time: a plan says it.
type fates struct {
	volumes map[string][]storage.Volume
	all     map[string]Hardware
	self    string
	victims []*apiv1.DeleteVMRequest_Victim
	kept    []string
}

func (f *fates) judge(d DiskXML, seed string, keepDisks bool) {
	path := f.path(d)
	isSeed := path != "" && path == seed
	switch {
	case path == "" || d.Device == "cdrom" && !isSeed || d.Device == "floppy":
		return // media in a drive is not the VM's
	case keepDisks && !isSeed:
		f.keep(path, "asked to be kept")
		return
	case d.Shareable != nil:
		f.keep(path, "it is marked as shared")
		return
	}
	v, ok := f.find(path)
	if !ok {
		f.keep(path, "it is in no pool")
		return
	}
	if why := f.inUse(path); why != "" {
		f.keep(path, why)
		return
	}
	f.victims = append(f.victims, &apiv1.DeleteVMRequest_Victim{Pool: v.Pool, Name: v.Name, Path: path})
}

func (f *fates) keep(path, why string) {
	f.kept = append(f.kept, fmt.Sprintf("%s is kept: %s", core.Escape(path), why))
}

// path returns where a disk is kept, for one named by pool and volume too.
func (f *fates) path(d DiskXML) string {
	if d.Source.Pool == "" {
		return d.Path()
	}
	for _, v := range f.volumes[d.Source.Pool] {
		if v.Name == d.Source.Volume {
			return v.Path
		}
	}
	return ""
}

func (f *fates) find(path string) (storage.Volume, bool) {
	for _, pool := range slices.Sorted(maps.Keys(f.volumes)) {
		for _, v := range f.volumes[pool] {
			if v.Path == path {
				return v, true
			}
		}
	}
	return storage.Volume{}, false
}

// inUse says who else needs path; "" for nobody.
func (f *fates) inUse(path string) string {
	if user := f.user(path); user != "" {
		return "VM " + core.Printable(user, 60) + " uses it too"
	}
	if child := f.child(path); child != "" {
		return "volume " + core.Printable(child, 60) + " is based on it"
	}
	return ""
}

func (f *fates) user(path string) string {
	for _, uuid := range slices.Sorted(maps.Keys(f.all)) {
		h := f.all[uuid]
		if uuid == f.self {
			continue
		}
		if h.uses(path) || slices.ContainsFunc(h.Disks, func(d DiskXML) bool { return f.path(d) == path }) {
			return h.Name
		}
	}
	return ""
}

func (f *fates) child(path string) string {
	for _, pool := range slices.Sorted(maps.Keys(f.volumes)) {
		for _, v := range f.volumes[pool] {
			if v.BackingPath == path {
				return v.Name
			}
		}
	}
	return ""
}

// planDelete plans a deletion: off, definition, volumes. The definition goes
// first, so that a failure before the first volume can be taken back whole.
func (s *Service) planDelete(ctx context.Context, req *apiv1.DeleteVMRequest, run task.Run) (*plan.Plan, error) {
	t := req.Target
	h, link, err := s.m.Link(ctx, t.Host)
	if err != nil {
		return nil, err
	}
	c, ok := link.(maker)
	if !ok {
		return nil, core.Errorf(core.Unsupported, "this connection cannot delete VMs")
	}
	now, err := stateOf(ctx, c, t.Uuid)
	gone := core.CodeOf(err) == core.NotFound
	if err != nil && !gone {
		return nil, err
	}
	p := &plan.Plan{
		Title: fmt.Sprintf("Delete VM %s on %s", t.Name, h.Name), Host: h.Name, Object: t.Name, Destructive: true,
		Result: map[string]string{"uuid": t.Uuid, "name": t.Name}, Command: deleteCommand(req, h, t),
		Settle: func(ctx context.Context) error {
			return s.inv.settle(ctx, h, link, t.Uuid, func(k *Known) bool { return k == nil })
		},
	}
	if gone && !run.Sent("undefine") {
		p.Block(core.NotFound, fmt.Sprintf("VM %s is gone", core.Printable(t.Name, 60)), "")
	}
	if !gone && now.State != Stopped && now.State != Crashed || run.Sent("stop") {
		if !req.Stop {
			p.Block(core.Conflict, fmt.Sprintf("VM %s is %s", core.Printable(t.Name, 60), now.State), "shut it down first, or add --stop to power it off")
		}
		p.Steps = append(p.Steps, plan.Step{ID: "stop", Text: "Power off VM " + t.Name, Call: "virDomainDestroy(" + t.Name + ")",
			Done: gone || now.State == Stopped,
			Do:   func(ctx context.Context, _ plan.Progress) error { return stopIfRunning(ctx, c, t.Uuid) }})
	}
	p.Steps = append(p.Steps, plan.Step{
		ID: "undefine", Text: "Undefine VM " + t.Name, Call: "virDomainUndefineFlags(" + t.Name + ")", Done: gone, UndoText: "define it again",
		Do:   func(ctx context.Context, _ plan.Progress) error { return removeVM(ctx, c, t.Uuid) },
		Undo: func(ctx context.Context) error { return defineAgain(ctx, c, t) },
	})
	volumes, err := stillVictims(ctx, c, p, t, run)
	if err != nil {
		return nil, err
	}
	for i, v := range t.Volumes {
		if volumes[v] {
			p.Steps = append(p.Steps, deleteVolume(c, fmt.Sprintf("volume-%d", i), v))
		}
	}
	return p, nil
}

// stillVictims returns the volumes that may go. A task that was interrupted may
// be resumed days later, when a name belongs to something else: then the fate
// of each is judged again.
func stillVictims(ctx context.Context, c maker, p *plan.Plan, t *apiv1.DeleteVMRequest_Target, run task.Run) (map[*apiv1.DeleteVMRequest_Victim]bool, error) {
	f := fates{self: t.Uuid}
	if run.Resumed {
		var err error
		if f.all, err = hardwareOfAll(ctx, c); err != nil {
			return nil, err
		}
		if _, f.volumes, err = allVolumes(ctx, c); err != nil {
			return nil, err
		}
	}
	still := map[*apiv1.DeleteVMRequest_Victim]bool{}
	for _, v := range t.Volumes {
		why := f.inUse(v.Path)
		if still[v] = why == ""; why != "" {
			f.keep(v.Path, why)
		}
	}
	p.Warnings = append(append(p.Warnings, t.Kept...), f.kept...)
	return still, nil
}

func deleteVolume(c storage.Conn, id string, v *apiv1.DeleteVMRequest_Victim) plan.Step {
	return plan.Step{
		ID: id, Text: fmt.Sprintf("Delete volume %s of pool %s", v.Name, v.Pool), Call: "virStorageVolDelete(" + join(v.Pool, v.Name) + ")",
		Do: func(ctx context.Context, _ plan.Progress) error {
			return ignore(core.NotFound, c.DeleteVolume(ctx, v.Pool, v.Name), nil)
		},
	}
}

// defineAgain puts the definition back, unless a disk of it is gone: a VM
// without its disk would be worse than none.
func defineAgain(ctx context.Context, c maker, t *apiv1.DeleteVMRequest_Target) error {
	for _, v := range t.Volumes {
		if _, err := c.Volume(ctx, v.Pool, v.Name); err != nil {
			return fmt.Errorf("volume %s is gone already: %w", v.Name, err)
		}
	}
	_, err := c.DefineVM(ctx, t.Xml)
	return err
}

func deleteCommand(req *apiv1.DeleteVMRequest, h host.Host, t *apiv1.DeleteVMRequest_Target) []string {
	args := []string{"vm", "delete", h.Name + "/" + t.Name, "--yes"}
	if req.Stop {
		args = append(args, "--stop")
	}
	if req.KeepDisks {
		args = append(args, "--keep-disks")
	}
	return args
}

// redactDelete drops the definition, which may hold a VNC password.
func redactDelete(req *apiv1.DeleteVMRequest) {
	if req.Target != nil {
		req.Target = proto.CloneOf(req.Target)
		req.Target.Xml = ""
	}
}

// Users returns the names of the VMs of a host that use a file as a disk.
func Users(ctx context.Context, l host.Link, path string) ([]string, error) {
	c, err := connOf(l)
	if err != nil {
		return nil, err
	}
	all, err := hardwareOfAll(ctx, c)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, h := range all {
		if h.uses(path) {
			names = append(names, h.Name)
		}
	}
	sort.Strings(names)
	return names, nil
}
