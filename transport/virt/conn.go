package virt

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/metric"
	"github.com/limiquantix/limiquantix/core/network"
	"github.com/limiquantix/limiquantix/core/snapshot"
	"github.com/limiquantix/limiquantix/core/storage"
	"github.com/limiquantix/limiquantix/core/vm"
)

// Options says how to reach libvirt on a host.
type Options struct {
	// Dial gives a connection to the host's libvirt socket. It is called once
	// for calls, once for events, and once for each console and upload, whose
	// data would hold up everything else.
	Dial func(ctx context.Context) (net.Conn, error)
	// URI names the driver as on the host itself: "qemu:///system", the default.
	URI string
	// Files gives access to the host's file system, for uploads that appear
	// whole or not at all. It is nil, or returns nil, where the user may not
	// write into pools: uploads then go through libvirt.
	Files func(ctx context.Context) (Files, error)
	// CallTimeout is the deadline of a read; 30 s by default. Writes have ten
	// times as long.
	CallTimeout time.Duration
	// Deaf: subscribe to no events. A command that ends with its answer needs
	// none, and libvirtd works through some twenty calls less for it.
	Deaf   bool
	Logger *slog.Logger // slog.Default() when nil
}

var (
	_ vm.Conn       = (*Conn)(nil)
	_ storage.Conn  = (*Conn)(nil)
	_ network.Conn  = (*Conn)(nil)
	_ snapshot.Conn = (*Conn)(nil)
	_ metric.Conn   = (*Conn)(nil)
	_ host.Link     = (*Conn)(nil)
	_ host.Hearer   = (*Conn)(nil)
)

// Conn is one live connection to libvirt on one host. It satisfies what core's
// packages ask of a host. All methods may be called at the same time: reads
// travel together, writes to one object go one after another.
//
// It never reconnects. When it is done, every call fails at once with
// [core.Unreachable] and the reason; a write that was under way fails with
// [core.UnknownOutcome].
type Conn struct {
	o      Options
	s      *session
	ears   *session // hears of events; nil when deaf
	lanes  lanes
	events *events
	pools  names
	nets   names

	streams closers
	cameras *cameras

	agentGate sync.Mutex
	agent     *session // for calls that wait for guests; nil before the first
}

// Open connects to libvirt and, unless it is to be deaf, subscribes to its
// events: two round trips after the dialling.
//
// Errors: [core.Unreachable], [core.Denied], [core.Unsupported] for a driver
// that the host lacks, or Dial's own.
func Open(ctx context.Context, o Options) (*Conn, error) {
	if o.URI == "" {
		o.URI = "qemu:///system"
	}
	if o.CallTimeout == 0 {
		o.CallTimeout = 30 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	c := &Conn{o: o, events: newEvents(), cameras: newCameras()}
	if err := c.connect(ctx); err != nil {
		c.Close()
		return nil, err
	}
	c.events.closeAfter(c.s.done)
	c.s.loops.Go(func() {
		<-c.s.done
		c.streams.close()
		if c.ears != nil {
			c.ears.end(net.ErrClosed)
		}
	})
	if c.ears != nil {
		c.ears.loops.Go(func() {
			<-c.ears.done
			c.s.end(c.ears.ended())
		})
	}
	return c, nil
}

// connect opens the session for calls and, at the same time, the one that hears
// of events. They are two because libvirtd 9.0 was seen to crash when a client
// that has subscribed to events goes away, or is cut off, while a call of it is
// worked on: the worker and the main loop then both free its callbacks. The one
// that hears makes no call after its subscriptions.
func (c *Conn) connect(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx) // what stops one stops the other
	g.Go(func() (err error) {
		c.s, err = newSession(ctx, c.o, func(frame) {})
		return err
	})
	if !c.o.Deaf {
		g.Go(func() (err error) {
			if c.ears, err = newSession(ctx, c.o, func(f frame) { c.events.take(f) }); err != nil {
				return err
			}
			return c.subscribe(ctx)
		})
	}
	return g.Wait()
}

// Close ends the connection and waits for what runs on it.
func (c *Conn) Close() error {
	for _, s := range []*session{c.s, c.ears} {
		if s != nil {
			s.Close()
		}
	}
	c.cameras.close()
	c.agentGate.Lock()
	defer c.agentGate.Unlock()
	if c.agent != nil {
		c.agent.Close()
	}
	c.events.close()
	return nil
}

// Done is closed when the connection is unusable; Err then says why.
func (c *Conn) Done() <-chan struct{} { return c.s.done }

// Err returns why the connection ended; nil while it lives.
func (c *Conn) Err() error {
	if err := c.s.ended(); err != nil {
		return lost(err)
	}
	return nil
}

// Heard implements [host.Hearer]: a quiet libvirtd is pinged.
func (c *Conn) Heard() time.Time {
	quiet := c.s.silent()
	if c.ears != nil {
		quiet = min(quiet, c.ears.silent())
	}
	return time.Now().Add(-quiet)
}

// Events returns the changes since the connection was made, merged by object
// while nobody reads; closed when the connection is done.
func (c *Conn) Events() <-chan host.Event { return c.events.out }

// Calls returns how many RPCs were sent on the main connection.
func (c *Conn) Calls() uint64 { return c.s.guard.calls.Load() }

// guests returns the connection for calls that wait for a guest's agent. Hung
// guests would otherwise take up all that libvirtd does for one client at once.
func (c *Conn) guests(ctx context.Context) (*session, error) {
	c.agentGate.Lock()
	defer c.agentGate.Unlock()
	if err := c.s.ended(); err != nil {
		return nil, lost(err)
	}
	if c.agent != nil && c.agent.ended() == nil {
		return c.agent, nil
	}
	s, err := newSession(ctx, c.o, func(frame) {})
	if err != nil {
		return nil, err
	}
	if c.agent != nil {
		c.agent.Close()
	}
	c.agent = s
	return s, nil
}

// names remembers the UUIDs of what users know by name, so that an action on a
// pool or network costs one round trip and not two.
type names struct {
	mu sync.Mutex
	m  map[string][16]byte
}

func (n *names) get(name string) ([16]byte, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	uuid, ok := n.m[name]
	return uuid, ok
}

func (n *names) put(name string, uuid [16]byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.m == nil {
		n.m = map[string][16]byte{}
	}
	n.m[name] = uuid
}

func (n *names) forget(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.m, name)
}

// named runs fn with the UUID of the object of that name. A UUID that is
// remembered and no longer right gives NotFound and is looked up again.
func named[T any](n *names, name string, lookup func() ([16]byte, error), fn func(uuid [16]byte) (T, error)) (T, error) {
	if uuid, ok := n.get(name); ok {
		v, err := fn(uuid)
		if core.CodeOf(err) != core.NotFound {
			return v, err
		}
		n.forget(name)
	}
	uuid, err := lookup()
	if err != nil {
		var none T
		return none, err
	}
	n.put(name, uuid)
	return fn(uuid)
}
