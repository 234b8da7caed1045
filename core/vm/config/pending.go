package config

import (
	"slices"

	"github.com/limiquantix/limiquantix/core/xmledit"
)

// Pending reports whether a running VM (live) has other settings than it will
// start with the next time (stored). What libvirt itself does to a VM that it
// starts is none: names, ports, addresses, labels, a CPU model that was looked
// up, a balloon. In doubt there is nothing pending.
func Pending(stored, live string) bool {
	s, errStored := xmledit.Parse(xmledit.Clean(stored))
	l, errLive := xmledit.Parse(xmledit.Clean(live))
	if errStored != nil || errLive != nil {
		return false
	}
	c := cover{left: maxCompared, skip: atStart}
	return !c.covers(l.Root(), s.Root()) || otherCPUs(s.Root(), l.Root()) || fewer(s.Root(), l.Root()) || replugged(s.Root(), l.Root())
}

// otherCPUs compares how many CPUs there are: the number is left out where it
// is that of the most there can be.
func otherCPUs(stored, live *xmledit.Element) bool {
	will, known := vcpusNow(stored)
	has, too := vcpusNow(live)
	return known && too && will != has
}

// fewer reports whether live has more of those devices that libvirt adds none
// of by itself when a VM starts: some were plugged in, or are to go.
func fewer(stored, live *xmledit.Element) bool {
	kinds := []string{"disk", "interface", "hostdev", "filesystem", "graphics", "video", "tpm", "watchdog", "sound", "vsock", "shmem", "rng"}
	return slices.ContainsFunc(kinds, func(kind string) bool {
		return len(stored.Child("devices").Children(kind)) < len(live.Child("devices").Children(kind))
	})
}

// replugged reports whether a card is plugged into another network or bridge
// than it will be. A card in a network of libvirt's may be told as one on that
// network's bridge while it runs, so only what both tell is compared.
func replugged(stored, live *xmledit.Element) bool {
	plugs := map[string]*xmledit.Element{}
	for _, n := range live.FindAll("devices/interface") {
		plugs[n.Child("mac").Attr("address")] = n.Child("source")
	}
	for _, n := range stored.FindAll("devices/interface") {
		was, will := plugs[n.Child("mac").Attr("address")], n.Child("source")
		for _, attr := range []string{"network", "bridge", "dev"} {
			if was.HasAttr(attr) && will.HasAttr(attr) && was.Attr(attr) != will.Attr(attr) {
				return true
			}
		}
	}
	return false
}

// atStart tells what libvirt changes in a VM's XML when it starts it, and what
// it lets be changed while it runs without the guest's knowledge. attr is "" for
// the whole of an element.
//
// Source: libvirt 9.0, virDomainDefFormatInternal with and without
// VIR_DOMAIN_DEF_FORMAT_INACTIVE; tried with QEMU 7.2.
func atStart(e *xmledit.Element, attr string) bool {
	names := atStartElements
	key := e.Name()
	if attr != "" {
		names, key = atStartAttrs, e.Name()+"/@"+attr
	}
	switch under := names[key]; {
	case under == "":
		return e.Name() == "cpu" && attr != "" && !(attr == "mode" && namedModel(e)) ||
			e.Name() == "model" && attr == "" && e.Parent().Name() == "cpu" && !namedModel(e.Parent())
	case under == "*":
		return true
	case under == "device":
		return e.Parent().Parent().Name() == "devices"
	default:
		return e.Parent().Name() == under
	}
}

// atStartElements is elements by the name of the one around them: "*" for any,
// "device" for any device.
var atStartElements = map[string]string{
	"title": "domain", "description": "domain", "metadata": "domain", "currentMemory": "domain", "genid": "domain", "seclabel": "*", "resource": "domain",
	"vcpus": "domain", "cputune": "domain", "blkiotune": "domain", "memtune": "domain", "numatune": "domain",
	"loader": "os", "nvram": "os", "firmware": "os", // chosen for firmware='efi'
	"feature": "cpu", "cache": "cpu", "maxphysaddr": "cpu", "vendor": "cpu", "gic": "features",
	"alias": "*", "backingStore": "*", "mirror": "disk", "iotune": "disk", "address": "device", "stats": "memballoon",
	"target": "interface", "source": "interface", "bandwidth": "interface", "link": "interface", "virtualport": "interface", "port": "interface",
	"listen": "graphics",
}

var atStartAttrs = map[string]string{
	"domain/@id": "*", "os/@firmware": "*", "model/@fallback": "cpu", "model/@vendor_id": "cpu", "interface/@type": "*",
	"graphics/@port": "*", "graphics/@tlsPort": "*", "graphics/@websocket": "*", "graphics/@socket": "*", "graphics/@listen": "*",
	"graphics/@autoport": "*", "graphics/@passwd": "*", "graphics/@passwdValidTo": "*", "graphics/@connected": "*",
	"driver/@type": "disk", // an empty drive has none
	"memory/@unit": "*", "vcpu/@current": "*", "source/@index": "disk", "source/@startupPolicy": "disk",
	"clock/@offset": "*", "clock/@adjustment": "*", "clock/@basis": "*",
}

// namedModel reports whether a <cpu> names its model, or is the host's: any
// other is looked up when the VM starts.
func namedModel(cpu *xmledit.Element) bool {
	return cpu.Attr("mode") == "custom" || cpu.Attr("mode") == "host-passthrough"
}
