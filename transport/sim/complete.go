package sim

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/xmledit"
)

// complete adds to a domain's XML what libvirt's parser and QEMU driver add:
// the defaults, a MAC address for each NIC, the PCI root and the emulator. What
// libvirt refuses is refused.
//
// Source: libvirt 9.0, virDomainDefPostParse, qemuDomainDefPostParse.
func (h *Host) complete(dom *xmledit.Element) error {
	if err := h.checkType(dom); err != nil {
		return err
	}
	if err := completeSizes(dom); err != nil {
		return err
	}
	if err := h.completeOS(dom); err != nil {
		return err
	}
	devices, err := dom.Ensure("devices")
	if err != nil {
		return err
	}
	if err := completeLifecycle(devices); err != nil {
		return err
	}
	if err := checkDisks(devices); err != nil {
		return err
	}
	if err := h.completeDevices(devices); err != nil {
		return err
	}
	return completePCI(devices, strings.Contains(dom.Find("os/type").Attr("machine"), "q35"))
}

// completeLifecycle adds the clock and what becomes of the VM when its guest
// powers off, reboots or crashes.
func completeLifecycle(devices *xmledit.Element) error {
	for _, fragment := range []struct{ name, xml string }{
		{"clock", "<clock offset='utc'/>"},
		{"on_poweroff", "<on_poweroff>destroy</on_poweroff>"},
		{"on_reboot", "<on_reboot>restart</on_reboot>"},
		{"on_crash", "<on_crash>destroy</on_crash>"},
	} {
		if devices.Parent().Child(fragment.name) != nil {
			continue
		}
		if _, err := devices.InsertBefore(fragment.xml); err != nil {
			return err
		}
	}
	return nil
}

func (h *Host) checkType(dom *xmledit.Element) error {
	switch t := dom.Attr("type"); {
	case t == "":
		return core.Errorf(core.Invalid, "the domain has no type")
	case t != "qemu" && t != "kvm":
		return core.Errorf(core.Unsupported, "the host does not know domains of type %s", core.Printable(t, 20))
	case t == "kvm" && !h.facts.KVM:
		return core.Errorf(core.Unsupported, "the host's emulator %s does not support virtualisation by KVM", h.facts.Emulator).
			WithHint("use type qemu, or enable virtualisation in the host's firmware")
	}
	if strings.TrimSpace(dom.Find("os/type").Text()) == "" {
		return core.Errorf(core.Invalid, "the XML gives no <type> in <os>")
	}
	if dom.Child("os").Attr("firmware") == "efi" && dom.Find("features/acpi") == nil {
		return core.Errorf(core.Unsupported, "UEFI requires ACPI on this architecture")
	}
	return nil
}

// completeSizes sees to memory and vCPUs.
func completeSizes(dom *xmledit.Element) error {
	memory := dom.Child("memory")
	size, err := memoryOf(memory)
	if err != nil || size == 0 {
		return core.Errorf(core.Invalid, "the memory size must be given in <memory>")
	}
	if err := setKiB(memory, size); err != nil {
		return err
	}
	if dom.Child("currentMemory") == nil {
		current := fmt.Sprintf("<currentMemory unit='KiB'>%d</currentMemory>", size/core.KiB)
		if _, err := memory.InsertAfter(current); err != nil {
			return err
		}
	}
	if dom.Child("vcpu") == nil {
		_, err = dom.Child("currentMemory").InsertAfter("<vcpu placement='static'>1</vcpu>")
	} else if !dom.Child("vcpu").HasAttr("placement") {
		err = dom.Child("vcpu").SetAttr("placement", "static")
	}
	return err
}

func setKiB(e *xmledit.Element, size core.Bytes) error {
	if err := e.SetAttr("unit", "KiB"); err != nil {
		return err
	}
	return e.SetText(strconv.FormatInt(int64((size+core.KiB-1)/core.KiB), 10))
}

func (h *Host) completeOS(dom *xmledit.Element) error {
	t := dom.Find("os/type")
	if !t.HasAttr("arch") {
		if err := t.SetAttr("arch", h.facts.Arch); err != nil {
			return err
		}
	}
	switch t.Attr("machine") {
	case "":
		return t.SetAttr("machine", "pc-i440fx-7.2") // libvirt's default is QEMU's own
	case "q35":
		return t.SetAttr("machine", h.facts.Machine)
	case "pc":
		return t.SetAttr("machine", "pc-i440fx-7.2")
	}
	return nil
}

func (h *Host) completeDevices(devices *xmledit.Element) error {
	if devices.Child("emulator") == nil {
		e, err := devices.Ensure("emulator")
		if err == nil {
			err = e.SetText(h.facts.Emulator)
		}
		if err != nil {
			return err
		}
	}
	for _, n := range devices.Children("interface") {
		if err := h.completeNIC(n); err != nil {
			return err
		}
	}
	if err := completeConsole(devices); err != nil {
		return err
	}
	return completeInputs(devices)
}

// completeInputs adds what every x86 machine has: PS/2 mouse and keyboard, and
// a memory balloon.
func completeInputs(devices *xmledit.Element) error {
	for _, want := range []struct{ path, xml string }{
		{"input[@type='mouse'][@bus='ps2']", "<input type='mouse' bus='ps2'/>"},
		{"input[@type='keyboard'][@bus='ps2']", "<input type='keyboard' bus='ps2'/>"},
		{"memballoon", "<memballoon model='virtio'/>"},
	} {
		if devices.Find(want.path) != nil {
			continue
		}
		if _, err := devices.Append(want.xml); err != nil {
			return err
		}
	}
	return nil
}

func (h *Host) completeNIC(n *xmledit.Element) error {
	mac, err := n.Ensure("mac")
	if err != nil {
		return err
	}
	switch address := mac.Attr("address"); {
	case address == "":
		if err := mac.SetAttr("address", h.newMAC()); err != nil {
			return err
		}
	case !isMAC(address):
		return core.Errorf(core.Invalid, "%s is not a MAC address", core.Printable(address, 40))
	}
	if n.Attr("type") == "network" && n.Child("source").Attr("network") == "" {
		return core.Errorf(core.Invalid, "a NIC of type network names no network")
	}
	if n.Child("model") == nil {
		_, err = n.Add("model", "type", "rtl8139")
	}
	return err
}

// completeConsole gives a first serial port its <console>, and a lone console
// its serial port: to libvirt they are two views of one thing.
func completeConsole(devices *xmledit.Element) error {
	serial, console := devices.Child("serial"), devices.Child("console")
	var err error
	switch {
	case serial != nil && console == nil:
		_, err = serial.InsertAfter("<console type='pty'><target type='serial' port='0'/></console>")
	case serial == nil && console != nil && (console.Child("target").Attr("type") == "" || console.Child("target").Attr("type") == "serial"):
		_, err = console.InsertBefore("<serial type='pty'><target type='isa-serial' port='0'><model name='isa-serial'/></target></serial>")
	}
	return err
}

// checkDisks refuses two disks with one target, and a disk without.
func checkDisks(devices *xmledit.Element) error {
	seen := map[string]bool{}
	for _, d := range devices.Children("disk") {
		target := d.Child("target").Attr("dev")
		switch {
		case target == "":
			return core.Errorf(core.Invalid, "a disk has no target")
		case seen[target]:
			return core.Errorf(core.Invalid, "the disk target %s is there twice", core.Printable(target, 20))
		}
		seen[target] = true
	}
	return nil
}

// newMAC returns an address from the range that libvirt takes for QEMU.
func (h *Host) newMAC() string {
	n := h.rng.Uint32()
	return fmt.Sprintf("52:54:00:%02x:%02x:%02x", byte(n), byte(n>>8), byte(n>>16))
}

func isMAC(s string) bool {
	hw, err := net.ParseMAC(s)
	return err == nil && len(hw) == 6 && strings.Count(s, ":") == 5
}
