package drift

import (
	"cmp"
	"slices"
	"strings"
)

// names is what users call settings, by kind and bare path.
var names = map[string]string{
	"name": "name", "title": "title", "description": "description", "uuid": "UUID", "genid": "generation ID",
	"memory": "memory", "currentMemory": "memory at start", "maxMemory": "most memory", "maxMemory@slots": "memory slots",
	"vcpu": "CPUs", "vcpu@current": "CPUs at start", "vcpu@cpuset": "CPUs pinned to", "iothreads": "I/O threads",
	"cputune/shares": "CPU shares", "cputune/period": "CPU period", "cputune/quota": "CPU quota", "cputune/vcpupin@cpuset": "CPU pinned to",
	"cputune/emulatorpin@cpuset": "emulator pinned to", "blkiotune/weight": "disk weight",
	"memtune/hard_limit": "memory limit", "memtune/soft_limit": "soft memory limit", "memtune/swap_hard_limit": "memory and swap limit",
	"cpu@mode": "CPU mode", "cpu/model": "CPU model", "cpu/topology@sockets": "CPU sockets", "cpu/topology@cores": "cores per socket",
	"cpu/topology@threads": "threads per core", "cpu/topology@dies": "dies per socket", "cpu/feature@policy": "CPU feature",
	"cpu/numa/cell@memory": "memory of NUMA cell", "cpu/numa/cell@cpus": "CPUs of NUMA cell",
	"os/type@machine": "machine type", "os/type@arch": "architecture", "os/boot": "boot order", "os@firmware": "firmware", "os/loader": "firmware file",
	"os/nvram": "firmware variables", "os/bootmenu@enable": "boot menu", "os/kernel": "kernel", "os/initrd": "initrd", "os/cmdline": "kernel command line",
	"clock@offset": "clock", "clock/timer@present": "timer", "clock/timer@tickpolicy": "timer ticks", "on_poweroff": "after a power-off", "on_reboot": "after a reboot",
	"on_crash": "after a crash", "@type": "hypervisor", "qemu:commandline": "QEMU arguments", "features/acpi": "ACPI", "features/apic": "APIC",
	"disk source": "file", "disk source@pool": "pool", "disk source@volume": "volume", "disk source@name": "image", "disk source@protocol": "protocol",
	"disk driver@cache": "cache", "disk driver@io": "I/O mode", "disk driver@discard": "discard", "disk driver@type": "format", "disk target@dev": "target",
	"disk target@bus": "bus", "disk readonly": "read-only", "disk shareable": "shareable", "disk serial": "serial number", "disk boot@order": "boot order",
	"disk @device": "kind", "disk @type": "stored as", "disk iotune/total_iops_sec": "limit of operations a second", "disk iotune/total_bytes_sec": "limit of bytes a second",
	"interface mac@address": "MAC address", "interface source@network": "network", "interface source@bridge": "bridge", "interface source@dev": "host device",
	"interface model@type": "model", "interface link@state": "link", "interface mtu@size": "MTU", "interface @type": "kind", "interface vlan/tag": "VLAN",
	"interface boot@order": "boot order", "interface bandwidth/inbound@average": "limit inbound (KiB/s)", "interface bandwidth/outbound@average": "limit outbound (KiB/s)",
	"interface filterref@filter": "filter", "interface rom@enabled": "boot ROM",
	"graphics @passwd": "password", "graphics @port": "port", "graphics @autoport": "automatic port", "graphics listen@address": "listens on", "graphics @type": "kind",
	"video model@type": "model", "video model@heads": "screens", "memballoon @model": "model", "memballoon stats@period": "statistics every (s)",
	"watchdog @action": "action", "watchdog @model": "model", "rng backend": "source", "sound @model": "model", "tpm @model": "model",
}

// nameOf is a setting in users' words; what nobody has a word for is told as
// it stands in the XML.
func nameOf(kind, key string) string {
	if space, ok := strings.CutPrefix(key, "metadata/["); ok {
		return "metadata of " + strings.TrimSuffix(space, "]")
	}
	text, known := names[bare(kind, key)]
	if !known {
		if key == "address" {
			return "place on its bus"
		}
		return strings.NewReplacer("/", " ", "@", " ").Replace(strings.TrimPrefix(key, "@"))
	}
	if _, which, ok := strings.Cut(key, "["); ok {
		which, _, _ = cutLast(which, "]")
		text += " " + which
	}
	return text
}

// kinds is what users call devices.
var kinds = map[string]string{
	"interface": "network card", "hostdev": "host device", "rng": "random source", "memballoon": "balloon", "filesystem": "shared directory",
	"graphics": "console", "video": "video card", "sound": "sound card", "shmem": "shared memory", "redirdev": "redirected USB device",
	"serial": "serial port", "parallel": "parallel port", "console": "text console", "input": "input device", "tpm": "TPM", "iommu": "IOMMU",
	"memory": "memory module", "vsock": "socket to the host", "panic": "panic device",
}

// label names a part: "disk vda", "random source 2".
func (p *part) label() string {
	if p.kind == "" {
		return ""
	}
	text := cmp.Or(kinds[p.kind], p.kind)
	switch {
	case p.id != "":
		return text + " " + p.id
	case p.place > 1:
		return text + " " + itoa(p.place)
	}
	return text
}

// summary says in a few words what a device is; "" when it is not there.
func (p *part) summary() string {
	if p == nil {
		return ""
	}
	var words []string
	for _, key := range []string{
		"source", "source@pool", "source@volume", "source@name", "source@network", "source@bridge", "source@dev", "source@dir", "source/address",
		"driver@type", "@type", "@model", "model@type", "target@bus", "target/size", "backend", "backend@model",
	} {
		if text := p.settings[key].text(); text != "" && !slices.Contains(words, text) && !(key == "@type" && (p.kind == "disk" || p.kind == "interface")) {
			words = append(words, text)
		}
	}
	return cmp.Or(strings.Join(words, ", "), "there")
}

// rank puts the settings that people look for first.
func rank(key string) int {
	first := []string{"name", "title", "vcpu", "vcpu@current", "memory", "currentMemory", "source"}
	if i := slices.Index(first, key); i >= 0 {
		return i
	}
	return len(first)
}
