package event

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// drain reads what waits for a subscriber. Inside a bubble only.
func drain(c <-chan Change) []Change {
	var got []Change
	for {
		synctest.Wait()
		select {
		case x, open := <-c:
			if !open {
				return got
			}
			got = append(got, x)
		default:
			return got
		}
	}
}

// bus runs f in a bubble; every goroutine must end with it.
func bus(t *testing.T, f func(t *testing.T, b *Bus)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := NewBus()
		defer b.Close()
		f(t, b)
	})
}

func vm(id, kind string) Change { return Change{Object: "vm", Host: "h", ID: id, Kind: kind} }

func TestChangesOfOneObjectAreMerged(t *testing.T) {
	bus(t, func(t *testing.T, b *Bus) {
		c := b.Subscribe(t.Context(), nil)
		b.Publish(vm("0", "held")) // the pump takes it and waits for a reader
		synctest.Wait()
		for _, x := range []Change{vm("a", "started"), vm("b", "started"), vm("a", "paused"), vm("c", "added"), vm("a", "stopped")} {
			b.Publish(x)
		}
		want := []Change{vm("0", "held"), vm("b", "started"), vm("c", "added"), vm("a", "stopped")}
		for i, seq := range []uint64{1, 3, 5, 6} {
			want[i].Seq = seq
		}
		if d := cmp.Diff(want, drain(c)); d != "" {
			t.Error(d)
		}
	})
}

func TestEachObjectForItself(t *testing.T) {
	bus(t, func(t *testing.T, b *Bus) {
		c := b.Subscribe(t.Context(), nil)
		for _, x := range []Change{{Object: "vm", Host: "a", ID: "1"}, {Object: "vm", Host: "b", ID: "1"}, {Object: "pool", Host: "a", ID: "1"}, {Object: "vm", Host: "a"}} {
			b.Publish(x)
		}
		if got := drain(c); len(got) != 4 {
			t.Errorf("got %v, want four changes", got)
		}
	})
}

func TestTooManyChangesBecomeResync(t *testing.T) {
	bus(t, func(t *testing.T, b *Bus) {
		slow := b.Subscribe(t.Context(), func(c Change) bool { return c.Object == "vm" })
		fast := b.Subscribe(t.Context(), nil)
		for i := range 3 * maxObjects {
			b.Publish(vm(fmt.Sprint(i), "added"))
			if i%maxObjects == 0 {
				drain(fast)
			}
		}
		got := drain(slow)
		last := got[len(got)-1]
		if len(got) > 2 || last != (Change{Resync: true, Seq: 3 * maxObjects}) {
			t.Errorf("got %d changes, the last %+v, want a resync", len(got), last)
		}
		b.Publish(vm("x", "added"))
		if got := drain(slow); len(got) != 1 || got[0].ID != "x" {
			t.Errorf("after the resync: %+v", got)
		}
	})
}

func TestManyChangesOfFewObjectsStaySmall(t *testing.T) {
	bus(t, func(t *testing.T, b *Bus) {
		c := b.Subscribe(t.Context(), nil)
		for i := range 100_000 {
			b.Publish(vm(fmt.Sprint(i%10), "changed"))
		}
		for q := range b.subs {
			if cap(q.slots) > 4*maxObjects {
				t.Errorf("the queue holds %d slots", cap(q.slots))
			}
		}
		if got := drain(c); len(got) > 11 {
			t.Errorf("%d changes of 10 objects", len(got))
		}
	})
}

func TestFilter(t *testing.T) {
	bus(t, func(t *testing.T, b *Bus) {
		c := b.Subscribe(t.Context(), func(c Change) bool { return c.Object == "task" })
		b.Publish(vm("a", "added"))
		b.Publish(Change{Object: "task", ID: "t"})
		got := drain(c)
		b.Publish(Change{Resync: true})
		got = append(got, drain(c)...)
		if len(got) != 2 || got[0].ID != "t" || !got[1].Resync {
			t.Errorf("got %+v", got)
		}
	})
}

func TestASubscriptionEnds(t *testing.T) {
	bus(t, func(t *testing.T, b *Bus) {
		ctx, cancel := context.WithCancel(t.Context())
		mine, other := b.Subscribe(ctx, nil), b.Subscribe(t.Context(), nil)
		b.Publish(vm("a", "added"))
		cancel()
		synctest.Wait()
		drain(mine)
		if _, open := <-mine; open {
			t.Error("open after its context is done")
		}
		if len(b.subs) != 1 {
			t.Errorf("%d subscribers, want 1", len(b.subs))
		}
		b.Close()
		drain(other)
		if _, open := <-other; open {
			t.Error("open after the bus is closed")
		}
		if _, open := <-b.Subscribe(t.Context(), nil); open {
			t.Error("a closed bus takes subscribers")
		}
		b.Publish(vm("b", "added"))
	})
}

// TestConcurrency is for the race detector: every reader sees Seq rise, and in
// the end hears of the last change of each object or of a resync.
func TestConcurrency(t *testing.T) {
	b := NewBus()
	ctx, cancel := context.WithCancel(t.Context())
	var readers, writers sync.WaitGroup
	for range 8 {
		c := b.Subscribe(ctx, nil)
		readers.Go(func() {
			var seq uint64
			for x := range c {
				if x.Seq <= seq {
					t.Errorf("%d came after %d", x.Seq, seq)
				}
				seq = x.Seq
				if x.Object == "end" || x.Resync && x.Seq == 8*2000+1 {
					return
				}
			}
			t.Error("ended early")
		})
	}
	for w := range 8 {
		writers.Go(func() {
			for i := range 2000 {
				b.Publish(vm(fmt.Sprint(w, i%300), "changed"))
			}
		})
	}
	writers.Wait()
	b.Publish(Change{Object: "end"})
	readers.Wait()
	cancel()
	b.Close()
}
