package vm

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"
	"libvirt.org/go/libvirtxml"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/network"
	"github.com/limiquantix/limiquantix/core/storage"
)

// observed is what a plan for a new VM looks at, read in one flight.
type observed struct {
	facts    host.Facts
	vms      []Summary
	pools    []storage.Pool
	networks []network.Network
	volumes  map[string][]storage.Volume // of active pools, by pool
	target   string
}

// observe reads facts, VMs, pools and networks, and the volumes of every active
// pool: two flights for any number of VMs.
func observe(ctx context.Context, c maker, target string) (observed, error) {
	o := observed{target: target, volumes: map[string][]storage.Volume{}}
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { o.facts, err = c.Facts(gctx); return })
	g.Go(func() (err error) { o.vms, err = c.VMs(gctx); return })
	g.Go(func() (err error) { o.networks, err = c.Networks(gctx); return })
	g.Go(func() (err error) { o.pools, o.volumes, err = allVolumes(gctx, c); return })
	return o, g.Wait()
}

// allVolumes returns the pools of a host and the volumes of those that are active.
func allVolumes(ctx context.Context, c storage.Reader) ([]storage.Pool, map[string][]storage.Volume, error) {
	pools, list, err := storage.All(ctx, c)
	volumes := map[string][]storage.Volume{}
	for _, v := range list {
		volumes[v.Pool] = append(volumes[v.Pool], v)
	}
	return pools, volumes, err
}

func (o observed) pool(name string) (storage.Pool, error) {
	var names []string
	for _, p := range o.pools {
		names = append(names, core.Escape(p.Name))
		if p.Name != name {
			continue
		}
		switch {
		case p.State != storage.Active:
			return p, core.Errorf(core.Conflict, "pool %s is not active", core.Printable(name, 60)).WithHint("start it on the host: virsh pool-start %s", name)
		case p.Type != "dir" && p.Type != "netfs" && p.Type != "fs":
			return p, core.Errorf(core.Unsupported, "pool %s is of type %s: disks can be made in directory pools", core.Printable(name, 60), p.Type)
		}
		return p, nil
	}
	return storage.Pool{}, core.Errorf(core.NotFound, "there is no pool %s", core.Printable(name, 60)).
		WithHint("pools are: %s; make one with: limiquantix pool create", orNone(names))
}

// image finds the image that ref means: NAME in the target pool or else in any,
// or POOL/NAME, the name with or without .qcow2, .img, .raw.
func (o observed) image(ref string) (storage.Volume, error) {
	pools := []string{o.target}
	for _, p := range o.pools {
		if p.Name != o.target {
			pools = append(pools, p.Name)
		}
	}
	name := ref
	if pool, rest, ok := strings.Cut(ref, "/"); ok {
		pools, name = []string{pool}, rest
	}
	for _, pool := range pools {
		for _, suffix := range []string{"", ".qcow2", ".img", ".raw"} {
			for _, v := range o.volumes[pool] {
				if v.Name == name+suffix {
					return v, checkImage(v)
				}
			}
		}
	}
	return storage.Volume{}, core.Errorf(core.NotFound, "there is no image %s on this host", core.Printable(ref, 80)).
		WithHint("see: limiquantix image list; add one with: limiquantix image add FILE-OR-URL --host HOST")
}

func checkImage(v storage.Volume) error {
	switch v.Format {
	case "qcow2", "raw":
		return nil
	}
	return core.Errorf(core.BadImage, "volume %s is of format %s: a VM's disk can be based on qcow2 and raw", core.Printable(v.Name, 80), v.Format)
}

func (o observed) volume(name string) (storage.Volume, bool) {
	for _, v := range o.volumes[o.target] {
		if v.Name == name {
			return v, true
		}
	}
	return storage.Volume{}, false
}

func (o observed) networkNames() string {
	var names []string
	for _, n := range o.networks {
		names = append(names, core.Escape(n.Name))
	}
	return orNone(names)
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// overlayXML describes a qcow2 volume over image. The backing format is always
// written: QEMU must never guess it (libvirt.org, "Secure usage").
func overlayXML(name string, size core.Bytes, image storage.Volume) (string, error) {
	v := libvirtxml.StorageVolume{
		Name:     name,
		Capacity: &libvirtxml.StorageVolumeSize{Unit: "bytes", Value: uint64(size)},
		Target:   &libvirtxml.StorageVolumeTarget{Format: &libvirtxml.StorageVolumeTargetFormat{Type: "qcow2"}},
		BackingStore: &libvirtxml.StorageVolumeBackingStore{
			Path: image.Path, Format: &libvirtxml.StorageVolumeTargetFormat{Type: image.Format},
		},
	}
	xml, err := v.Marshal()
	if err != nil {
		return "", fmt.Errorf("make the volume's XML: %w", err)
	}
	return xml, nil
}

// join puts a file or volume name behind a directory or pool.
func join(dir, name string) string { return strings.TrimSuffix(dir, "/") + "/" + name }

// ignore returns nil instead of an error with the given code, or what then says.
func ignore(code core.Code, err error, then func() error) error {
	if err == nil || core.CodeOf(err) != code {
		return err
	}
	if then != nil {
		return then()
	}
	return nil
}

// stateOf returns a VM's state; [core.NotFound] when it is not there.
func stateOf(ctx context.Context, c Reader, uuid string) (Summary, error) {
	vms, err := c.VMs(ctx)
	if err != nil {
		return Summary{}, err
	}
	for _, v := range vms {
		if v.UUID == uuid {
			return v, nil
		}
	}
	return Summary{}, core.Errorf(core.NotFound, "the VM is gone")
}

func mustRun(ctx context.Context, c Reader, uuid string) error {
	v, err := stateOf(ctx, c, uuid)
	if err == nil && v.State != Running {
		err = core.Errorf(core.Conflict, "the VM is %s", v.State)
	}
	return err
}

func stopIfRunning(ctx context.Context, c Conn, uuid string) error {
	v, err := stateOf(ctx, c, uuid)
	if err != nil {
		return ignore(core.NotFound, err, nil)
	}
	if v.State == Stopped || v.State == Crashed {
		return nil
	}
	return ignore(core.Conflict, c.StopVM(ctx, uuid), nil)
}

// removeVM stops and undefines a VM with everything that libvirt keeps for it;
// one that is not there is fine.
func removeVM(ctx context.Context, c Conn, uuid string) error {
	if err := stopIfRunning(ctx, c, uuid); err != nil {
		return err
	}
	all := UndefineOptions{NVRAM: true, ManagedSave: true, SnapshotMetadata: true, CheckpointMetadata: true}
	return ignore(core.NotFound, c.UndefineVM(ctx, uuid, all), nil)
}
