package virt

import (
	"context"
	"encoding/xml"
	"fmt"
	"sync"

	"github.com/digitalocean/go-libvirt"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/vm"
)

// domain is how a VM is named on the wire. libvirt's drivers look at the UUID only.
func domain(uuid string) (libvirt.Domain, error) {
	b, err := core.ParseUUID(uuid)
	return libvirt.Domain{UUID: b, ID: -1}, err
}

// readVM makes a reading call about one VM.
func readVM[T any](ctx context.Context, c *Conn, what, uuid string, fn func(*libvirt.Libvirt, libvirt.Domain) (T, error)) (T, error) {
	d, err := domain(uuid)
	if err != nil {
		var none T
		return none, err
	}
	return ask(ctx, c.s, read, what, func(l *libvirt.Libvirt) (T, error) { return fn(l, d) })
}

// writeVM makes a changing call about one VM, in its turn.
func (c *Conn) writeVM(ctx context.Context, what, uuid string, fn func(*libvirt.Libvirt, libvirt.Domain) error) error {
	d, err := domain(uuid)
	if err != nil {
		return err
	}
	leave, err := c.lanes.enter(ctx, core.FormatUUID(d.UUID))
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	defer leave()
	return do(ctx, c.s, write, what, func(l *libvirt.Libvirt) error { return fn(l, d) })
}

// VMXML returns a VM's persistent XML, or with live the running one's.
func (c *Conn) VMXML(ctx context.Context, uuid string, live bool) (string, error) {
	flags := libvirt.DomainXMLSecure
	if !live {
		flags |= libvirt.DomainXMLInactive
	}
	return readVM(ctx, c, "read the VM's XML", uuid, func(l *libvirt.Libvirt, d libvirt.Domain) (string, error) {
		return l.DomainGetXMLDesc(d, flags)
	})
}

// maxPipelined bounds the calls, and so the goroutines, of one flight.
const maxPipelined = 1024

// flight runs fn for 0…n-1, many at once, and waits for all.
func flight(n int, fn func(i int)) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, maxPipelined)
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			fn(i)
			<-slots
		})
	}
	wg.Wait()
}

// VMXMLs returns the persistent XML of many VMs, asked for in one flight.
func (c *Conn) VMXMLs(ctx context.Context, uuids []string) (map[string]string, error) {
	xmls, errs := make([]string, len(uuids)), make([]error, len(uuids))
	flight(len(uuids), func(i int) { xmls[i], errs[i] = c.VMXML(ctx, uuids[i], false) })
	all := make(map[string]string, len(uuids))
	for i, uuid := range uuids {
		switch {
		case core.CodeOf(errs[i]) == core.NotFound:
		case errs[i] != nil:
			return nil, errs[i]
		default:
			all[uuid] = xmls[i]
		}
	}
	return all, nil
}

// identity is what tells definitions apart.
type identity struct {
	XMLName xml.Name
	Name    string `xml:"name"`
	UUID    string `xml:"uuid"`
}

// identify reads an XML's root, name and UUID. [core.Invalid] when the root is
// another, or what there is is no XML.
func identify(what, root, text string) (identity, error) {
	var id identity
	if err := xml.Unmarshal([]byte(text), &id); err != nil {
		return id, core.Errorf(core.Invalid, "the %s's XML is malformed: %w", what, err)
	}
	if id.XMLName.Local != root {
		return id, core.Errorf(core.Invalid, "the %s's XML begins with <%s> instead of <%s>", what, core.Escape(id.XMLName.Local), root)
	}
	return id, nil
}

// DefineVM stores xml as a VM's persistent configuration.
func (c *Conn) DefineVM(ctx context.Context, xml string) (string, error) {
	id, err := identify("VM", "domain", xml)
	if err != nil {
		return "", err
	}
	what := "define VM " + core.Printable(id.Name, 60)
	lane := id.Name
	if b, err := core.ParseUUID(id.UUID); err == nil {
		lane = core.FormatUUID(b)
	}
	leave, err := c.lanes.enter(ctx, lane)
	if err != nil {
		return "", fmt.Errorf("%s: %w", what, err)
	}
	defer leave()
	d, err := ask(ctx, c.s, write, what, func(l *libvirt.Libvirt) (libvirt.Domain, error) {
		return l.DomainDefineXMLFlags(xml, 0)
	})
	if err != nil {
		return "", taken(err, "VM", id, func() ([16]byte, error) {
			d, err := ask(ctx, c.s, read, what, func(l *libvirt.Libvirt) (libvirt.Domain, error) { return l.DomainLookupByName(id.Name) })
			return d.UUID, err
		})
	}
	return core.FormatUUID(d.UUID), nil
}

// taken turns libvirt's "operation failed" into [core.Exists] when the name
// belongs to another UUID. libvirt has no number for it, and its text is
// translated where the host's language is not English, so we look.
func taken(err error, what string, id identity, lookup func() ([16]byte, error)) error {
	if !isNumber(err, libvirt.ErrOperationFailed) {
		return err
	}
	other, lookupErr := lookup()
	if mine, parseErr := core.ParseUUID(id.UUID); lookupErr != nil || parseErr == nil && mine == other {
		return err
	}
	e := core.Errorf(core.Exists, "a %s named %s exists already", what, core.Printable(id.Name, 60))
	e.Cause = err
	return e
}

// UndefineVM forgets a VM; a running one becomes transient.
func (c *Conn) UndefineVM(ctx context.Context, uuid string, o vm.UndefineOptions) error {
	var flags libvirt.DomainUndefineFlagsValues
	for flag, on := range map[libvirt.DomainUndefineFlagsValues]bool{
		libvirt.DomainUndefineNvram: o.NVRAM, libvirt.DomainUndefineManagedSave: o.ManagedSave,
		libvirt.DomainUndefineSnapshotsMetadata: o.SnapshotMetadata, libvirt.DomainUndefineCheckpointsMetadata: o.CheckpointMetadata,
	} {
		if on {
			flags |= flag
		}
	}
	return c.writeVM(ctx, "undefine VM", uuid, func(l *libvirt.Libvirt, d libvirt.Domain) error {
		return l.DomainUndefineFlags(d, flags)
	})
}

// SetAutostart says whether the VM starts with its host. libvirt tells nobody,
// so the change is told here to this program at least.
func (c *Conn) SetAutostart(ctx context.Context, uuid string, on bool) error {
	var n int32
	if on {
		n = 1
	}
	err := c.writeVM(ctx, "set autostart of VM", uuid, func(l *libvirt.Libvirt, d libvirt.Domain) error {
		return l.DomainSetAutostart(d, n)
	})
	if err == nil {
		c.events.add(host.Event{Object: host.ObjectVM, UUID: uuid, Change: "changed"})
	}
	return err
}
