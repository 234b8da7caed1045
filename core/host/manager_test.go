package host

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/limiquantix/limiquantix/core/store"
)

// wire is a link that ends when it is cut, and last heard its host at heard.
type wire struct {
	events chan Event
	done   chan struct{}
	once   sync.Once
	heard  time.Time // set before it is cut
}

func newWire() *wire { return &wire{events: make(chan Event), done: make(chan struct{})} }

func (*wire) Facts(context.Context) (Facts, error) { return Facts{Hostname: "kvm1"}, nil }
func (w *wire) Events() <-chan Event               { return w.events }
func (w *wire) Done() <-chan struct{}              { return w.done }
func (w *wire) Heard() time.Time                   { return w.heard }

func (w *wire) Err() error {
	select {
	case <-w.done:
		return errors.New("cut")
	default:
		return nil
	}
}

func (w *wire) Close() error {
	w.once.Do(func() { close(w.events); close(w.done) })
	return nil
}

// ages is what a manager told of a host's end, and the links that it made.
type ages struct {
	mu    sync.Mutex
	links []*wire
	fail  error       // of the next links
	lost  []time.Time // as Lost told
	told  time.Time   // as Changed told with [Stale]
}

func (a *ages) open(t *testing.T, dir string) (*Manager, func()) {
	t.Helper()
	db, err := store.Open(t.Context(), dir, Migrations...)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Open(t.Context(), Options{
		DB: db, Log: slog.New(slog.DiscardHandler),
		Dial: func(context.Context, Spec) (Link, error) {
			a.mu.Lock()
			defer a.mu.Unlock()
			if a.fail != nil {
				return nil, a.fail
			}
			a.links = append(a.links, newWire())
			return a.links[len(a.links)-1], nil
		},
		Changed: func(h Host) {
			a.mu.Lock()
			defer a.mu.Unlock()
			if h.State == Stale {
				a.told = h.Seen
			}
		},
		Lost: func(_ context.Context, h Host) {
			a.mu.Lock()
			defer a.mu.Unlock()
			a.lost = append(a.lost, h.Seen)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return m, func() { m.Close(); db.Close() }
}

// TestSeenIsWhenLastHeard: a host that was live for an hour and fell silent half
// a minute ago is half a minute old, not an hour; also for the next process.
func TestSeenIsWhenLastHeard(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "home")
	var heard time.Time
	synctest.Test(t, func(t *testing.T) {
		a := &ages{}
		m, end := a.open(t, dir)
		defer end()
		if _, _, err := m.Add(t.Context(), Host{Name: "kvm1", Spec: Spec{Address: "kvm1"}}, false); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		heard = time.Now()
		time.Sleep(30 * time.Second)
		a.links[0].heard = heard
		a.links[0].Close()
		synctest.Wait()
		h, err := m.Host("kvm1")
		if err != nil || h.State != Stale || !h.Seen.Equal(heard) {
			t.Errorf("%v, %s, seen %v; want stale, %v", err, h.State, h.Seen, heard)
		}
		if len(a.lost) != 1 || !a.lost[0].Equal(heard) || !a.told.Equal(heard) {
			t.Errorf("told %v and %v, want %v", a.lost, a.told, heard)
		}
	})
	m, end := (&ages{}).open(t, dir)
	defer end()
	if h, err := m.Host("kvm1"); err != nil || h.Seen.UnixMilli() != heard.UnixMilli() {
		t.Errorf("%v: seen %v after a restart, want %v", err, h.Seen, heard)
	}
}

// TestSeenOutlivesTheProgram: a program that ends knows its hosts until then,
// and one that ends at once writes nothing.
func TestSeenOutlivesTheProgram(t *testing.T) {
	for _, c := range []struct {
		lasted time.Duration
		saves  int
	}{{time.Second, 0}, {time.Hour, 1}} {
		dir := filepath.Join(t.TempDir(), "home")
		synctest.Test(t, func(t *testing.T) {
			a := &ages{}
			m, end := a.open(t, dir)
			if _, _, err := m.Add(t.Context(), Host{Name: "kvm1", Spec: Spec{Address: "kvm1"}}, false); err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			time.Sleep(c.lasted)
			a.links[0].heard = time.Now()
			end()
			if len(a.lost) != c.saves {
				t.Errorf("after %s: saved %d times, want %d", c.lasted, len(a.lost), c.saves)
			}
			m, end = a.open(t, dir)
			defer end()
			h, err := m.Host("kvm1")
			if err != nil || h.Seen.Sub(begun).Round(time.Second) != c.lasted*time.Duration(c.saves) {
				t.Errorf("%v: seen %s after it was added, want %s", err, h.Seen.Sub(begun), c.lasted*time.Duration(c.saves))
			}
		})
	}
}

// TestFailedReconnectKeepsWhenHeard: a link that the user has replaced has heard
// its host, too.
func TestFailedReconnectKeepsWhenHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &ages{}
		m, end := a.open(t, filepath.Join(t.TempDir(), "home"))
		defer end()
		if _, _, err := m.Add(t.Context(), Host{Name: "kvm1", Spec: Spec{Address: "kvm1"}}, false); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		heard := time.Now()
		a.links[0].heard, a.fail = heard, errors.New("no route")
		h, _, err := m.Reconnect(t.Context(), "kvm1", Answer{})
		synctest.Wait()
		if err == nil || h.State != Stale || !h.Seen.Equal(heard) || !a.told.Equal(heard) {
			t.Errorf("%v: %s, seen %v, told %v; want stale, %v", err, h.State, h.Seen, a.told, heard)
		}
	})
}
