package sim

import (
	"context"

	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/vm"
	"github.com/limiquantix/limiquantix/core/xmledit"
)

// SetVMMetadata replaces or removes the element of a namespace in a VM's <metadata>.
func (l *Link) SetVMMetadata(ctx context.Context, uuid string, m vm.Metadata) error {
	return l.note(ctx, "SetVMMetadata", uuid, func(dom *xmledit.Element) error {
		metadata, err := dom.Ensure("metadata")
		if err != nil {
			return err
		}
		for _, old := range metadata.Children("") {
			if old.Space() == m.Space {
				old.Remove()
			}
		}
		if m.XML != "" {
			element, err := named(m)
			if err != nil {
				return err
			}
			if _, err := metadata.Append(element); err != nil {
				return err
			}
		}
		if metadata.Child("") == nil {
			metadata.Remove()
		}
		return nil
	})
}

// named returns a piece of metadata with its namespace on all of its elements,
// as libvirt does it.
func named(m vm.Metadata) (string, error) {
	in, err := xmledit.Parse(m.XML)
	if err != nil {
		return "", err
	}
	out, err := xmledit.Parse("<" + m.Prefix + ":" + in.Root().Name() + "/>")
	if err != nil {
		return "", err
	}
	if err := out.Root().SetAttr("xmlns:"+m.Prefix, m.Space); err != nil {
		return "", err
	}
	if err := fill(out.Root(), in.Root(), m.Prefix); err != nil {
		return "", err
	}
	return out.String(), nil
}

// fill gives to all that from has, with a prefix before the elements' names.
func fill(to, from *xmledit.Element, prefix string) error {
	for _, a := range from.Attrs() {
		if err := to.SetAttr(a, from.Attr(a)); err != nil {
			return err
		}
	}
	children := from.Children("")
	if len(children) == 0 {
		return to.SetText(from.Text())
	}
	for _, c := range children {
		e, err := to.Add(prefix + ":" + c.Name())
		if err != nil {
			return err
		}
		if err := fill(e, c, prefix); err != nil {
			return err
		}
	}
	return nil
}

// SetVMDescription replaces the text in a VM's <description>.
func (l *Link) SetVMDescription(ctx context.Context, uuid, text string) error {
	return l.note(ctx, "SetVMDescription", uuid, func(dom *xmledit.Element) error {
		e := dom.Child("description")
		if text == "" {
			e.Remove()
			return nil
		}
		if e == nil {
			var err error
			if e, err = dom.Child("uuid").InsertAfter("<description/>"); err != nil {
				return err
			}
		}
		return e.SetText(text)
	})
}

// note edits the XML of a VM, running and defined.
func (l *Link) note(ctx context.Context, method, uuid string, edit func(dom *xmledit.Element) error) error {
	return l.tell(ctx, method, func(h *Host) error {
		d, err := h.domain(uuid)
		if err != nil {
			return err
		}
		stored, err := noted(d.config, edit)
		if err != nil {
			return err
		}
		if d.run != nil {
			live, err := noted(d.run.config, edit)
			if err != nil {
				return err
			}
			d.run.config = live
		}
		d.config = stored
		h.emit(host.ObjectVM, d.uuid, d.name, "changed")
		return nil
	})
}

func noted(c *config, edit func(dom *xmledit.Element) error) (*config, error) {
	doc, err := xmledit.Parse(c.xml())
	if err != nil {
		return nil, err
	}
	if err := edit(doc.Root()); err != nil {
		return nil, err
	}
	return readConfig(doc)
}
