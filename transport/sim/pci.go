package sim

import (
	"fmt"
	"strconv"

	"github.com/limiquantix/limiquantix/core/xmledit"
)

// completePCI adds the controllers that the devices need, and gives each device
// on the PCI bus an address: on q35 a root port each, with one to spare for
// hot-plug.
//
// Source: libvirt, docs/pci-hotplug and docs/pci-addresses. Ours is coarser:
// devices of the chipset are left without an address.
func completePCI(devices *xmledit.Element, q35 bool) error {
	if err := completeControllers(devices, q35); err != nil {
		return err
	}
	taken := map[string]bool{}
	for _, a := range devices.FindAll("*/address[@type='pci']") {
		taken[a.Attr("bus")+a.Attr("slot")] = true
	}
	place := place{q35: q35, taken: taken}
	for _, d := range devices.Children("") {
		if !onPCI(d) || d.Child("address") != nil {
			continue
		}
		bus, slot := place.next()
		if _, err := d.Add("address", "type", "pci", "domain", "0x0000", "bus", bus, "slot", slot, "function", "0x0"); err != nil {
			return err
		}
	}
	if !q35 {
		return nil
	}
	return addRootPorts(devices, place.bus+1)
}

// place hands out free places on the PCI bus.
type place struct {
	q35       bool
	taken     map[string]bool
	bus, slot int
}

func (p *place) next() (bus, slot string) {
	for {
		if p.q35 {
			p.bus++
		} else {
			p.slot = max(p.slot, 2) + 1
		}
		bus, slot = fmt.Sprintf("0x%02x", p.bus), fmt.Sprintf("0x%02x", p.slot)
		if !p.taken[bus+slot] {
			return bus, slot
		}
	}
}

// onPCI reports whether a device has a place on the PCI bus that is not the
// chipset's own.
func onPCI(d *xmledit.Element) bool {
	switch d.Name() {
	case "interface", "rng", "memballoon":
		return d.Attr("model") != "none"
	case "disk":
		return d.Child("target").Attr("bus") == "virtio"
	case "controller":
		t := d.Attr("type")
		return t == "usb" || t == "virtio-serial" || t == "scsi"
	}
	return false
}

// completeControllers adds the buses that a machine of this kind begins with.
func completeControllers(devices *xmledit.Element, q35 bool) error {
	want := []string{ // the USB controller is part of the PIIX3 chipset
		"<controller type='usb' index='0' model='piix3-uhci'><address type='pci' domain='0x0000' bus='0x00' slot='0x01' function='0x2'/></controller>",
		"<controller type='pci' index='0' model='pci-root'/>",
	}
	if q35 {
		want = []string{"<controller type='usb' index='0' model='qemu-xhci'/>", "<controller type='pci' index='0' model='pcie-root'/>"}
	}
	if devices.Find("channel/target[@type='virtio']") != nil {
		want = append(want, "<controller type='virtio-serial' index='0'/>")
	}
	for _, fragment := range want {
		doc, err := xmledit.Parse(fragment)
		if err != nil {
			return err
		}
		if devices.Find("controller[@type=?][@index='0']", doc.Root().Attr("type")) != nil {
			continue
		}
		if _, err := devices.Append(fragment); err != nil {
			return err
		}
	}
	return nil
}

// addRootPorts adds the root ports with the indexes 1 to n that are not there.
func addRootPorts(devices *xmledit.Element, n int) error {
	for i := 1; i <= n; i++ {
		if devices.Find("controller[@type='pci'][@index=?]", strconv.Itoa(i)) != nil {
			continue
		}
		several := ""
		if (i-1)%8 == 0 {
			several = " multifunction='on'"
		}
		port := fmt.Sprintf("<controller type='pci' index='%d' model='pcie-root-port'><model name='pcie-root-port'/>"+
			"<target chassis='%d' port='0x%x'/><address type='pci' domain='0x0000' bus='0x00' slot='0x%02x' function='0x%x'%s/></controller>",
			i, i, 0x0f+i, 2+(i-1)/8, (i-1)%8, several)
		if _, err := devices.Append(port); err != nil {
			return err
		}
	}
	return nil
}
