package sim

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/storage"
	"github.com/limiquantix/limiquantix/core/xmledit"
)

// emptyQcow2 is what an empty qcow2 file takes.
const emptyQcow2 = 196 * core.KiB

// Volumes returns the volumes of an active pool sorted by name.
func (l *Link) Volumes(ctx context.Context, poolName string) ([]storage.Volume, error) {
	return ask(ctx, l, "Volumes", func(h *Host) ([]storage.Volume, error) {
		p, err := h.activePool(poolName)
		if err != nil {
			return nil, err
		}
		files := h.disk.dirs[p.path]
		list := make([]storage.Volume, 0, len(files))
		for name, f := range files {
			list = append(list, p.volume(name, f))
		}
		slices.SortFunc(list, func(a, b storage.Volume) int { return strings.Compare(a.Name, b.Name) })
		return list, nil
	})
}

// Volume returns one volume.
func (l *Link) Volume(ctx context.Context, poolName, name string) (storage.Volume, error) {
	return ask(ctx, l, "Volume", func(h *Host) (storage.Volume, error) {
		p, f, err := h.volume(poolName, name)
		if err != nil {
			return storage.Volume{}, err
		}
		return p.volume(name, f), nil
	})
}

func (p *pool) volume(name string, f *file) storage.Volume {
	return storage.Volume{
		Pool: p.name, Name: name, Path: path.Join(p.path, name), Format: f.format,
		Capacity: f.capacity, Allocation: f.allocation, BackingPath: f.backing,
	}
}

// volume finds a volume of an active pool. The host is locked.
func (h *Host) volume(poolName, name string) (*pool, *file, error) {
	p, err := h.activePool(poolName)
	if err != nil {
		return nil, nil, err
	}
	f := h.disk.dirs[p.path][name]
	if f == nil {
		return nil, nil, core.Errorf(core.NotFound, "no volume %s in pool %s", core.Printable(name, 60), core.Printable(poolName, 60))
	}
	return p, f, nil
}

// vacant checks that a volume of this name could be made.
func (h *Host) vacant(poolName, name string) (*pool, error) {
	p, err := h.activePool(poolName)
	if err != nil {
		return nil, err
	}
	if strings.ContainsAny(name, "/\n") || name == "" || name == "." || name == ".." {
		return nil, core.Errorf(core.Invalid, "%s cannot be the name of a volume", core.Printable(name, 60))
	}
	if h.disk.dirs[p.path][name] != nil {
		return nil, core.Errorf(core.Exists, "volume %s is already in pool %s", core.Printable(name, 60), core.Printable(poolName, 60))
	}
	return p, nil
}

// CreateVolume makes an empty volume or overlay from libvirt volume XML.
func (l *Link) CreateVolume(ctx context.Context, poolName, xml string) error {
	return l.tell(ctx, "CreateVolume", func(h *Host) error {
		doc, err := xmledit.Parse(xml)
		if err != nil {
			return err
		}
		if name := doc.Root().Child("name").Text(); strings.Contains(name, "/") {
			// libvirt calls this VIR_ERR_OPERATION_INVALID, not an argument's fault
			return core.Errorf(core.Conflict, "the volume's name %s cannot contain '/'", core.Printable(name, 60))
		}
		name, err := nameOf(doc.Root(), "volume", "volume")
		if err != nil {
			return err
		}
		p, err := h.vacant(poolName, name)
		if err != nil {
			return err
		}
		f, err := h.readVolume(doc.Root())
		if err != nil {
			return err
		}
		if err := h.put(p.path, name, f); err != nil {
			return err
		}
		h.emit(host.ObjectPool, p.uuid, p.name, "changed")
		return nil
	})
}

// readVolume reads what to make. A raw file without <allocation> is allocated
// in full, as libvirt does it.
func (h *Host) readVolume(root *xmledit.Element) (*file, error) {
	f := &file{
		format:  firstOf(root.Find("target/format").Attr("type"), "raw"),
		backing: strings.TrimSpace(root.Find("backingStore/path").Text()),
	}
	if !slices.Contains([]string{"raw", "qcow2", "qcow", "vmdk", "vdi", "vpc", "qed", "iso", "bochs", "cloop", "dmg"}, f.format) {
		return nil, core.Errorf(core.Unsupported, "the host does not know the volume format %s", core.Printable(f.format, 20))
	}
	below := h.disk.find(f.backing)
	if f.backing != "" && below == nil {
		return nil, core.Errorf(core.NotFound, "the backing volume %s is not there", core.Printable(f.backing, 120))
	}
	var err error
	switch capacity := root.Child("capacity"); {
	case capacity != nil:
		f.capacity, err = scaled(capacity, 1)
	case below != nil:
		f.capacity = below.capacity
	default:
		err = core.Errorf(core.Invalid, "the XML gives the volume no capacity")
	}
	if err != nil {
		return nil, err
	}
	f.allocation = f.capacity
	if allocation := root.Child("allocation"); allocation != nil {
		if f.allocation, err = scaled(allocation, 1); err != nil {
			return nil, err
		}
		f.allocation = min(f.allocation, f.capacity)
	}
	if f.format == "qcow2" {
		f.allocation = emptyQcow2
	}
	return f, nil
}

// DeleteVolume removes a volume with its data.
func (l *Link) DeleteVolume(ctx context.Context, poolName, name string) error {
	return l.tell(ctx, "DeleteVolume", func(h *Host) error {
		p, _, err := h.volume(poolName, name)
		if err != nil {
			return err
		}
		h.unlink(p.path, name)
		h.emit(host.ObjectPool, p.uuid, p.name, "changed")
		return nil
	})
}
