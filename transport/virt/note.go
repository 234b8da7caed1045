package virt

import (
	"context"

	"github.com/digitalocean/go-libvirt"

	"github.com/limiquantix/limiquantix/core/vm"
)

// SetVMMetadata replaces or removes the element of a namespace in a VM's <metadata>.
func (c *Conn) SetVMMetadata(ctx context.Context, uuid string, m vm.Metadata) error {
	return c.note(ctx, "write the metadata of the VM", uuid, libvirt.DomainMetadataElement, optional(m.XML), libvirt.OptString{m.Prefix}, libvirt.OptString{m.Space})
}

// SetVMDescription replaces the text in a VM's <description>.
func (c *Conn) SetVMDescription(ctx context.Context, uuid, text string) error {
	return c.note(ctx, "write the notes of the VM", uuid, libvirt.DomainMetadataDescription, optional(text), nil, nil)
}

// optional is NULL for "".
func optional(text string) libvirt.OptString {
	if text == "" {
		return nil
	}
	return libvirt.OptString{text}
}

// note writes to the running VM and to its definition, as far as there are both:
// libvirt refuses to write to what there is not, and then has written nothing. A
// VM that starts or stops meanwhile is so found in its other state.
func (c *Conn) note(ctx context.Context, what, uuid string, kind libvirt.DomainMetadataType, text, key, uri libvirt.OptString) error {
	return c.writeVM(ctx, what, uuid, func(l *libvirt.Libvirt, d libvirt.Domain) error {
		var err error
		for _, of := range []libvirt.DomainModificationImpact{libvirt.DomainAffectLive | libvirt.DomainAffectConfig, libvirt.DomainAffectConfig, libvirt.DomainAffectLive} {
			if err = l.DomainSetMetadata(d, int32(kind), text, key, uri, of); !isNumber(err, libvirt.ErrOperationInvalid) {
				break
			}
		}
		return err
	})
}
