package event

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/store"
)

// keeper is a bus whose events are kept in a database of the test's.
func keeper(t *testing.T, dir string) (*Bus, *Log) {
	t.Helper()
	db, err := store.Open(t.Context(), dir, Migrations...)
	if err != nil {
		t.Fatal(err)
	}
	b := NewBus()
	l := NewLog(db, b, slog.New(slog.DiscardHandler))
	t.Cleanup(func() {
		b.Close()
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		db.Close()
	})
	return b, l
}

func started(host, id, name string) Change {
	return Change{Object: "vm", Host: host, ID: id, Name: name, Kind: "started", Text: "VM " + name + " started", Level: Info}
}

// texts are those of what a query finds.
func texts(t *testing.T, l *Log, q Query) []string {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = mostEvents
	}
	found, err := l.List(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range found {
		out = append(out, e.Text)
	}
	return out
}

func TestWhatHasATextIsKept(t *testing.T) {
	dir := t.TempDir()
	b, l := keeper(t, dir)
	b.Publish(started("kvm1", "u1", "web1"))
	b.Publish(Change{Object: "vm", Host: "kvm1", ID: "u1", Kind: "changed"})
	b.Publish(Change{Resync: true})
	b.Publish(started("kvm2", "u2", "web1"))
	b.Publish(started("kvm2", "u3", "db1"))
	for _, c := range []struct {
		name string
		q    Query
		want []string
	}{
		{"all", Query{}, []string{"VM db1 started", "VM web1 started", "VM web1 started"}},
		{"of a host", Query{Host: "kvm1"}, []string{"VM web1 started"}},
		{"of a name", Query{ID: "web1"}, []string{"VM web1 started", "VM web1 started"}},
		{"of a UUID", Query{ID: "u3"}, []string{"VM db1 started"}},
		{"of a VM of a host", Query{Host: "kvm2", ID: "web1"}, []string{"VM web1 started"}},
		{"the newest", Query{Limit: 1}, []string{"VM db1 started"}},
		{"those before", Query{Before: 2}, []string{"VM web1 started"}},
		{"of what is not there", Query{ID: "' OR 1=1 --"}, nil},
	} {
		if d := cmp.Diff(c.want, texts(t, l, c.q)); d != "" {
			t.Errorf("%s:\n%s", c.name, d)
		}
	}
	_, again := keeper(t, dir)
	if n := len(texts(t, again, Query{})); n != 3 {
		t.Errorf("the next process knows %d events, want 3", n)
	}
}

func TestEventsAreWrittenWithoutBeingAskedFor(t *testing.T) {
	dir := t.TempDir()
	b, _ := keeper(t, dir)
	_, other := keeper(t, dir)
	b.Publish(started("kvm1", "u1", "web1"))
	for range 600 {
		if len(texts(t, other, Query{})) == 1 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("the event was never written")
}

// TestAStormIsKeptAndPruned publishes 10,000 changes from several sides, three
// times: publishing does not wait, nothing of the newest is lost, and what is
// older goes.
func TestAStormIsKeptAndPruned(t *testing.T) {
	b, l := keeper(t, t.TempDir())
	for round := range 3 {
		var wg sync.WaitGroup
		for side := range 4 {
			wg.Go(func() {
				for i := range 2500 {
					b.Publish(started("kvm1", fmt.Sprint(side), fmt.Sprintf("vm-%d-%d-%d", round, side, i)))
				}
			})
		}
		wg.Wait()
		texts(t, l, Query{Limit: 1})
	}
	n, before := 0, int64(0)
	for {
		page, err := l.List(t.Context(), Query{Limit: mostEvents, Before: before})
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		n, before = n+len(page), page[len(page)-1].Number
	}
	if n != kept || before != 10_001 {
		t.Errorf("%d events from number %d on; want the newest %d of 30,000", n, before, kept)
	}
}

func TestHostileNamesAreKeptShort(t *testing.T) {
	b, l := keeper(t, t.TempDir())
	b.Publish(started("kvm1", "u", strings.Repeat("\xff\u00fc", 1<<20)))
	res, err := NewService(b, l).ListEvents(t.Context(), &apiv1.ListEventsRequest{})
	if err != nil || len(res.Events) != 1 {
		t.Fatal(res, err)
	}
	if _, err := proto.Marshal(res); err != nil || proto.Size(res) > 5*longest {
		t.Errorf("%d bytes, %v", proto.Size(res), err)
	}
}

func TestListEvents(t *testing.T) {
	b, l := keeper(t, t.TempDir())
	s := NewService(b, l)
	for i := range usualEvents + 10 {
		b.Publish(Change{Object: "host", Host: "kvm1", ID: "kvm1", Name: "kvm1", Kind: "stale", Text: fmt.Sprint("Host kvm1 is away ", i), Level: Warn})
	}
	res, err := s.ListEvents(t.Context(), &apiv1.ListEventsRequest{})
	if err != nil || len(res.Events) != usualEvents {
		t.Fatalf("%d events, %v", len(res.GetEvents()), err)
	}
	e := res.Events[0]
	if e.Object != "host" || e.Id != "kvm1" || e.Name != "kvm1" || e.Change != "stale" || e.Level != apiv1.Event_LEVEL_WARN || e.Text != "Host kvm1 is away 209" ||
		time.Since(e.Time.AsTime()) > time.Hour || e.Sequence != usualEvents+10 {
		t.Errorf("got %v", e)
	}
	if _, err := s.ListEvents(t.Context(), &apiv1.ListEventsRequest{Limit: -1}); err == nil {
		t.Error("a negative limit is taken")
	}
}
