package virt

import (
	"sync"
	"time"

	"github.com/limiquantix/limiquantix/core/host"
)

// maxEvents is how many changed objects wait for a slow reader; with more, all
// of them become one [host.ObjectAll].
const maxEvents = 4096

// events merges what libvirt tells until somebody reads it: memory is bounded,
// and the connection's reader never waits.
type events struct {
	out    chan host.Event
	mu     sync.Mutex
	order  []key
	latest map[key]host.Event
	wake   chan struct{}
	done   chan struct{}
	once   sync.Once
	loops  sync.WaitGroup
}

// key is what events are merged by.
type key struct {
	object host.Object
	id     string // UUID
}

func newEvents() *events {
	e := &events{out: make(chan host.Event), latest: map[key]host.Event{}, wake: make(chan struct{}, 1), done: make(chan struct{})}
	e.loops.Go(e.deliver)
	return e
}

// close ends the delivery and closes out.
func (e *events) close() {
	e.once.Do(func() { close(e.done) })
	e.loops.Wait()
}

// closeAfter closes out when the connection is done.
func (e *events) closeAfter(done <-chan struct{}) {
	e.loops.Go(func() {
		select {
		case <-done:
			e.once.Do(func() { close(e.done) })
		case <-e.done:
		}
	})
}

// add notes a change.
func (e *events) add(ev host.Event) {
	if ev.Time.IsZero() {
		ev.Time = time.Now()
	}
	e.mu.Lock()
	k := key{ev.Object, ev.UUID}
	if _, merged := e.latest[k]; !merged {
		if len(e.order) >= maxEvents {
			clear(e.latest)
			ev = host.Event{Object: host.ObjectAll, Change: "changed", Time: ev.Time}
			k = key{object: host.ObjectAll}
			e.order = e.order[:0]
		}
		e.order = append(e.order, k)
	}
	e.latest[k] = ev
	e.mu.Unlock()
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// next takes the oldest change.
func (e *events) next() (host.Event, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.order) == 0 {
		return host.Event{}, false
	}
	k := e.order[0]
	e.order = e.order[1:]
	if len(e.order) == 0 {
		e.order = nil // so that the array does not creep
	}
	ev := e.latest[k]
	delete(e.latest, k)
	return ev, true
}

func (e *events) deliver() {
	defer close(e.out)
	for {
		ev, ok := e.next()
		if !ok {
			select {
			case <-e.wake:
				continue
			case <-e.done:
				return
			}
		}
		select {
		case e.out <- ev:
		case <-e.done:
			return
		}
	}
}
