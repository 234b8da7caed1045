package metric

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/limiquantix/limiquantix/core/host"
)

// quick is how long after a first reading, which gives no rates, the second is made.
const quick = time.Second

// Hub reads the counters of linked hosts as long as somebody looks, and keeps
// what it made of them. It may be used concurrently.
type Hub struct {
	log   *slog.Logger
	begun time.Time
	ctx   context.Context // ends with Close
	stop  context.CancelFunc
	wg    sync.WaitGroup // a reader for each host that is looked at

	mu      sync.Mutex
	feeds   map[string]*feed // by host id
	watches map[*watch]struct{}
}

// feed is one host's part of the hub, whose mutex guards it.
type feed struct {
	host   host.Host
	link   host.Link // nil: never linked
	conn   Conn
	reader context.CancelFunc // ends the reader; nil: nobody looks
	pace   chan struct{}      // wakes it: the interval may have changed
	past   *past
}

// NewHub returns a hub that knows no host yet: it is a [host.Watcher]. Close it.
func NewHub(log *slog.Logger) *Hub {
	h := &Hub{log: log, begun: time.Now(), feeds: map[string]*feed{}, watches: map[*watch]struct{}{}}
	h.ctx, h.stop = context.WithCancel(context.Background())
	return h
}

// Close ends all reading and waits for it.
func (h *Hub) Close() error {
	h.mu.Lock()
	h.stop()
	h.mu.Unlock()
	h.wg.Wait()
	return nil
}

// Connected implements [host.Watcher].
func (h *Hub) Connected(_ context.Context, on host.Host, l host.Link) error {
	conn, ok := l.(Conn)
	if !ok {
		return nil // a host without figures is still a host
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.feeds[on.ID]
	if f == nil {
		f = &feed{pace: make(chan struct{}, 1), past: newPast()}
		h.feeds[on.ID] = f
	}
	f.host = on
	if f.link != l {
		f.end()
		f.link, f.conn = l, conn
	}
	h.settle(f)
	return nil
}

// Changed implements [host.Watcher]; figures are not told by events.
func (h *Hub) Changed(context.Context, host.Host, host.Link, []host.Event) error { return nil }

// Forget drops what is kept of a host.
func (h *Hub) Forget(hostID string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if f := h.feeds[hostID]; f != nil {
		f.end()
		delete(h.feeds, hostID)
	}
}

// Watched reports whether somebody looks at a host's figures.
func (h *Hub) Watched(hostID string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.feeds[hostID]
	return f != nil && f.reader != nil
}

// end lets the reader, if any, end.
func (f *feed) end() {
	if f.reader != nil {
		f.reader()
		f.reader = nil
	}
}

// live reports whether the host is linked.
func (f *feed) live() bool { return f.link != nil && f.link.Err() == nil }

// settle begins or ends reading a host, or lets its interval change. h.mu is held.
func (h *Hub) settle(f *feed) {
	switch wanted := h.interval(f) > 0 && f.live() && h.ctx.Err() == nil; {
	case !wanted:
		f.end()
	case f.reader == nil:
		ctx, cancel := context.WithCancel(h.ctx)
		f.reader = cancel
		link, conn := f.link, f.conn
		h.wg.Go(func() {
			defer cancel()
			h.read(ctx, f, link, conn)
		})
	default:
		select {
		case f.pace <- struct{}{}:
		default:
		}
	}
}

// interval is the shortest that anybody wants of a host; 0: nobody looks.
// h.mu is held.
func (h *Hub) interval(f *feed) time.Duration {
	shortest := time.Duration(0)
	for w := range h.watches {
		if w.wants(f.host.ID) && (shortest == 0 || w.interval < shortest) {
			shortest = w.interval
		}
	}
	return shortest
}

// read reads a host's counters until ctx, or the link, is done.
func (h *Hub) read(ctx context.Context, f *feed, link host.Link, conn Conn) {
	for n := 0; ; n++ {
		begun := time.Now()
		c, err := conn.Counters(ctx)
		switch {
		case ctx.Err() != nil || link.Err() != nil:
			h.ended(f, link)
			return
		case err != nil:
			h.log.Debug("read figures", "host", f.host.Name, "err", err)
		default:
			h.tell(ctx, f, c, begun.Add(time.Since(begun)/2)) // it counted somewhere in between
		}
		if !h.rest(ctx, f, link, begun, n == 0) {
			h.ended(f, link)
			return
		}
	}
}

// ended notes that a link's reader is no more, so that the next link has another.
func (h *Hub) ended(f *feed, link host.Link) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if f.link == link && link.Err() != nil {
		f.end()
	}
}

// rest waits until the next reading is due; false when there is none.
func (h *Hub) rest(ctx context.Context, f *feed, link host.Link, begun time.Time, first bool) bool {
	for {
		h.mu.Lock()
		wait := h.interval(f)
		h.mu.Unlock()
		if first {
			wait = min(wait, quick)
		}
		due := time.NewTimer(time.Until(begun.Add(wait)))
		select {
		case <-due.C:
			return true
		case <-f.pace:
			due.Stop()
		case <-ctx.Done():
			due.Stop()
			return false
		case <-link.Done():
			due.Stop()
			return false
		}
	}
}

// tell makes a round of a reading, keeps it, and hands it to who looks.
func (h *Hub) tell(ctx context.Context, f *feed, c Counters, at time.Time) {
	h.mu.Lock()
	name, pace := f.host.Name, h.interval(f)
	h.mu.Unlock()
	r := f.past.add(c, at, h.tenths(at))
	r.host, r.pace = name, pace
	h.mu.Lock()
	defer h.mu.Unlock()
	if ctx.Err() != nil {
		return // who looked has gone, or the host
	}
	for w := range h.watches {
		if w.wants(f.host.ID) {
			w.put(f.host.ID, r)
		}
	}
}

// tenths is a time as points have it.
func (h *Hub) tenths(t time.Time) uint32 {
	return uint32(max(0, t.Sub(h.begun)/(100*time.Millisecond)))
}

// time is the opposite of tenths.
func (h *Hub) time(tenths uint32) time.Time {
	return h.begun.Add(time.Duration(tenths) * 100 * time.Millisecond)
}
