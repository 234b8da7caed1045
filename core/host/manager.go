package host

import (
	"context"
	"errors"
	"log/slog"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/store"
)

// Watcher keeps something true about hosts: it lists when a link is made and
// reads again what events name. Its methods are called from one goroutine per
// host and may block; ctx ends with the link.
type Watcher interface {
	// Connected is called for each new link, before its events.
	Connected(ctx context.Context, h Host, l Link) error
	// Changed is called with the events that came since the last call.
	Changed(ctx context.Context, h Host, l Link, events []Event) error
}

// Options are what a [Manager] works with.
type Options struct {
	DB   *store.DB
	Dial Dial
	// Shell reaches a host without its libvirt, for readiness checks; may be nil.
	Shell func(ctx context.Context, spec Spec) (Shell, error)
	Log   *slog.Logger
	// Keyring keeps the secrets that are to be remembered; nil: there is none.
	Keyring Keyring
	// Busy reports whether something that is no call uses a host's link: a task, a
	// console, figures on a screen; nil: nothing does. A link made on demand stays.
	Busy func(h Host) bool
	// Rest is how long a link made on demand stays unused; 0: five minutes.
	Rest time.Duration
	// Woken, which may be nil, tells that the network changed.
	Woken <-chan struct{}
	// Wall returns the time of day without a monotonic part; nil: the system's.
	Wall func() time.Time
	// Retry is how long to wait before the n-th new attempt (from 1); nil:
	// links are made on demand only and never again by themselves.
	Retry    func(attempt int) time.Duration
	Watchers []Watcher
	// Changed is told when a host's state changed; it must not block.
	Changed func(h Host)
	// Lost, which may be nil, is told when a link has ended, before the host is
	// said to be lost: all that came of it is known until h.Seen. It may block.
	Lost func(ctx context.Context, h Host)
	// Listed, which may be nil, is told when a host was "added", "edited" or
	// "removed"; it must not block.
	Listed func(h Host, change string)
}

// Manager holds the managed hosts and one link to each. It may be used
// concurrently.
type Manager struct {
	o Options

	mu      sync.Mutex
	hosts   map[string]*managed // by id
	groups  map[string]Group    // by path
	secrets *secrets
	heals   bool // Start was called

	ctx  context.Context
	stop context.CancelFunc
	wg   sync.WaitGroup
}

// managed is a host with its connection.
type managed struct {
	Host
	link  Link
	dial  *attempt      // the attempt under way; nil when there is none
	kick  chan struct{} // wakes the supervisor: the link is lost
	nudge chan struct{} // wakes the supervisor: look again now
	gone  chan struct{} // closed when the host is removed
	watch bool          // a supervisor runs
	took  time.Duration // of the last attempt that succeeded
	saved time.Time     // Seen as it is on the disk
	used  time.Time     // when the link was last asked for
}

// attempt is one try to connect that several callers may wait for.
type attempt struct {
	done chan struct{}
	link Link
	err  error
}

// Limits of one attempt to connect. Once it is known how long that takes, an
// attempt which falls into a partition is given up early, so that the next one
// finds the host soon after it is healed.
const (
	firstLimit = 60 * time.Second // longer than sshconn's own, jump hosts and all
	againLimit = 2500 * time.Millisecond
)

// brief is what a link may have lasted without anybody minding that the age of
// what is known is told from its beginning.
const brief = 2 * time.Second

// Open returns a manager of the hosts in the database. Nothing is connected yet.
func Open(ctx context.Context, o Options) (*Manager, error) {
	hosts, err := load(ctx, o.DB)
	if err != nil {
		return nil, err
	}
	groups, err := loadGroups(ctx, o.DB)
	if err != nil {
		return nil, err
	}
	m := &Manager{o: o, hosts: map[string]*managed{}, groups: groups, secrets: newSecrets(o.Keyring)}
	m.ctx, m.stop = context.WithCancel(context.Background())
	for _, h := range hosts {
		m.hosts[h.ID] = newManaged(h)
	}
	return m, nil
}

func newManaged(h Host) *managed {
	return &managed{Host: h, saved: h.Seen, kick: make(chan struct{}, 1), nudge: make(chan struct{}, 1), gone: make(chan struct{})}
}

// Close closes all links and waits for all goroutines.
func (m *Manager) Close() error {
	m.stop()
	m.mu.Lock()
	for _, h := range m.hosts {
		if link := h.link; link != nil {
			m.wg.Go(func() { link.Close() }) // each waits a moment for its host
		}
	}
	m.mu.Unlock()
	m.wg.Wait()
	return nil
}

// Hosts returns all hosts by name.
func (m *Manager) Hosts() []Host {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([]Host, 0, len(m.hosts))
	for _, h := range m.hosts {
		out = append(out, h.Host)
	}
	sort.Slice(out, func(i, j int) bool { return core.CompareNatural(out[i].Name, out[j].Name) < 0 })
	return out
}

// Host returns a host by name or id; [core.NotFound] lists what there is.
func (m *Manager) Host(ref string) (Host, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h, err := m.find(ref)
	if err != nil {
		return Host{}, err
	}
	return h.Host, nil
}

func (m *Manager) find(ref string) (*managed, error) {
	if h := m.hosts[ref]; h != nil {
		return h, nil
	}
	var names []string
	for _, h := range m.hosts {
		if h.Name == ref {
			return h, nil
		}
		names = append(names, core.Escape(h.Name))
	}
	err := core.Errorf(core.NotFound, "there is no host %s", core.Printable(ref, 60))
	if len(names) == 0 {
		return nil, err.WithHint("add one with: limiquantix host add NAME ADDRESS")
	}
	sort.Strings(names)
	if len(names) > 10 {
		names = append(names[:10], "…")
	}
	return nil, err.WithHint("hosts are: %s", strings.Join(names, ", "))
}

// Link returns the live link of a host, connecting when there is none. Several
// callers share one attempt. A host that is stale or refused is tried once more.
func (m *Manager) Link(ctx context.Context, ref string) (Host, Link, error) {
	m.mu.Lock()
	h, err := m.find(ref)
	if err != nil {
		m.mu.Unlock()
		return Host{}, nil, err
	}
	h.used = time.Now()
	if h.link != nil && h.link.Err() == nil {
		defer m.mu.Unlock()
		return h.Host, h.link, nil
	}
	a := m.connect(h)
	m.mu.Unlock()
	select {
	case <-a.done:
		return m.copy(h), a.link, a.err
	case <-ctx.Done():
		return m.copy(h), nil, core.Errorf(core.CodeOf(ctx.Err()), "connect to %s: %w", h.Name, ctx.Err())
	}
}

func (m *Manager) copy(h *managed) Host {
	m.mu.Lock()
	defer m.mu.Unlock()
	return h.Host
}

// connect begins an attempt, or joins the one under way. m.mu is held.
func (m *Manager) connect(h *managed) *attempt {
	if h.dial != nil {
		return h.dial
	}
	a := &attempt{done: make(chan struct{})}
	h.dial = a
	current, limit := h.Host, firstLimit
	if h.took > 0 {
		limit = min(max(againLimit, 3*h.took), firstLimit)
	}
	current.Spec.Limit = limit
	if h.State != Stale { // a host that was lost stays stale, with the reason, until it is live
		m.state(h, Connecting, nil)
	}
	m.wg.Go(func() {
		defer close(a.done)
		link, took, err := m.reach(m.ctx, current)
		if err == nil {
			err = m.adopt(m.ctx, h, link)
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		h.dial = nil
		if err != nil {
			a.err = err
			m.lost(h, err)
			return
		}
		a.link, h.took = link, took
	})
	return a
}

// adopt makes link the host's, lets the watchers list, and follows its events.
func (m *Manager) adopt(ctx context.Context, h *managed, link Link) error {
	for _, w := range m.o.Watchers {
		if err := w.Connected(ctx, m.copy(h), link); err != nil {
			link.Close()
			return err
		}
	}
	m.mu.Lock()
	if m.ctx.Err() != nil || m.hosts[h.ID] != h {
		m.mu.Unlock() // closed or removed meanwhile: nobody would end this link
		link.Close()
		return core.Errorf(core.Canceled, "host %s was removed meanwhile", h.Name)
	}
	h.link = link
	h.Seen = time.Now()
	h.saved = h.Seen
	m.state(h, Live, nil)
	current := h.Host
	m.mu.Unlock()
	if err := touch(ctx, m.o.DB, current); err != nil {
		m.o.Log.Warn("save host", "host", current.Name, "err", err)
	}
	m.wg.Go(func() { m.follow(h, link) })
	if m.o.Retry != nil {
		m.wg.Go(func() { m.refreshFacts(h, link) })
	}
	return nil
}

// refreshFacts reads the facts of a host that was connected again, off the path
// of who waits for the link.
func (m *Manager) refreshFacts(h *managed, link Link) {
	facts, err := link.Facts(m.ctx)
	if err != nil {
		return // the link is done: follow deals with it
	}
	m.mu.Lock()
	h.Facts = facts
	current, there := h.Host, m.hosts[h.ID] == h
	m.mu.Unlock()
	if !there {
		return
	}
	if err := save(m.ctx, m.o.DB, current); err != nil {
		m.o.Log.Warn("save host", "host", current.Name, "err", err)
	}
}

// breathe waits for as long as the last batch took, a second at most, when more
// is there already: a host that never stops telling is listened to for half of
// the time, and what it tells meanwhile is one batch.
func breathe(link Link, took time.Duration) {
	if len(link.Events()) == 0 {
		return
	}
	select {
	case <-link.Done():
	case <-time.After(min(took, time.Second)):
	}
}

// follow passes a link's events to the watchers until it is done.
func (m *Manager) follow(h *managed, link Link) {
	ctx, cancel := context.WithCancel(m.ctx)
	defer cancel()
	for first := range link.Events() {
		batch := append([]Event{first}, drain(link.Events())...)
		began := time.Now()
		for _, w := range m.o.Watchers {
			if err := w.Changed(ctx, m.copy(h), link, batch); err != nil && link.Err() == nil {
				m.o.Log.Warn("follow events", "host", h.Name, "err", err)
			}
		}
		breathe(link, time.Since(began))
	}
	<-link.Done()
	link.Close()
	m.part(h, link)
	m.mu.Lock()
	defer m.mu.Unlock()
	if h.link != link {
		return
	}
	h.link = nil
	err := link.Err()
	if err == nil {
		err = errors.New("the connection was closed")
	}
	m.lost(h, err)
}

// part keeps when a host was last heard, once its link has ended.
func (m *Manager) part(h *managed, link Link) {
	m.mu.Lock()
	h.hear(link)
	if h.Seen.Sub(h.saved) < brief {
		m.mu.Unlock()
		return // what is on the disk will do: most links of one command end so
	}
	h.saved = h.Seen
	current := h.Host
	m.mu.Unlock()
	ctx := context.WithoutCancel(m.ctx) // the program may be ending
	if err := touch(ctx, m.o.DB, current); err != nil {
		m.o.Log.Warn("save host", "host", current.Name, "err", err)
	}
	if m.o.Lost != nil {
		m.o.Lost(ctx, current)
	}
}

// hear moves Seen up to when a link last heard the host. The manager's mutex is held.
func (h *managed) hear(link Link) {
	heard := time.Now()
	if l, ok := link.(Hearer); ok {
		heard = l.Heard()
	}
	if heard.After(h.Seen) {
		h.Seen = heard
	}
}

func drain(events <-chan Event) []Event {
	var more []Event
	for {
		select {
		case e, ok := <-events:
			if !ok {
				return more
			}
			more = append(more, e)
		default:
			return more
		}
	}
}

// lost records why a host is not live and wakes its supervisor. m.mu is held.
func (m *Manager) lost(h *managed, err error) {
	if m.ctx.Err() != nil {
		return
	}
	s := Stale
	if needsUser(err) {
		s = Refused
	}
	m.state(h, s, core.AsError(err))
	select {
	case h.kick <- struct{}{}:
	default:
	}
}

func (m *Manager) listed(h Host, change string) {
	if m.o.Listed != nil {
		m.o.Listed(h, change)
	}
}

// state changes a host's state. m.mu is held.
func (m *Manager) state(h *managed, s State, err *core.Error) {
	h.State, h.Err = s, err
	if m.o.Changed != nil {
		m.o.Changed(h.Host)
	}
}
