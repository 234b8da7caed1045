package host

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/limiquantix/limiquantix/core"
)

// Groups returns all groups by path: those with settings, those that hosts name,
// and those that these are within; and how many hosts each holds.
func (m *Manager) Groups() ([]Group, map[string]int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all, hosts := maps.Clone(m.groups), map[string]int{}
	name := func(path string) {
		for _, p := range lineage(path) {
			if _, ok := all[p]; !ok {
				all[p] = Group{Path: p}
			}
		}
	}
	for path := range m.groups {
		name(path)
	}
	for _, h := range m.hosts {
		name(h.Site)
		for _, p := range lineage(h.Site) {
			hosts[p]++
		}
	}
	return slices.SortedFunc(maps.Values(all), func(a, b Group) int { return strings.Compare(a.Path, b.Path) }), hosts
}

// GroupChange is a group's new settings. Its secret is kept in memory, and in the
// keyring with Remember; "" leaves it as it is, and Forget drops it.
type GroupChange struct {
	Group
	Secret           string
	Remember, Forget bool
}

// AddGroup keeps a new group. Errors: [core.Invalid], [core.Exists].
func (m *Manager) AddGroup(ctx context.Context, c GroupChange) (g Group, notice string, err error) {
	m.mu.Lock()
	_, there := m.groups[c.Path]
	m.mu.Unlock()
	if there {
		return Group{}, "", core.Errorf(core.Exists, "there is a group %s already", core.Printable(c.Path, 60)).
			WithHint("change it with: limiquantix host group set PATH").WithDetail("field", "group.path")
	}
	c.ID, c.Remembered = core.NewUUID(), false
	return m.keepGroup(ctx, c)
}

// SetGroup replaces a group's settings. Links that are live stay; hosts of it that
// are not are tried again. Errors: [core.Invalid], [core.NotFound].
func (m *Manager) SetGroup(ctx context.Context, c GroupChange) (g Group, notice string, err error) {
	old, err := m.group(c.Path)
	if err != nil {
		return Group{}, "", err
	}
	c.ID, c.Remembered = old.ID, old.Remembered
	return m.keepGroup(ctx, c)
}

func (m *Manager) group(path string) (Group, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	g, ok := m.groups[path]
	if !ok {
		return g, core.Errorf(core.NotFound, "there is no group %s", core.Printable(path, 60)).
			WithHint("see: limiquantix host group list; add one with: limiquantix host group add PATH")
	}
	return g, nil
}

func (m *Manager) keepGroup(ctx context.Context, c GroupChange) (g Group, notice string, err error) {
	if g, err = c.checked(); err != nil {
		return Group{}, "", err
	}
	switch {
	case c.Forget:
		m.secrets.drop(ctx, g.ID, g.Remembered)
		g.Remembered = false
	case c.Secret != "":
		g.Remembered, notice = m.secrets.put(ctx, g.ID, c.Secret, g.Remembered, c.Remember)
	}
	if err := saveGroup(ctx, m.o.DB, g); err != nil {
		return Group{}, "", err
	}
	m.mu.Lock()
	m.groups[g.Path] = g
	m.again(g.Path)
	m.mu.Unlock()
	return g, notice, nil
}

// RemoveGroup forgets a group's settings and its secret. Errors: [core.NotFound].
func (m *Manager) RemoveGroup(ctx context.Context, path string) error {
	g, err := m.group(path)
	if err != nil {
		return err
	}
	if err := removeGroup(ctx, m.o.DB, path); err != nil {
		return err
	}
	m.secrets.drop(ctx, g.ID, g.Remembered)
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.groups, path)
	return nil
}

// again has the hosts of a group that are not live tried with what it says now,
// and tells that they changed. m.mu is held.
func (m *Manager) again(path string) {
	for _, h := range m.hosts {
		if !within(h.Site, path) {
			continue
		}
		s := h.State
		if s == Refused { // its supervisor waits for the user, who has acted
			s = Stale
		}
		m.state(h, s, h.Err)
		if h.link == nil {
			poke(h.nudge)
		}
	}
}

// Inherited returns what a host's groups add to how it is reached.
func (m *Manager) Inherited(h Host) []Inherited {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, from := complete(m.groups, h.Site, h.Spec)
	return from
}

// poke wakes who waits for c, now or later; it does not block.
func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
