// Package compose is the one place where concrete types meet: it makes the
// application of its parts and takes it down again.
package compose

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/app"
	"github.com/limiquantix/limiquantix/core/audit"
	"github.com/limiquantix/limiquantix/core/event"
	"github.com/limiquantix/limiquantix/core/failpoint"
	"github.com/limiquantix/limiquantix/core/history"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/hostos"
	"github.com/limiquantix/limiquantix/core/image"
	"github.com/limiquantix/limiquantix/core/metric"
	"github.com/limiquantix/limiquantix/core/network"
	"github.com/limiquantix/limiquantix/core/ready"
	"github.com/limiquantix/limiquantix/core/search"
	"github.com/limiquantix/limiquantix/core/storage"
	"github.com/limiquantix/limiquantix/core/task"
	"github.com/limiquantix/limiquantix/core/vm"
	"github.com/limiquantix/limiquantix/transport/netwatch"
	"github.com/limiquantix/limiquantix/transport/sim"
	"github.com/limiquantix/limiquantix/transport/sshconn"
)

// Config says which application to make.
type Config struct {
	// Home is the directory of the inventory; it is made when it is missing.
	Home string
	Log  *slog.Logger
	// Version of the program, as the API says it.
	Version string
	// Keep: connect to all hosts and stay connected. Otherwise hosts are
	// connected on demand and not again by themselves, as one command wants it.
	Keep bool
	// Fleet answers for hosts with addresses like sim:host1; nil: there are none.
	Fleet *sim.Fleet
	// Keyring keeps the secrets that are to be remembered; nil: there is none.
	Keyring host.Keyring
	// SSHHome replaces the user's home directory, where .ssh is; "" for tests only.
	SSHHome string
}

// App is the application, running.
type App struct {
	Handler http.Handler
	Tasks   *task.Runner
	Hosts   *host.Manager
	systems *hostos.Service
	log     *slog.Logger
	close   []func() error
}

// New makes the application and, with Keep, begins to connect. Close it.
func New(ctx context.Context, c Config) (*App, error) {
	a := &App{log: c.Log}
	if err := a.build(ctx, c); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

func (a *App) build(ctx context.Context, c Config) error {
	db, rebuilt, err := a.openInventory(ctx, c)
	if err != nil {
		return err
	}
	bus := event.NewBus()
	a.onClose(func() error { bus.Close(); return nil })
	events := event.NewLog(db, bus, c.Log)
	a.onClose(events.Close)
	tellRebuilt(bus, rebuilt)
	news := newNews(bus, c.Keep)

	past := history.NewLog(db, authorOf, func() { bus.Publish(event.Change{Object: "history"}) }, c.Keep, c.Log)
	a.onClose(past.Close)
	who, opened := about(c), &keys{}
	trail, err := audit.Open(ctx, audit.Options{DB: db, Home: c.Home, User: who.User, Key: a.keyOf(opened), Log: c.Log})
	if err != nil {
		return err
	}

	inventory := vm.NewInventory(db, c.Log, recorder{past, news.vm}.vm)
	a.onClose(inventory.Close)
	figures := metric.NewHub(c.Log)
	a.onClose(figures.Close)
	atOnce := make(turns, dialsAtOnce)
	dial := &dialer{ssh: &sshconn.Dialer{Turn: atOnce.take}, turns: atOnce, fleet: c.Fleet, trust: filepath.Join(c.Home, "known_hosts"), home: c.SSHHome, deaf: !c.Keep, keys: opened, log: c.Log}
	o := host.Options{
		DB: db, Dial: dial.dial, Shell: dial.shellOnly, Log: c.Log, Watchers: []host.Watcher{inventory, news, figures},
		Changed: news.host, Listed: news.listed, Keyring: c.Keyring,
	}
	if c.Keep { // events are followed
		inventory.Eager()
		reader := history.NewWatcher(past, func(ctx context.Context, hostID string) ([]vm.Known, error) {
			return inventory.List(ctx, map[string]bool{hostID: true})
		}, c.Log)
		reader.Share(inventory.Read)
		a.onClose(reader.Close)
		o.Watchers = append(o.Watchers, reader)
		o.Retry, o.Lost, o.Busy = retry, inventory.Heard, a.uses(figures)
		o.Woken = a.network(c.Log)
	}
	if a.Hosts, err = host.Open(ctx, o); err != nil {
		return err
	}
	a.onClose(a.Hosts.Close)

	vms := vm.NewService(a.Hosts, inventory)
	a.systems = hostos.NewService(hostos.Options{Hosts: a.Hosts, Log: c.Log, Note: visits(trail)})
	pools, readiness := storage.NewService(a.Hosts, vm.Users), ready.NewService(a.Hosts, db)
	images := image.NewService(a.Hosts, vm.Users, &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, ResponseHeaderTimeout: time.Minute}})
	a.Tasks, err = task.New(task.Options{
		Settled: a.settled(c.Keep),
		DB:      db, Home: c.Home, Points: failpoint.New(), Log: c.Log,
		Changed: news.task, Witness: trail.Witness,
	}, slices.Concat(vms.Kinds(), a.systems.Kinds(), pools.Kinds(), images.Kinds(), readiness.Kinds())...)
	if err != nil {
		return err
	}
	a.onClose(a.Tasks.Close)
	use(a.Tasks, vms, a.systems, pools, images, readiness)
	hosts, networks, tasks := host.NewService(a.Hosts, guests{inventory, figures, past}, a.Tasks.BusyHost), network.NewService(a.Hosts), task.NewService(a.Tasks)
	index := search.NewIndex(search.Lists{Hosts: hosts.ListHosts, VMs: vms.ListVMs, Networks: networks.ListNetworks, Pools: pools.ListPools, Volumes: pools.ListVolumes, Tasks: tasks.ListTasks})
	bus.Hear(index.Changed)
	a.Handler = server.Handler(server.Services{
		History: history.NewService(past), Audit: audit.NewService(trail), Keep: trail.Interceptor(),
		Search: search.NewService(index, db, news.view),
		Group:  host.NewGroupService(a.Hosts), Ready: readiness,
		Host: hosts, VM: vms, Task: tasks, Storage: pools,
		Image: images, Network: networks, Event: event.NewService(bus, events),
		Metric: metric.NewService(figures, a.Hosts, a.whereIs(inventory)), App: app.NewService(who), HostOS: a.systems, Console: consoleOf(vms, a.systems),
	}, c.Log)
	if !c.Keep {
		return nil
	}
	a.Hosts.Start()
	_, err = a.Tasks.Resume(ctx, "")
	return err
}

// use gives services the runner of their tasks.
func use(r *task.Runner, all ...interface{ Use(r *task.Runner) }) {
	for _, s := range all {
		s.Use(r)
	}
}

// uses reports whether a task works on a host, or somebody looks at its figures.
func (a *App) uses(figures *metric.Hub) func(host.Host) bool {
	return func(h host.Host) bool {
		return figures.Watched(h.ID) || a.systems != nil && a.systems.Using(h.ID) || a.Tasks != nil && a.Tasks.BusyHost(context.Background(), h.Name)
	}
}

// network follows changes of this computer's network, where the system tells of them.
func (a *App) network(log *slog.Logger) <-chan struct{} {
	w, err := netwatch.Open()
	if err != nil { // the heartbeat of each connection is left
		log.Info("changes of the network are not told", "err", err)
		return nil
	}
	a.onClose(w.Close)
	return w.Changes()
}

// whereIs finds VMs for who needs no more than to know where they are.
func (a *App) whereIs(inventory *vm.Inventory) metric.FindVM {
	return func(ctx context.Context, ref string) (hostID, uuid string, err error) {
		k, err := inventory.Find(ctx, a.Hosts, ref)
		return k.HostID, k.UUID, err
	}
}

// guests is what is known of hosts' VMs: a host that is removed takes it along.
type guests struct {
	*vm.Inventory
	figures *metric.Hub
	past    *history.Log
}

// Forget implements [host.Guests].
func (g guests) Forget(ctx context.Context, hostID string) error {
	g.figures.Forget(hostID)
	return errors.Join(g.Inventory.Forget(ctx, hostID), g.past.ForgetHost(ctx, hostID))
}

// settled is what brings the cache up to date after a task; nil where events
// tell of what a plan does not settle.
func (a *App) settled(events bool) func(ctx context.Context, host string) {
	if events {
		return nil
	}
	return a.relist
}

// relistLimit bounds the look at a host after a task, when it may have gone.
const relistLimit = 5 * time.Second

// relist brings the cache up to date with what a task changed, for the next
// command that answers from it.
func (a *App) relist(ctx context.Context, host string) {
	ctx, cancel := context.WithTimeout(ctx, relistLimit)
	defer cancel()
	a.Hosts.Relist(ctx, host)
}

// retry spaces out attempts to reconnect, by the n-th failure: half a second to two.
func retry(n int) time.Duration {
	b := sshconn.Backoff{First: 500 * time.Millisecond, Limit: 2 * time.Second}
	var d time.Duration
	for range min(n, 8) {
		d = b.Next()
	}
	return d
}

func (a *App) onClose(f func() error) { a.close = append(a.close, f) }

// Close ends the application: what was made last goes first.
func (a *App) Close() error {
	var first error
	for i := len(a.close) - 1; i >= 0; i-- {
		if err := a.close[i](); err != nil && first == nil {
			first = err
		}
	}
	a.close = nil
	return first
}

// DefaultHome returns where the inventory lives when nothing else is said.
// [core.Invalid] when the system does not say where this user's files are.
func DefaultHome() (string, error) {
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "limiquantix"), nil
	}
	dir, err := platformHome()
	switch {
	case err != nil:
		return "", core.Errorf(core.Invalid, "this user's home directory is not known: %w", err).WithHint("name a directory with --home, or set HOME")
	case !filepath.IsAbs(dir): // it would be another one in each working directory
		return "", core.Errorf(core.Invalid, "this user's home directory is a relative path: HOME is %s", core.Printable(os.Getenv("HOME"), 80)).
			WithHint("name a directory with --home, or set HOME to a path that begins with /")
	}
	return dir, nil
}

// Discard is a logger that says nothing.
func Discard() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }
