package sim

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/limiquantix/limiquantix/core"
)

// dialRTTs is what reaching a host costs: 7 round trips for TCP and SSH, 2 for
// libvirt's handshake.
const dialRTTs = 9

// Fleet is a number of hosts. It may be used concurrently.
type Fleet struct {
	model Model
	now   func() time.Time
	hosts map[string]*Host
	names []string

	faults faults
	done   chan struct{}

	mu     sync.Mutex
	closed bool
	wg     sync.WaitGroup // calls that go on inside a host though nobody waits
}

// NewFleet makes the fleet that m describes. Hosts are named host1, host2 …,
// with leading zeros so that they sort, and VMs likewise, unless it is to be
// lively. Close it after use.
func NewFleet(m Model) *Fleet {
	f := &Fleet{model: m, now: m.Now, hosts: make(map[string]*Host, m.Hosts), done: make(chan struct{})}
	if f.now == nil {
		f.now = time.Now
	}
	seeds := newSeeder(m)
	if m.Lively {
		lively(f, m)
	}
	for i := range m.Hosts {
		if m.Lively {
			seeds.furnish(f.hosts[f.names[i]])
			continue
		}
		h := newHost(f, numbered("host", i+1, m.Hosts), i)
		seeds.fill(h)
		f.hosts[h.name] = h
		f.names = append(f.names, h.name)
	}
	if m.Incidents > 0 && m.Hosts > 0 {
		f.background(f.happen)
	}
	return f
}

// numbered returns prefix and n, with as many digits as max needs.
func numbered(prefix string, n, max int) string {
	return fmt.Sprintf("%s%0*d", prefix, len(strconv.Itoa(max)), n)
}

// Hosts returns the names of the hosts, sorted.
func (f *Fleet) Hosts() []string { return append([]string(nil), f.names...) }

// Host returns a host by name, nil when there is none.
func (f *Fleet) Host(name string) *Host { return f.hosts[name] }

// Dial makes a link to a host. Any number of links may be open to one.
//
// Errors: [core.Unreachable] for an unknown name or a closed fleet, else what
// faults for the method "Dial" say.
func (f *Fleet) Dial(ctx context.Context, name string) (*Link, error) {
	h := f.hosts[name]
	if h == nil {
		return nil, core.Errorf(core.Unreachable, "no host %s", core.Printable(name, 60)).WithHint("look at the host's address")
	}
	l := newLink(h)
	err := l.call(ctx, call{method: "Dial", rtts: dialRTTs}, func(h *Host, _ Fault) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		select {
		case <-f.done:
			return errClosed()
		default:
		}
		h.links[l] = struct{}{}
		return nil
	})
	if err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// Drop cuts every link to a host at once, as when its libvirtd is killed;
// reason is what [Link.Err] then says. The host and its VMs go on.
func (f *Fleet) Drop(name string, reason error) {
	h := f.hosts[name]
	if h == nil {
		return
	}
	h.mu.Lock()
	links := make([]*Link, 0, len(h.links))
	for l := range h.links {
		links = append(links, l)
	}
	h.mu.Unlock()
	for _, l := range links {
		l.fail(reason)
	}
}

// Calls returns how many calls were made, each of which is one round trip, by
// host and method ("VMs", "StartVM", "Dial" …); "" stands for all.
func (f *Fleet) Calls(hostName, method string) int {
	n := 0
	for name, h := range f.hosts {
		if hostName == "" || hostName == name {
			n += h.counted(method)
		}
	}
	return n
}

// background lets a host do something that nobody need wait for; false when the
// fleet is closed.
func (f *Fleet) background(do func()) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return false
	}
	f.wg.Go(do)
	return true
}

// Close ends all links, waits for what hosts are doing and stops what they
// would do later.
func (f *Fleet) Close() {
	f.mu.Lock()
	if !f.closed {
		f.closed = true
		close(f.done)
	}
	f.mu.Unlock()
	for _, name := range f.names {
		f.Drop(name, errClosed())
	}
	f.wg.Wait()
	for _, h := range f.hosts {
		h.halt()
	}
}

func errClosed() error { return core.Errorf(core.Unreachable, "the simulated fleet is closed") }
