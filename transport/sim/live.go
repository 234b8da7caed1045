package sim

import (
	"strconv"

	"github.com/limiquantix/limiquantix/core/xmledit"
)

// xml returns the XML of a running VM: what was defined, with the id, the names
// of the devices and of what backs them on the host.
func (r *run) xml() (string, error) {
	doc, err := xmledit.Parse(r.config.xml())
	if err != nil {
		return "", err
	}
	dom := doc.Root()
	if err := dom.SetAttr("id", strconv.Itoa(r.id)); err != nil {
		return "", err
	}
	devices := dom.Child("devices")
	for i, n := range devices.Children("interface") {
		target, err := n.Ensure("target")
		if err == nil && !target.HasAttr("dev") {
			err = target.SetAttr("dev", vnetName(r.vnet+i))
		}
		if err != nil {
			return "", err
		}
	}
	for _, kind := range []string{"serial", "console"} {
		for _, c := range devices.Children(kind) {
			if c.Attr("type") != "pty" {
				continue
			}
			source, err := c.Ensure("source")
			if err == nil {
				err = source.SetAttr("path", "/dev/pts/"+strconv.Itoa(r.id))
			}
			if err != nil {
				return "", err
			}
		}
	}
	if err := alias(devices); err != nil {
		return "", err
	}
	return doc.String(), nil
}

func vnetName(n int) string { return "vnet" + strconv.Itoa(n) }

// alias gives each device the name that QEMU knows it by.
func alias(devices *xmledit.Element) error {
	names := map[string]string{"interface": "net", "disk": "virtio-disk"}
	count := map[string]int{}
	for _, d := range devices.Children("") {
		if d.Name() == "emulator" || d.Child("alias") != nil {
			continue
		}
		name := firstOf(names[d.Name()], d.Name())
		if _, err := d.Add("alias", "name", name+strconv.Itoa(count[name])); err != nil {
			return err
		}
		count[name]++
	}
	return nil
}
