// Package event is the bus behind Watch: who changes something publishes that
// it changed, and every subscriber hears of it in its own time.
//
// The bus carries no state, only the news that an object is to be read again.
// So changes of one object may be merged, and when a subscriber is too slow for
// even that, one [Change] with Resync tells it to read everything.
//
// A change that comes with a text is an event, too: [Log] keeps it.
package event

import (
	"context"
	"sync"
)

// Change says that an object changed.
type Change struct {
	Object string // "host", "vm", "pool", "volume", "network", "secret", "snapshot", "task", "view"
	Host   string // "" when it belongs to no host
	ID     string // "": all of that kind on that host
	Kind   string // what happened: "added", "removed", "started" …
	// Name of the object, where it is known. Names come from hosts as they are.
	Name string
	// Text is a sentence if this is worth keeping: "VM web1 started"; else "".
	Text  string
	Level Level
	// Seq rises from change to change. [Bus.Publish] sets it.
	Seq uint64
	// Resync: changes were missed, read everything again. The other fields but
	// Seq are empty.
	Resync bool
}

// Level says who should look at an event.
type Level int

// The levels.
const (
	Info  Level = 1
	Warn  Level = 2
	Error Level = 3 // someone must act
)

// Filter chooses changes; nil chooses all. It must be quick and must not call
// the bus. A Resync passes every filter.
type Filter func(Change) bool

// Bus hands changes to subscribers. It may be used concurrently; make it with
// [NewBus].
type Bus struct {
	limit int
	done  chan struct{}
	wg    sync.WaitGroup // a pump for each subscriber

	mu     sync.Mutex
	closed bool
	seq    uint64
	subs   map[*queue]Filter
	keeper func(Change) // nil: nothing is kept
	heard  []func(Change)
}

// maxObjects is how many changed objects wait for a subscriber at most.
const maxObjects = 1024

// NewBus returns a bus without subscribers.
func NewBus() *Bus {
	return &Bus{limit: maxObjects, done: make(chan struct{}), subs: map[*queue]Filter{}}
}

// Publish tells all subscribers of c. It never waits for one.
func (b *Bus) Publish(c Change) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seq++
	c.Seq = b.seq
	if b.keeper != nil && c.Text != "" {
		b.keeper(c)
	}
	for _, f := range b.heard {
		f(c)
	}
	for q, wants := range b.subs {
		if c.Resync || wants == nil || wants(c) {
			q.put(c)
		}
	}
}

// keep has f told of each change with a text, in their order. It must not block.
func (b *Bus) keep(f func(Change)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.keeper = f
}

// Hear has f told of each change before any subscriber is, by the one who
// publishes it. It must not block, nor call the bus: it is for caches, so that who
// reads after a change sees it.
func (b *Bus) Hear(f func(Change)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.heard = append(b.heard, f)
}

// Subscribe returns the changes from now on, those that were not read yet
// merged by object (the last one tells what happened) and in the order of Seq.
// The channel is closed when ctx is done or the bus is closed.
func (b *Bus) Subscribe(ctx context.Context, wants Filter) <-chan Change {
	q := newQueue(b.limit)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		close(q.out)
		return q.out
	}
	b.subs[q] = wants
	b.wg.Go(func() {
		q.pump(ctx.Done(), b.done)
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.subs, q)
	})
	return q.out
}

// Close closes all subscribers' channels and waits until that is done. What is
// published afterwards goes nowhere.
func (b *Bus) Close() {
	b.mu.Lock()
	if !b.closed {
		b.closed = true
		close(b.done)
	}
	b.mu.Unlock()
	b.wg.Wait()
}
