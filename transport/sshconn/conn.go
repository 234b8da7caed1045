package sshconn

import (
	"io"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// conn is an SSH channel as a net.Conn whose deadlines work, which those of
// x/crypto do not. As with TCP there are buffers in between: one goroutine reads
// ahead by 32 KiB, another has up to 64 KiB to write, so that a Write that has
// returned may not have been sent yet, and an error of it may come with the next
// one. Beyond the buffers the channel's windows hold back either side. An
// interrupted Read or Write loses nothing; Write says how much it took.
type conn struct {
	ch            ssh.Channel
	client        *Client
	local, remote address

	readMu sync.Mutex // one reader at a time
	in     chan []byte
	rest   []byte
	taken  chan struct{} // the pump may use its buffer again
	inErr  error         // set before in is closed

	writeMu sync.Mutex    // one writer at a time
	free    chan []byte   // buffers that Write may fill
	out     chan []byte   // buffers to send; nil stands for CloseWrite
	outErr  error         // set before broken is closed
	broken  chan struct{} // closed when nothing can be sent any more
	flushed chan struct{} // closed when drain has ended

	reads  *deadline
	writes *deadline

	closing sync.Once
	closed  chan struct{}
	// onEnd turns the end of the stream into an error with a reason; nil for plain io.EOF.
	onEnd   func() error
	errRead chan struct{} // closed when standard error has ended
}

const (
	connBuffer  = 32 << 10 // x/crypto's largest packet; more of them at once cost more CPU, not less
	connBuffers = 2
)

type address struct{ network, name string }

func (a address) Network() string { return a.network }
func (a address) String() string  { return a.name }

// newConn makes ch a connection; what comes on standard error goes to stderr.
func (c *Client) newConn(ch ssh.Channel, network, remote string, stderr io.Writer) *conn {
	k := &conn{
		ch: ch, client: c, local: address{network, "ssh"}, remote: address{network, remote},
		in: make(chan []byte), taken: make(chan struct{}),
		free: make(chan []byte, connBuffers), out: make(chan []byte, connBuffers+1),
		broken: make(chan struct{}), flushed: make(chan struct{}),
		closed: make(chan struct{}), errRead: make(chan struct{}),
		reads: newDeadline(), writes: newDeadline(),
	}
	for range connBuffers {
		k.free <- nil // made at first use: most connections write little
	}
	c.spawn(k.pump)
	c.spawn(k.drain)
	c.spawn(func() { // unread, standard error would fill the window
		io.Copy(stderr, ch.Stderr())
		close(k.errRead)
	})
	return k
}

// pump moves data from the channel to Read until either end closes.
func (k *conn) pump() {
	defer close(k.in)
	buf := make([]byte, connBuffer)
	for {
		n, err := k.ch.Read(buf)
		if n > 0 {
			select {
			case k.in <- buf[:n]:
			case <-k.closed:
				return
			case <-k.client.done: // nobody may ever read what is left
				return
			}
			select {
			case <-k.taken:
			case <-k.closed:
				return
			case <-k.client.done:
				return
			}
		}
		if err != nil {
			k.inErr = err
			return
		}
	}
}

func (k *conn) Read(p []byte) (int, error) {
	k.readMu.Lock()
	defer k.readMu.Unlock()
	if k.reads.passed() {
		return 0, os.ErrDeadlineExceeded
	}
	if len(p) == 0 {
		return 0, nil
	}
	if err := k.fill(); err != nil {
		return 0, err
	}
	n := copy(p, k.rest)
	k.take(n)
	return n, nil
}

// WriteTo implements [io.WriterTo]: what a console prints goes to the window
// without another copy.
func (k *conn) WriteTo(w io.Writer) (total int64, err error) {
	k.readMu.Lock()
	defer k.readMu.Unlock()
	for {
		err := k.fill()
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
		n, err := w.Write(k.rest)
		k.take(n)
		total += int64(n)
		if err != nil {
			return total, err
		}
	}
}

// fill waits until there is something in rest.
func (k *conn) fill() error {
	if k.reads.passed() {
		return os.ErrDeadlineExceeded
	}
	if len(k.rest) > 0 {
		return nil
	}
	select {
	case b, ok := <-k.in:
		if !ok {
			return k.endOfStream()
		}
		k.rest = b
		return nil
	case <-k.reads.wait():
		return os.ErrDeadlineExceeded
	case <-k.closed:
		return net.ErrClosed
	}
}

// take drops the first n bytes of rest, and has the pump go on after the last.
func (k *conn) take(n int) {
	if k.rest = k.rest[n:]; len(k.rest) > 0 {
		return
	}
	select {
	case k.taken <- struct{}{}:
	case <-k.closed:
	case <-k.client.done:
	}
}

// endOfStream says why there is nothing more to read.
func (k *conn) endOfStream() error {
	select {
	case <-k.closed:
		return net.ErrClosed
	default:
	}
	if k.onEnd != nil && k.client.Err() == nil {
		return k.onEnd()
	}
	return k.reason(k.inErr)
}

func (k *conn) Write(p []byte) (n int, err error) {
	k.writeMu.Lock()
	defer k.writeMu.Unlock()
	for {
		switch {
		case isClosed(k.closed):
			return n, net.ErrClosed
		case k.writes.passed():
			return n, os.ErrDeadlineExceeded
		case n == len(p) && n > 0, len(p) == 0:
			return n, nil
		}
		select {
		case buf := <-k.free:
			if buf == nil {
				buf = make([]byte, connBuffer)
			}
			m := copy(buf[:connBuffer], p[n:])
			k.out <- buf[:m] // has room: there are no more buffers than places
			if n += m; n == len(p) {
				return n, nil
			}
		case <-k.broken:
			return n, k.reason(k.outErr)
		case <-k.writes.wait():
		case <-k.closed:
		}
	}
}

// drain moves data from Write to the channel until either end closes.
func (k *conn) drain() {
	defer close(k.flushed)
	send := func(buf []byte) bool {
		if buf == nil {
			k.ch.CloseWrite()
			return true
		}
		if _, err := k.ch.Write(buf); err != nil {
			k.outErr = err
			close(k.broken)
			return false
		}
		k.free <- buf
		return true
	}
	for {
		select {
		case buf := <-k.out:
			if !send(buf) {
				return
			}
			continue
		case <-k.closed:
		case <-k.client.done:
			k.outErr = k.client.err
			close(k.broken)
			return
		}
		for { // closed: what Write has taken still goes out
			select {
			case buf := <-k.out:
				if !send(buf) {
					return
				}
			default:
				return
			}
		}
	}
}

// reason prefers why the whole connection ended over what that did to k.
func (k *conn) reason(err error) error {
	if lost := k.client.Err(); lost != nil {
		return lost
	}
	return err
}

// Close closes the channel after what was written before. It does not wait, and
// a peer that takes nothing for a second loses the rest.
func (k *conn) Close() error {
	k.closing.Do(func() {
		close(k.closed)
		k.client.spawn(func() {
			select {
			case <-k.flushed:
			case <-k.client.done:
			case <-time.After(time.Second):
			}
			k.ch.Close()
		})
	})
	return nil
}

// CloseWrite tells the peer that nothing more comes. It may be called once.
func (k *conn) CloseWrite() error {
	k.writeMu.Lock()
	defer k.writeMu.Unlock()
	k.out <- nil
	return nil
}

func (k *conn) LocalAddr() net.Addr  { return k.local }
func (k *conn) RemoteAddr() net.Addr { return k.remote }

func (k *conn) SetDeadline(t time.Time) error {
	k.reads.set(t)
	k.writes.set(t)
	return nil
}

func (k *conn) SetReadDeadline(t time.Time) error  { k.reads.set(t); return nil }
func (k *conn) SetWriteDeadline(t time.Time) error { k.writes.set(t); return nil }
