package sshconn

import (
	"sync"
	"time"
)

// deadline is a moment to select on that may be moved at any time, also while
// somebody waits for it. The idea is that of net.Pipe in Go's standard library.
type deadline struct {
	mu    sync.Mutex
	timer *time.Timer
	past  chan struct{} // closed when the moment has come
}

func newDeadline() *deadline { return &deadline{past: make(chan struct{})} }

// set moves the deadline; the zero time means never.
func (d *deadline) set(t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer != nil && !d.timer.Stop() {
		<-d.past // the timer has fired: let it finish before past is replaced
	}
	d.timer = nil
	closed := isClosed(d.past)
	if t.IsZero() {
		if closed {
			d.past = make(chan struct{})
		}
		return
	}
	if left := time.Until(t); left > 0 {
		if closed {
			d.past = make(chan struct{})
		}
		past := d.past
		d.timer = time.AfterFunc(left, func() { close(past) })
		return
	}
	if !closed {
		close(d.past)
	}
}

func (d *deadline) wait() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.past
}

func (d *deadline) passed() bool { return isClosed(d.wait()) }

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
