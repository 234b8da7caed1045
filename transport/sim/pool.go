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

// pool is a storage pool: a directory, whatever its type says.
type pool struct {
	uuid, name, kind string
	path             string
	active           bool
	persistent       bool
	autostart        bool
}

// pool finds a pool. The host is locked.
func (h *Host) pool(name string) (*pool, error) {
	if p := h.pools[name]; p != nil {
		return p, nil
	}
	return nil, core.Errorf(core.NotFound, "no pool %s", core.Printable(name, 60))
}

// activePool finds a pool that is active.
func (h *Host) activePool(name string) (*pool, error) {
	p, err := h.pool(name)
	if err == nil && !p.active {
		err = core.Errorf(core.Conflict, "pool %s is not active", core.Printable(name, 60)).WithHint("start the pool")
	}
	return p, err
}

// Pools returns all pools sorted by name.
func (l *Link) Pools(ctx context.Context) ([]storage.Pool, error) {
	return ask(ctx, l, "Pools", func(h *Host) ([]storage.Pool, error) {
		list := make([]storage.Pool, 0, len(h.pools))
		for _, p := range h.pools {
			list = append(list, h.poolInfo(p))
		}
		slices.SortFunc(list, func(a, b storage.Pool) int { return strings.Compare(a.Name, b.Name) })
		return list, nil
	})
}

func (h *Host) poolInfo(p *pool) storage.Pool {
	info := storage.Pool{
		UUID: p.uuid, Name: p.name, Type: p.kind, State: storage.Inactive, Path: p.path,
		Autostart: p.autostart, Persistent: p.persistent,
	}
	if p.active {
		info.State = storage.Active
		info.Capacity, info.Available = h.disk.size, h.free()
		info.Allocation = info.Capacity - info.Available
	}
	return info
}

// DefinePool stores a pool's persistent XML.
//
// Errors: [core.Invalid], [core.Unsupported] for a type other than "dir",
// [core.Exists] when name and UUID belong to different pools, or another pool
// has the directory.
func (l *Link) DefinePool(ctx context.Context, xml string) error {
	return l.tell(ctx, "DefinePool", func(h *Host) error {
		p, err := h.readPool(xml)
		if err != nil {
			return err
		}
		nameNow, uuidNow := "", ""
		for _, q := range h.pools {
			switch {
			case q.uuid == p.uuid:
				nameNow = q.name
			case q.path == p.path && q.name != p.name:
				return core.Errorf(core.Exists, "pool %s has the same directory", core.Printable(q.name, 60))
			}
			if q.name == p.name {
				uuidNow, p.active, p.autostart = q.uuid, q.active, q.autostart
			}
		}
		if err := taken("pool", p.name, p.uuid, nameNow, uuidNow); err != nil {
			return err
		}
		h.pools[p.name] = p
		h.emit(host.ObjectPool, p.uuid, p.name, "defined")
		return nil
	})
}

func (h *Host) readPool(xml string) (*pool, error) {
	doc, err := xmledit.Parse(xml)
	if err != nil {
		return nil, err
	}
	root := doc.Root()
	name, err := nameOf(root, "pool", "pool")
	if err != nil {
		return nil, err
	}
	target := strings.TrimSpace(root.Find("target/path").Text())
	switch kind := root.Attr("type"); {
	case kind == "":
		return nil, core.Errorf(core.Invalid, "the pool has no type")
	case kind != "dir":
		return nil, core.Errorf(core.Unsupported, "the simulated host has no pools of type %s", core.Printable(kind, 20))
	case !path.IsAbs(target):
		return nil, core.Errorf(core.Invalid, "the pool's path %s is not absolute", core.Printable(target, 60))
	}
	uuid, err := h.uuidOf(root)
	if err != nil {
		return nil, err
	}
	return &pool{uuid: uuid, name: name, kind: "dir", path: path.Clean(target), persistent: true}, nil
}

// StartPool activates a pool, making its directory when build is set.
func (l *Link) StartPool(ctx context.Context, name string, build bool) error {
	return l.tell(ctx, "StartPool", func(h *Host) error {
		p, err := h.pool(name)
		switch {
		case err != nil:
			return err
		case p.active:
			return core.Errorf(core.Conflict, "pool %s is already active", core.Printable(name, 60))
		case build:
			h.disk.mkdir(p.path)
		case h.disk.dirs[p.path] == nil:
			return core.Errorf(core.NotFound, "the directory %s of pool %s is not there",
				core.Printable(p.path, 120), core.Printable(name, 60))
		}
		p.active = true
		h.emit(host.ObjectPool, p.uuid, p.name, "started")
		return nil
	})
}

// StopPool deactivates a pool; its volumes stay.
func (l *Link) StopPool(ctx context.Context, name string) error {
	return l.tell(ctx, "StopPool", func(h *Host) error {
		p, err := h.activePool(name)
		if err != nil {
			return err
		}
		p.active = false
		h.emit(host.ObjectPool, p.uuid, p.name, "stopped")
		return nil
	})
}

// RefreshPool makes the host look again at what is in the pool.
func (l *Link) RefreshPool(ctx context.Context, name string) error {
	return l.tell(ctx, "RefreshPool", func(h *Host) error {
		p, err := h.activePool(name)
		if err != nil {
			return err
		}
		h.emit(host.ObjectPool, p.uuid, p.name, "refreshed")
		return nil
	})
}

// UndefinePool forgets an inactive pool; its volumes stay.
func (l *Link) UndefinePool(ctx context.Context, name string) error {
	return l.tell(ctx, "UndefinePool", func(h *Host) error {
		p, err := h.pool(name)
		if err != nil {
			return err
		}
		if p.active {
			return core.Errorf(core.Conflict, "pool %s is still active", core.Printable(name, 60)).WithHint("stop the pool first")
		}
		delete(h.pools, name)
		h.emit(host.ObjectPool, p.uuid, p.name, "undefined")
		return nil
	})
}
