package drift

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/xmledit"
)

// generated reports whether libvirt makes an element anew at each start, or
// tells by it how the VM runs: no state has it.
func generated(e *xmledit.Element) bool {
	parent := e.Parent().Name()
	switch e.Name() {
	case "alias":
		return !strings.HasPrefix(e.Attr("name"), "ua-") // others than users' own
	case "seclabel":
		return e.Attr("type") == "dynamic" && !e.HasAttr("baselabel") && e.Child("baselabel") == nil || parent == "source" && !e.HasAttr("relabel")
	case "backingStore", "mirror":
		return parent == "disk"
	case "target":
		dev := e.Attr("dev")
		return parent == "interface" && len(e.Attrs()) == 1 && (strings.HasPrefix(dev, "vnet") || strings.HasPrefix(dev, "macvtap") || strings.HasPrefix(dev, "macvlan"))
	case "listen":
		return parent == "graphics" && (e.Attr("type") == "address" || !e.HasAttr("type")) && !e.HasAttr("address") && !e.HasAttr("network") && !e.HasAttr("socket")
	}
	return false
}

// generatedAttr is [generated] for an attribute.
func generatedAttr(e *xmledit.Element, name string) bool {
	parent := e.Parent().Name()
	switch e.Name() + "@" + name {
	case "domain@id", "source@index", "source@portid", "console@tty", "graphics@connected", "target@state":
		return true
	case "target@port": // of a virtio console it is another when it runs
		return parent == "console"
	case "source@path":
		return e.Parent().Attr("type") == "pty" || e.Parent().Name() == "channel" && strings.Contains(e.Attr("path"), "/libvirt/qemu/channel/")
	case "graphics@listen": // repeated in <listen>
		return e.Child("listen") != nil
	case "clock@adjustment": // the guest sets its clock
		return e.Attr("offset") == "variable"
	case "address@multifunction":
		return true
	}
	if _, ok := sizeOf(e); ok && name == "unit" {
		return true
	}
	return name == "unit" && slices.Contains([]string{"cell", "page"}, e.Name()) || parent == "graphics" && name == "fromConfig"
}

// normalise gives a device one spelling of what can be said in several ways.
func normalise(p *part) {
	set := func(key, raw string) { p.settings[key] = value{set: true, raw: raw} }
	switch p.kind {
	case "disk":
		for _, key := range []string{"source@file", "source@dev", "source@dir"} {
			if v, ok := p.settings[key]; ok {
				delete(p.settings, key)
				p.settings["source"] = v
			}
		}
	case "interface":
		if mac := p.raw("mac@address"); mac != "" {
			set("mac@address", spellMAC(mac))
		}
		if p.settings["source@network"].set {
			delete(p.settings, "source@bridge") // that of the network
		}
	case "graphics":
		normaliseGraphics(p)
	case "input":
		if p.raw("@bus") == "" {
			set("@bus", map[string]string{"mouse": "ps2", "keyboard": "ps2"}[p.raw("@type")])
		}
		if p.raw("@bus") == "" {
			set("@bus", "usb")
		}
	}
}

// normaliseGraphics takes away ports that are chosen at each start.
func normaliseGraphics(p *part) {
	kind := p.raw("@type")
	if kind != "vnc" && kind != "spice" && kind != "rdp" {
		return
	}
	none := func(key string) bool { return slices.Contains([]string{"", "-1", "0"}, p.raw(key)) }
	auto := p.raw("@autoport")
	if auto == "yes" || auto == "" && none("@port") && none("@tlsPort") {
		auto = "yes"
		delete(p.settings, "@port")
		delete(p.settings, "@tlsPort")
	}
	p.settings["@autoport"] = value{set: true, raw: cmp.Or(auto, "no")}
	if p.raw("@websocket") == "-1" {
		delete(p.settings, "@websocket")
	}
	if listen, ok := p.settings["@listen"]; ok {
		delete(p.settings, "@listen")
		p.settings["listen@address"] = listen
	}
	if p.raw("listen@type") == "address" {
		delete(p.settings, "listen@type")
	}
}

// normaliseVM does it for what is no device.
func normaliseVM(vm *part, root *xmledit.Element) {
	set := vm.settings
	if v, ok := set["uuid"]; ok {
		set["uuid"] = value{set: true, raw: spellUUID(v.raw)}
	}
	if all, ok := numaMemory(vm, root); ok { // libvirt takes the sum, whatever is said
		set["memory"] = all
	}
	if v, ok := set["memory"]; ok && !set["currentMemory"].set {
		set["currentMemory"] = v
	}
	if !set["vcpu"].set {
		set["vcpu"] = value{set: true, raw: "1"}
	}
	if !set["vcpu@current"].set {
		set["vcpu@current"] = set["vcpu"]
	}
	for key := range set {
		if feature := strings.HasPrefix(key, "cpu/feature[") && strings.HasSuffix(key, "]"); feature {
			delete(set, key)
			set[key+"@policy"] = value{set: true, raw: "require"}
		}
	}
	normaliseIOThreads(set)
}

// normaliseIOThreads takes away that the threads are numbered from 1: they are,
// unless it is said otherwise.
func normaliseIOThreads(set map[string]value) {
	count, err := strconv.Atoi(set["iothreads"].raw)
	if err != nil || count == 0 {
		delete(set, "iothreads")
		return
	}
	numbered := func(n int) string { return "iothreadids/iothread[" + itoa(n) + "]" }
	for n := 1; n <= count && set[numbered(n)].set; n++ {
		delete(set, numbered(n))
	}
}

// follows reports whether what a VM starts with is all that it may have, before
// and after: then it is told once.
func (s slot) follows(key string) bool {
	most, is := map[string]string{"vcpu@current": "vcpu", "currentMemory": "memory"}[key]
	if !is || s.defined.kind != "" {
		return false
	}
	for _, p := range []*part{s.applied, s.defined, s.running} {
		if p != nil && p.raw(key) != p.raw(most) {
			return false
		}
	}
	return true
}

// numaMemory is what NUMA cells and memory devices have together.
func numaMemory(vm *part, root *xmledit.Element) (value, bool) {
	total, cells := int64(0), root.FindAll("cpu/numa/cell")
	for _, c := range cells {
		v, ok := sizeOfAttr(c, "memory")
		if !ok {
			return value{}, false
		}
		total += int64(v.bytes())
	}
	for _, m := range root.FindAll("devices/memory/target/size") {
		if v, ok := sizeOf(m); ok {
			total += int64(v.bytes())
		}
	}
	return sizeOfBytes(total), len(cells) > 0 && total > 0
}

// defaults is what libvirt takes for what is not said, whenever it prints it:
// saying it or not is the same in all states. By kind and bare path.
var defaults = map[string]string{
	"vcpu@placement": "static", "clock@offset": "utc", "on_poweroff": "destroy", "on_reboot": "restart", "on_crash": "destroy",
	"clock@basis": "utc", "features/hyperv@mode": "custom", "cpu@match": "exact", "cpu/topology@dies": "1", "cpu/topology@clusters": "1",
	"resource/partition": "/machine",
	"disk @type":         "file", "disk @device": "disk", "disk driver@name": "qemu", "disk @snapshot": "internal",
	"filesystem @accessmode": "passthrough", "memballoon @model": "virtio",
	"hostdev @managed": "no", "hostdev @mode": "subsystem", "graphics listen@address": "127.0.0.1", "watchdog @action": "reset",
	"interface @trustGuestRxFilters": "no", "channel source@mode": "bind", "video model@heads": "1", "serial source@tls": "no", "console source@tls": "no",
	"channel source@tls": "no", "parallel source@tls": "no",
}

// assigned is what libvirt chooses when it stores a definition that does not
// say it; the same once it is chosen.
var assigned = []string{
	"uuid", "os/type@arch", "os/type@machine", "cpu@migratable",
	"* address", "emulator ", "memory target/block", "interface mac@address", "interface model@type",
	"disk target@bus", "disk driver@type", "controller @index", "controller master@startport", "controller @model", "controller model@name",
	"controller target@chassis", "controller target@port", "controller target@chassisNr", "controller target@busNr", "controller target@index",
	"serial target@type", "serial target@port", "serial target/model@name", "serial protocol@type", "console target@type",
	"parallel target@port", "video model@type", "video model@primary",
	"tpm @model", "tpm backend@version", "panic @model",
	"vsock cid@address", "shmem model@type",
	"cpu/numa/cell@id", "interface virtualport/parameters@interfaceid",
}

// started is what libvirt sets in a running VM, whatever is defined, and what
// is a note about the VM: no boot is needed for that.
var started = []string{
	"title", "description", "metadata/",
	"currentMemory", "cpu@check", "cpu/model@fallback", "cpu/model@vendor_id",
	"cpu/vendor", "cpu/maxphysaddr@bits", "genid", "disk driver@type", "features/gic@version",
	"interface virtualport/parameters@interfaceid", "graphics @socket", "memory target/current", "vsock cid@address", "memory target/address",
	"hostdev driver@name",
}

// derived reports whether one of two values is there only because something else
// was set, which is told itself.
func derived(kind, key string, a, b value) bool {
	if a.set == b.set {
		return false
	}
	switch bare(kind, key) {
	case "os/boot": // the last that is tried, where no device has a place in the order
		return a.raw == "hd" || b.raw == "hd"
	case "video model@ram", "video model@vram", "video model@vgamem", "video model@vram64":
		return true
	}
	return key == "address" // a device that is none has no place on a bus
}

// bare is a setting's kind and path, without what tells siblings apart.
func bare(kind, key string) string {
	var b strings.Builder
	if kind != "" {
		b.WriteString(kind + " ")
	}
	depth := 0
	for _, r := range key {
		switch {
		case r == '[':
			depth++
		case r == ']' && depth > 0:
			depth--
		case depth == 0:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// effective is the value that a setting has, said or not.
func (p *part) effective(key string) value {
	if p == nil {
		return value{}
	}
	v, ok := p.settings[key]
	if !ok {
		if d, is := defaults[bare(p.kind, key)]; is {
			return value{set: true, raw: d}
		}
	}
	return v
}

// listedIn reports whether one of the tables names a setting, or what it is part of.
func listedIn(table []string, kind, key string) bool {
	name := bare(kind, key)
	for _, t := range table {
		if name == t || kind != "" && "* "+strings.TrimPrefix(name, kind+" ") == t {
			return true
		}
	}
	return false
}

// sameByDefine reports whether storing what was applied gives what is defined.
func sameByDefine(applied, defined *part, key string) bool {
	a, d := applied.effective(key), defined.effective(key)
	switch {
	case a == d:
		return true
	case key == "readonly" && applied.raw("@device") == "cdrom":
		return true // it always is
	case !a.set && listedIn(assigned, applied.kind, key), derived(applied.kind, key, a, d):
		return true
	case applied.kind != "":
		return false
	case key == "os/type@machine":
		return alias(a.raw, d.raw)
	case key == "cpu/model@fallback", key == "cpu@check":
		return applied.raw(key) == "" || defined.raw(key) == ""
	case strings.HasPrefix(key, "cpu@"), strings.HasPrefix(key, "cpu/model"):
		// Without a mode and a model the CPU is QEMU's default, which libvirt spells out.
		return applied.raw("cpu@mode") == "" && (applied.raw("cpu/model") == "" || key == "cpu@mode" && d.raw == "custom") && unsaid(defined)
	case strings.HasPrefix(key, "os/loader"), strings.HasPrefix(key, "os/nvram"), strings.HasPrefix(key, "os/firmware"), key == "features/smm@state":
		return !a.set && defined.raw("os@firmware") != ""
	}
	return false
}

// unsaid reports whether a CPU is one that libvirt has spelt out for QEMU's default.
func unsaid(defined *part) bool {
	return defined.raw("cpu@mode") == "" || defined.raw("cpu@mode") == "custom"
}

// alias reports whether a machine's name without its version, "q35", stands for
// one with it, "pc-q35-7.2".
func alias(short, long string) bool {
	if short == "pc" {
		short = "i440fx"
	}
	name, version, _ := cutLast(strings.TrimPrefix(long, "pc-"), "-")
	return version != "" && name == short
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// sameByStart reports whether starting what is defined gives what runs.
func sameByStart(defined, running *part, key string) bool {
	d, r := defined.effective(key), running.effective(key)
	switch {
	case d == r, listedIn(started, defined.kind, key), derived(defined.kind, key, d, r):
		return true
	case d.size && r.size: // QEMU takes whole MiB
		return defined.kind == "" && (d.bytes()+core.MiB-1)/core.MiB*core.MiB == r.bytes()
	case defined.kind == "interface" && defined.raw("@type") == "network":
		// A card in a network of libvirt's is told as what that network made of it.
		return key == "@type" || strings.HasPrefix(key, "source@") && !d.set || strings.HasPrefix(key, "vlan") && !d.set || strings.HasPrefix(key, "virtualport") && !d.set || strings.HasPrefix(key, "bandwidth") && !d.set
	case defined.kind != "":
		return false
	case strings.HasPrefix(key, "os/loader"), strings.HasPrefix(key, "os/nvram"), key == "os@firmware":
		return !d.set || defined.raw("os@firmware") != "" // chosen when it starts
	case strings.HasPrefix(key, "cpu@"), strings.HasPrefix(key, "cpu/model"):
		return !slices.Contains([]string{"custom", "host-passthrough"}, defined.raw("cpu@mode"))
	case strings.HasPrefix(key, "cpu/feature"):
		return !d.set || d.raw == "optional" || defined.raw("cpu@mode") != "custom"
	case key == "features/smm@state":
		return !d.set && defined.raw("os@firmware") != ""
	}
	return false
}

// implied reports whether libvirt has added a device by itself when it stored
// before, which became after.
func implied(p *part, before, after *domain) bool {
	if p == nil {
		return false
	}
	switch p.kind {
	case "emulator":
		return true
	case "input":
		return p.raw("@bus") == "ps2"
	case "audio", "memballoon", "video", "hub":
		return !before.has(p.kind)
	case "serial":
		return !before.has("serial") && before.has("console")
	case "console": // the first serial port is also the first text console
		return p.raw("target@type") == "serial" && after.has("serial") && !slices.ContainsFunc(before.devices(), func(b *part) bool {
			return b.kind == "console" && (b.raw("target@type") == "" || b.raw("target@type") == "serial")
		})
	}
	return p.isBus(after)
}

// isBus reports whether p is a controller that is there for what is plugged
// into it, in the state that has it.
func (p *part) isBus(in *domain) bool {
	if p == nil || p.kind != "controller" {
		return false
	}
	switch p.raw("@type") {
	case "sata", "ide", "fdc", "usb", "virtio-serial", "ccid":
		return p.raw("@index") == "0"
	case "scsi":
		return p.raw("@index") == "0" && slices.ContainsFunc(in.devices(), func(d *part) bool {
			return d.raw("target@bus") == "scsi" || d.kind == "hostdev" && d.raw("@type") == "scsi"
		})
	}
	return p.isPCI()
}

// isPCI reports whether p is a PCI bus of those that libvirt adds where there are
// no free slots.
func (p *part) isPCI() bool {
	return p != nil && p.kind == "controller" && p.raw("@type") == "pci" && !strings.Contains(p.raw("@model"), "expander")
}
