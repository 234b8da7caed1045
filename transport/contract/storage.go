package contract

import (
	"fmt"
	"slices"
	"strings"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/storage"
)

func storageCases() []one {
	return []one{
		{"the life of a pool", nil, poolLife},
		{"an unknown pool is not found", nil, unknownPool},
		{"the life of a volume", nil, volumeLife},
		{"an overlay knows its backing", []Feature{Overlays}, overlay},
		{"a volume that cannot fit", []Feature{Shortage}, volumeTooLarge},
	}
}

func (e *env) findPool(name string) (storage.Pool, bool) {
	e.Helper()
	all, err := e.h.Pools(e.ctx)
	e.ok("list pools", err)
	if !slices.IsSortedFunc(all, func(a, b storage.Pool) int { return strings.Compare(a.Name, b.Name) }) {
		e.Error("pools are not sorted by name")
	}
	i := slices.IndexFunc(all, func(p storage.Pool) bool { return p.Name == name })
	if i < 0 {
		return storage.Pool{}, false
	}
	return all[i], true
}

func poolLife(e *env) {
	name := e.pool()
	p, ok := e.findPool(name)
	if !ok || p.State != storage.Active || p.Type != "dir" || p.Path != e.caps.PoolDir+"/"+name || !p.Persistent || p.Capacity <= 0 || p.Available <= 0 {
		e.Fatalf("listed (%t) as %+v", ok, p)
	}
	e.refused("start an active pool", e.h.StartPool(e.ctx, name, false))
	e.refused("undefine an active pool", e.h.UndefinePool(e.ctx, name))
	e.ok("refresh", e.h.RefreshPool(e.ctx, name))
	e.ok("stop", e.h.StopPool(e.ctx, name))
	if p, _ := e.findPool(name); p.State != storage.Inactive {
		e.Errorf("state after stop: %s", p.State)
	}
	_, err := e.h.Volumes(e.ctx, name)
	e.refused("volumes of an inactive pool", err)
	e.refused("stop an inactive pool", e.h.StopPool(e.ctx, name))
	e.ok("undefine", e.h.UndefinePool(e.ctx, name))
	if _, ok := e.findPool(name); ok {
		e.Error("still listed")
	}
}

func unknownPool(e *env) {
	_, err := e.h.Volumes(e.ctx, "no such pool")
	e.code("volumes", err, core.NotFound)
	_, err = e.h.Volume(e.ctx, "no such pool", "x")
	e.code("volume", err, core.NotFound)
	e.code("start", e.h.StartPool(e.ctx, "no such pool", false), core.NotFound)
	e.code("stop", e.h.StopPool(e.ctx, "no such pool"), core.NotFound)
	e.code("refresh", e.h.RefreshPool(e.ctx, "no such pool"), core.NotFound)
	e.code("create in it", e.h.CreateVolume(e.ctx, "no such pool", volumeXML("x", "raw", core.MiB, "")), core.NotFound)
	name := e.pool()
	twin := strings.Replace(e.poolXML(name), "</name>", "</name><uuid>"+core.NewUUID()+"</uuid>", 1)
	e.code("define a name that is taken", e.h.DefinePool(e.ctx, twin), core.Exists)
	e.code("define what is no pool", e.h.DefinePool(e.ctx, "<pool"), core.Invalid)
}

func volumeLife(e *env) {
	pool := e.pool()
	for _, name := range []string{"b.img", "a'&$(x).img", "c d.img"} {
		e.ok("create "+name, e.h.CreateVolume(e.ctx, pool, volumeXML(name, "raw", 3*core.MiB, "")))
	}
	vols, err := e.h.Volumes(e.ctx, pool)
	e.ok("list", err)
	var names []string
	for _, v := range vols {
		names = append(names, v.Name)
	}
	if got, want := fmt.Sprint(names), "[a'&$(x).img b.img c d.img]"; got != want {
		e.Errorf("got %s, want %s", got, want)
	}
	v, err := e.h.Volume(e.ctx, pool, "b.img")
	e.ok("read", err)
	want := storage.Volume{Pool: pool, Name: "b.img", Path: e.caps.PoolDir + "/" + pool + "/b.img", Format: "raw", Capacity: 3 * core.MiB}
	if v.Allocation = 0; v != want {
		e.Errorf("got %+v, want %+v", v, want)
	}
	e.code("create it again", e.h.CreateVolume(e.ctx, pool, volumeXML("b.img", "raw", core.MiB, "")), core.Exists)
	e.code("create from nonsense", e.h.CreateVolume(e.ctx, pool, "<volume"), core.Invalid)
	e.ok("delete", e.h.DeleteVolume(e.ctx, pool, "b.img"))
	e.code("delete again", e.h.DeleteVolume(e.ctx, pool, "b.img"), core.NotFound)
	_, err = e.h.Volume(e.ctx, pool, "b.img")
	e.code("read afterwards", err, core.NotFound)
}

func overlay(e *env) {
	pool := e.pool()
	e.ok("create base", e.h.CreateVolume(e.ctx, pool, volumeXML("base.qcow2", "qcow2", 8*core.MiB, "")))
	base, err := e.h.Volume(e.ctx, pool, "base.qcow2")
	e.ok("read base", err)
	e.ok("create overlay", e.h.CreateVolume(e.ctx, pool, volumeXML("top.qcow2", "qcow2", 16*core.MiB,
		"<backingStore><path>"+base.Path+"</path><format type='qcow2'/></backingStore>")))
	top, err := e.h.Volume(e.ctx, pool, "top.qcow2")
	e.ok("read overlay", err)
	if top.BackingPath != base.Path || top.Format != "qcow2" || top.Capacity != 16*core.MiB {
		e.Errorf("overlay is %+v", top)
	}
	if base.BackingPath != "" || base.Format != "qcow2" {
		e.Errorf("base is %+v", base)
	}
}

func volumeTooLarge(e *env) {
	pool := e.pool()
	xml := strings.Replace(volumeXML("huge.img", "raw", core.PiB, ""), "<allocation unit='bytes'>0<", "<allocation unit='PiB'>1<", 1)
	e.code("create 1 PiB", e.h.CreateVolume(e.ctx, pool, xml), core.NoSpace)
	_, err := e.h.Volume(e.ctx, pool, "huge.img")
	e.code("nothing is left", err, core.NotFound)
}
