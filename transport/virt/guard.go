package virt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

var errNotSent = errors.New("the connection was closed before the call")

// guard is the net.Conn that go-libvirt reads and writes. What go-libvirt
// writes goes out whole packet by whole packet; what comes in reaches it only
// when it is the one reply to a call that waits, of the procedure's own type.
// Events and keepalives are taken out. Anything else ends the connection: for
// a length under 28 go-libvirt panics, and by a false count it fills the memory.
type guard struct {
	*wire
	event func(f frame)

	mu      sync.Mutex
	pending map[uint32]awaited // by serial: the calls that wait
	owned   uint32             // how many calls were our own
	partial []byte             // of the packet that go-libvirt is writing

	replies chan []byte   // checked packets for go-libvirt
	unread  []byte        // of the packet that go-libvirt is reading
	done    chan struct{} // closed by end
	once    sync.Once
	err     error // why; readable once done is closed

	calls  atomic.Uint64
	lastIn atomic.Int64 // monotonic time of the last packet, as since start
	start  time.Time
}

// awaited is a call without a reply yet.
type awaited struct {
	proc uint32
	own  chan<- frame // takes the reply as it came; nil for go-libvirt's calls
}

func newGuard(w *wire, event func(frame)) *guard {
	return &guard{wire: w, event: event, pending: map[uint32]awaited{}, replies: make(chan []byte, 2),
		done: make(chan struct{}), start: time.Now()}
}

// end closes the connection for the reason; the first one counts.
func (g *guard) end(reason error) {
	g.once.Do(func() {
		g.err = reason
		close(g.done)
		g.conn.Close()
	})
}

// pump reads packets until the connection ends.
func (g *guard) pump() {
	for {
		f, err := g.wire.read()
		if err == nil {
			g.lastIn.Store(int64(time.Since(g.start)))
			err = g.take(f)
		}
		if err != nil {
			g.end(err)
			return
		}
	}
}

// take sorts one packet.
func (g *guard) take(f frame) error {
	switch {
	case f.program == programKeepAlive:
		return nil // a pong; libvirt pings only clients that announced to answer
	case f.kind == typeMessage:
		g.event(f)
		return nil
	case f.kind == typeReply:
		packet, err := g.reply(f)
		if err != nil || packet == nil {
			return err
		}
		select {
		case g.replies <- packet:
		case <-g.done:
		}
		return nil
	}
	return violation("an unasked packet of type %d", f.kind)
}

// reply checks a reply against the call it answers, and returns the packet for
// go-libvirt; nil when the call was our own, whose caller gets it unread.
func (g *guard) reply(f frame) ([]byte, error) {
	g.mu.Lock()
	asked, waits := g.pending[f.serial]
	delete(g.pending, f.serial)
	g.mu.Unlock()
	switch {
	case !waits:
		return nil, violation("a reply to call %d, which was not made", f.serial)
	case f.proc != asked.proc:
		return nil, violation("a reply of procedure %d to a call of %d", f.proc, asked.proc)
	case asked.own != nil:
		asked.own <- f
		return nil, nil
	case f.status == statusError:
		e, err := parseFault(f.payload)
		if err != nil {
			return nil, err
		}
		f.payload = e.encode()
	case f.status != statusOK || !fits(replyShape(f.proc), f.payload):
		return nil, violation("a malformed reply of procedure %d", f.proc)
	}
	return f.bytes(), nil
}

// waiting returns how many calls have no reply yet.
func (g *guard) waiting() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.pending)
}

// silent returns how long nothing came in.
func (g *guard) silent() time.Duration {
	return time.Since(g.start) - time.Duration(g.lastIn.Load())
}

// Read gives go-libvirt the next checked packet. Its error is the same for
// ever: go-libvirt goes on reading after some errors.
func (g *guard) Read(p []byte) (int, error) {
	if len(g.unread) == 0 {
		select {
		case g.unread = <-g.replies:
		case <-g.done:
			return 0, net.ErrClosed
		}
	}
	n := copy(p, g.unread)
	g.unread = g.unread[n:]
	return n, nil
}

// Write takes what go-libvirt writes: parts of packets, one packet at a time.
func (g *guard) Write(p []byte) (int, error) {
	select {
	case <-g.done:
		return 0, errNotSent
	default:
	}
	g.partial = append(g.partial, p...)
	for len(g.partial) >= headerSize {
		size := int(binary.BigEndian.Uint32(g.partial))
		if size > maxFrame {
			g.partial = nil
			return 0, fmt.Errorf("request of %d bytes is over libvirt's limit", size)
		}
		if len(g.partial) < size {
			break
		}
		packet := g.partial[:size:size]
		g.partial = append([]byte(nil), g.partial[size:]...)
		if err := g.send(packet); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// send notes a call and puts it on the wire. The first two that go-libvirt
// makes are answered from here: [handshake] made them, in one round trip.
func (g *guard) send(packet []byte) error {
	f := parseFrame(packet)
	if f.kind == typeCall && (f.proc == procAuthList || f.proc == procConnectOpen) {
		answer := frame{program: programRemote, proc: f.proc, kind: typeReply, serial: f.serial}
		if f.proc == procAuthList {
			answer.payload = (&writer{}).uint32(0).b
		}
		g.replies <- answer.bytes()
		return nil
	}
	if replyShape(f.proc) == nil {
		return fmt.Errorf("procedure %d has no shape", f.proc)
	}
	g.mu.Lock()
	g.pending[f.serial] = awaited{proc: f.proc}
	g.mu.Unlock()
	g.calls.Add(1)
	err := g.wire.write(packet)
	if err != nil {
		g.end(err)
	}
	return err
}

// Close ends the connection.
func (g *guard) Close() error {
	g.end(net.ErrClosed)
	return nil
}

// Addresses and deadlines: go-libvirt does not use them.

func (g *guard) LocalAddr() net.Addr                { return g.conn.LocalAddr() }
func (g *guard) RemoteAddr() net.Addr               { return g.conn.RemoteAddr() }
func (g *guard) SetDeadline(t time.Time) error      { return g.conn.SetDeadline(t) }
func (g *guard) SetReadDeadline(t time.Time) error  { return g.conn.SetReadDeadline(t) }
func (g *guard) SetWriteDeadline(t time.Time) error { return g.conn.SetWriteDeadline(t) }
