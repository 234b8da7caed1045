package history

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/network"
	"github.com/limiquantix/limiquantix/core/storage"
	"github.com/limiquantix/limiquantix/core/vm"
	"github.com/limiquantix/limiquantix/core/vm/config"
)

// Conn is what the watcher reads of a host. Each call is one flight for any
// number of objects, but for XML of networks, which are few.
type Conn interface {
	VMXMLs(ctx context.Context, uuids []string) (map[string]string, error)
	Networks(ctx context.Context) ([]network.Network, error)
	NetworkXML(ctx context.Context, name string) (string, error)
	Pools(ctx context.Context) ([]storage.Pool, error)
}

// ListVMs returns what is known of a host's VMs, asking no host.
type ListVMs func(ctx context.Context, hostID string) ([]vm.Known, error)

const (
	// readersAtOnce is how many hosts are read at once: after the computer's
	// network has come back all of them connect.
	readersAtOnce = 4
	// gathers is how long events are gathered for one look.
	gathers = 100 * time.Millisecond
	// lookLimit bounds one look at a host.
	lookLimit = time.Minute
	// slice is how many VMs are read in one flight: their XML is in memory at once.
	slice = 500
)

// Watcher reads what hosts' objects are configured by, when a link is made and
// when events name them, and has the log keep it. It never holds up who
// connects or follows events: a look is made behind them.
type Watcher struct {
	log   *slog.Logger
	to    *Log
	vms   ListVMs
	slots chan struct{}
	share Share
	ctx   context.Context // ends with Close
	stop  context.CancelFunc
	wg    sync.WaitGroup // a goroutine for each host that is looked at

	mu   sync.Mutex
	todo map[string]*look // by host id
}

// look is what is to be read of a host.
type look struct {
	host  host.Host
	link  host.Link
	all   bool
	since time.Time         // nobody watched since; zero: somebody did
	vms   map[string]string // names by UUID
	rest  bool              // networks and pools
}

// Share is given the XML of VMs of a host, by UUID, as it was read: what the
// history reads anyway nobody needs to ask the host for again.
type Share func(ctx context.Context, h host.Host, xmls map[string]string) error

// Share has what is read of VMs given to somebody else, too. Call it before the
// first host is connected.
func (w *Watcher) Share(with Share) { w.share = with }

// NewWatcher returns a watcher. Close it before the log.
func NewWatcher(to *Log, vms ListVMs, log *slog.Logger) *Watcher {
	w := &Watcher{log: log, to: to, vms: vms, slots: make(chan struct{}, readersAtOnce), todo: map[string]*look{}}
	w.ctx, w.stop = context.WithCancel(context.Background())
	return w
}

// Close ends all looks and waits for them.
func (w *Watcher) Close() error {
	w.stop()
	w.wg.Wait()
	return nil
}

// Connected implements [host.Watcher]: everything is read, in the background.
func (w *Watcher) Connected(_ context.Context, h host.Host, l host.Link) error {
	w.add(h, l, func(todo *look) { todo.all, todo.rest, todo.since = true, true, h.Seen })
	return nil
}

// Changed implements [host.Watcher]. It comes after the inventory, which knows
// by then what VMs there are.
func (w *Watcher) Changed(_ context.Context, h host.Host, l host.Link, events []host.Event) error {
	w.add(h, l, func(todo *look) {
		for _, e := range events {
			switch e.Object {
			case host.ObjectAll:
				todo.all, todo.rest = true, true
			case host.ObjectVM:
				if e.Change != "undefined" {
					todo.vms[e.UUID] = e.Name
				}
			case host.ObjectNetwork, host.ObjectPool:
				todo.rest = todo.rest || e.Change != "refreshed"
			}
		}
	})
	return nil
}

// add notes what is to be read of a host, and has somebody read it.
func (w *Watcher) add(h host.Host, l host.Link, note func(*look)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	todo, under := w.todo[h.ID]
	if !under {
		todo = &look{vms: map[string]string{}}
	}
	todo.host, todo.link = h, l
	note(todo)
	if under || !todo.all && !todo.rest && len(todo.vms) == 0 || w.ctx.Err() != nil {
		return
	}
	w.todo[h.ID] = todo
	w.wg.Go(func() { w.follow(h.ID) })
}

// follow reads what was noted of a host until there is nothing more.
func (w *Watcher) follow(hostID string) {
	for {
		select {
		case <-time.After(gathers):
		case <-w.ctx.Done():
		}
		w.mu.Lock()
		todo := w.todo[hostID]
		if w.ctx.Err() != nil || !todo.all && !todo.rest && len(todo.vms) == 0 {
			delete(w.todo, hostID)
			w.mu.Unlock()
			return
		}
		w.todo[hostID] = &look{host: todo.host, link: todo.link, vms: map[string]string{}}
		w.mu.Unlock()
		w.read(todo)
	}
}

// read makes one look at a host.
func (w *Watcher) read(todo *look) {
	select {
	case w.slots <- struct{}{}:
		defer func() { <-w.slots }()
	case <-w.ctx.Done():
		return
	}
	ctx, cancel := context.WithTimeout(w.ctx, lookLimit)
	defer cancel()
	conn, ok := todo.link.(Conn)
	if !ok || todo.link.Err() != nil {
		return // the next link is looked at anew
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return w.readVMs(ctx, conn, todo) })
	if todo.rest {
		g.Go(func() error { return w.readNetworks(ctx, conn, todo) })
		g.Go(func() error { return w.readPools(ctx, conn, todo) })
	}
	if todo.all {
		g.Go(func() error { return w.readFacts(ctx, todo) })
	}
	if err := g.Wait(); err != nil && todo.link.Err() == nil && w.ctx.Err() == nil {
		w.log.Warn("read for the history", "host", todo.host.Name, "err", err)
	}
}

func (todo *look) sight(k Kind, id, name string) Sight {
	return Sight{Object: Object{Kind: k, HostID: todo.host.ID, HostName: todo.host.Name, ID: id, Name: name}, Since: todo.since}
}

func (w *Watcher) readVMs(ctx context.Context, conn Conn, todo *look) error {
	if todo.all {
		known, err := w.vms(ctx, todo.host.ID)
		if err != nil {
			return err
		}
		for _, k := range known {
			todo.vms[k.UUID] = k.Name
		}
	}
	// Most are as they were: what has the same hash is not read as XML at all.
	hashes, err := w.to.hashes(ctx, VM, todo.host.ID)
	if err != nil {
		return err
	}
	uuids := make([]string, 0, len(todo.vms))
	for uuid := range todo.vms {
		uuids = append(uuids, uuid)
	}
	for len(uuids) > 0 {
		part := uuids[:min(slice, len(uuids))]
		uuids = uuids[len(part):]
		xmls, err := conn.VMXMLs(ctx, part)
		if err != nil {
			return err
		}
		if w.share != nil {
			if err := w.share(ctx, todo.host, xmls); err != nil {
				return err
			}
		}
		sights := make([]Sight, 0, len(xmls))
		for uuid, xml := range xmls {
			s := todo.sight(VM, uuid, "") // its name is in the inventory's sights
			if s.Hash = config.Hash(xml); s.Hash == hashes[uuid] {
				continue
			}
			if s.Config, err = config.WithoutSecrets(xml); err != nil {
				continue // no XML: whoever shows it says so
			}
			sights = append(sights, s)
		}
		w.to.Observe(sights...)
	}
	return nil
}

func (w *Watcher) readNetworks(ctx context.Context, conn Conn, todo *look) error {
	list, err := conn.Networks(ctx)
	if err != nil {
		return err
	}
	sights := make([]Sight, len(list))
	g, flight := errgroup.WithContext(ctx) // ends with Wait
	for i, n := range list {
		sights[i] = todo.sight(Network, n.UUID, n.Name)
		sights[i].State = active(n.Active)
		g.Go(func() error {
			xml, err := conn.NetworkXML(flight, n.Name)
			if core.CodeOf(err) == core.NotFound {
				return nil
			}
			sights[i].Config = xml
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return w.to.ObserveAll(ctx, Network, todo.host, sights)
}

func active(is bool) string {
	if is {
		return "active"
	}
	return "inactive"
}

// readPools has what the list tells of a pool for its configuration.
func (w *Watcher) readPools(ctx context.Context, conn Conn, todo *look) error {
	list, err := conn.Pools(ctx)
	if err != nil {
		return err
	}
	sights := make([]Sight, len(list))
	for i, p := range list {
		sights[i] = todo.sight(Pool, p.UUID, p.Name)
		sights[i].State = string(p.State)
		sights[i].Config = fmt.Sprintf("name: %s\ntype: %s\npath: %s\nautostart: %t\npersistent: %t\n", p.Name, p.Type, p.Path, p.Autostart, p.Persistent)
	}
	return w.to.ObserveAll(ctx, Pool, todo.host, sights)
}

// readFacts has what a host says about itself for its configuration.
func (w *Watcher) readFacts(ctx context.Context, todo *look) error {
	f, err := todo.link.Facts(ctx)
	if err != nil {
		if errors.Is(err, context.Canceled) {
			return nil
		}
		return err
	}
	s := todo.sight(Host, todo.host.ID, todo.host.Name)
	s.State, s.Found = "managed", true
	lines := []string{"hostname: " + f.Hostname, "libvirt: " + f.LibvirtVersion, "QEMU: " + f.QEMUVersion, "architecture: " + f.Arch, "CPU: " + f.CPUModel,
		fmt.Sprint("CPUs: ", f.CPUs), fmt.Sprintf("topology: %d NUMA nodes, %d sockets, %d cores, %d threads", f.NUMANodes, f.Sockets, f.Cores, f.Threads),
		"memory: " + f.Memory.String(), fmt.Sprint("KVM: ", f.KVM), fmt.Sprint("UEFI: ", f.UEFI), "emulator: " + f.Emulator, "machine: " + f.Machine, "UUID: " + f.UUID}
	s.Config = strings.Join(lines, "\n") + "\n"
	w.to.Observe(s)
	return nil
}
