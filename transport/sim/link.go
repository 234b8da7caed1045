package sim

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/metric"
	"github.com/limiquantix/limiquantix/core/network"
	"github.com/limiquantix/limiquantix/core/snapshot"
	"github.com/limiquantix/limiquantix/core/storage"
	"github.com/limiquantix/limiquantix/core/vm"
)

var (
	_ host.Link     = (*Link)(nil)
	_ host.Runner   = (*Link)(nil)
	_ vm.Conn       = (*Link)(nil)
	_ vm.Dialer     = (*Link)(nil)
	_ storage.Conn  = (*Link)(nil)
	_ network.Conn  = (*Link)(nil)
	_ snapshot.Conn = (*Link)(nil)
	_ metric.Conn   = (*Link)(nil)
)

// Link is one connection to a simulated host: the interfaces of the nouns, as
// *virt.Conn is. It may be used concurrently. Once it is done, every call gives
// [core.Unreachable] with the reason.
type Link struct {
	host   *Host
	events *queue
	done   chan struct{}
	once   sync.Once
	err    error          // why it is done; set before done is closed
	wg     sync.WaitGroup // the pump of events, VNC servers

	mu       sync.Mutex
	sessions []session
}

// session is an open console, serial or graphical.
type session interface {
	hangup(reason error)
	ended() bool
}

func newLink(h *Host) *Link {
	l := &Link{host: h, events: newQueue(), done: make(chan struct{})}
	l.wg.Go(func() { l.events.pump(l.done, h.fleet.model.RTT/2) })
	return l
}

// Done is closed when the link is unusable.
func (l *Link) Done() <-chan struct{} { return l.done }

// Err says why the link is done; nil as long as it is not.
func (l *Link) Err() error {
	select {
	case <-l.done:
		return l.err
	default:
		return nil
	}
}

// Events returns the host's changes since the link was made. Events of one
// object that were not read yet are merged, and when too many objects changed
// a single [host.ObjectAll] stands for them.
func (l *Link) Events() <-chan host.Event { return l.events.out }

// Close ends the link and returns when its goroutine has ended.
func (l *Link) Close() error {
	l.fail(core.Errorf(core.Unreachable, "the connection was closed"))
	l.wg.Wait()
	return nil
}

// fail makes the link done; the first reason stays.
func (l *Link) fail(reason error) {
	l.once.Do(func() {
		l.host.mu.Lock()
		delete(l.host.links, l)
		l.host.mu.Unlock()
		l.err = reason
		close(l.done)
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, s := range l.sessions {
			s.hangup(reason)
		}
	})
}

// attach lets a console end with the link.
func (l *Link) attach(s session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.Err(); err != nil {
		s.hangup(err)
	}
	l.sessions = slices.DeleteFunc(l.sessions, session.ended)
	l.sessions = append(l.sessions, s)
}

// call describes a call to a host.
type call struct {
	method string
	writes bool // what was lost on the way may have been done
	slow   bool // it takes time inside the host, and goes on there when the caller leaves
	rtts   int  // round trips; 0 means 1
}

// call takes a request to the host and its answer back: one flight. serve is
// what the host does.
func (l *Link) call(ctx context.Context, c call, serve func(*Host, Fault) error) error {
	select {
	case <-l.done:
		return core.Errorf(core.Unreachable, "%w", l.err)
	default:
	}
	if err := ctx.Err(); err != nil { // nothing was sent: not unknown
		return core.Errorf(core.CodeOf(err), "%w", err)
	}
	f := l.host.fleet
	l.host.count(c.method)
	x := f.faults.hit(l.host.name, c.method)
	half := f.model.RTT * time.Duration(max(c.rtts, 1)) / 2
	if err := l.pause(ctx, half+x.Latency); err != nil {
		return l.lost(c, err)
	}
	strike := x.AfterBytes == 0 && (x.Err != nil || x.Hang || x.Drop)
	if strike && !x.After {
		return l.struck(ctx, c, x)
	}
	err := l.serve(ctx, c, x, serve)
	if strike && err == nil {
		return l.struck(ctx, c, x)
	}
	if err := l.pause(ctx, half); err != nil {
		return l.lost(c, err)
	}
	return err
}

// serve lets the host do it: in a goroutine of the fleet's when it takes time,
// since a host does not stop because nobody waits for its answer.
func (l *Link) serve(ctx context.Context, c call, x Fault, serve func(*Host, Fault) error) error {
	if !c.slow {
		return serve(l.host, x)
	}
	answer := make(chan error, 1)
	if !l.host.fleet.background(func() { answer <- serve(l.host, x) }) {
		return errClosed()
	}
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return l.lost(c, ctx.Err())
	case <-l.done:
		return l.lost(c, l.err)
	}
}

// struck answers a call that a fault hit.
func (l *Link) struck(ctx context.Context, c call, x Fault) error {
	switch {
	case x.Drop:
		l.fail(core.Errorf(core.Unreachable, "the connection was lost"))
		return l.lost(c, l.err)
	case x.Hang:
		return l.lost(c, l.mute(ctx))
	}
	return x.Err
}

// mute waits for an answer that does not come. Like transport/virt, the link
// ends itself when a call is not answered within its own limit.
func (l *Link) mute(ctx context.Context) error {
	limit := l.host.fleet.model.CallTimeout
	if limit == 0 {
		limit = defaultCallTimeout
	}
	if err := l.pause(ctx, limit); err != nil {
		return err
	}
	l.fail(core.Errorf(core.Unreachable, "libvirt on the host did not answer within %s", limit))
	return l.err
}

// pause waits for d.
func (l *Link) pause(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d == 0 {
		return err
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-l.done:
		return l.err
	}
}

// lost is what a caller hears whose answer never came. As in transport/virt, a
// caller that gives up leaves the link as it is, and what it asked for goes on.
func (l *Link) lost(c call, err error) error {
	if c.writes {
		return core.Errorf(core.UnknownOutcome, "no answer from the host, so it may or may not have been done: %w", err).
			WithHint("look at the host's present state before doing it again")
	}
	return core.Errorf(core.CodeOf(err), "no answer from the host: %w", err)
}

// ask is a call that reads: serve runs with the host locked.
func ask[T any](ctx context.Context, l *Link, method string, serve func(h *Host) (T, error)) (T, error) {
	var out T
	err := l.call(ctx, call{method: method}, func(h *Host, _ Fault) (err error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		out, err = serve(h)
		return err
	})
	return out, err
}

// tell is a call that writes: serve runs with the host locked.
func (l *Link) tell(ctx context.Context, method string, serve func(h *Host) error) error {
	return l.call(ctx, call{method: method, writes: true}, func(h *Host, _ Fault) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		return serve(h)
	})
}
