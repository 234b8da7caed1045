// Package rpccount counts what passes between a client and a libvirt socket:
// calls by procedure, and flights, which is how many round trips a client had
// to wait for. It is for tests and benchmarks.
package rpccount

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"maps"
	"net"
	"sync"
	"time"
)

// The RPC packet's header: length, program, version, procedure, type, serial,
// status; each four bytes. Source: libvirt's virnetprotocol.x.
const (
	headerSize    = 28
	programRemote = 0x20008086
	typeCall      = 0
	typeReply     = 1
)

// Counter counts over all connections that it dialled. Safe for concurrent use.
type Counter struct {
	// Delay holds back every packet in both directions, as half a round trip.
	// A delay above zero makes Flights exact: on a local socket, replies may
	// come before a client that asks for all at once has asked for the last.
	Delay time.Duration

	mu      sync.Mutex
	calls   map[uint32]int
	spent   map[uint32]time.Duration
	flights int
}

// Dialer returns a dial function that counts what passes over its connections.
func (c *Counter) Dialer(dial func(context.Context) (net.Conn, error)) func(context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) {
		server, err := dial(ctx)
		if err != nil {
			return nil, err
		}
		client, inner := net.Pipe()
		l := &line{c: c, waiting: map[uint32]waiting{}}
		go l.carry(server, inner, l.sent)
		go l.carry(inner, server, l.received)
		return client, nil
	}
}

// Calls returns the number of calls since Reset.
func (c *Counter) Calls() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, k := range c.calls {
		n += k
	}
	return n
}

// ByProcedure returns the number of calls since Reset by libvirt's procedure
// number (remote_protocol.x).
func (c *Counter) ByProcedure() map[uint32]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.calls)
}

// Spent returns how long the calls since Reset that were answered took, behind
// the counter: with no Delay, what the host itself needed. By procedure.
func (c *Counter) Spent() map[uint32]time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.spent)
}

// Flights returns the longest chain of calls since Reset in which each call
// was sent after the reply to the one before it had come.
func (c *Counter) Flights() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.flights
}

// Reset begins to count anew. No call may be under way.
func (c *Counter) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls, c.spent, c.flights = nil, nil, 0
}

// line is one connection.
type line struct {
	c       *Counter
	waiting map[uint32]waiting // by serial
	seen    int                // flights whose replies were delivered
}

// waiting is a call without a reply yet.
type waiting struct {
	flight int
	since  time.Time
}

// sent notes a call as the client makes it.
func (l *line) sent(program, proc, kind, serial uint32) {
	if program != programRemote || kind != typeCall {
		return
	}
	l.c.mu.Lock()
	defer l.c.mu.Unlock()
	if l.c.calls == nil {
		l.c.calls, l.c.spent = map[uint32]int{}, map[uint32]time.Duration{}
	}
	l.c.calls[proc]++
	if l.c.flights == 0 {
		l.seen = 0 // counted anew
	}
	l.waiting[serial] = waiting{l.seen + 1, time.Now()}
	l.c.flights = max(l.c.flights, l.seen+1)
}

// received notes a reply as the client gets it.
func (l *line) received(program, proc, kind, serial uint32) {
	if program != programRemote || kind != typeReply {
		return
	}
	l.c.mu.Lock()
	defer l.c.mu.Unlock()
	w, asked := l.waiting[serial]
	if !asked {
		return
	}
	l.seen = max(l.seen, w.flight)
	delete(l.waiting, serial)
	if l.c.spent != nil { // nil: asked for before Reset
		l.c.spent[proc] += time.Since(w.since)
	}
}

// packet is on its way until due.
type packet struct {
	bytes []byte
	due   time.Time
}

// carry moves packets from one side to the other until either ends. A call is
// noted before the delay, a reply after it: at the client's end both times.
func (l *line) carry(to, from net.Conn, note func(program, proc, kind, serial uint32)) {
	queue := make(chan packet, 4096)
	var wg sync.WaitGroup
	wg.Go(func() {
		defer to.Close()
		for p := range queue {
			time.Sleep(time.Until(p.due))
			if isReply(p.bytes) {
				l.tell(p.bytes, note)
			}
			if _, err := to.Write(p.bytes); err != nil {
				break
			}
		}
		for range queue { // let the reader go on until it ends
		}
	})
	in := bufio.NewReader(from)
	for {
		b, err := next(in)
		if err != nil {
			break
		}
		if !isReply(b) {
			l.tell(b, note)
		}
		queue <- packet{b, time.Now().Add(l.c.Delay)}
	}
	from.Close()
	close(queue)
	wg.Wait()
}

func (l *line) tell(b []byte, note func(program, proc, kind, serial uint32)) {
	word := func(i int) uint32 { return binary.BigEndian.Uint32(b[4*i:]) }
	note(word(1), word(3), word(4), word(5))
}

func isReply(b []byte) bool { return binary.BigEndian.Uint32(b[16:]) == typeReply }

// next reads one whole packet; both sides are trusted here.
func next(in *bufio.Reader) ([]byte, error) {
	b := make([]byte, headerSize)
	if _, err := io.ReadFull(in, b); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(b)
	if size < headerSize {
		return nil, io.ErrUnexpectedEOF
	}
	b = append(b, make([]byte, size-headerSize)...)
	_, err := io.ReadFull(in, b[headerSize:])
	return b, err
}
