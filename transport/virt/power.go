package virt

import (
	"context"

	"github.com/digitalocean/go-libvirt"
)

// StartVM boots a stopped VM.
func (c *Conn) StartVM(ctx context.Context, uuid string) error {
	return c.writeVM(ctx, "start VM", uuid, (*libvirt.Libvirt).DomainCreate)
}

// ShutdownVM asks the guest to shut down and returns at once.
func (c *Conn) ShutdownVM(ctx context.Context, uuid string) error {
	return c.writeVM(ctx, "shut down VM", uuid, (*libvirt.Libvirt).DomainShutdown)
}

// StopVM powers off at once.
func (c *Conn) StopVM(ctx context.Context, uuid string) error {
	return c.writeVM(ctx, "stop VM", uuid, (*libvirt.Libvirt).DomainDestroy)
}

// RebootVM asks the guest to reboot and returns at once.
func (c *Conn) RebootVM(ctx context.Context, uuid string) error {
	return c.writeVM(ctx, "reboot VM", uuid, func(l *libvirt.Libvirt, d libvirt.Domain) error { return l.DomainReboot(d, 0) })
}

// ResetVM is the reset button.
func (c *Conn) ResetVM(ctx context.Context, uuid string) error {
	return c.writeVM(ctx, "reset VM", uuid, func(l *libvirt.Libvirt, d libvirt.Domain) error { return l.DomainReset(d, 0) })
}

// PauseVM halts a VM's processors.
func (c *Conn) PauseVM(ctx context.Context, uuid string) error {
	return c.writeVM(ctx, "pause VM", uuid, (*libvirt.Libvirt).DomainSuspend)
}

// ResumeVM lets a paused VM go on.
func (c *Conn) ResumeVM(ctx context.Context, uuid string) error {
	return c.writeVM(ctx, "resume VM", uuid, (*libvirt.Libvirt).DomainResume)
}
