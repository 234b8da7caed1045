package contract

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/vm"
)

func vmCases() []one {
	return []one{
		{"a defined VM is listed", nil, defined},
		{"figures of a VM", []Feature{Stats}, figures},
		{"an unknown VM is not found", nil, unknownVM},
		{"a name is taken once", nil, nameTaken},
		{"a definition is replaced", nil, redefined},
		{"XML that is none is invalid", nil, badXML},
		{"names come back as they are", nil, strangeNames},
		{"many VMs at once", nil, manyVMs},
		{"XML of many", nil, manyXMLs},
		{"autostart", nil, autostart},
		{"an undefined VM is gone", nil, undefined},
		{"a running VM survives undefine", nil, undefineRunning},
	}
}

func defined(e *env) {
	name := e.name("vm")
	uuid := e.define(name, "")
	if _, err := core.ParseUUID(uuid); err != nil || uuid != strings.ToLower(uuid) {
		e.Errorf("DefineVM gave UUID %q: %v", uuid, err)
	}
	s, ok := e.find(e.h, uuid)
	if !ok || s.Name != name || s.State != vm.Stopped || !s.Persistent || s.Autostart {
		e.Errorf("listed (%t) as %+v", ok, s)
	}
	for _, live := range []bool{false, true} {
		xml, err := e.h.VMXML(e.ctx, uuid, live)
		e.ok("XML", err)
		for _, want := range []string{"<name>" + name + "</name>", "<uuid>" + uuid + "</uuid>", ">kept</"} {
			if !strings.Contains(xml, want) {
				e.Errorf("XML (live %t) lacks %s:\n%s", live, want, xml)
			}
		}
	}
}

func figures(e *env) {
	uuid := e.define(e.name("vm"), "")
	s, _ := e.find(e.h, uuid)
	if s.VCPUs != 1 || s.Memory != 64*core.MiB {
		e.Errorf("stopped: %d vCPUs, %v; want 1, 64 MiB", s.VCPUs, s.Memory)
	}
	e.ok("start", e.h.StartVM(e.ctx, uuid))
	e.eventually("CPU time to be counted", func() bool {
		s, _ := e.find(e.h, uuid)
		return s.CPUTime > 0 && s.VCPUs == 1 && s.Memory == 64*core.MiB
	})
}

func unknownVM(e *env) {
	uuid := core.NewUUID()
	_, err := e.h.VMXML(e.ctx, uuid, false)
	e.code("XML", err, core.NotFound)
	e.code("start", e.h.StartVM(e.ctx, uuid), core.NotFound)
	e.code("stop", e.h.StopVM(e.ctx, uuid), core.NotFound)
	e.code("shutdown", e.h.ShutdownVM(e.ctx, uuid), core.NotFound)
	e.code("pause", e.h.PauseVM(e.ctx, uuid), core.NotFound)
	e.code("autostart", e.h.SetAutostart(e.ctx, uuid, true), core.NotFound)
	e.code("undefine", e.h.UndefineVM(e.ctx, uuid, vm.UndefineOptions{}), core.NotFound)
	_, err = e.h.VMXML(e.ctx, "no-uuid", false)
	e.code("XML of what is no UUID", err, core.Invalid)
}

func nameTaken(e *env) {
	name := e.name("vm")
	e.define(name, "")
	uuid, err := e.h.DefineVM(e.ctx, e.vmXML(name, core.NewUUID(), ""))
	e.code("same name, other UUID", err, core.Exists)
	if err == nil {
		e.forget(uuid)
	}
}

func redefined(e *env) {
	name := e.name("vm")
	uuid := e.define(name, "")
	again, err := e.h.DefineVM(e.ctx, strings.Replace(e.vmXML(name, uuid, ""), "kept", "changed", 1))
	e.ok("define again", err)
	if again != uuid {
		e.Errorf("UUID changed from %s to %s", uuid, again)
	}
	xml, err := e.h.VMXML(e.ctx, uuid, false)
	e.ok("XML", err)
	if !strings.Contains(xml, ">changed</") {
		e.Errorf("old definition is still there:\n%s", xml)
	}
}

func badXML(e *env) {
	for _, xml := range []string{"", "hello", "<domain>", "<domain type='" + e.caps.Type + "'/>", "<network><name>x</name></network>"} {
		_, err := e.h.DefineVM(e.ctx, xml)
		e.code(fmt.Sprintf("define %q", xml), err, core.Invalid)
	}
}

func strangeNames(e *env) {
	for _, name := range []string{`a b`, `it's "so"`, `$(id)`, `<script>alert(1)</script>`[:8], `ümläut-日本`, `a&b;c`, strings.Repeat("n", 150)} {
		name += core.NewUUID()[:4]
		uuid := e.define(name, "")
		if s, ok := e.find(e.h, uuid); !ok || s.Name != name {
			e.Errorf("name %q came back as %q (listed: %t)", name, s.Name, ok)
		}
	}
}

func manyVMs(e *env) {
	const n = 20
	prefix := e.name("many")
	uuids := make([]string, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			uuid, err := e.h.DefineVM(e.ctx, e.vmXML(fmt.Sprintf("%s-%02d", prefix, i), "", ""))
			if err != nil {
				e.Errorf("define %d: %v", i, err)
			}
			uuids[i] = uuid
		})
	}
	wg.Wait()
	for _, uuid := range uuids {
		e.forget(uuid)
	}
	all, err := e.h.VMs(e.ctx)
	e.ok("list", err)
	if !slices.IsSortedFunc(all, func(a, b vm.Summary) int { return strings.Compare(a.Name, b.Name) }) {
		e.Error("VMs are not sorted by name")
	}
	found := 0
	for _, s := range all {
		if strings.HasPrefix(s.Name, prefix) {
			found++
		}
	}
	if found != n {
		e.Errorf("%d of %d VMs are listed", found, n)
	}
}

func manyXMLs(e *env) {
	a, b, gone := e.define(e.name("vm"), ""), e.define(e.name("vm"), ""), core.NewUUID()
	xmls, err := e.h.VMXMLs(e.ctx, []string{a, gone, b})
	e.ok("XML of three", err)
	if len(xmls) != 2 || !strings.Contains(xmls[a], a) || !strings.Contains(xmls[b], b) {
		e.Errorf("got %d of the 2 that exist: %v", len(xmls), xmls)
	}
	xmls, err = e.h.VMXMLs(e.ctx, nil)
	e.ok("XML of none", err)
	if len(xmls) != 0 {
		e.Errorf("asked for none, got %d", len(xmls))
	}
}

func autostart(e *env) {
	uuid := e.define(e.name("vm"), "")
	for _, on := range []bool{true, true, false} {
		e.ok("set autostart", e.h.SetAutostart(e.ctx, uuid, on))
		if s, _ := e.find(e.h, uuid); s.Autostart != on {
			e.Errorf("autostart is %t, want %t", s.Autostart, on)
		}
	}
}

func undefined(e *env) {
	uuid := e.define(e.name("vm"), "")
	e.ok("undefine", e.h.UndefineVM(e.ctx, uuid, vm.UndefineOptions{}))
	if _, ok := e.find(e.h, uuid); ok {
		e.Error("still listed")
	}
	_, err := e.h.VMXML(e.ctx, uuid, false)
	e.code("XML afterwards", err, core.NotFound)
}

func undefineRunning(e *env) {
	uuid := e.running("")
	e.ok("undefine", e.h.UndefineVM(e.ctx, uuid, vm.UndefineOptions{}))
	if s, ok := e.find(e.h, uuid); !ok || s.Persistent || s.State != vm.Running {
		e.Errorf("want it running and transient, got (%t) %+v", ok, s)
	}
	e.ok("stop", e.h.StopVM(e.ctx, uuid))
	if _, ok := e.find(e.h, uuid); ok {
		e.Error("a transient VM is still there after it stopped")
	}
}
