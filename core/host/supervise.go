package host

import "time"

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
		m.mu.Lock()
		var a *attempt
		if h.link == nil && h.State != Refused {
			a = m.connect(h)
		}
		m.mu.Unlock()
		if a != nil {
			select {
			case <-a.done:
			case <-h.gone:
				return
			}
			if a.err != nil {
				tries++
				if !m.pause(h, m.o.Retry(tries)) {
					return
				}
				continue
			}
		}
		tries = 0
		select {
		case <-h.kick: // lost: wait a moment, so that a host which accepts and drops is not hammered
			if !m.pause(h, m.o.Retry(1)) {
				return
			}
		case <-h.gone:
			return
		case <-m.ctx.Done():
			return
		}
	}
}

// pause waits; false when the host is gone or the manager closes.
func (m *Manager) pause(h *managed, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-h.gone:
	case <-m.ctx.Done():
	}
	return false
}
