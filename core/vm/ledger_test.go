package vm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/store"
)

// farHost is a host whose lists of VMs come when the test lets them. It is a
// fake, as transport/sim imports this package.
type farHost struct {
	host.Link
	Conn

	mu    sync.Mutex
	state map[string]State // of VMs, by UUID, which is their name, too
	lists int
	slow  chan chan struct{} // each list that is asked for waits for one, and then until it is closed
	fail  error
}

func (f *farHost) VMs(ctx context.Context) ([]Summary, error) {
	f.mu.Lock()
	f.lists++
	var list []Summary
	for uuid, s := range f.state {
		list = append(list, Summary{UUID: uuid, Name: uuid, State: s, Persistent: true})
	}
	err := f.fail
	f.mu.Unlock()
	select {
	case answer := <-f.slow:
		select {
		case <-answer:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	default:
	}
	return list, err
}

func (f *farHost) set(uuid string, s State) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state[uuid] = s
}

func (f *farHost) asked() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lists
}

// shelf is an inventory of one such host, which has listed a stopped VM "web".
type shelf struct {
	*Inventory
	t    *testing.T
	far  *farHost
	host host.Host
	mu   sync.Mutex
	news []string // "web started"
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "home"), Migrations...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s := &shelf{t: t, host: host.Host{ID: "h", Name: "kvm1"}, far: &farHost{state: map[string]State{"web": Stopped}, slow: make(chan chan struct{}, 8)}}
	s.Inventory = NewInventory(db, slog.New(slog.DiscardHandler), func(_ host.Host, c Change) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.news = append(s.news, c.Name+" "+c.Kind)
	})
	s.must(s.Connected(t.Context(), s.host, s.far))
	s.news, s.far.lists = nil, 0
	return s
}

func (s *shelf) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Error(err)
	}
}

// slowly asks for a list whose answer is made now and comes when it is let.
func (s *shelf) slowly() (let func()) {
	answer, done := make(chan struct{}), make(chan struct{})
	s.far.slow <- answer
	go func() {
		defer close(done)
		s.must(s.refresh(s.t.Context(), s.host, s.far))
	}()
	synctest.Wait()
	return func() {
		close(answer)
		<-done
	}
}

// is checks what is known of a VM; "" for nothing.
func (s *shelf) is(uuid string, want State) {
	s.t.Helper()
	got := State("")
	s.shows(s.t.Context(), s.host, uuid, func(k *Known) bool {
		if k != nil {
			got = k.State
		}
		return true
	})
	if got != want {
		s.t.Errorf("VM %s is known to be %q, want %q", uuid, got, want)
	}
}

func (s *shelf) told(want ...string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Equal(s.news, want) {
		s.t.Errorf("told %q, want %q", s.news, want)
	}
}

// An answer that was overtaken by a newer one is worth nothing any more.
func TestOlderListDoesNotReplaceNewer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(t)
		old := s.slowly()
		s.far.set("web", Running)
		s.far.set("db", Stopped)
		s.must(s.refresh(t.Context(), s.host, s.far))
		old()
		s.is("web", Running)
		s.is("db", Stopped)
		if s.far.asked() != 2 {
			t.Errorf("%d lists, want 2", s.far.asked())
		}
	})
}

// What a call's answer says is known at once, and a list that was sent for
// before it does not take it back; the rest of that list counts.
func TestAnswersOutliveOlderLists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(t)
		before := s.look(s.host)
		s.far.set("db", Stopped)
		old := s.slowly()
		s.far.set("web", Running)
		s.must(s.learn(t.Context(), s.host, s.far, before, "web", Running))
		s.is("web", Running)
		if s.far.asked() != 1 {
			t.Errorf("the host was asked %d times, want 1", s.far.asked())
		}
		old()
		s.is("web", Running)
		s.is("db", Stopped)
		s.told("web started", "db added")
		if s.far.asked() != 2 { // the list was behind: another
			t.Errorf("the host was asked %d times, want 2", s.far.asked())
		}
	})
}

// A list that was sent for after the call may be newer than its answer: when
// they disagree, the host is asked.
func TestNewerListsOutliveAnswers(t *testing.T) {
	s := newShelf(t)
	before := s.look(s.host)
	s.far.set("web", Crashed) // it was started, and fell
	s.must(s.refresh(t.Context(), s.host, s.far))
	s.must(s.learn(t.Context(), s.host, s.far, before, "web", Running))
	s.is("web", Crashed)
	if s.far.asked() != 2 {
		t.Errorf("the host was asked %d times, want 2", s.far.asked())
	}
	s.told("web crashed")
}

// When the event came first, its list has said all.
func TestAnswersThatAreKnownCostNothing(t *testing.T) {
	s := newShelf(t)
	before := s.look(s.host)
	s.far.set("web", Running)
	s.must(s.refresh(t.Context(), s.host, s.far))
	s.must(s.learn(t.Context(), s.host, s.far, before, "web", Running))
	s.must(s.settle(t.Context(), s.host, s.far, "web", func(k *Known) bool { return k != nil && k.State == Running }))
	if s.far.asked() != 1 {
		t.Errorf("the host was asked %d times, want 1", s.far.asked())
	}
	s.told("web started")
	if woken := s.ledgers.get("h").take(); !slices.Equal(woken, []string{"web"}) {
		t.Errorf("addresses are looked for of %q", woken)
	}
}

// A hundred tasks that end together share a few lists.
func TestManyCatchUpTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(t)
		answer := make(chan struct{})
		s.far.slow <- answer
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() { s.must(s.catchUp(t.Context(), s.host, s.far)) })
			synctest.Wait()
		}
		s.far.set("web", Running)
		close(answer)
		wg.Wait()
		s.is("web", Running)
		if s.far.asked() != 2 {
			t.Errorf("the host was asked %d times, want 2", s.far.asked())
		}
	})
}

// Whatever overtakes what, in the end the newest is known, and the news of one
// VM are a story: it never starts twice without a stop.
func TestListsAndAnswersRace(t *testing.T) {
	s := newShelf(t)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			uuid := fmt.Sprintf("vm%d", i)
			for n := range 20 {
				want := []State{Running, Stopped}[n%2]
				before := s.look(s.host)
				s.far.set(uuid, want)
				s.must(s.learn(t.Context(), s.host, s.far, before, uuid, want))
				s.is(uuid, want) // nobody else changes it
			}
		})
		wg.Go(func() {
			for range 20 {
				s.must(s.refresh(t.Context(), s.host, s.far))
			}
		})
	}
	wg.Wait()
	last := map[string]string{}
	for _, n := range s.news {
		var name, kind string
		fmt.Sscan(n, &name, &kind)
		if kind == last[name] {
			t.Errorf("%s twice", n)
		}
		last[name] = kind
	}
}

// TestAgeIsUntilHeard: a host that was lost leaves a list as old as its last
// word, unless the list was behind already.
func TestAgeIsUntilHeard(t *testing.T) {
	s := newShelf(t)
	seen := func() time.Time {
		known, err := s.List(t.Context(), map[string]bool{"h": true})
		if err != nil || len(known) != 1 {
			t.Fatal(err, known)
		}
		return known[0].Seen
	}
	now := time.Now().Truncate(time.Millisecond)
	for _, at := range []struct {
		heard, want time.Time
		fail        error
	}{
		{now.Add(time.Hour), now.Add(time.Hour), nil},
		{now, now.Add(time.Hour), nil}, // never older than it was
		{now.Add(2 * time.Hour), now.Add(time.Hour), core.Errorf(core.Unreachable, "cut")},
	} {
		if s.far.fail = at.fail; at.fail != nil {
			if err := s.Changed(t.Context(), s.host, s.far, []host.Event{{Object: host.ObjectVM}}); !errors.Is(err, at.fail) {
				t.Error(err)
			}
		}
		s.host.Seen = at.heard
		s.Heard(t.Context(), s.host)
		if !seen().Equal(at.want) {
			t.Errorf("heard at %v: seen %v, want %v", at.heard, seen(), at.want)
		}
	}
}

// TestForgottenHostStaysSo: what is on its way when a host is removed is dropped.
func TestForgottenHostStaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(t)
		late := s.slowly()
		s.must(s.Forget(t.Context(), "h"))
		late()
		s.is("web", "")
	})
}

// QEMU begins with its CPUs stopped, and that is no pause.
func TestNewsOfStates(t *testing.T) {
	for _, c := range []struct {
		way  []State
		want []string
	}{
		{[]State{Stopped, Starting, Running}, []string{"changed", "started"}},
		{[]State{Stopped, Running}, []string{"started"}},
		{[]State{Stopped, Starting, Stopped}, []string{"changed", "changed"}}, // it could not be
		{[]State{Stopped, Starting, Paused}, []string{"changed", "paused"}},   // virsh start --paused
		{[]State{Running, Paused, Running}, []string{"paused", "resumed"}},
		{[]State{Running, Stopped, Starting, Crashed}, []string{"stopped", "changed", "crashed"}},
		{[]State{Crashed, Starting, Running}, []string{"changed", "started"}},
	} {
		var got []string
		for i := range c.way[1:] {
			got = append(got, became(c.way[i], c.way[i+1]))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: told %q, want %q", c.way, got, c.want)
		}
	}
}

// TestADefinitionThatTheListDoesNotShowIsToldOf: notes, disks and devices are not
// in a list, and pages show them. A burst costs one list and one word for each VM.
func TestADefinitionThatTheListDoesNotShowIsToldOf(t *testing.T) {
	s := newShelf(t)
	s.far.set("db", Stopped)
	burst := slices.Repeat([]host.Event{
		{Object: host.ObjectVM, UUID: "web", Name: "web", Change: "defined"},
		{Object: host.ObjectVM, UUID: "db", Name: "db", Change: "defined"},
		{Object: host.ObjectVM, UUID: "gone", Name: "gone", Change: "undefined"},
	}, 100)
	s.must(s.Changed(t.Context(), s.host, s.far, burst))
	slices.Sort(s.news)
	if want := []string{"db added", "web changed"}; s.far.asked() != 1 || !slices.Equal(s.news, want) {
		t.Errorf("got %q with %d lists, want %q with one", s.news, s.far.asked(), want)
	}
}
