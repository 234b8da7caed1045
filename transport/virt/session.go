package virt

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/digitalocean/go-libvirt"

	"github.com/limiquantix/limiquantix/core"
)

// kind says what the loss of a call's reply means.
type kind int

const (
	read  kind = iota // nothing happened
	write             // nobody knows
)

// heartbeat is how often a quiet connection is pinged, and deadAfter for how
// long it may stay quiet: an answer is due from libvirtd's main loop, which no
// long job holds up.
const (
	heartbeat = 2500 * time.Millisecond
	deadAfter = 3 * heartbeat
	// serverSlots is how many calls of one client libvirtd works on at once
	// (max_client_requests). While all are taken it does not even read pings.
	serverSlots = 5
	// slowSlots is how many of them our writes may take, so that reads pass.
	slowSlots = serverSlots - 1
	// parting is how long Close waits for the answers to calls under way.
	parting = time.Second
)

var errPanic = errors.New("the libvirt client broke")

// session is one RPC connection. Its end is final: go-libvirt's objects must
// not be connected twice.
type session struct {
	*guard
	l       *libvirt.Libvirt
	timeout time.Duration
	log     *slog.Logger
	slow    chan struct{}
	flight  sync.WaitGroup // calls whose reply is awaited
	loops   sync.WaitGroup // pump, heartbeat
	gate    sync.Mutex     // orders flight.Add before Close's Wait
	closing bool           // by Close: no call begins any more
}

// newSession opens a connection and starts its goroutines; Close ends them.
func newSession(ctx context.Context, o Options, event func(frame)) (*session, error) {
	w, err := open(ctx, o.Dial, o.URI)
	if err != nil {
		return nil, err
	}
	s := &session{guard: newGuard(w, event), timeout: o.CallTimeout, log: o.Logger, slow: make(chan struct{}, slowSlots)}
	s.loops.Go(s.pump)
	s.loops.Go(s.beat)
	s.l = libvirt.NewWithDialer(guardDialer{s.guard})
	if err := s.l.ConnectToURI(libvirt.ConnectURI(o.URI)); err != nil { // answered by the guard: no round trip
		s.Close()
		return nil, core.Errorf(core.Internal, "start the libvirt client: %w", err)
	}
	return s, nil
}

// guardDialer hands go-libvirt its one connection.
type guardDialer struct{ g *guard }

func (d guardDialer) Dial() (net.Conn, error) { return d.g, nil }

// Close ends the session and waits for its goroutines.
func (s *session) Close() error {
	s.gate.Lock()
	s.closing = true
	s.gate.Unlock()
	s.drain()
	s.guard.Close()
	s.gate.Lock() // what begins after this sees the end
	defer s.gate.Unlock()
	s.flight.Wait()
	s.loops.Wait()
	<-s.l.Disconnected()
	return nil
}

// drain gives calls under way a moment to be answered. Callers have given them
// up, but libvirtd 9.0 was seen to crash when a client that has subscribed to
// events went away while one of its calls was worked on: the worker and the main
// loop then both ran remoteClientFreePrivateCallbacks.
func (s *session) drain() {
	limit := time.NewTimer(parting)
	defer limit.Stop()
	for s.waiting() > 0 {
		select {
		case <-time.After(time.Millisecond):
		case <-limit.C:
			return
		case <-s.done:
			return
		}
	}
}

// ended returns why the session ended, nil while it lives.
func (s *session) ended() error {
	select {
	case <-s.done:
		return s.err
	default:
		return nil
	}
}

// begin counts a call in, unless the session ended.
func (s *session) begin() error {
	s.gate.Lock()
	defer s.gate.Unlock()
	if err := s.ended(); err != nil {
		return err
	}
	if s.closing {
		return net.ErrClosed
	}
	s.flight.Add(1)
	return nil
}

// beat pings a quiet peer and ends the session with a dead one.
func (s *session) beat() {
	ping := frame{program: programKeepAlive, proc: pingProc, kind: typeMessage}.bytes()
	pings := make(chan struct{}, 1)
	var pinger sync.WaitGroup
	pinger.Go(func() { // apart, as a write may block
		for range pings {
			if err := s.wire.write(ping); err != nil {
				s.end(err)
			}
		}
	})
	defer pinger.Wait()
	defer close(pings)
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-s.done:
			return
		case <-tick.C:
		}
		quiet := s.silent()
		if quiet > deadAfter && s.waiting() < serverSlots {
			s.log.Warn("libvirt does not answer", "silent", quiet)
			s.end(core.Errorf(core.Unreachable, "libvirt on the host does not answer"))
			return
		}
		if quiet > heartbeat {
			select {
			case pings <- struct{}{}:
			default: // the last one is not even written yet
			}
		}
	}
}

// ask makes one call and returns its result. what begins the error's sentence:
// "start VM …".
//
// When ctx ends first, the call is given up and the connection lives on; when
// the deadline passes, it is closed. Either way a write's outcome is unknown.
func ask[T any](ctx context.Context, s *session, k kind, what string, fn func(*libvirt.Libvirt) (T, error)) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, fmt.Errorf("%s: %w", what, err)
	}
	limit, release := s.timeout, func() {}
	if k == write {
		limit *= 10 // QEMU's start or a pool's refresh may rightly take minutes
		select {
		case s.slow <- struct{}{}:
			release = func() { <-s.slow }
		case <-ctx.Done():
			return none, fmt.Errorf("%s: %w", what, ctx.Err())
		case <-s.done:
		}
	}
	if err := s.begin(); err != nil {
		release()
		return none, fmt.Errorf("%s: %w", what, lost(err))
	}
	type outcome struct {
		value T
		err   error
	}
	result := make(chan outcome, 1)
	go func() {
		defer s.flight.Done()
		var o outcome
		defer func() {
			if p := recover(); p != nil {
				o.err = fmt.Errorf("%w: %v", errPanic, p)
			}
			release()
			result <- o
		}()
		o.value, o.err = fn(s.l)
	}()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	select {
	case o := <-result:
		return o.value, s.callError(k, what, o.err, s.ended())
	case <-ctx.Done():
		if k == write {
			return none, unknownOutcome(what, ctx.Err())
		}
		return none, fmt.Errorf("%s: %w", what, ctx.Err())
	case <-deadline.C:
		s.end(core.Errorf(core.Unreachable, "libvirt on the host did not answer within %s", limit))
		<-result
		return none, s.callError(k, what, libvirt.ErrInterrupted, s.ended())
	}
}

// do is ask for calls without a result.
func do(ctx context.Context, s *session, k kind, what string, fn func(*libvirt.Libvirt) error) error {
	_, err := ask(ctx, s, k, what, func(l *libvirt.Libvirt) (struct{}, error) { return struct{}{}, fn(l) })
	return err
}
