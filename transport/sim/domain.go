package sim

import (
	"context"
	"io"
	"time"

	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/vm"
)

// domain is a VM of a host; the host's lock guards it.
type domain struct {
	uuid, name  string
	config      *config // persistent; of a transient VM the running one
	run         *run    // nil when it is off
	persistent  bool
	autostart   bool
	nvram       bool // UEFI variables were written at first start
	managedSave bool
	crashed     bool          // why it is off
	starting    bool          // QEMU is there and does not run its CPUs yet
	job         chan struct{} // closed when the operation that has the VM ends; nil: free
	snapshots   []*snap       // parents before children
	current     *snap
}

// run is a VM that runs, from start to stop.
type run struct {
	config  *config
	id      int
	vnet    int // number of its first tap device
	paused  bool
	since   time.Time     // of the last start, pause or resume
	before  time.Duration // it had run until then
	bootAt  time.Time     // the guest is up from then on; zero: it has nothing to boot
	later   []*time.Timer // what the guest will do: come up, shut down
	console *console      // who is attached to the serial port; nil: nobody
	screen  *screen       // nil before somebody looks at it or types
}

// ran returns how long the VM's CPUs have been running.
func (r *run) ran(now time.Time) time.Duration {
	if r.paused {
		return r.before
	}
	return r.before + max(0, now.Sub(r.since))
}

// up reports whether the guest has booted.
func (r *run) up(now time.Time) bool {
	return !r.bootAt.IsZero() && !now.Before(r.bootAt)
}

// end stops what belongs to the run.
func (r *run) end() {
	for _, t := range r.later {
		t.Stop()
	}
	if r.console != nil {
		r.console.hangup(io.EOF)
		r.console = nil
	}
	if r.screen != nil {
		r.screen.hangup()
	}
}

func (d *domain) state() vm.State {
	switch {
	case d.starting:
		return vm.Starting
	case d.run == nil && d.crashed:
		return vm.Crashed
	case d.run == nil:
		return vm.Stopped
	case d.run.paused:
		return vm.Paused
	}
	return vm.Running
}

// running returns the domain if it is on.
func (h *Host) running(uuid string) (*domain, error) {
	d, err := h.domain(uuid)
	if err == nil && d.run == nil {
		err = notRunning(d)
	}
	return d, err
}

// hold takes the VM for one operation that takes time: others wait, as for
// libvirt's job lock. When it returns without error the host is locked and the
// caller calls [Host.release] in the end.
func (h *Host) hold(uuid string) (*domain, error) {
	for {
		h.mu.Lock()
		d, err := h.domain(uuid)
		if err != nil {
			h.mu.Unlock()
			return nil, err
		}
		if d.job == nil {
			d.job = make(chan struct{})
			return d, nil
		}
		busy := d.job
		h.mu.Unlock()
		select {
		case <-busy:
		case <-h.fleet.done:
			return nil, errClosed()
		}
	}
}

// release ends hold; the host is locked and is unlocked by it.
func (h *Host) release(d *domain) {
	close(d.job)
	d.job = nil
	h.mu.Unlock()
}

// add puts a new domain into the inventory.
func (h *Host) add(d *domain) {
	h.domains[d.uuid], h.byName[d.name] = d, d
	h.sorted = nil
}

// remove forgets a domain.
func (h *Host) remove(d *domain) {
	delete(h.domains, d.uuid)
	delete(h.byName, d.name)
	h.sorted = nil
}

// started makes d run with its configuration.
func (h *Host) started(d *domain) {
	now := h.fleet.now()
	h.lastID++
	d.run = &run{config: d.config, id: h.lastID, vnet: h.lastVnet, since: now}
	d.crashed = false
	d.nvram = d.nvram || d.config.efi
	h.lastVnet += len(d.config.nics)
	h.boot(d)
	h.emit(host.ObjectVM, d.uuid, d.name, "started")
}

// boot lets the guest come up after a while. A VM without a disk or a kernel
// stays in its firmware for ever: it never has an address, and never hears a
// request to shut down.
func (h *Host) boot(d *domain) {
	r, delay := d.run, h.fleet.model.Delays.Boot
	if !d.config.bootable() {
		return
	}
	r.bootAt = h.fleet.now().Add(delay)
	if delay > 0 {
		h.after(d, delay, func() {
			if r.console != nil {
				r.console.print(loginPrompt(d.name))
			}
			h.emit(host.ObjectVM, d.uuid, d.name, "changed") // libvirt: the agent connected
		})
	}
}

// after does something with a running VM later, unless it stopped meanwhile.
func (h *Host) after(d *domain, delay time.Duration, do func()) {
	r := d.run
	t := time.AfterFunc(delay, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if d.run == r {
			do()
		}
	})
	r.later = append(r.later, t)
}

// stopped makes d be off; a transient one is gone.
func (h *Host) stopped(d *domain, how string) {
	h.spent += h.summary(d, h.fleet.now()).CPUTime
	d.run.end()
	d.run = nil
	d.crashed = how == "crashed"
	if !d.persistent {
		h.remove(d)
	}
	h.emit(host.ObjectVM, d.uuid, d.name, how)
}

// VMs returns all VMs of the host sorted by name.
func (l *Link) VMs(ctx context.Context) ([]vm.Summary, error) {
	return ask(ctx, l, "VMs", func(h *Host) ([]vm.Summary, error) {
		now := h.fleet.now()
		list := make([]vm.Summary, 0, len(h.domains))
		for _, d := range h.byNames() {
			list = append(list, h.summary(d, now))
		}
		return list, nil
	})
}

// VMXML returns a VM's persistent XML, or that of the running one.
func (l *Link) VMXML(ctx context.Context, uuid string, live bool) (string, error) {
	return ask(ctx, l, "VMXML", func(h *Host) (string, error) {
		d, err := h.domain(uuid)
		switch {
		case err != nil:
			return "", err
		case live && d.run != nil:
			return d.run.xml(d.name, h.fleet.now())
		}
		return d.config.xml(), nil
	})
}

// VMXMLs returns the persistent XML of many VMs by UUID.
func (l *Link) VMXMLs(ctx context.Context, uuids []string) (map[string]string, error) {
	return ask(ctx, l, "VMXMLs", func(h *Host) (map[string]string, error) {
		all := make(map[string]string, len(uuids))
		for _, uuid := range uuids {
			if d, err := h.domain(uuid); err == nil {
				all[uuid] = d.config.xml()
			}
		}
		return all, nil
	})
}
