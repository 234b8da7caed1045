package virt

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/digitalocean/go-libvirt"

	"github.com/limiquantix/limiquantix/core/vm"
)

// statGroups are the groups of figures that a [vm.Summary] is made of.
const statGroups = uint32(libvirt.DomainStatsState | libvirt.DomainStatsCPUTotal | libvirt.DomainStatsBalloon |
	libvirt.DomainStatsVCPU | libvirt.DomainStatsInterface | libvirt.DomainStatsBlock)

// statsNowait spares us waiting for a QEMU that hangs or migrates: what needs
// its answer is then left out (libvirt ≥ 4.5).
const statsNowait = uint32(libvirt.ConnectGetAllDomainsStatsNowait)

// statsSlice is how many VMs one call asks for when all at once are over
// libvirt's limit for a message.
const statsSlice = 500

// VMs returns all VMs of the host, sorted by name: three calls in one flight.
func (c *Conn) VMs(ctx context.Context) ([]vm.Summary, error) {
	var wg sync.WaitGroup
	var persistent, autostart []domainName
	var errP, errA error
	wg.Go(func() { persistent, errP = c.domains(ctx, libvirt.ConnectListDomainsPersistent) })
	wg.Go(func() { autostart, errA = c.domains(ctx, libvirt.ConnectListDomainsAutostart) })
	all, err := c.figures(ctx, 0)
	wg.Wait()
	if err := cmp.Or(err, errP, errA); err != nil {
		return nil, err
	}
	isPersistent, isAutostart := set(persistent), set(autostart)
	summaries := make([]vm.Summary, 0, len(all))
	for _, f := range all {
		f.Persistent, f.Autostart = isPersistent[f.id], isAutostart[f.id]
		summaries = append(summaries, f.Summary)
	}
	slices.SortFunc(summaries, func(a, b vm.Summary) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.UUID, b.UUID))
	})
	return summaries, nil
}

// domainName is how libvirt names a VM in a message: remote_nonnull_domain.
type domainName struct {
	name []byte
	id   libvirt.UUID
	run  uint32 // the number of its present run; -1: none
}

// domainSize is the least that a domainName takes: an empty name.
const domainSize = 4 + 16 + 4

func readDomain(r *reader) domainName {
	d := domainName{name: r.bytes()}
	copy(d.id[:], r.take(len(d.id)))
	d.run = r.uint32()
	return d
}

// domains lists the VMs that only chooses.
func (c *Conn) domains(ctx context.Context, only libvirt.ConnectListAllDomainsFlags) ([]domainName, error) {
	const needResults = 1
	args := (&writer{}).uint32(needResults).uint32(uint32(only)).b
	return askOwn(ctx, c.s, "list VMs", procListDomains, args, func(r *reader) []domainName {
		all := make([]domainName, r.count(maxList, domainSize))
		for i := range all {
			all[i] = readDomain(r)
		}
		r.uint32() // how many there are, again
		return all
	})
}

// figures reads the figures of all VMs that only chooses: in one call, or in
// several when one answer would be over libvirt's limit.
func (c *Conn) figures(ctx context.Context, only libvirt.ConnectGetAllDomainStatsFlags) ([]figures, error) {
	all, err := c.figuresOf(ctx, nil, only)
	if isNumber(err, libvirt.ErrRPC) {
		return c.figuresInSlices(ctx, only)
	}
	return all, err
}

// figuresOf reads the figures of doms, or with nil of all VMs that only chooses.
func (c *Conn) figuresOf(ctx context.Context, doms []domainName, only libvirt.ConnectGetAllDomainStatsFlags) ([]figures, error) {
	args := (&writer{}).uint32(uint32(len(doms)))
	for _, d := range doms {
		args.string(string(d.name)).fixed(d.id[:]).uint32(d.run)
	}
	args.uint32(statGroups).uint32(statsNowait | uint32(only))
	return askOwn(ctx, c.s, "list VMs", procAllStats, args.b, func(r *reader) []figures {
		all := make([]figures, r.count(maxList, domainSize+4))
		for i := range all {
			all[i] = readFigures(r)
		}
		return all
	})
}

// figuresInSlices asks for the VMs by name, some hundred with each call.
func (c *Conn) figuresInSlices(ctx context.Context, only libvirt.ConnectGetAllDomainStatsFlags) ([]figures, error) {
	var running libvirt.ConnectListAllDomainsFlags
	if only&libvirt.ConnectGetAllDomainsStatsActive != 0 {
		running = libvirt.ConnectListDomainsActive
	}
	doms, err := c.domains(ctx, running)
	if err != nil {
		return nil, err
	}
	parts := slices.Collect(slices.Chunk(doms, statsSlice))
	all, errs := make([][]figures, len(parts)), make([]error, len(parts))
	var wg sync.WaitGroup
	for i, part := range parts {
		wg.Go(func() { all[i], errs[i] = c.figuresOf(ctx, part, 0) })
	}
	wg.Wait()
	return slices.Concat(all...), cmp.Or(errs...)
}

func set(doms []domainName) map[libvirt.UUID]bool {
	m := make(map[libvirt.UUID]bool, len(doms))
	for _, d := range doms {
		m[d.id] = true
	}
	return m
}

// state names virDomainState. A VM whose QEMU died is off to libvirt, with
// virDomainShutoffReason saying how that came.
func state(n, reason int64) vm.State {
	switch libvirt.DomainState(n) {
	case libvirt.DomainRunning, libvirt.DomainBlocked:
		return vm.Running
	case libvirt.DomainPaused:
		if libvirt.DomainPausedReason(reason) == libvirt.DomainPausedStartingUp {
			return vm.Starting // QEMU is always begun with its CPUs stopped
		}
		return vm.Paused
	case libvirt.DomainShutdown:
		return vm.ShuttingDown
	case libvirt.DomainShutoff:
		if libvirt.DomainShutoffReason(reason) == libvirt.DomainShutoffCrashed {
			return vm.Crashed
		}
		return vm.Stopped
	case libvirt.DomainCrashed:
		return vm.Crashed
	case libvirt.DomainPmsuspended:
		return vm.Suspended
	}
	return vm.Unknown
}
