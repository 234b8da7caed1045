package config

import (
	"fmt"

	"github.com/limiquantix/limiquantix/core/xmledit"
)

// starred is what libvirt writes in the place of a password for who may not
// read it (virsh dumpxml without --security-info).
const starred = "*****"

// WithoutSecrets returns a VM's XML without the passwords of its consoles, and
// with what XML cannot hold replaced (see [xmledit.Clean]): for reading.
//
// Errors: [core.Invalid] when it is no XML.
func WithoutSecrets(xml string) (string, error) {
	doc, err := xmledit.Parse(xmledit.Clean(xml))
	if err != nil {
		return "", fmt.Errorf("read the VM's XML: %w", err)
	}
	for _, g := range doc.Root().FindAll("devices/graphics") {
		g.RemoveAttr("passwd")
	}
	return doc.String(), nil
}

// KeepSecrets gives the consoles of edited the passwords that the same ones of
// before have (the first VNC of one is the first VNC of the other), where
// edited says none, or stars. It reports whether a password is another one, or
// gone, afterwards.
func KeepSecrets(edited *xmledit.Doc, before string) (changed bool, err error) {
	old, err := xmledit.Parse(before)
	if err != nil {
		return false, fmt.Errorf("read the VM's XML: %w", err)
	}
	passwords := map[string][]*xmledit.Element{}
	for _, g := range old.Root().FindAll("devices/graphics") {
		passwords[g.Attr("type")] = append(passwords[g.Attr("type")], g)
	}
	for _, g := range edited.Root().FindAll("devices/graphics") {
		var was *xmledit.Element
		if left := passwords[g.Attr("type")]; len(left) > 0 {
			was, passwords[g.Attr("type")] = left[0], left[1:]
		}
		said := g.HasAttr("passwd") && g.Attr("passwd") != starred
		switch {
		case said:
			changed = changed || g.Attr("passwd") != was.Attr("passwd") || !was.HasAttr("passwd")
		case was.HasAttr("passwd"):
			if err := g.SetAttr("passwd", was.Attr("passwd")); err != nil {
				return false, err
			}
		default:
			g.RemoveAttr("passwd")
		}
	}
	for _, left := range passwords {
		for _, g := range left {
			changed = changed || g.HasAttr("passwd")
		}
	}
	return changed, nil
}
