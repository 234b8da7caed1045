package host

import (
	"math/rand/v2"
	"time"
)

// defaultRest is how long a link made on demand stays unused.
const defaultRest = 5 * time.Minute

// spread is over how long hosts come back that were all told to look again: a
// hundred behind one broken link do not come in step.
const spread = time.Second

// Start connects to all hosts that are always to be connected, keeps them so, and
// looks after them when this computer slept or its network changed, until Close.
func (m *Manager) Start() {
	m.mu.Lock()
	all := make([]*managed, 0, len(m.hosts))
	for _, h := range m.hosts {
		all = append(all, h)
	}
	begun := m.heals
	m.heals = true
	m.mu.Unlock()
	for _, h := range all {
		m.supervise(h)
	}
	if !begun && m.o.Retry != nil {
		m.wg.Go(m.heal)
	}
}

// supervise keeps a host connected until it is removed or the manager closes,
// when the manager has a Retry.
func (m *Manager) supervise(h *managed) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.o.Retry == nil || h.watch || m.ctx.Err() != nil {
		return
	}
	h.watch = true
	m.wg.Go(func() { m.keep(h) })
}

func (m *Manager) keep(h *managed) {
	tries := 0
	for m.ctx.Err() == nil {
		if a := m.due(h); a != nil {
			select {
			case <-a.done:
			case <-h.gone:
				return
			}
			if a.err != nil {
				tries++
				switch m.pause(h, m.o.Retry(tries)) {
				case over:
					return
				case nudged:
					tries = 0
				}
				continue
			}
		}
		tries = 0
		rest, stop := m.untilRest(h)
		select {
		case <-h.kick: // lost: wait a moment, so that a host which accepts and drops is not hammered
			stop()
			if m.pause(h, m.o.Retry(1)) == over {
				return
			}
		case <-h.nudge:
			stop()
		case <-rest:
			m.rest(h)
		case <-h.gone:
			stop()
			return
		case <-m.ctx.Done():
			stop()
			return
		}
	}
}

// due begins an attempt when a host should be connected and is not; else nil.
func (m *Manager) due(h *managed) *attempt {
	m.mu.Lock()
	defer m.mu.Unlock()
	if h.link != nil || h.State == Refused || h.Connect == Demand {
		return nil
	}
	return m.connect(h)
}

// untilRest returns what fires when a link that was made on demand may have
// been unused for long enough, and what stops it.
func (m *Manager) untilRest(h *managed) (<-chan time.Time, func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if h.Connect != Demand || h.link == nil && h.dial == nil {
		return nil, func() {}
	}
	t := time.NewTimer(max(time.Until(h.used.Add(m.restAfter())), time.Second))
	return t.C, func() { t.Stop() }
}

func (m *Manager) restAfter() time.Duration {
	if m.o.Rest > 0 {
		return m.o.Rest
	}
	return defaultRest
}

// rest ends the link of a host on demand that nobody has used for a while.
func (m *Manager) rest(h *managed) {
	busy := m.o.Busy != nil && m.o.Busy(m.copy(h)) // it may ask us: not under the mutex
	m.mu.Lock()
	if busy {
		h.used = time.Now()
	}
	if h.Connect != Demand || h.link == nil || time.Since(h.used) < m.restAfter() {
		m.mu.Unlock()
		return
	}
	old := h.drop()
	m.state(h, Idle, nil)
	m.mu.Unlock()
	old.Close()
}

// pauseEnd is why a pause ended.
type pauseEnd int

const (
	waited pauseEnd = iota
	nudged          // look again at once
	over            // the host is gone, or the manager closes
)

// pause waits for d, or a moment by chance after a nudge.
func (m *Manager) pause(h *managed, d time.Duration) pauseEnd {
	end := waited
	t := time.NewTimer(d)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			return end
		case <-h.nudge:
			if end == waited {
				end = nudged
				t.Reset(rand.N(spread))
			}
		case <-h.gone:
			return over
		case <-m.ctx.Done():
			return over
		}
	}
}
