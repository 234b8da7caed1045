package contract

import (
	"time"

	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/vm"
)

func eventCases() []one {
	return []one{
		{"events of VMs", nil, vmEvents},
		{"events of networks and pools", []Feature{MetaEvents}, otherEvents},
	}
}

// await reads events until one is about the object and tells the change, or
// "all", which stands for any.
func (e *env) await(events <-chan host.Event, object host.Object, match func(host.Event) bool) host.Event {
	e.Helper()
	timeout := time.After(time.Minute)
	for {
		select {
		case ev, open := <-events:
			if !open {
				e.Fatal("the events ended")
			}
			if ev.Object == host.ObjectAll || ev.Object == object && match(ev) {
				return ev
			}
		case <-timeout:
			e.Fatalf("no such event of a %s", object)
		}
	}
}

func vmEvents(e *env) {
	watcher := e.link()
	name := e.name("vm")
	uuid := e.define(name, "")
	step := func(change string, err error) {
		e.Helper()
		e.ok(change, err)
		ev := e.await(watcher.Events(), host.ObjectVM, func(ev host.Event) bool { return ev.UUID == uuid && ev.Change == change })
		if ev.Object == host.ObjectVM && (ev.Name != name || ev.Time.IsZero()) {
			e.Errorf("event %+v lacks a name or a time", ev)
		}
	}
	step("defined", nil)
	step("started", e.h.StartVM(e.ctx, uuid))
	step("paused", e.h.PauseVM(e.ctx, uuid))
	step("resumed", e.h.ResumeVM(e.ctx, uuid))
	step("stopped", e.h.StopVM(e.ctx, uuid))
	step("undefined", e.h.UndefineVM(e.ctx, uuid, vm.UndefineOptions{}))
}

func otherEvents(e *env) {
	watcher := e.link()
	net := e.name("net")
	e.ok("define network", e.h.DefineNetwork(e.ctx, networkXML(net, 3)))
	e.await(watcher.Events(), host.ObjectNetwork, func(ev host.Event) bool { return ev.Name == net && ev.Change == "defined" })
	pool := e.pool()
	e.await(watcher.Events(), host.ObjectPool, func(ev host.Event) bool { return ev.Name == pool && ev.Change == "started" })
	e.ok("refresh", e.h.RefreshPool(e.ctx, pool))
	e.await(watcher.Events(), host.ObjectPool, func(ev host.Event) bool { return ev.Name == pool && ev.Change == "refreshed" })
}
