//go:build linux

package wire

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	chunkSize = 64 << 10
	// inFlight bounds what one direction of one connection holds: at 300 ms it
	// still passes 100 MB/s.
	inFlight = 16 << 20
)

// chunk is bytes on their way. An empty one is the end of the stream.
type chunk struct {
	data []byte
	due  time.Time
}

// pipe carries one direction of a connection: each chunk leaves half a round
// trip after it came, in order. It delays and does not throttle: reading goes on
// while earlier chunks wait, up to inFlight bytes.
type pipe struct {
	cable  *Cable
	blocks Damage // the least damage that stops this direction
	meter  *atomic.Int64

	mu     sync.Mutex
	moved  *sync.Cond // queue or held changed, or the pipe closed
	queue  []chunk
	held   int
	closed bool
}

func newPipe(c *Cable, blocks Damage, meter *atomic.Int64) *pipe {
	p := &pipe{cable: c, blocks: blocks, meter: meter}
	p.moved = sync.NewCond(&p.mu)
	return p
}

// run copies src to dst until the end of the stream, which it passes on as a
// half-close, or an error. It returns after both of its goroutines did.
func (p *pipe) run(ctx context.Context, dst, src *net.TCPConn) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		p.close()
		dst.SetWriteDeadline(time.Unix(1, 0)) // it may be blocked there
	})
	defer stop()
	read := make(chan error, 1)
	go func() {
		err := p.fill(src)
		if err != nil {
			cancel() // a reset overtakes what is in flight, as it may in TCP
		}
		read <- err
	}()
	err := p.drain(ctx, dst)
	if err != nil {
		src.SetReadDeadline(time.Unix(1, 0))
		p.close()
	}
	if rerr := <-read; rerr != nil && (err == nil || errors.Is(err, context.Canceled)) {
		err = rerr
	}
	return err
}

func (p *pipe) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.moved.Broadcast()
}

func (p *pipe) fill(src io.Reader) error {
	buf := make([]byte, chunkSize)
	for {
		n, err := src.Read(buf)
		due := time.Now().Add(p.cable.roundTrip() / 2)
		if n > 0 && !p.push(chunk{append([]byte(nil), buf[:n]...), due}) {
			return net.ErrClosed
		}
		if errors.Is(err, io.EOF) {
			p.push(chunk{due: due})
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (p *pipe) push(c chunk) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.held >= inFlight && !p.closed {
		p.moved.Wait()
	}
	if p.closed {
		return false
	}
	p.queue = append(p.queue, c)
	p.held += len(c.data)
	p.moved.Broadcast()
	return true
}

func (p *pipe) pop() (chunk, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.queue) == 0 && !p.closed {
		p.moved.Wait()
	}
	if p.closed {
		return chunk{}, false
	}
	c := p.queue[0]
	p.queue = p.queue[1:]
	p.held -= len(c.data)
	p.moved.Broadcast()
	return c, true
}

func (p *pipe) drain(ctx context.Context, dst *net.TCPConn) error {
	for {
		c, ok := p.pop()
		if !ok {
			return context.Canceled
		}
		if err := pause(ctx, time.Until(c.due)); err != nil {
			return err
		}
		if err := p.cable.pass(ctx, p.blocks); err != nil {
			return err
		}
		if len(c.data) == 0 {
			return dst.CloseWrite()
		}
		if _, err := dst.Write(c.data); err != nil {
			return err
		}
		p.meter.Add(int64(len(c.data)))
	}
}
