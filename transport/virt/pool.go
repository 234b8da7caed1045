package virt

import (
	"cmp"
	"context"
	"encoding/xml"
	"fmt"
	"slices"

	"github.com/digitalocean/go-libvirt"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/storage"
	"github.com/limiquantix/limiquantix/core/xmledit"
)

// size is a number with a unit; libvirt prints bytes.
type size struct {
	Unit  string     `xml:"unit,attr"`
	Value core.Bytes `xml:",chardata"`
}

// poolXML is what we read of a pool's XML.
type poolXML struct {
	Type       string `xml:"type,attr"`
	Capacity   size   `xml:"capacity"`
	Allocation size   `xml:"allocation"`
	Available  size   `xml:"available"`
	Path       string `xml:"target>path"`
}

// inLane runs fn in its turn among the writes to one object.
func (c *Conn) inLane(ctx context.Context, lane, what string, fn func() error) error {
	leave, err := c.lanes.enter(ctx, lane)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	defer leave()
	return fn()
}

// Pools returns all pools sorted by name, in two flights.
func (c *Conn) Pools(ctx context.Context) ([]storage.Pool, error) {
	flags := []libvirt.ConnectListAllStoragePoolsFlags{0, libvirt.ConnectListStoragePoolsAutostart, libvirt.ConnectListStoragePoolsPersistent}
	lists, errs := make([][]libvirt.StoragePool, len(flags)), make([]error, len(flags))
	flight(len(flags), func(i int) {
		lists[i], errs[i] = ask(ctx, c.s, read, "list pools", func(l *libvirt.Libvirt) ([]libvirt.StoragePool, error) {
			pools, _, err := l.ConnectListAllStoragePools(1, flags[i])
			return pools, err
		})
	})
	if err := cmp.Or(errs...); err != nil {
		return nil, err
	}
	n := len(lists[0])
	all, gone, states := make([]storage.Pool, n), make([]error, 2*n), make([]storage.PoolState, n)
	flight(2*n, func(i int) { // XML of each, then state of each
		p := lists[0][i%n]
		if i >= n {
			states[i-n], gone[i] = c.poolState(ctx, p)
			return
		}
		var x poolXML
		x, gone[i] = c.poolXML(ctx, p)
		all[i] = storage.Pool{UUID: core.FormatUUID(p.UUID), Name: p.Name, Type: x.Type, Path: x.Path,
			Capacity: x.Capacity.Value, Allocation: x.Allocation.Value, Available: x.Available.Value,
			Autostart: slices.Contains(lists[1], p), Persistent: slices.Contains(lists[2], p)}
	})
	for i := range all {
		all[i].State, gone[i] = states[i], cmp.Or(gone[i], gone[n+i])
		c.pools.put(all[i].Name, lists[0][i].UUID)
	}
	return kept(all, gone[:n], func(p storage.Pool) string { return p.Name })
}

func (c *Conn) poolXML(ctx context.Context, p libvirt.StoragePool) (x poolXML, err error) {
	text, err := ask(ctx, c.s, read, "read pool "+core.Printable(p.Name, 60), func(l *libvirt.Libvirt) (string, error) {
		return l.StoragePoolGetXMLDesc(p, 0)
	})
	if err == nil {
		err = unmarshal(text, &x)
	}
	return x, err
}

// unmarshal reads XML that libvirt wrote, odd names in it too.
func unmarshal(text string, into any) error {
	if err := xml.Unmarshal([]byte(xmledit.Clean(text)), into); err != nil {
		return core.Errorf(core.Internal, "libvirt's XML is malformed: %w", err)
	}
	return nil
}

// poolState names virStoragePoolState.
func (c *Conn) poolState(ctx context.Context, p libvirt.StoragePool) (storage.PoolState, error) {
	n, err := ask(ctx, c.s, read, "read pool "+core.Printable(p.Name, 60), func(l *libvirt.Libvirt) (uint8, error) {
		state, _, _, _, err := l.StoragePoolGetInfo(p)
		return state, err
	})
	switch libvirt.StoragePoolState(n) {
	case libvirt.StoragePoolRunning:
		return storage.Active, err
	case libvirt.StoragePoolBuilding:
		return storage.Building, err
	case libvirt.StoragePoolDegraded:
		return storage.Degraded, err
	}
	return storage.Inactive, err
}

// withPool runs fn with the pool of that name.
func withPool[T any](ctx context.Context, c *Conn, name string, fn func(libvirt.StoragePool) (T, error)) (T, error) {
	lookup := func() ([16]byte, error) {
		p, err := ask(ctx, c.s, read, "find pool "+core.Printable(name, 60), func(l *libvirt.Libvirt) (libvirt.StoragePool, error) {
			return l.StoragePoolLookupByName(name)
		})
		return p.UUID, err
	}
	return named(&c.pools, name, lookup, func(uuid [16]byte) (T, error) { return fn(libvirt.StoragePool{Name: name, UUID: uuid}) })
}

// writePool makes a changing call about one pool, in its turn.
func (c *Conn) writePool(ctx context.Context, verb, name string, fn func(*libvirt.Libvirt, libvirt.StoragePool) error) error {
	what := verb + " pool " + core.Printable(name, 60)
	return c.inLane(ctx, "pool "+name, what, func() error {
		_, err := withPool(ctx, c, name, func(p libvirt.StoragePool) (struct{}, error) {
			return struct{}{}, do(ctx, c.s, write, what, func(l *libvirt.Libvirt) error { return fn(l, p) })
		})
		return err
	})
}

// DefinePool stores a pool's persistent XML.
func (c *Conn) DefinePool(ctx context.Context, xml string) error {
	id, err := identify("pool", "pool", xml)
	if err != nil {
		return err
	}
	what := "define pool " + core.Printable(id.Name, 60)
	return c.inLane(ctx, "pool "+id.Name, what, func() error {
		p, err := ask(ctx, c.s, write, what, func(l *libvirt.Libvirt) (libvirt.StoragePool, error) { return l.StoragePoolDefineXML(xml, 0) })
		if err != nil {
			return taken(err, "pool", id, func() ([16]byte, error) {
				p, err := ask(ctx, c.s, read, what, func(l *libvirt.Libvirt) (libvirt.StoragePool, error) { return l.StoragePoolLookupByName(id.Name) })
				return p.UUID, err
			})
		}
		c.pools.put(p.Name, p.UUID)
		return nil
	})
}

// StartPool activates a pool, making its directory when build is set.
func (c *Conn) StartPool(ctx context.Context, pool string, build bool) error {
	var flags libvirt.StoragePoolCreateFlags
	if build {
		flags = libvirt.StoragePoolCreateWithBuild
	}
	start := func(l *libvirt.Libvirt, p libvirt.StoragePool) error { return l.StoragePoolCreate(p, flags) }
	err := c.writePool(ctx, "start", pool, start)
	if build && isNumber(err, libvirt.ErrInvalidArg) { // a driver without the flag
		flags = 0
		build := func(l *libvirt.Libvirt, p libvirt.StoragePool) error { return l.StoragePoolBuild(p, 0) }
		if err := c.writePool(ctx, "build", pool, build); err != nil {
			return err
		}
		err = c.writePool(ctx, "start", pool, start)
	}
	return err
}

// StopPool deactivates a pool; its volumes stay.
func (c *Conn) StopPool(ctx context.Context, pool string) error {
	return c.writePool(ctx, "stop", pool, (*libvirt.Libvirt).StoragePoolDestroy)
}

// RefreshPool makes the host look again at what is in the pool.
func (c *Conn) RefreshPool(ctx context.Context, pool string) error {
	return c.writePool(ctx, "refresh", pool, func(l *libvirt.Libvirt, p libvirt.StoragePool) error { return l.StoragePoolRefresh(p, 0) })
}

// UndefinePool forgets an inactive pool; its volumes stay.
func (c *Conn) UndefinePool(ctx context.Context, pool string) error {
	err := c.writePool(ctx, "undefine", pool, (*libvirt.Libvirt).StoragePoolUndefine)
	if err == nil {
		c.pools.forget(pool)
	}
	return err
}
