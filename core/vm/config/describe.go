package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/xmledit"
)

// Facts are what a VM's XML says of it, beside its disks and cards. Text comes
// from the host as it is: escape it before a terminal or a page sees it.
type Facts struct {
	Title, Description string
	Hypervisor         string // "kvm", "qemu"
	Arch, Machine      string
	UEFI               bool
	CPU                string // "host-passthrough", "custom: Skylake-Client"; "" for the hypervisor's default
	OS                 string // as libosinfo identifies it, "http://debian.org/debian/12"; "" unless somebody noted it
	Graphics           string // "vnc", "spice"; "" for none
	Serial             bool
	Agent              bool // the guest agent has opened its channel
	Devices            []Device
}

// Device is hardware that is neither a disk nor a card.
type Device struct {
	Kind string // the XML element: "controller", "video"
	Text string // what it is: "pci 1: pcie-root-port"; "" when there is nothing to say
}

// libosinfo is the namespace of what virt-manager and others note of the system
// in a VM.
const libosinfo = "http://libosinfo.org/xmlns/libvirt/domain/1.0"

// Describe reads the XML of a VM: live as it runs, stored as it will start the
// next time (the same when it is off). Title, description and the choice of the
// CPU are taken from stored.
//
// Errors: [core.Internal] when one is no XML.
func Describe(live, stored string) (Facts, error) {
	l, errLive := xmledit.Parse(xmledit.Clean(live))
	s, errStored := xmledit.Parse(xmledit.Clean(stored))
	for _, err := range []error{errLive, errStored} {
		if err != nil {
			return Facts{}, core.Errorf(core.Internal, "the host sent XML that cannot be read: %w", err)
		}
	}
	dom, next := l.Root(), s.Root()
	devices := dom.Child("devices")
	f := Facts{
		Title: next.Child("title").Text(), Description: next.Child("description").Text(),
		Hypervisor: dom.Attr("type"), Arch: dom.Find("os/type").Attr("arch"), Machine: dom.Find("os/type").Attr("machine"),
		UEFI:   next.Child("os").Attr("firmware") == "efi" || dom.Find("os/loader[@type='pflash']") != nil,
		CPU:    cpu(next.Child("cpu")),
		OS:     next.Child("metadata").ChildNS(libosinfo, "libosinfo").ChildNS(libosinfo, "os").Attr("id"),
		Serial: devices.Child("serial") != nil || devices.Child("console") != nil,
		Agent:  dom.Find("devices/channel/target[@name='org.qemu.guest_agent.0'][@state='connected']") != nil,
	}
	for _, g := range devices.Children("graphics") {
		if kind := g.Attr("type"); f.Graphics == "" && (kind == "vnc" || kind == "spice") {
			f.Graphics = kind
		}
	}
	for _, d := range devices.Children("") {
		if !slices.Contains([]string{"emulator", "disk", "interface"}, d.Name()) {
			f.Devices = append(f.Devices, Device{d.Name(), deviceText(d)})
		}
	}
	return f, nil
}

func cpu(e *xmledit.Element) string {
	mode, model := e.Attr("mode"), strings.TrimSpace(e.Child("model").Text())
	switch {
	case mode == "" && model != "":
		return "custom: " + model // custom is what libvirt takes it for
	case model != "":
		return mode + ": " + model
	}
	return mode
}

// deviceText says in a few words what a device is.
func deviceText(d *xmledit.Element) string {
	model := d.Child("model")
	switch d.Name() {
	case "controller":
		return labelled(d.Attr("type")+" "+d.Attr("index"), d.Attr("model"))
	case "video":
		return listed(model.Attr("type"), mebibytes(model.Attr("vram")))
	case "graphics":
		where := d.Attr("port")
		if where == "-1" || where == "0" {
			where = ""
		}
		if at := first(d.Child("listen").Attr("address"), d.Attr("listen")); at != "" && where != "" {
			where = at + ":" + where
		}
		return listed(d.Attr("type"), first(where, d.Child("listen").Attr("socket"), d.Attr("socket")))
	case "hostdev":
		return labelled(d.Attr("type"), hostAddress(d.Child("source")))
	case "rng":
		backend := d.Child("backend")
		return listed(d.Attr("model"), first(strings.TrimSpace(backend.Text()), backend.Attr("model")))
	case "tpm":
		return listed(d.Attr("model"), strings.TrimSpace(d.Child("backend").Attr("type")+" "+d.Child("backend").Attr("version")))
	case "watchdog":
		return labelled(d.Attr("model"), d.Attr("action"))
	case "filesystem":
		return labelled(d.Child("target").Attr("dir"), first(d.Child("source").Attr("dir"), d.Child("source").Attr("file"), d.Child("driver").Attr("type")))
	case "memory":
		if m, ok := size(d.Find("target/size")); ok {
			return listed(d.Attr("model"), m.String())
		}
	case "channel", "serial", "console", "parallel":
		target := d.Child("target")
		return labelled(d.Attr("type"), first(target.Attr("name"), target.Attr("type")))
	}
	return listed(d.Attr("type"), first(d.Attr("model"), model.Attr("type"), model.Attr("name"), d.Attr("name")), d.Attr("bus"))
}

// hostAddress returns which device of the host is passed through.
func hostAddress(source *xmledit.Element) string {
	a := source.Child("address")
	number := func(name string) uint64 {
		n, _ := strconv.ParseUint(a.Attr(name), 0, 32)
		return n
	}
	switch {
	case a.HasAttr("uuid"):
		return a.Attr("uuid")
	case a.HasAttr("slot"): // PCI, as lspci -D writes it
		return fmt.Sprintf("%04x:%02x:%02x.%x", number("domain"), number("bus"), number("slot"), number("function"))
	case source.Child("vendor") != nil: // USB, as lsusb writes it
		return strings.TrimPrefix(source.Child("vendor").Attr("id"), "0x") + ":" + strings.TrimPrefix(source.Child("product").Attr("id"), "0x")
	case a.HasAttr("device"):
		return fmt.Sprintf("bus %d device %d", number("bus"), number("device"))
	}
	return first(source.Child("adapter").Attr("name"), source.Child("char").Text(), source.Child("block").Text())
}

// mebibytes returns a number of KiB as libvirt gives it for people, "" for none.
func mebibytes(kib string) string {
	n, err := strconv.ParseInt(kib, 10, 40)
	if err != nil || n <= 0 {
		return ""
	}
	return (core.Bytes(n) * core.KiB).String()
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// labelled returns "what: text", or the one that there is.
func labelled(what, text string) string {
	what = strings.TrimSpace(what)
	if what == "" || text == "" {
		return what + text
	}
	return what + ": " + text
}

// listed joins what is not "" by commas.
func listed(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(t string) bool { return t == "" }), ", ")
}
