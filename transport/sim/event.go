package sim

import (
	"sync"
	"time"

	"github.com/limiquantix/limiquantix/core/host"
)

// maxQueued is how many objects may wait in a link's queue of events.
const maxQueued = 1024

// subject is what events are merged by.
type subject struct {
	object host.Object
	id     string
}

// queue holds the events that a link's reader has not taken, one per object.
type queue struct {
	out  chan host.Event
	wake chan struct{}

	mu    sync.Mutex
	order []subject
	last  map[subject]host.Event
}

func newQueue() *queue {
	return &queue{out: make(chan host.Event), wake: make(chan struct{}, 1), last: map[subject]host.Event{}}
}

// put never blocks.
func (q *queue) put(e host.Event) {
	s := subject{e.Object, e.UUID}
	if s.id == "" {
		s.id = e.Name
	}
	q.mu.Lock()
	if _, waits := q.last[s]; !waits {
		if len(q.order) == maxQueued || q.overflowed() {
			e = host.Event{Object: host.ObjectAll, Time: e.Time}
			s = subject{object: host.ObjectAll}
			clear(q.last)
			q.order = q.order[:0]
		}
		q.order = append(q.order, s)
	}
	q.last[s] = e
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// overflowed reports whether one ObjectAll stands for everything already.
func (q *queue) overflowed() bool {
	return len(q.order) == 1 && q.order[0].object == host.ObjectAll
}

func (q *queue) take() (host.Event, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.order) == 0 {
		return host.Event{}, false
	}
	s := q.order[0]
	e := q.last[s]
	q.order = q.order[1:]
	delete(q.last, s)
	return e, true
}

// pump hands events over, delay after they happened, until done is closed.
func (q *queue) pump(done <-chan struct{}, delay time.Duration) {
	defer close(q.out)
	for {
		select {
		case <-q.wake:
		case <-done:
			return
		}
		if delay > 0 {
			select {
			case <-time.After(delay):
			case <-done:
				return
			}
		}
		for e, ok := q.take(); ok; e, ok = q.take() {
			select {
			case q.out <- e:
			case <-done:
				return
			}
		}
	}
}

// emit tells every link of a change. The host is locked.
func (h *Host) emit(object host.Object, uuid, name, change string) {
	if h.fleet.faults.holds(h.name, func(x *Fault) bool { return x.LoseEvents }) {
		return
	}
	e := host.Event{Object: object, UUID: uuid, Name: name, Change: change, Time: h.fleet.now()}
	for l := range h.links {
		l.events.put(e)
	}
}
