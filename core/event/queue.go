package event

import "sync"

// object is what changes are merged by.
type object struct{ kind, host, id string }

// slot is a place in the queue. It is void when its object changed again.
type slot struct {
	object
	seq uint64
}

// queue holds what one subscriber has not read yet.
type queue struct {
	limit int
	out   chan Change
	wake  chan struct{}

	mu    sync.Mutex
	slots []slot // by seq
	last  map[object]Change
}

func newQueue(limit int) *queue {
	return &queue{limit: limit, out: make(chan Change), wake: make(chan struct{}, 1), last: map[object]Change{}}
}

// resync is the object of a change that stands for all others.
func resync() object { return object{} }

// put adds a change, or merges it. It never blocks.
func (q *queue) put(c Change) {
	q.mu.Lock()
	o := object{c.Object, c.Host, c.ID}
	_, all := q.last[resync()]
	if _, known := q.last[o]; all || c.Resync || !known && len(q.last) >= q.limit {
		clear(q.last)
		q.slots = q.slots[:0]
		o, c = resync(), Change{Seq: c.Seq, Resync: true}
	}
	q.last[o] = c
	q.slots = append(q.slots, slot{o, c.Seq})
	if len(q.slots) > 2*q.limit {
		q.compact()
	}
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// compact drops void slots.
func (q *queue) compact() {
	kept := q.slots[:0]
	for _, s := range q.slots {
		if q.last[s.object].Seq == s.seq {
			kept = append(kept, s)
		}
	}
	q.slots = kept
}

func (q *queue) take() (Change, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.slots) > 0 {
		s := q.slots[0]
		q.slots = q.slots[1:]
		if c, ok := q.last[s.object]; ok && c.Seq == s.seq {
			delete(q.last, s.object)
			return c, true
		}
	}
	return Change{}, false
}

// pump hands changes to the reader until one of the channels is closed.
func (q *queue) pump(canceled, closed <-chan struct{}) {
	defer close(q.out)
	for {
		select {
		case <-q.wake:
		case <-canceled:
			return
		case <-closed:
			return
		}
		for c, ok := q.take(); ok; c, ok = q.take() {
			select {
			case q.out <- c:
			case <-canceled:
				return
			case <-closed:
				return
			}
		}
	}
}
