package sim

import (
	"context"
	"strings"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/vm"
	"github.com/limiquantix/limiquantix/core/xmledit"
)

// DefineVM stores xml as a VM's persistent configuration, with what libvirt
// adds to it: UUID, MAC addresses, controllers, defaults.
//
// Errors: [core.Invalid] for XML that libvirt would refuse, [core.Unsupported]
// for type "kvm" on a host without it, [core.Exists] when name and UUID belong
// to different VMs.
func (l *Link) DefineVM(ctx context.Context, xml string) (uuid string, err error) {
	err = l.tell(ctx, "DefineVM", func(h *Host) error {
		uuid, err = h.define(xml)
		return err
	})
	if err != nil {
		return "", err
	}
	return uuid, nil
}

func (h *Host) define(xml string) (string, error) {
	doc, err := xmledit.Parse(xml)
	if err != nil {
		return "", err
	}
	name, err := nameOf(doc.Root(), "domain", "VM")
	if err != nil {
		return "", err
	}
	uuid, err := h.uuidOf(doc.Root())
	if err != nil {
		return "", err
	}
	if err := taken("VM", name, uuid, nameIf(h.domains[uuid]), uuidIf(h.byName[name])); err != nil {
		return "", err
	}
	if err := h.complete(doc.Root()); err != nil {
		return "", err
	}
	c, err := readConfig(doc)
	if err != nil {
		return "", err
	}
	d := h.domains[uuid]
	if d == nil {
		d = &domain{uuid: uuid, name: name}
		h.add(d)
	}
	d.config, d.persistent = c, true
	h.emit(host.ObjectVM, uuid, name, "defined")
	return uuid, nil
}

// nameOf checks the root element and returns the object's name.
func nameOf(root *xmledit.Element, element, what string) (string, error) {
	if root.Name() != element {
		return "", core.Errorf(core.Invalid, "the XML is a <%s>, not a <%s>", root.Name(), element)
	}
	name := root.Child("name").Text()
	switch {
	case strings.TrimSpace(name) == "":
		return "", core.Errorf(core.Invalid, "the XML gives the %s no name", what)
	case strings.ContainsAny(name, "/\n"):
		return "", core.Errorf(core.Invalid, "the name %s cannot contain '/' or a line break", core.Printable(name, 60))
	}
	return name, nil
}

// uuidOf returns the object's UUID, made and written into the XML when there is none.
func (h *Host) uuidOf(root *xmledit.Element) (string, error) {
	e := root.Child("uuid")
	if e == nil {
		uuid := h.newUUID()
		_, err := root.Child("name").InsertAfter("<uuid>" + uuid + "</uuid>")
		return uuid, err
	}
	b, err := core.ParseUUID(strings.TrimSpace(e.Text()))
	if err != nil {
		return "", err
	}
	uuid := core.FormatUUID(b)
	return uuid, e.SetText(uuid)
}

// taken refuses a definition whose name and UUID belong to different objects.
// nameNow is the name that the UUID has, uuidNow the UUID that the name has; ""
// for none.
//
// Source: virDomainObjListAdd: both are VIR_ERR_OPERATION_FAILED there.
func taken(what, name, uuid, nameNow, uuidNow string) error {
	switch {
	case nameNow != "" && nameNow != name:
		return core.Errorf(core.Exists, "%s %s is already defined with UUID %s", what, core.Printable(nameNow, 60), uuid)
	case uuidNow != "" && uuidNow != uuid:
		return core.Errorf(core.Exists, "%s %s already exists with UUID %s", what, core.Printable(name, 60), uuidNow)
	}
	return nil
}

func nameIf(d *domain) string {
	if d == nil {
		return ""
	}
	return d.name
}

func uuidIf(d *domain) string {
	if d == nil {
		return ""
	}
	return d.uuid
}

// UndefineVM forgets a VM; a running one becomes transient. Of a stopped one,
// what would be left behind without its definition must be named.
func (l *Link) UndefineVM(ctx context.Context, uuid string, o vm.UndefineOptions) error {
	return l.tell(ctx, "UndefineVM", func(h *Host) error {
		d, err := h.domain(uuid)
		if err != nil {
			return err
		}
		if err := d.undefinable(o); err != nil {
			return err
		}
		if o.SnapshotMetadata {
			d.snapshots, d.current = nil, nil
		}
		d.nvram, d.managedSave, d.autostart, d.persistent = false, false, false, false
		if d.run == nil {
			h.remove(d)
		} else {
			d.config = d.run.config
		}
		h.emit(host.ObjectVM, d.uuid, d.name, "undefined")
		return nil
	})
}

// undefinable checks as qemuDomainUndefineFlags does.
func (d *domain) undefinable(o vm.UndefineOptions) error {
	name := core.Printable(d.name, 60)
	switch {
	case !d.persistent:
		return core.Errorf(core.Conflict, "VM %s is transient: it has no definition", name)
	case d.run == nil && len(d.snapshots) > 0 && !o.SnapshotMetadata:
		return core.Errorf(core.Conflict, "VM %s has %d snapshots", name, len(d.snapshots))
	case d.managedSave && !o.ManagedSave:
		return core.Errorf(core.Conflict, "VM %s has a saved state", name)
	case d.nvram && !o.NVRAM:
		return core.Errorf(core.Conflict, "VM %s has UEFI variables (NVRAM)", name)
	}
	return nil
}

// SetAutostart says whether the VM starts with its host.
func (l *Link) SetAutostart(ctx context.Context, uuid string, on bool) error {
	return l.tell(ctx, "SetAutostart", func(h *Host) error {
		d, err := h.domain(uuid)
		if err != nil {
			return err
		}
		if !d.persistent {
			return core.Errorf(core.Conflict, "VM %s is transient and cannot start with its host", core.Printable(d.name, 60))
		}
		d.autostart = on
		return nil
	})
}
