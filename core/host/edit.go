package host

import (
	"context"
	"reflect"

	"github.com/limiquantix/limiquantix/core"
)

// Edit is what changes of a host; what is nil, or "", stays.
type Edit struct {
	Name, Cluster, Site *string
	Connect             Connect
	Spec                *Spec
	Untested            bool // keep Spec although it was not tried
	Remember            bool // keep Spec's secret in the keyring
	Forget              bool // drop the secret that is kept
}

// Edit changes what is kept of a host. Another way to it is tried first, unless
// untested, and kept when it leads to the same machine; the old link then ends.
// notice says that a secret could not be remembered.
//
// Errors: [core.NotFound], [core.Invalid], [core.Exists] for the name,
// [core.Conflict] for another machine, and those of a [Dial].
func (m *Manager) Edit(ctx context.Context, ref string, e Edit) (h Host, notice string, err error) {
	m.mu.Lock()
	mh, err := m.find(ref)
	if err != nil {
		m.mu.Unlock()
		return Host{}, "", err
	}
	old := mh.Host
	m.mu.Unlock()
	next, err := m.checked(e.of(old))
	if err != nil {
		return Host{}, "", err
	}
	var link Link
	if e.Spec != nil && m.otherWay(old, next) && !e.Untested {
		if link, err = m.sameMachine(ctx, next); err != nil {
			return Host{}, "", err
		}
		next.Spec.HostKey, next.Spec.AcceptNew = "", false
	}
	if e.Forget {
		m.secrets.drop(ctx, next.ID, next.Remembered)
		next.Remembered, next.Spec.Secret = false, ""
	} else if e.Spec != nil && e.Spec.Secret != "" {
		next.Remembered, notice = m.secrets.put(ctx, next.ID, e.Spec.Secret, next.Remembered, e.Remember)
	}
	if err = save(ctx, m.o.DB, next); err != nil {
		if link != nil {
			link.Close()
		}
		return Host{}, "", err
	}
	return m.swap(ctx, mh, old, next, link), notice, nil
}

// of returns h with the changes.
func (e Edit) of(h Host) Host {
	set := func(to *string, from *string) {
		if from != nil {
			*to = *from
		}
	}
	set(&h.Name, e.Name)
	set(&h.Cluster, e.Cluster)
	set(&h.Site, e.Site)
	if e.Connect != "" {
		h.Connect = e.Connect
	}
	if e.Spec != nil {
		secret := h.Spec.Secret
		if h.Spec = *e.Spec; h.Spec.Secret == "" {
			h.Spec.Secret = secret
		}
	}
	return h
}

// otherWay reports whether two states of a host are reached differently.
func (m *Manager) otherWay(a, b Host) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	was, _ := complete(m.groups, a.Site, a.Spec)
	is, _ := complete(m.groups, b.Site, b.Spec)
	is.HostKey, is.AcceptNew = was.HostKey, was.AcceptNew
	return !reflect.DeepEqual(was, is)
}

// sameMachine dials a host that is known already.
func (m *Manager) sameMachine(ctx context.Context, h Host) (Link, error) {
	link, _, err := m.reach(ctx, h)
	if err != nil {
		return nil, err
	}
	facts, err := link.Facts(ctx)
	if err == nil && h.Facts.UUID != "" && facts.UUID != h.Facts.UUID {
		err = core.Errorf(core.Conflict, "%s leads to another machine, %s", core.Escape(h.Spec.Address), core.Printable(facts.Hostname, 60)).
			WithHint("add it as a host of its own, or forget this one first").WithDetail("field", "spec.address")
	}
	if err != nil {
		link.Close()
		return nil, err
	}
	return link, nil
}

// swap makes the saved changes true in memory, and tells of them.
func (m *Manager) swap(ctx context.Context, mh *managed, old, next Host, link Link) Host {
	anew := link != nil || m.otherWay(old, next)
	m.mu.Lock()
	mh.Name, mh.Cluster, mh.Site, mh.Connect, mh.Spec, mh.Remembered = next.Name, next.Cluster, next.Site, next.Connect, next.Spec, next.Remembered
	var was Link
	if anew {
		was, mh.took = mh.drop(), 0
		if link == nil && mh.State != Idle { // the supervisor, if any, tries the new way
			m.state(mh, Stale, core.Errorf(core.Unreachable, "the way to it was changed and not tried yet"))
		}
	}
	current := mh.Host
	m.mu.Unlock()
	if was != nil {
		was.Close()
	}
	m.listed(current, "edited")
	switch {
	case link != nil:
		if err := m.adopt(ctx, mh, link); err != nil {
			m.o.Log.Warn("use the new way to a host", "host", current.Name, "err", err)
		}
	case old.Name != next.Name: // the watchers know it by its name
		m.Relist(ctx, current.ID)
	}
	poke(mh.nudge)
	return m.copy(mh)
}
