package virt

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"

	"github.com/limiquantix/limiquantix/core"
)

// streamBlock is the largest payload that every libvirt takes in a stream
// packet: VIR_NET_MESSAGE_LEGACY_PAYLOAD_MAX.
const streamBlock = 262120

// streamSerial is the serial of the first call on a stream's connection, after
// those of the handshake.
const streamSerial = 16

// maxEarly is how many packets of a stream may come before the reply of its call.
const maxEarly = 64

// stream is the data that a call left open, on a connection of its own: in
// go-libvirt one slow reader holds up every call, and a failing one for ever.
// Write and Read may run at the same time.
type stream struct {
	w      *wire
	proc   uint32
	serial uint32
	what   string
	early  []frame // came before the call's reply
	rest   []byte  // read and not yet taken
	over   error   // what Read gives from now on

	close sync.Once
	after func() // run once when it closes
}

// openStream makes the call on a new connection. The stream ends with the
// connection c, or by Close.
func (c *Conn) openStream(ctx context.Context, what string, proc uint32, args []byte) (*stream, error) {
	if err := c.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.o.CallTimeout)
	defer cancel()
	w, err := open(ctx, c.o.Dial, c.o.URI)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	s := &stream{w: w, proc: proc, serial: streamSerial, what: what}
	stop := context.AfterFunc(ctx, func() { w.conn.Close() })
	err = s.begin(args)
	if !stop() && err != nil {
		err = fmt.Errorf("%s: %w", what, ctx.Err())
	}
	if err != nil {
		w.conn.Close()
		return nil, err
	}
	s.after = c.streams.add(func() { s.w.conn.Close() })
	return s, nil
}

// begin makes the call that opens the stream. Data may come before the reply:
// libvirtd's main loop sends it while a worker still ends the call. What is left
// of the stream before, on the same connection, is passed over: it may come
// before the reply, or after it.
func (s *stream) begin(args []byte) error {
	if err := s.w.write(call(s.serial, s.proc, args).bytes()); err != nil {
		return fmt.Errorf("%s: %w", s.what, lost(err))
	}
	for {
		f, err := s.w.read()
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", s.what, lost(err))
		case f.kind == typeStream && f.serial == s.serial-1:
		case f.kind == typeStream && f.serial == s.serial && len(s.early) < maxEarly:
			s.early = append(s.early, f)
		case f.kind != typeReply || f.serial != s.serial || f.proc != s.proc:
			return violation("an unasked packet while opening a stream")
		case f.status == statusError:
			return faultError(s.what, f)
		default:
			return nil
		}
	}
}

// packet is a stream packet of this stream.
func (s *stream) packet(status uint32, payload []byte) []byte {
	return frame{program: programRemote, proc: s.proc, kind: typeStream, serial: s.serial, status: status, payload: payload}.bytes()
}

// Write sends p. Errors: [core.Unreachable].
func (s *stream) Write(p []byte) (int, error) {
	for sent := 0; sent < len(p); {
		n := min(len(p)-sent, streamBlock)
		if err := s.w.write(s.packet(statusContinue, p[sent:sent+n])); err != nil {
			return sent, fmt.Errorf("%s: %w", s.what, lost(err))
		}
		sent += n
	}
	return len(p), nil
}

// Read gives what the host sends; io.EOF at its end.
func (s *stream) Read(p []byte) (int, error) {
	for len(s.rest) == 0 {
		if s.over != nil {
			return 0, s.over
		}
		s.rest, s.over = s.next()
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// next reads one packet. libvirtd ends a stream by an empty packet.
func (s *stream) next() ([]byte, error) {
	f, err := s.read()
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", s.what, lost(err))
	case f.kind == typeMessage, f.kind == typeStream && f.serial == s.serial-1: // see begin
		return nil, nil
	case f.kind != typeStream || f.serial != s.serial || f.proc != s.proc:
		return nil, violation("an unasked packet in a stream")
	case f.status == statusError:
		return nil, faultError(s.what, f)
	case f.status == statusOK || len(f.payload) == 0:
		return nil, io.EOF
	}
	return f.payload, nil
}

func (s *stream) read() (frame, error) {
	if len(s.early) == 0 {
		return s.w.read()
	}
	f := s.early[0]
	s.early = s.early[1:]
	return f, nil
}

// finish says that all was written; Read gives io.EOF once the host has it.
func (s *stream) finish() error {
	if err := s.w.write(s.packet(statusOK, nil)); err != nil {
		return fmt.Errorf("%s: %w", s.what, lost(err))
	}
	return nil
}

// Close ends the stream at once; libvirtd drops its side.
func (s *stream) Close() error {
	s.close.Do(func() {
		s.after()
		s.w.conn.Close()
	})
	return nil
}

// closers are the streams that end with the main connection.
type closers struct {
	mu   sync.Mutex
	m    map[*closer]bool
	done bool
}

// closer is one of them.
type closer struct{ close func() }

// add takes in how to close something and returns what takes it out. It is
// closed at once when the connection is gone already.
func (cs *closers) add(close func()) (remove func()) {
	c := &closer{close}
	cs.mu.Lock()
	if cs.m == nil {
		cs.m = map[*closer]bool{}
	}
	cs.m[c] = true
	done := cs.done
	cs.mu.Unlock()
	if done {
		close()
	}
	return func() {
		cs.mu.Lock()
		defer cs.mu.Unlock()
		delete(cs.m, c)
	}
}

// close closes all that is in, and what comes later.
func (cs *closers) close() {
	cs.mu.Lock()
	cs.done = true
	all := slices.Collect(maps.Keys(cs.m))
	cs.mu.Unlock()
	for _, c := range all {
		c.close()
	}
}

// OpenSerial attaches to the VM's first serial console, on a connection of its
// own; somebody else's session is taken over.
func (c *Conn) OpenSerial(ctx context.Context, uuid string) (io.ReadWriteCloser, error) {
	d, err := domain(uuid)
	if err != nil {
		return nil, err
	}
	const force = 1 // VIR_DOMAIN_CONSOLE_FORCE
	args := (&writer{}).string("").fixed(d.UUID[:]).uint32(uint32(d.ID)).uint32(0).uint32(force).b
	s, err := c.openStream(ctx, "open the VM's serial console", procOpenConsole, args)
	if err != nil {
		return nil, err
	}
	return serial{s}, nil
}

// serial is a console: to be taken over is an end like any other.
type serial struct{ *stream }

func (s serial) Read(p []byte) (int, error) {
	n, err := s.stream.Read(p)
	if core.CodeOf(err) == core.Internal && n == 0 {
		err = io.EOF
	}
	return n, err
}
