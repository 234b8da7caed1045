package host

import (
	"context"
	"time"

	"github.com/limiquantix/limiquantix/core"
)

// reach dials a host as its groups complete its spec. A secret that is asked for
// is looked up where the user left it: the host's own, then its groups'.
// took is how long the dial that worked was.
func (m *Manager) reach(ctx context.Context, h Host) (link Link, took time.Duration, err error) {
	m.mu.Lock()
	spec, _ := complete(m.groups, h.Site, h.Spec)
	m.mu.Unlock()
	begun := time.Now()
	link, err = m.o.Dial(ctx, spec)
	if core.CodeOf(err) == core.SecretNeeded && spec.Secret == "" {
		for _, secret := range m.known(ctx, h) {
			spec.Secret, begun = secret, time.Now()
			if link, err = m.o.Dial(ctx, spec); core.CodeOf(err) != core.SecretNeeded && core.CodeOf(err) != core.AuthFailed {
				break
			}
		}
	}
	return link, time.Since(begun), err
}

// known returns the secrets that a host may be asked for, nearest first.
func (m *Manager) known(ctx context.Context, h Host) []string {
	type of struct {
		id         string
		remembered bool
	}
	sources := []of{{h.ID, h.Remembered}}
	m.mu.Lock()
	for _, path := range lineage(h.Site) {
		if g := m.groups[path]; g.ID != "" {
			sources = append(sources, of{g.ID, g.Remembered})
		}
	}
	m.mu.Unlock()
	var out []string
	for _, s := range sources {
		if secret := m.secrets.get(ctx, s.id, s.remembered); secret != "" {
			out = append(out, secret)
			break // one more wrong one may lock the user out
		}
	}
	return out
}

// Answer is what the user gives when a host asks.
type Answer struct {
	Secret   string // for this process's life; "" leaves what there is
	Remember bool   // and beyond it, in the keyring
	HostKey  string // fingerprint of a key that was compared and is accepted
}

// Reconnect drops a host's link and makes another, with what the user answers.
// notice says that a secret could not be remembered.
func (m *Manager) Reconnect(ctx context.Context, ref string, a Answer) (h Host, notice string, err error) {
	m.mu.Lock()
	mh, err := m.find(ref)
	if err != nil {
		m.mu.Unlock()
		return Host{}, "", err
	}
	if a.Secret != "" {
		mh.Spec.Secret = a.Secret
	}
	if a.HostKey != "" {
		mh.Spec.HostKey = a.HostKey
	}
	old := mh.drop()
	m.mu.Unlock()
	if old != nil {
		old.Close()
	}
	if _, _, err = m.Link(ctx, mh.ID); err != nil {
		return m.copy(mh), "", err
	}
	m.mu.Lock()
	mh.Spec.HostKey = "" // trusted by now, and written down
	m.mu.Unlock()
	if a.Secret != "" {
		notice = m.remember(ctx, mh, a.Secret, a.Remember)
	}
	return m.copy(mh), notice, nil
}

// drop takes the link from a host, for the caller to close. The manager's mutex is held.
func (h *managed) drop() Link {
	old := h.link
	h.link = nil
	if old != nil {
		h.hear(old)
	}
	return old
}

// remember keeps a host's secret that was seen to be right.
func (m *Manager) remember(ctx context.Context, h *managed, secret string, keep bool) (notice string) {
	remembered, notice := m.secrets.put(ctx, h.ID, secret, m.copy(h).Remembered, keep)
	m.mu.Lock()
	changed := h.Remembered != remembered
	h.Remembered = remembered
	current := h.Host
	m.mu.Unlock()
	if changed {
		if err := save(ctx, m.o.DB, current); err != nil {
			m.o.Log.Warn("save host", "host", current.Name, "err", err)
		}
	}
	return notice
}
