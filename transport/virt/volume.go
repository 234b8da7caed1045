package virt

import (
	"context"
	"encoding/xml"
	"slices"

	"github.com/digitalocean/go-libvirt"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/storage"
)

// volumeXML is what we read and write of a volume's XML.
type volumeXML struct {
	XMLName    xml.Name `xml:"volume"`
	Name       string   `xml:"name"`
	Capacity   size     `xml:"capacity"`
	Allocation size     `xml:"allocation"`
	Target     struct {
		Path   string `xml:"path,omitempty"`
		Format struct {
			Type string `xml:"type,attr"`
		} `xml:"format"`
	} `xml:"target"`
	Backing *struct {
		Path string `xml:"path"`
	} `xml:"backingStore"`
}

func (x volumeXML) volume(pool string) storage.Volume {
	v := storage.Volume{Pool: pool, Name: x.Name, Path: x.Target.Path, Format: x.Target.Format.Type,
		Capacity: x.Capacity.Value, Allocation: x.Allocation.Value}
	if x.Backing != nil {
		v.BackingPath = backingFile(x.Backing.Path)
	}
	return v
}

// Volumes returns the volumes of an active pool sorted by name: one flight for
// their names and one for all the rest.
func (c *Conn) Volumes(ctx context.Context, pool string) ([]storage.Volume, error) {
	vols, err := withPool(ctx, c, pool, func(p libvirt.StoragePool) ([]libvirt.StorageVol, error) {
		return ask(ctx, c.s, read, "list the volumes of pool "+core.Printable(pool, 60), func(l *libvirt.Libvirt) ([]libvirt.StorageVol, error) {
			vols, _, err := l.StoragePoolListAllVolumes(p, 1, 0)
			return vols, err
		})
	})
	if err != nil {
		return nil, err
	}
	vols = slices.DeleteFunc(vols, func(v libvirt.StorageVol) bool { return isPart(v.Name) }) // uploads under way
	all, gone := make([]storage.Volume, len(vols)), make([]error, len(vols))
	flight(len(vols), func(i int) { all[i], gone[i] = c.Volume(ctx, pool, vols[i].Name) })
	return kept(all, gone, func(v storage.Volume) string { return v.Name })
}

// Volume returns one volume.
func (c *Conn) Volume(ctx context.Context, pool, name string) (storage.Volume, error) {
	text, err := ask(ctx, c.s, read, "read volume "+core.Printable(name, 60), func(l *libvirt.Libvirt) (string, error) {
		return l.StorageVolGetXMLDesc(libvirt.StorageVol{Pool: pool, Name: name}, 0)
	})
	if err != nil {
		return storage.Volume{}, err
	}
	var x volumeXML
	if err := unmarshal(text, &x); err != nil {
		return storage.Volume{}, err
	}
	return x.volume(pool), nil
}

// CreateVolume makes an empty volume or overlay from libvirt volume XML.
func (c *Conn) CreateVolume(ctx context.Context, pool, xml string) error {
	id, err := identify("volume", "volume", xml)
	if err != nil {
		return err
	}
	what := "create volume " + core.Printable(id.Name, 60)
	return c.changePool(ctx, pool, what, func(p libvirt.StoragePool) error {
		err := do(ctx, c.s, write, what, func(l *libvirt.Libvirt) error {
			_, err := l.StorageVolCreateXML(p, xml, 0)
			return err
		})
		if isNumber(err, libvirt.ErrOperationFailed) { // some drivers' way to say that it exists
			if _, missing := c.Volume(ctx, pool, id.Name); missing == nil {
				return core.Errorf(core.Exists, "%s: pool %s has a volume of that name: %w", what, core.Printable(pool, 60), err)
			}
		}
		return err
	})
}

// DeleteVolume removes a volume with its data.
func (c *Conn) DeleteVolume(ctx context.Context, pool, name string) error {
	what := "delete volume " + core.Printable(name, 60)
	return c.changePool(ctx, pool, what, func(libvirt.StoragePool) error {
		return do(ctx, c.s, write, what, func(l *libvirt.Libvirt) error {
			return l.StorageVolDelete(libvirt.StorageVol{Pool: pool, Name: name}, 0)
		})
	})
}

// changePool runs fn in the pool's turn and tells this program about it:
// libvirt has events for pools only.
func (c *Conn) changePool(ctx context.Context, pool, what string, fn func(libvirt.StoragePool) error) error {
	return c.inLane(ctx, "pool "+pool, what, func() error {
		_, err := withPool(ctx, c, pool, func(p libvirt.StoragePool) (struct{}, error) {
			err := fn(p)
			if err == nil {
				c.events.add(host.Event{Object: host.ObjectPool, UUID: core.FormatUUID(p.UUID), Name: pool, Change: "refreshed"})
			}
			return struct{}{}, err
		})
		return err
	})
}
