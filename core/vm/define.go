package vm

import (
	"crypto/sha256"
	"encoding/xml"
	"fmt"
	"strings"

	"libvirt.org/go/libvirtxml"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/plan"
)

// Namespace is the XML namespace of what we keep in a VM's <metadata>.
const Namespace = "https://limiquantix.org/xmlns/vm/1"

// newVM is all that decides the XML of a VM that we make.
type newVM struct {
	Name, UUID, Title string
	VCPUs             int
	Memory            core.Bytes
	UEFI              bool
	DiskPath          string // qcow2
	SeedPath          string // ISO; "" for none
	NICs              []newNIC
	Facts             host.Facts
}

type newNIC struct{ Network, MAC, Model string }

// domainXML builds the XML of a new VM. Devices are those that every current
// guest has drivers for: virtio disk and card, the seed on a virtio-scsi CD-ROM
// (Debian's cloud kernel has no AHCI driver), a serial console, the guest
// agent's channel, VNC on 127.0.0.1 of the host only.
//
// Source: libvirt.org/formatdomain.html.
func domainXML(v newVM) (string, error) {
	d := libvirtxml.Domain{
		Type: "qemu", Name: v.Name, UUID: v.UUID, Title: v.Title,
		Memory:   &libvirtxml.DomainMemory{Value: uint(v.Memory / core.KiB), Unit: "KiB"},
		VCPU:     &libvirtxml.DomainVCPU{Placement: "static", Value: uint(v.VCPUs)},
		OS:       &libvirtxml.DomainOS{Type: &libvirtxml.DomainOSType{Arch: v.Facts.Arch, Machine: v.Facts.Machine, Type: "hvm"}},
		Features: &libvirtxml.DomainFeatureList{ACPI: &libvirtxml.DomainFeature{}},
		CPU:      &libvirtxml.DomainCPU{Mode: "maximum"},
		Clock:    &libvirtxml.DomainClock{Offset: "utc"},
		OnCrash:  "restart",
		Devices:  devices(v),
	}
	if v.Facts.Arch == "x86_64" {
		d.Features.APIC = &libvirtxml.DomainFeatureAPIC{}
	}
	if v.Facts.KVM {
		d.Type, d.CPU = "kvm", &libvirtxml.DomainCPU{Mode: "host-model"}
	} else if versionBefore(v.Facts.LibvirtVersion, 7, 1) {
		d.CPU = nil // mode='maximum' came with libvirt 7.1
	}
	if v.UEFI {
		d.OS.Firmware = "efi"
	}
	if v.SeedPath != "" {
		seed, err := metadata(v.SeedPath)
		if err != nil {
			return "", err
		}
		d.Metadata = &libvirtxml.DomainMetadata{XML: seed}
	}
	out, err := d.Marshal()
	if err != nil {
		return "", core.Errorf(core.Invalid, "make the VM's XML: %w", err)
	}
	return out, nil
}

func devices(v newVM) *libvirtxml.DomainDeviceList {
	d := &libvirtxml.DomainDeviceList{
		Emulator: v.Facts.Emulator,
		Disks: []libvirtxml.DomainDisk{{
			Device: "disk",
			Driver: &libvirtxml.DomainDiskDriver{Name: "qemu", Type: "qcow2", Discard: "unmap"},
			Source: fileSource(v.DiskPath),
			Target: &libvirtxml.DomainDiskTarget{Dev: "vda", Bus: "virtio"},
			Boot:   &libvirtxml.DomainDeviceBoot{Order: 1},
		}},
		Serials:  []libvirtxml.DomainSerial{{Source: &libvirtxml.DomainChardevSource{Pty: &libvirtxml.DomainChardevSourcePty{}}}},
		Consoles: []libvirtxml.DomainConsole{{Source: &libvirtxml.DomainChardevSource{Pty: &libvirtxml.DomainChardevSourcePty{}}}},
		Channels: []libvirtxml.DomainChannel{{
			Source: &libvirtxml.DomainChardevSource{UNIX: &libvirtxml.DomainChardevSourceUNIX{}},
			Target: &libvirtxml.DomainChannelTarget{VirtIO: &libvirtxml.DomainChannelTargetVirtIO{Name: "org.qemu.guest_agent.0"}},
		}},
		Graphics: []libvirtxml.DomainGraphic{{VNC: &libvirtxml.DomainGraphicVNC{Port: -1, AutoPort: "yes", Listen: "127.0.0.1"}}},
		Videos:   []libvirtxml.DomainVideo{{Model: libvirtxml.DomainVideoModel{Type: "vga"}}},
		RNGs: []libvirtxml.DomainRNG{{
			Model:   "virtio",
			Backend: &libvirtxml.DomainRNGBackend{Random: &libvirtxml.DomainRNGBackendRandom{Device: "/dev/urandom"}},
		}},
		MemBalloon: &libvirtxml.DomainMemBalloon{Model: "virtio", Stats: &libvirtxml.DomainMemBalloonStats{Period: 10}},
	}
	if v.SeedPath != "" {
		first := uint(0)
		d.Controllers = []libvirtxml.DomainController{{Type: "scsi", Index: &first, Model: "virtio-scsi"}}
		d.Disks = append(d.Disks, libvirtxml.DomainDisk{
			Device:   "cdrom",
			Driver:   &libvirtxml.DomainDiskDriver{Name: "qemu", Type: "raw"},
			Source:   fileSource(v.SeedPath),
			Target:   &libvirtxml.DomainDiskTarget{Dev: "sda", Bus: "scsi"},
			ReadOnly: &libvirtxml.DomainDiskReadOnly{},
		})
	}
	for _, n := range v.NICs {
		d.Interfaces = append(d.Interfaces, libvirtxml.DomainInterface{
			MAC:    &libvirtxml.DomainInterfaceMAC{Address: n.MAC},
			Source: &libvirtxml.DomainInterfaceSource{Network: &libvirtxml.DomainInterfaceSourceNetwork{Network: n.Network}},
			Model:  &libvirtxml.DomainInterfaceModel{Type: n.Model},
			// The boot ROM costs seconds at each start, and an image boots from disk.
			ROM: &libvirtxml.DomainROM{Enabled: "no"},
		})
	}
	return d
}

func fileSource(path string) *libvirtxml.DomainDiskSource {
	return &libvirtxml.DomainDiskSource{File: &libvirtxml.DomainDiskSourceFile{File: path}}
}

// note is what we keep in a VM's metadata: which seed belongs to it, so that
// deleting the VM, from any computer, deletes that too.
type note struct {
	XMLName xml.Name `xml:"lqx:vm"`
	Space   string   `xml:"xmlns:lqx,attr"`
	Seed    struct {
		Path string `xml:"path,attr"`
	} `xml:"lqx:seed"`
}

func metadata(seedPath string) (string, error) {
	n := note{Space: Namespace}
	n.Seed.Path = seedPath
	b, err := xml.Marshal(n)
	if err != nil {
		return "", fmt.Errorf("make the VM's metadata: %w", err)
	}
	return string(b), nil
}

func versionBefore(v string, major, minor int) bool {
	var a, b int
	if n, _ := fmt.Sscanf(v, "%d.%d", &a, &b); n < 2 {
		return false
	}
	return a < major || a == major && b < minor
}

// drawnUUID returns the UUID of the plan that was shown, else a new one: what
// is made is what was shown, with its UUID and MAC addresses.
func drawnUUID(digest string) string {
	id, err := core.ParseUUID(plan.Drawn(digest))
	if err != nil {
		return core.NewUUID()
	}
	return core.FormatUUID(id)
}

func prepareNIC(n *apiv1.NewNIC, uuid string, i int) (err error) {
	if n.Network == "" {
		n.Network = defaultNetwork
	}
	if n.Model == "" {
		n.Model = "virtio"
	}
	if n.Mac == "" {
		n.Mac = newMAC(uuid, i)
		return nil
	}
	n.Mac, err = checkMAC(n.Mac)
	return err
}

// newMAC returns the address of a VM's card i in QEMU's and KVM's own range,
// 52:54:00: as random as the VM's UUID.
func newMAC(uuid string, i int) string {
	b := sha256.Sum256(fmt.Appendf(nil, "%s nic %d", uuid, i))
	return fmt.Sprintf("52:54:00:%02x:%02x:%02x", b[0], b[1], b[2])
}

func checkMAC(s string) (string, error) {
	s = strings.ToLower(s)
	var b [6]byte
	n, err := fmt.Sscanf(s, "%02x:%02x:%02x:%02x:%02x:%02x", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5])
	if err != nil || n != 6 || len(s) != 17 {
		return "", core.Errorf(core.Invalid, "%s is not a MAC address", core.Printable(s, 40)).WithHint("it looks like 52:54:00:12:34:56")
	}
	if b[0]&1 == 1 {
		return "", core.Errorf(core.Invalid, "the MAC address %s is a multicast address", s)
	}
	return s, nil
}
