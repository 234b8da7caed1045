package metric

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/vm"
)

// link is one connection to a host with two VMs, each of which uses half of its
// CPU. transport/sim cannot be used here: it imports this package.
type link struct {
	host.Link
	done chan struct{}

	mu    sync.Mutex
	calls int
	err   error
}

func (l *link) Done() <-chan struct{} { return l.done }

func (l *link) Err() error {
	select {
	case <-l.done:
		return errors.New("cut")
	default:
		return nil
	}
}

func (l *link) Counters(ctx context.Context) (Counters, error) {
	if err := errors.Join(ctx.Err(), l.Err()); err != nil {
		return Counters{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls++
	up := time.Duration(time.Now().UnixNano()) // of a synctest bubble
	vms := []vm.Summary{{UUID: "a", VCPUs: 1, CPUTime: up / 2, Memory: core.GiB}, {UUID: "b", VCPUs: 1, CPUTime: up / 2, Memory: core.GiB}}
	return Counters{Node: Node{Busy: up, Total: 4 * up, Memory: 4 * core.GiB}, VMs: vms}, l.err
}

// fail lets readings fail, or no more with nil.
func (l *link) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = err
}

// site is a hub with linked hosts.
type site struct {
	*Hub
	links map[string]*link // by name
}

func newSite(t *testing.T, hosts ...string) *site {
	t.Helper()
	s := &site{Hub: NewHub(slog.New(slog.DiscardHandler)), links: map[string]*link{}}
	for _, name := range hosts {
		s.dial(t, name)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// dial links a host, as the manager does.
func (s *site) dial(t *testing.T, name string) {
	t.Helper()
	l := &link{done: make(chan struct{})}
	s.links[name] = l
	if err := s.Connected(t.Context(), host.Host{ID: "id-" + name, Name: name}, l); err != nil {
		t.Fatal(err)
	}
}

// reads returns how often a host was read over its present link.
func (s *site) reads(name string) int {
	l := s.links[name]
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.calls
}

// look gathers what a watcher is sent until stop is called.
func (s *site) look(t *testing.T, interval time.Duration, hosts ...string) (seen func() []*round, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var only map[string]bool
	for _, h := range hosts {
		if only == nil {
			only = map[string]bool{}
		}
		only["id-"+h] = true
	}
	rounds := make(chan *round, 10_000)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.watch(ctx, only, interval, func(r *round) error { rounds <- r; return nil })
	}()
	return func() []*round {
			var out []*round
			for len(rounds) > 0 {
				out = append(out, <-rounds)
			}
			return out
		}, func() {
			cancel()
			<-done
		}
}

func TestNobodyLookingCostsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, "host1", "host2")
		time.Sleep(time.Hour)
		if n := s.reads("host1"); n != 0 {
			t.Errorf("%d calls before anybody looked", n)
		}
		_, stop := s.look(t, 5*time.Second, "host1")
		time.Sleep(time.Minute)
		stop()
		synctest.Wait()
		if n := s.reads("host1"); n < 12 || n > 14 {
			t.Errorf("%d calls in a minute at an interval of 5 s", n)
		}
		if n := s.reads("host2"); n != 0 {
			t.Errorf("%d calls to a host that nobody looks at", n)
		}
		before := s.reads("host1")
		time.Sleep(time.Hour)
		if n := s.reads("host1") - before; n != 0 {
			t.Errorf("%d calls after everybody had gone", n)
		}
	})
}

func TestAllWhoLookShareOneReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, "host1")
		slow, stopSlow := s.look(t, 10*time.Second)
		fast, stopFast := s.look(t, 2*time.Second)
		time.Sleep(100 * time.Second)
		stopFast()
		if n := s.reads("host1"); n < 50 || n > 53 {
			t.Errorf("%d calls, want one each 2 s", n)
		}
		if n := len(fast()); n < 50 || n > 53 {
			t.Errorf("who wants 2 s got %d rounds in 100 s", n)
		}
		if n := len(slow()); n < 10 || n > 12 {
			t.Errorf("who wants 10 s got %d rounds in 100 s", n)
		}
		before := s.reads("host1")
		time.Sleep(100 * time.Second)
		stopSlow()
		if n := s.reads("host1") - before; n < 10 || n > 12 {
			t.Errorf("%d calls once only 10 s are wanted", n)
		}
	})
}

func TestRatesComeWithTheSecondReadingAndNewLinksGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, "host1")
		seen, stop := s.look(t, 5*time.Second)
		time.Sleep(1500 * time.Millisecond)
		rounds := seen()
		if len(rounds) != 2 || rounds[0].node.CPU != unknown || rounds[1].node.CPU <= 0 {
			t.Fatalf("got %d rounds; want one without rates and, a second later, one with", len(rounds))
		}
		for i, v := range rounds[1].vms {
			if rounds[0].vms[i].CPU != unknown || v.CPU != 50 {
				t.Errorf("a VM's figures: %+v", v)
			}
		}
		close(s.links["host1"].done)
		time.Sleep(30 * time.Second)
		if n := len(seen()); n != 0 {
			t.Errorf("%d rounds of a host that is gone", n)
		}
		s.dial(t, "host1")
		time.Sleep(6 * time.Second)
		if rounds = seen(); len(rounds) < 2 || rounds[0].node.CPU <= 0 {
			t.Errorf("got %d rounds after the host was back", len(rounds))
		}
		stop()
		seen, stop = s.look(t, 5*time.Second)
		synctest.Wait()
		if n := len(seen()); n == 0 {
			t.Error("who comes later does not begin with what is known")
		}
		stop()
	})
}

func TestAFailingReadingIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, "host1")
		s.links["host1"].fail(errors.New("no"))
		seen, stop := s.look(t, time.Second)
		time.Sleep(5 * time.Second)
		if n := len(seen()); n != 0 {
			t.Errorf("%d rounds of nothing", n)
		}
		s.links["host1"].fail(nil)
		time.Sleep(2 * time.Second)
		if n := len(seen()); n == 0 {
			t.Error("no round after it was healed")
		}
		stop()
	})
}
