package sim

import (
	"strconv"
	"time"

	"github.com/limiquantix/limiquantix/core/xmledit"
)

// xml returns the XML of a running VM: what was defined, with the id, the names
// of the devices and of what backs them on the host.
func (r *run) xml(name string, now time.Time) (string, error) {
	doc, err := xmledit.Parse(r.config.xml())
	if err != nil {
		return "", err
	}
	dom := doc.Root()
	if err := dom.SetAttr("id", strconv.Itoa(r.id)); err != nil {
		return "", err
	}
	devices := dom.Child("devices")
	for _, set := range []func(*xmledit.Element) error{r.tapDevices, r.terminals, r.vnc, alias} {
		if err := set(devices); err != nil {
			return "", err
		}
	}
	if err := r.channels(devices, name, now); err != nil {
		return "", err
	}
	return doc.String(), nil
}

func (r *run) tapDevices(devices *xmledit.Element) error {
	for i, n := range devices.Children("interface") {
		target, err := n.Ensure("target")
		if err == nil && !target.HasAttr("dev") {
			err = target.SetAttr("dev", vnetName(r.vnet+i))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func vnetName(n int) string { return "vnet" + strconv.Itoa(n) }

func (r *run) terminals(devices *xmledit.Element) error {
	pts := "/dev/pts/" + strconv.Itoa(r.id)
	for _, c := range append(devices.Children("serial"), devices.Children("console")...) {
		if c.Attr("type") != "pty" {
			continue
		}
		source, err := c.Ensure("source")
		if err == nil {
			err = source.SetAttr("path", pts)
		}
		if err == nil && c.Name() == "console" {
			err = c.SetAttr("tty", pts)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// vnc says where the VNC server listens.
func (r *run) vnc(devices *xmledit.Element) error {
	for _, g := range devices.Children("graphics") {
		if g.Attr("type") != "vnc" || r.config.vnc == nil {
			continue
		}
		network, address := r.listens()
		if network == "tcp" {
			return g.SetAttr("port", strconv.Itoa(r.port()))
		}
		if err := g.SetAttr("socket", address); err != nil {
			return err
		}
		if listen := g.Child("listen"); listen != nil {
			return listen.SetAttr("socket", address)
		}
	}
	return nil
}

// listens returns where the VNC server of a VM that has one listens.
func (r *run) listens() (network, address string) {
	switch v := r.config.vnc; {
	case v.socket != "":
		return "unix", v.socket
	case v.local:
		return "unix", "/var/lib/libvirt/qemu/domain-" + strconv.Itoa(r.id) + "/vnc.sock"
	}
	return "tcp", "127.0.0.1:" + strconv.Itoa(r.port())
}

func (r *run) port() int {
	if r.config.vnc.port > 0 {
		return r.config.vnc.port
	}
	return 5899 + r.id
}

// channels says whether the guest's end of each channel is open.
func (r *run) channels(devices *xmledit.Element, name string, now time.Time) error {
	state := "disconnected"
	if r.up(now) {
		state = "connected"
	}
	for _, c := range devices.Children("channel") {
		if err := c.Child("target").SetAttr("state", state); err != nil {
			return err
		}
		if c.Attr("type") != "unix" || c.Child("source") != nil {
			continue
		}
		dir := "/var/lib/libvirt/qemu/channel/target/domain-" + strconv.Itoa(r.id) + "-" + name
		if _, err := c.Add("source", "mode", "bind", "path", dir+"/"+c.Child("target").Attr("name")); err != nil {
			return err
		}
	}
	return nil
}

// alias gives each device the name that QEMU knows it by.
func alias(devices *xmledit.Element) error {
	count := map[string]int{}
	for _, d := range devices.Children("") {
		prefix := aliasPrefix(d)
		if prefix == "" {
			continue
		}
		n := count[prefix+d.Name()] // a console shares its name with its serial port
		count[prefix+d.Name()]++
		name := prefix + strconv.Itoa(n)
		if d.Name() == "controller" {
			name = controllerAlias(d)
		}
		if d.Child("alias") != nil {
			continue
		}
		if _, err := d.Add("alias", "name", name); err != nil {
			return err
		}
	}
	return nil
}

// aliasPrefix returns what a device's alias begins with, "" for what has none.
//
// Source: libvirt, src/qemu/qemu_alias.c.
func aliasPrefix(d *xmledit.Element) string {
	switch d.Name() {
	case "emulator", "graphics", "audio":
		return ""
	case "interface":
		return "net"
	case "disk":
		return firstOf(d.Child("target").Attr("bus"), "virtio") + "-disk"
	case "console":
		return "serial"
	case "memballoon":
		return "balloon"
	}
	return d.Name()
}

func controllerAlias(d *xmledit.Element) string {
	kind, index := d.Attr("type"), firstOf(d.Attr("index"), "0")
	switch {
	case kind == "usb" && index == "0":
		return "usb"
	case kind == "pci" && d.Attr("model") == "pcie-root":
		return "pcie.0"
	case kind == "pci":
		return "pci." + index
	}
	return kind + index
}
