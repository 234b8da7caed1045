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
// x/crypto do not. A goroutine reads ahead by one buffer of 32 KiB; the
// channel's window holds back the peer beyond that.
//
// A write that its deadline interrupts has sent an unknown part, so it also
// closes the connection, as crypto/tls does. A read that its deadline interrupts
// loses nothing.
type conn struct {
	ch            ssh.Channel
	client        *Client
	local, remote address

	readMu sync.Mutex // one reader at a time
	in     chan []byte
	rest   []byte
	taken  chan struct{} // the pump may use its buffer again
	inErr  error         // set before in is closed

	writeMu sync.Mutex
	reads   *deadline
	writes  *deadline

	closing sync.Once
	closed  chan struct{}
	// onEnd turns the end of the stream into an error with a reason; nil for plain io.EOF.
	onEnd   func() error
	errRead chan struct{} // closed when standard error has ended
}

type address struct{ network, name string }

func (a address) Network() string { return a.network }
func (a address) String() string  { return a.name }

// newConn makes ch a connection; what comes on standard error goes to stderr.
func (c *Client) newConn(ch ssh.Channel, network, remote string, stderr io.Writer) *conn {
	k := &conn{
		ch: ch, client: c, local: address{network, "ssh"}, remote: address{network, remote},
		in: make(chan []byte), taken: make(chan struct{}), closed: make(chan struct{}), errRead: make(chan struct{}),
		reads: newDeadline(), writes: newDeadline(),
	}
	c.spawn(k.pump)
	c.spawn(func() { // unread, standard error would fill the window
		io.Copy(stderr, ch.Stderr())
		close(k.errRead)
	})
	return k
}

// pump moves data from the channel to Read until either end closes.
func (k *conn) pump() {
	defer close(k.in)
	buf := make([]byte, 32<<10)
	for {
		n, err := k.ch.Read(buf)
		if n > 0 {
			select {
			case k.in <- buf[:n]:
			case <-k.closed:
				return
			}
			select {
			case <-k.taken:
			case <-k.closed:
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
	if len(k.rest) == 0 {
		select {
		case b, ok := <-k.in:
			if !ok {
				return 0, k.endOfStream()
			}
			k.rest = b
		case <-k.reads.wait():
			return 0, os.ErrDeadlineExceeded
		case <-k.closed:
			return 0, net.ErrClosed
		}
	}
	n := copy(p, k.rest)
	if k.rest = k.rest[n:]; len(k.rest) == 0 {
		select {
		case k.taken <- struct{}{}:
		case <-k.closed:
		}
	}
	return n, nil
}

// endOfStream says why there is nothing more to read.
func (k *conn) endOfStream() error {
	select {
	case <-k.closed:
		return net.ErrClosed
	default:
	}
	if err := k.client.Err(); err != nil {
		return err
	}
	if k.onEnd != nil {
		return k.onEnd()
	}
	return k.inErr
}

func (k *conn) Write(p []byte) (int, error) {
	k.writeMu.Lock()
	defer k.writeMu.Unlock()
	if k.writes.passed() {
		return 0, os.ErrDeadlineExceeded
	}
	select {
	case <-k.closed:
		return 0, net.ErrClosed
	default:
	}
	// The channel may keep p for as long as the peer's window is full, so it
	// gets a copy: the caller may use p again once we return.
	type written struct {
		n   int
		err error
	}
	result := make(chan written, 1)
	data := append([]byte(nil), p...)
	k.client.spawn(func() {
		n, err := k.ch.Write(data)
		result <- written{n, err}
	})
	select {
	case w := <-result:
		if w.err != nil {
			if reason := k.client.Err(); reason != nil {
				return w.n, reason
			}
		}
		return w.n, w.err
	case <-k.writes.wait():
		k.Close()
		return 0, os.ErrDeadlineExceeded
	case <-k.closed:
		return 0, net.ErrClosed
	}
}

// Close closes the channel. It does not wait for a peer that takes no data.
func (k *conn) Close() error {
	k.closing.Do(func() {
		close(k.closed)
		k.client.spawn(func() { k.ch.Close() })
	})
	return nil
}

// CloseWrite tells the peer that nothing more comes.
func (k *conn) CloseWrite() error { return k.ch.CloseWrite() }

func (k *conn) LocalAddr() net.Addr  { return k.local }
func (k *conn) RemoteAddr() net.Addr { return k.remote }

func (k *conn) SetDeadline(t time.Time) error {
	k.reads.set(t)
	k.writes.set(t)
	return nil
}

func (k *conn) SetReadDeadline(t time.Time) error  { k.reads.set(t); return nil }
func (k *conn) SetWriteDeadline(t time.Time) error { k.writes.set(t); return nil }
