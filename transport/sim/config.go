package sim

import (
	"math"
	"strconv"
	"strings"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/xmledit"
)

// config is one configuration of a VM: its XML, and what the host itself needs
// to know of it. It is never changed once made, so a running VM, a definition
// and a snapshot may share one.
type config struct {
	text string // the XML; "" for a seeded VM, whose XML is made when it is asked for
	seed *seed

	vcpus  int
	memory core.Bytes
	disks  []diskDev
	nics   []nicDev
	serial bool // there is a console to attach to
	agent  bool // there is a channel for the guest agent
	efi    bool
	kernel bool // boots a kernel from the host
	card   bool // there is a screen to look at
	vnc    *vncDev
}

// vncDev is a VNC server as it was asked for: on a socket, a port, or a port
// that the host chooses.
type vncDev struct {
	socket string
	port   int  // 0: the host chooses
	local  bool // on a socket that the host chooses, when socket is ""
}

type diskDev struct {
	target, path string
	cdrom        bool
}

type nicDev struct {
	mac     string
	network string // "" when it is on a bridge or elsewhere
}

// xml returns the XML as text.
func (c *config) xml() string {
	if c.text == "" {
		return c.seed.xml()
	}
	return c.text
}

// bootable reports whether there is anything but firmware to run.
func (c *config) bootable() bool {
	for _, d := range c.disks {
		if d.path != "" && !d.cdrom {
			return true
		}
	}
	return c.kernel
}

// readConfig reads what the host needs out of a domain's XML, which is
// complete already.
func readConfig(doc *xmledit.Doc) (*config, error) {
	dom := doc.Root()
	memory, err := memoryOf(dom.Child("memory"))
	if err != nil {
		return nil, err
	}
	vcpus, err := strconv.Atoi(strings.TrimSpace(dom.Child("vcpu").Text()))
	if err != nil || vcpus < 1 {
		return nil, core.Errorf(core.Invalid, "the number of vCPUs is not a positive number")
	}
	c := &config{
		text:   doc.String(),
		vcpus:  vcpus,
		memory: memory,
		serial: dom.Find("devices/console") != nil || dom.Find("devices/serial") != nil,
		agent:  dom.Find("devices/channel/target[@name='org.qemu.guest_agent.0']") != nil,
		efi:    dom.Find("os[@firmware='efi']") != nil || dom.Find("os/nvram") != nil,
		kernel: strings.TrimSpace(dom.Find("os/kernel").Text()) != "",
	}
	c.readDevices(dom.Child("devices"))
	return c, nil
}

func (c *config) readDevices(devices *xmledit.Element) {
	c.card = devices.Child("video") != nil
	c.readVNC(devices)
	for _, d := range devices.Children("disk") {
		source := d.Child("source")
		c.disks = append(c.disks, diskDev{
			target: d.Child("target").Attr("dev"),
			path:   firstOf(source.Attr("file"), source.Attr("dev"), source.Attr("name")),
			cdrom:  d.Attr("device") == "cdrom" || d.Attr("device") == "floppy",
		})
	}
	for _, n := range devices.Children("interface") {
		c.nics = append(c.nics, nicDev{
			mac:     strings.ToLower(n.Child("mac").Attr("address")),
			network: n.Child("source").Attr("network"),
		})
	}
}

func (c *config) readVNC(devices *xmledit.Element) {
	for _, g := range devices.Children("graphics") {
		if g.Attr("type") != "vnc" || c.vnc != nil {
			continue
		}
		listen := g.Child("listen")
		c.vnc = &vncDev{socket: firstOf(g.Attr("socket"), listen.Attr("socket")), local: listen.Attr("type") == "socket"}
		if port, err := strconv.Atoi(g.Attr("port")); err == nil && port > 0 && g.Attr("autoport") != "yes" {
			c.vnc.port = port
		}
	}
}

// memoryOf reads a size as libvirt writes it: KiB unless a unit is given.
//
// Source: libvirt, "Domain XML format", memory allocation.
func memoryOf(e *xmledit.Element) (core.Bytes, error) {
	return scaled(e, core.KiB)
}

// scaled reads an element's number with its unit attribute.
func scaled(e *xmledit.Element, byDefault core.Bytes) (core.Bytes, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(e.Text()), 10, 64)
	unit, known := unitSize(e.Attr("unit"), byDefault)
	if err != nil || n < 0 || !known || n > math.MaxInt64/int64(unit) {
		return 0, core.Errorf(core.Invalid, "<%s> is not a size", e.Name())
	}
	return core.Bytes(n) * unit, nil
}

func unitSize(unit string, byDefault core.Bytes) (core.Bytes, bool) {
	if unit == "" {
		return byDefault, true
	}
	if unit == "b" || unit == "bytes" || unit == "B" {
		return 1, true
	}
	prefix := strings.Index("kmgtp", strings.ToLower(unit[:1]))
	if prefix < 0 {
		return 0, false
	}
	base := 1024.0
	switch strings.ToLower(unit[1:]) {
	case "", "ib":
	case "b":
		base = 1000
	default:
		return 0, false
	}
	return core.Bytes(math.Pow(base, float64(prefix+1))), true
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
