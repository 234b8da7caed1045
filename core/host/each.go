package host

import (
	"context"
	"sync"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// Pick returns the hosts with the given names or ids, or all when there are none.
func (m *Manager) Pick(refs []string) ([]Host, error) {
	if len(refs) == 0 {
		return m.Hosts(), nil
	}
	hosts := make([]Host, len(refs))
	for i, ref := range refs {
		h, err := m.Host(ref)
		if err != nil {
			return nil, err
		}
		hosts[i] = h
	}
	return hosts, nil
}

// Each calls f for each host at the same time, with its link, connecting where
// needed, and returns a problem for each host that could not be linked or whose
// f failed, in the order of hosts.
func (m *Manager) Each(ctx context.Context, hosts []Host, f func(ctx context.Context, i int, h Host, l Link) error) []*apiv1.HostProblem {
	errs := make([]error, len(hosts))
	var wg sync.WaitGroup
	for i, h := range hosts {
		wg.Go(func() {
			h, link, err := m.Link(ctx, h.ID)
			if err == nil {
				err = f(ctx, i, h, link)
			}
			errs[i] = err
		})
	}
	wg.Wait()
	var problems []*apiv1.HostProblem
	for i, err := range errs {
		if err != nil {
			problems = append(problems, Problem(hosts[i], err))
		}
	}
	return problems
}

// Relist lets the watchers look again at a host that is linked. What they cannot
// find out keeps its age.
func (m *Manager) Relist(ctx context.Context, ref string) {
	m.mu.Lock()
	h, err := m.find(ref)
	var link Link
	if err == nil {
		link = h.link
	}
	m.mu.Unlock()
	if link == nil || link.Err() != nil {
		return
	}
	for _, w := range m.o.Watchers {
		if err := w.Connected(ctx, m.copy(h), link); err != nil {
			m.o.Log.Debug("list again", "host", ref, "err", err)
		}
	}
}
