package sim

import (
	"context"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
)

// StartVM starts a VM.
//
// Errors: [core.NotFound], also for a disk's file or a network that is not
// there; [core.Conflict] when it runs already or its network is not active.
func (l *Link) StartVM(ctx context.Context, uuid string) error {
	return l.power(ctx, "StartVM", uuid, func(h *Host, d *domain) error {
		if d.run != nil {
			return core.Errorf(core.Conflict, "VM %s is already running", core.Printable(d.name, 60))
		}
		if err := h.canStart(d.config); err != nil {
			return err
		}
		d.starting = true
		h.unlocked(h.fleet.model.Delays.Start)
		d.starting = false
		h.started(d)
		return nil
	})
}

// StopVM powers off at once.
func (l *Link) StopVM(ctx context.Context, uuid string) error {
	return l.power(ctx, "StopVM", uuid, func(h *Host, d *domain) error {
		if d.run == nil {
			return notRunning(d)
		}
		h.unlocked(h.fleet.model.Delays.Stop)
		if d.run != nil { // the guest did not shut down meanwhile
			h.stopped(d, "stopped")
		}
		return nil
	})
}

// power does something that takes time to one VM, whose other operations wait.
func (l *Link) power(ctx context.Context, method, uuid string, do func(*Host, *domain) error) error {
	delays := l.host.fleet.model.Delays
	c := call{method: method, writes: true, slow: delays.Start > 0 || delays.Stop > 0}
	return l.call(ctx, c, func(h *Host, _ Fault) error {
		d, err := h.hold(uuid)
		if err != nil {
			return err
		}
		defer h.release(d)
		return do(h, d)
	})
}

// unlocked passes time during which the host serves others.
func (h *Host) unlocked(d time.Duration) {
	if d <= 0 {
		return
	}
	h.mu.Unlock()
	h.sleep(d)
	h.mu.Lock()
}

// canStart checks what a configuration needs of the host, as libvirt does
// before it starts QEMU.
func (h *Host) canStart(c *config) error {
	for _, n := range c.nics {
		if n.network == "" {
			continue
		}
		lan := h.networks[n.network]
		if lan == nil {
			return core.Errorf(core.NotFound, "no network %s", core.Printable(n.network, 60))
		}
		if !lan.active {
			return core.Errorf(core.Conflict, "network %s is not active", core.Printable(n.network, 60)).WithHint("start the network")
		}
	}
	for _, d := range c.disks {
		if d.path == "" {
			continue
		}
		if !h.disk.readable(d.path) {
			return core.Errorf(core.NotFound, "the disk's file %s is not there", core.Printable(d.path, 120))
		}
		if other := h.writes(d); other != nil {
			// QEMU finds this out, and libvirt does not know why QEMU ended.
			return core.Errorf(core.Internal, `QEMU ended: failed to get "write" lock: VM %s uses %s`,
				core.Printable(other.name, 60), core.Printable(d.path, 120))
		}
	}
	return nil
}

// writes returns the running VM that has a disk's file open for writing.
func (h *Host) writes(d diskDev) *domain {
	if d.cdrom {
		return nil
	}
	for _, other := range h.domains {
		if other.run == nil {
			continue
		}
		for _, o := range other.run.config.disks {
			if o.path == d.path && !o.cdrom {
				return other
			}
		}
	}
	return nil
}

// ShutdownVM asks the guest to shut down and returns at once. A guest that has
// not booted does not hear it.
func (l *Link) ShutdownVM(ctx context.Context, uuid string) error {
	return l.tell(ctx, "ShutdownVM", func(h *Host) error {
		d, err := h.running(uuid)
		if err != nil || !d.run.up(h.fleet.now()) || d.run.paused {
			return err
		}
		delay := h.fleet.model.Delays.Shutdown
		if delay == 0 {
			h.stopped(d, "stopped")
			return nil
		}
		h.after(d, delay, func() { h.stopped(d, "stopped") })
		return nil
	})
}

// RebootVM asks the guest to reboot and returns at once.
func (l *Link) RebootVM(ctx context.Context, uuid string) error {
	return l.restart(ctx, "RebootVM", uuid)
}

// ResetVM is the reset button.
func (l *Link) ResetVM(ctx context.Context, uuid string) error {
	return l.restart(ctx, "ResetVM", uuid)
}

func (l *Link) restart(ctx context.Context, method, uuid string) error {
	return l.tell(ctx, method, func(h *Host) error {
		d, err := h.running(uuid)
		if err == nil {
			h.reboot(d)
		}
		return err
	})
}

// reboot starts a running guest anew; who looks at it goes on looking.
func (h *Host) reboot(d *domain) {
	if d.run.console != nil {
		d.run.console.print(bootLog(d.name))
	}
	if d.run.screen != nil {
		d.run.screen.clear()
	}
	h.boot(d)
	h.emit(host.ObjectVM, d.uuid, d.name, "changed")
}

// PauseVM stops a VM's CPUs.
func (l *Link) PauseVM(ctx context.Context, uuid string) error {
	return l.setPaused(ctx, "PauseVM", uuid, true)
}

// ResumeVM lets them go on.
func (l *Link) ResumeVM(ctx context.Context, uuid string) error {
	return l.setPaused(ctx, "ResumeVM", uuid, false)
}

func (l *Link) setPaused(ctx context.Context, method, uuid string, paused bool) error {
	return l.tell(ctx, method, func(h *Host) error {
		d, err := h.running(uuid)
		if err != nil {
			return err
		}
		switch {
		case d.run.paused == paused && paused:
			return nil // as libvirt: pausing twice is no error
		case d.run.paused == paused:
			return core.Errorf(core.Conflict, "VM %s is already running", core.Printable(d.name, 60))
		}
		h.pause(d, paused)
		return nil
	})
}

// pause stops a running VM's CPUs, or lets them go on.
func (h *Host) pause(d *domain, paused bool) {
	now := h.fleet.now()
	d.run.before, d.run.since, d.run.paused = d.run.ran(now), now, paused
	h.emit(host.ObjectVM, d.uuid, d.name, map[bool]string{true: "paused", false: "resumed"}[paused])
}

func notRunning(d *domain) error {
	return core.Errorf(core.Conflict, "VM %s is not running", core.Printable(d.name, 60))
}
