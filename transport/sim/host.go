package sim

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
)

// Host is one simulated host. Its methods are what a test does behind the
// product's back; the product has a [Link].
type Host struct {
	fleet *Fleet
	name  string
	// cluster that a lively fleet means it for; never changed
	cluster string

	mu       sync.Mutex
	facts    host.Facts
	rng      *rand.Rand
	domains  map[string]*domain // by UUID
	byName   map[string]*domain
	sorted   []*domain // by name; nil after a change
	pools    map[string]*pool
	networks map[string]*lan
	disk     disk
	links    map[*Link]struct{}
	lastID   int // of a running domain
	lastVnet int
	booted   time.Time
	spent    time.Duration   // CPU time of VMs that have stopped
	halted   map[string]bool // services that do not run

	calls sync.Map // method → *atomic.Int64, apart from mu: counting must not wait
}

// bootedBefore is how long a host has been up when it is made: longer than its VMs.
const bootedBefore = 40 * 24 * time.Hour

func newHost(f *Fleet, name string, index int) *Host {
	h := &Host{
		fleet:    f,
		name:     name,
		rng:      rand.New(rand.NewPCG(f.model.Seed, uint64(index))),
		domains:  make(map[string]*domain, f.model.VMsPerHost),
		byName:   make(map[string]*domain, f.model.VMsPerHost),
		pools:    map[string]*pool{},
		networks: map[string]*lan{},
		links:    map[*Link]struct{}{},
		halted:   map[string]bool{"dnsmasq.service": true, "iscsid.service": true, "smartd.service": true},
		booted:   f.now().Add(-bootedBefore),
	}
	h.facts = host.Facts{
		Hostname: name, LibvirtVersion: "9.0.0", QEMUVersion: "7.2.22", Arch: "x86_64",
		CPUModel: "EPYC-Milan", CPUs: 64, Sockets: 1, Cores: 32, Threads: 2, NUMANodes: 1, MHz: 2450,
		Memory: 512 * core.GiB, KVM: !f.model.NoKVM, UEFI: true,
		Emulator: "/usr/bin/qemu-system-x86_64", Machine: "pc-q35-7.2", MaxVCPUs: 288, UUID: h.newUUID(),
	}
	return h
}

// Name returns the host's name.
func (h *Host) Name() string { return h.name }

// Crash lets a running VM's QEMU die, as after a defect of it; false when the
// VM is not running.
func (h *Host) Crash(uuid string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	d := h.domains[uuid]
	if d == nil || d.run == nil {
		return false
	}
	h.stopped(d, "crashed")
	return true
}

// halt stops what would happen later, for [Fleet.Close].
func (h *Host) halt() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, d := range h.domains {
		if d.run != nil {
			d.run.end()
		}
	}
}

// sleep passes time inside the host; it is cut short when the fleet closes.
func (h *Host) sleep(d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-time.After(d):
	case <-h.fleet.done:
	}
}

// domain finds a VM. The host is locked.
func (h *Host) domain(uuid string) (*domain, error) {
	b, err := core.ParseUUID(uuid)
	if err != nil {
		return nil, err
	}
	if d := h.domains[core.FormatUUID(b)]; d != nil {
		return d, nil
	}
	return nil, core.Errorf(core.NotFound, "no VM with UUID %s", core.Printable(uuid, 60))
}

// byNames returns the VMs sorted by name. The host is locked.
func (h *Host) byNames() []*domain {
	if h.sorted == nil {
		h.sorted = make([]*domain, 0, len(h.domains))
		for _, d := range h.domains {
			h.sorted = append(h.sorted, d)
		}
		slices.SortFunc(h.sorted, func(a, b *domain) int { return strings.Compare(a.name, b.name) })
	}
	return h.sorted
}

// newUUID returns the host's next UUID, the same in each run of a model.
func (h *Host) newUUID() string {
	var b [16]byte
	for i := range b {
		b[i] = byte(h.rng.Uint32())
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return core.FormatUUID(b)
}

// Facts reads the host's facts.
func (l *Link) Facts(ctx context.Context) (host.Facts, error) {
	return ask(ctx, l, "Facts", func(h *Host) (host.Facts, error) { return h.facts, nil })
}

// count counts a call.
func (h *Host) count(method string) {
	n, ok := h.calls.Load(method)
	if !ok {
		n, _ = h.calls.LoadOrStore(method, new(atomic.Int64))
	}
	n.(*atomic.Int64).Add(1)
}

// counted returns how many calls of a method there were, of all for "".
func (h *Host) counted(method string) int {
	sum := int64(0)
	h.calls.Range(func(name, n any) bool {
		if method == "" || method == name.(string) {
			sum += n.(*atomic.Int64).Load()
		}
		return true
	})
	return int(sum)
}
