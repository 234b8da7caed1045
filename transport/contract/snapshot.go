package contract

import (
	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/vm"
)

func snapshotCases() []one {
	return []one{{"the snapshot tree", []Feature{Snapshots}, snapshotTree}}
}

// diskVM is a VM with an empty disk, which can hold snapshots.
func (e *env) diskVM() (uuid string) {
	e.Helper()
	if e.caps.Type == "test" {
		return e.define(e.name("snap"), "")
	}
	pool := e.pool()
	e.ok("create disk", e.h.CreateVolume(e.ctx, pool, volumeXML("disk.qcow2", "qcow2", 8*core.MiB, "")))
	v, err := e.h.Volume(e.ctx, pool, "disk.qcow2")
	e.ok("read disk", err)
	return e.define(e.name("snap"), "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='"+v.Path+"'/><target dev='vda' bus='virtio'/></disk>")
}

func snapshotTree(e *env) {
	uuid := e.diskVM()
	for _, name := range []string{"one", "two"} {
		got, err := e.h.CreateSnapshot(e.ctx, uuid, "<domainsnapshot><name>"+name+"</name></domainsnapshot>")
		e.ok("create "+name, err)
		if got != name {
			e.Errorf("created %q, want %q", got, name)
		}
	}
	snaps, err := e.h.Snapshots(e.ctx, uuid)
	e.ok("list", err)
	if len(snaps) != 2 || snaps[0].Name != "one" || snaps[1].Name != "two" || snaps[0].Parent != "" || snaps[1].Parent != "one" ||
		snaps[0].Current || !snaps[1].Current || snaps[0].State != string(vm.Stopped) || snaps[0].Created.IsZero() {
		e.Fatalf("tree is %+v", snaps)
	}
	_, err = e.h.CreateSnapshot(e.ctx, uuid, "<domainsnapshot><name>one</name></domainsnapshot>")
	if err == nil {
		e.Error("a snapshot's name can be taken twice")
	}
	e.code("undefine a VM with snapshots", e.h.UndefineVM(e.ctx, uuid, vm.UndefineOptions{}), core.Conflict)
	e.ok("revert", e.h.RevertSnapshot(e.ctx, uuid, "one"))
	snaps, err = e.h.Snapshots(e.ctx, uuid)
	e.ok("list", err)
	if !snaps[0].Current || snaps[1].Current {
		e.Errorf("after revert: %+v", snaps)
	}
	e.ok("delete", e.h.DeleteSnapshot(e.ctx, uuid, "one"))
	snaps, err = e.h.Snapshots(e.ctx, uuid)
	e.ok("list", err)
	if len(snaps) != 1 || snaps[0].Name != "two" || snaps[0].Parent != "" {
		e.Errorf("after delete: %+v", snaps)
	}
	e.code("revert to what is gone", e.h.RevertSnapshot(e.ctx, uuid, "one"), core.NotFound)
	e.code("delete what is gone", e.h.DeleteSnapshot(e.ctx, uuid, "one"), core.NotFound)
	_, err = e.h.Snapshots(e.ctx, core.NewUUID())
	e.code("snapshots of an unknown VM", err, core.NotFound)
}
