package virt

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/digitalocean/go-libvirt"

	"github.com/limiquantix/limiquantix/core"
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
	var persistent, autostart []libvirt.Domain
	var errP, errA error
	wg.Go(func() { persistent, errP = c.domains(ctx, libvirt.ConnectListDomainsPersistent) })
	wg.Go(func() { autostart, errA = c.domains(ctx, libvirt.ConnectListDomainsAutostart) })
	records, err := c.stats(ctx, nil, 0)
	if isNumber(err, libvirt.ErrRPC) {
		records, err = c.statsInSlices(ctx, 0)
	}
	wg.Wait()
	if err := cmp.Or(err, errP, errA); err != nil {
		return nil, err
	}
	isPersistent, isAutostart := set(persistent), set(autostart)
	all := make([]vm.Summary, 0, len(records))
	for _, r := range records {
		s := summary(r)
		s.Persistent, s.Autostart = isPersistent[r.Dom.UUID], isAutostart[r.Dom.UUID]
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b vm.Summary) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.UUID, b.UUID))
	})
	return all, nil
}

func (c *Conn) domains(ctx context.Context, flags libvirt.ConnectListAllDomainsFlags) ([]libvirt.Domain, error) {
	return ask(ctx, c.s, read, "list VMs", func(l *libvirt.Libvirt) ([]libvirt.Domain, error) {
		doms, _, err := l.ConnectListAllDomains(1, flags)
		return doms, err
	})
}

// stats reads the figures of doms, or with nil of all VMs that only chooses.
func (c *Conn) stats(ctx context.Context, doms []libvirt.Domain, only libvirt.ConnectGetAllDomainStatsFlags) ([]libvirt.DomainStatsRecord, error) {
	return ask(ctx, c.s, read, "list VMs", func(l *libvirt.Libvirt) ([]libvirt.DomainStatsRecord, error) {
		return l.ConnectGetAllDomainStats(doms, statGroups, statsNowait|uint32(only))
	})
}

// statsInSlices asks for the VMs by name, some hundred with each call.
func (c *Conn) statsInSlices(ctx context.Context, only libvirt.ConnectListAllDomainsFlags) ([]libvirt.DomainStatsRecord, error) {
	doms, err := c.domains(ctx, only)
	if err != nil {
		return nil, err
	}
	parts := slices.Collect(slices.Chunk(doms, statsSlice))
	records, errs := make([][]libvirt.DomainStatsRecord, len(parts)), make([]error, len(parts))
	var wg sync.WaitGroup
	for i, part := range parts {
		wg.Go(func() { records[i], errs[i] = c.stats(ctx, part, 0) })
	}
	wg.Wait()
	return slices.Concat(records...), cmp.Or(errs...)
}

func set(doms []libvirt.Domain) map[libvirt.UUID]bool {
	m := make(map[libvirt.UUID]bool, len(doms))
	for _, d := range doms {
		m[d.UUID] = true
	}
	return m
}

// params are the figures of one VM by libvirt's name ("block.0.rd.bytes").
type params map[string]any

func (p params) int(name string) int64 {
	switch v := p[name].(type) {
	case int32:
		return int64(v)
	case uint32:
		return int64(v)
	case int64:
		return v
	case uint64:
		return int64(min(v, 1<<63-1))
	}
	return 0
}

func (p params) text(name string) string {
	s, _ := p[name].(string)
	return s
}

func (p params) bytes(name string) core.Bytes { return core.Bytes(p.int(name)) }

// summary reads one record. Names of the figures: virConnectGetAllDomainStats.
func summary(r libvirt.DomainStatsRecord) vm.Summary {
	p := make(params, len(r.Params))
	for _, t := range r.Params {
		p[t.Field] = t.Value.I
	}
	return vm.Summary{
		UUID:    core.FormatUUID(r.Dom.UUID),
		Name:    strings.ToValidUTF8(r.Dom.Name, "\uFFFD"),
		State:   state(p.int("state.state"), p.int("state.reason")),
		VCPUs:   int(p.int("vcpu.current")),
		Memory:  p.bytes("balloon.current") * core.KiB,
		CPUTime: time.Duration(p.int("cpu.time")),
		Balloon: vm.Balloon{
			RSS: p.bytes("balloon.rss") * core.KiB, Available: p.bytes("balloon.available") * core.KiB,
			Unused: p.bytes("balloon.unused") * core.KiB, Usable: p.bytes("balloon.usable") * core.KiB,
		},
		Disks: disks(p),
		NICs:  nics(p),
	}
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

func disks(p params) []vm.DiskStats {
	var all []vm.DiskStats
	for i := range p.int("block.count") {
		at := "block." + strconv.FormatInt(i, 10) + "."
		if p.text(at+"name") == "" {
			break // fewer than the host claims
		}
		all = append(all, vm.DiskStats{
			Target: p.text(at + "name"), Path: p.text(at + "path"),
			Read: p.bytes(at + "rd.bytes"), Written: p.bytes(at + "wr.bytes"),
			Reads: uint64(p.int(at + "rd.reqs")), Writes: uint64(p.int(at + "wr.reqs")),
			Capacity: p.bytes(at + "capacity"), Allocation: p.bytes(at + "allocation"),
		})
	}
	return all
}

func nics(p params) []vm.NICStats {
	var all []vm.NICStats
	for i := range min(p.int("net.count"), int64(len(p))) { // a host may claim any number
		at := "net." + strconv.FormatInt(i, 10) + "."
		if p.text(at+"name") == "" {
			continue // an interface without a device has no figures
		}
		all = append(all, vm.NICStats{
			Name: p.text(at + "name"), Received: p.bytes(at + "rx.bytes"), Sent: p.bytes(at + "tx.bytes"),
			ReceivedPkts: uint64(p.int(at + "rx.pkts")), SentPkts: uint64(p.int(at + "tx.pkts")),
		})
	}
	return all
}
