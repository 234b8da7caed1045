package host

import "time"

const (
	// glance is how often the clocks are compared.
	glance = 2 * time.Second
	// slept is by how much the time of day must have run ahead of the monotonic
	// clock, which stands still while the computer sleeps (Linux, CLOCK_MONOTONIC;
	// clock_gettime(2)). A clock that was set looks the same, and costs a look.
	slept = 5 * time.Second
)

// Prober is a [Link] that can be asked whether its host is still there.
type Prober interface {
	// Probe asks for a sign of life now: a link that gets none within a few seconds
	// ends. It does not block.
	Probe()
}

// LookAgain has all links asked for a sign of life, and all hosts tried that are
// waiting to be, over the next second: the computer slept, or its network changed.
func (m *Manager) LookAgain() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, h := range m.hosts {
		if p, ok := h.link.(Prober); ok {
			p.Probe()
		}
		if h.link == nil {
			poke(h.nudge)
		}
	}
}

// heal looks again after whatever may have broken all links at once.
func (m *Manager) heal() {
	tick := time.NewTicker(glance)
	defer tick.Stop()
	wall, mono := m.wall(), time.Now()
	for {
		select {
		case <-m.ctx.Done():
			return
		case _, open := <-m.o.Woken:
			if !open {
				m.o.Woken = nil // only this goroutine reads it
				continue
			}
			m.o.Log.Info("the network changed: looking at all hosts")
			m.LookAgain()
		case <-tick.C:
			nowWall, nowMono := m.wall(), time.Now()
			if gap := nowWall.Sub(wall) - nowMono.Sub(mono); gap > slept {
				m.o.Log.Info("this computer slept: looking at all hosts", "for", gap.Round(time.Second))
				m.LookAgain()
			}
			wall, mono = nowWall, nowMono
		}
	}
}

func (m *Manager) wall() time.Time {
	if m.o.Wall != nil {
		return m.o.Wall()
	}
	return time.Now().Round(0) // without its monotonic part
}
