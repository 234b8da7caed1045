package contract

import (
	"strings"

	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/vm"
	"github.com/limiquantix/limiquantix/core/vm/label"
)

func noteCases() []one {
	return []one{
		{"labels of a VM that is off", nil, func(e *env) { labels(e, e.define(e.name("vm"), "")) }},
		{"labels of a running VM", nil, func(e *env) { labels(e, e.running("")) }},
		{"labels of a transient VM", nil, transientLabels},
		{"labels are told of", nil, labelEvents},
	}
}

// labels writes labels and notes, with all else as it was to the byte, and takes
// them away again.
func labels(e *env, uuid string) {
	e.Helper()
	before := [2]string{e.xml(uuid, false), e.xml(uuid, true)}
	want := label.Labels{
		Tags: []string{"<b>&\"'</b>"[:4], "prod", "ümläut-日本"}, Folder: "/prod/it's <b>",
		Fields: map[string]string{"owner <x>": `"R&D" 'team'`, "url": "https://example.org/?a=1&b=2"},
	}
	for range 2 { // it is replaced, not added to
		xml, err := want.XML()
		e.ok("make XML", err)
		e.ok("write labels", e.h.SetVMMetadata(e.ctx, uuid, vm.Metadata{Space: label.Space, Prefix: label.Prefix, XML: xml}))
	}
	e.ok("write notes", e.h.SetVMDescription(e.ctx, uuid, "# a & b\n\n* <x>\n"))
	for _, live := range []bool{false, true} {
		xml := e.xml(uuid, live)
		if got := label.Read(xml); !got.Equal(want) {
			e.Errorf("labels (live %t): got %+v, want %+v in\n%s", live, got, want, xml)
		}
		if !strings.Contains(xml, "# a &amp; b") {
			e.Errorf("notes (live %t) are missing:\n%s", live, xml)
		}
		if strings.Count(xml, label.Space) != 1 || !strings.Contains(xml, ">kept</") {
			e.Errorf("metadata (live %t):\n%s", live, xml)
		}
	}
	e.ok("remove labels", e.h.SetVMMetadata(e.ctx, uuid, vm.Metadata{Space: label.Space, Prefix: label.Prefix}))
	e.ok("remove labels that are none", e.h.SetVMMetadata(e.ctx, uuid, vm.Metadata{Space: label.Space, Prefix: label.Prefix}))
	e.ok("remove notes", e.h.SetVMDescription(e.ctx, uuid, ""))
	for i, live := range []bool{false, true} {
		if after := e.xml(uuid, live); after != before[i] {
			e.Errorf("XML (live %t) is not as before:\n%s\n\nbut:\n%s", live, before[i], after)
		}
	}
}

// transientLabels looks at the running VM alone: what libvirt tells of the
// definition of one that was undefined while it ran is what that was.
func transientLabels(e *env) {
	uuid := e.running("")
	e.ok("undefine", e.h.UndefineVM(e.ctx, uuid, vm.UndefineOptions{}))
	e.ok("write labels", e.h.SetVMMetadata(e.ctx, uuid, vm.Metadata{Space: label.Space, Prefix: label.Prefix, XML: "<labels><tag>a</tag></labels>"}))
	if xml := e.xml(uuid, true); !label.Read(xml).Equal(label.Labels{Tags: []string{"a"}}) {
		e.Errorf("labels are missing:\n%s", xml)
	}
}

func (e *env) xml(uuid string, live bool) string {
	e.Helper()
	xml, err := e.h.VMXML(e.ctx, uuid, live)
	e.ok("XML", err)
	return xml
}

func labelEvents(e *env) {
	watcher := e.link()
	uuid := e.define(e.name("vm"), "")
	e.await(watcher.Events(), host.ObjectVM, func(ev host.Event) bool { return ev.UUID == uuid && ev.Change == "defined" })
	e.ok("write labels", e.h.SetVMMetadata(e.ctx, uuid, vm.Metadata{Space: label.Space, Prefix: label.Prefix, XML: "<labels><tag>a</tag></labels>"}))
	e.await(watcher.Events(), host.ObjectVM, func(ev host.Event) bool { return ev.UUID == uuid && ev.Change == "changed" })
}
