package sshconn

import (
	"bytes"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// wire is the connection below SSH. It counts bytes, and it knows when the peer
// was last heard, so that a slow bulk transfer does not look like a dead peer.
type wire struct {
	net.Conn
	in, out   atomic.Int64
	heardNano atomic.Int64 // monotonic, relative to born
	born      time.Time
	ended     atomic.Pointer[error] // of the first Read that failed

	mu    sync.Mutex
	first []byte // what the peer said first, at most maxFirst bytes
}

// maxFirst is how much is kept of what a peer says first: more than any greeting
// that sshd is told to give before its version.
const maxFirst = 4 * 1024

func newWire(c net.Conn) *wire { return &wire{Conn: c, born: time.Now()} }

func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if n > 0 {
		if w.in.Add(int64(n))-int64(n) < maxFirst {
			w.keep(p[:n])
		}
		w.heardNano.Store(int64(time.Since(w.born)))
	}
	if err != nil && !errors.Is(err, net.ErrClosed) { // closed by us: after the fact
		w.ended.CompareAndSwap(nil, &err)
	}
	return n, err
}

func (w *wire) keep(p []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.first = append(w.first, p[:min(len(p), maxFirst-len(w.first))]...)
}

// greeting returns what the peer said first.
func (w *wire) greeting() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	return bytes.Clone(w.first)
}

// lost returns why the peer cannot be read any more; nil while it can be, or
// when we closed the connection.
func (w *wire) lost() error {
	if err := w.ended.Load(); err != nil {
		return *err
	}
	return nil
}

func (w *wire) Write(p []byte) (int, error) {
	n, err := w.Conn.Write(p)
	w.out.Add(int64(n))
	return n, err
}

// silence returns how long the peer has not been heard.
func (w *wire) silence() time.Duration {
	return time.Since(w.born) - time.Duration(w.heardNano.Load())
}
