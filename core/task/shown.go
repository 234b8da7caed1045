package task

import (
	"sync"

	"github.com/limiquantix/limiquantix/core/plan"
)

// maxShown is how many plans that were shown are remembered.
const maxShown = 512

// shown remembers the outlines of plans that were shown, the newest, so that it
// can be said what is different when another would be done. To tell that one
// would be, their digests are enough.
type shown struct {
	mu       sync.Mutex
	outlines map[string]plan.Outline // by digest
	order    []string
}

func newShown() *shown { return &shown{outlines: map[string]plan.Outline{}} }

// put remembers a plan that somebody is about to see.
func (s *shown) put(p *plan.Plan) {
	digest := p.Digest()
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, there := s.outlines[digest]; there {
		return
	}
	s.outlines[digest], s.order = p.Outline(), append(s.order, digest)
	if len(s.order) > maxShown {
		delete(s.outlines, s.order[0])
		s.order = s.order[1:]
	}
}

// check returns a [*plan.ChangedError] when p is not the plan with the digest
// that is expected; "" expects nothing.
func (s *shown) check(p *plan.Plan, expected string) error {
	if expected == "" || p.Digest() == expected {
		return nil
	}
	s.mu.Lock()
	was, known := s.outlines[expected]
	s.mu.Unlock()
	s.put(p) // its reader may say it again
	if !known {
		return &plan.ChangedError{Plan: p}
	}
	return &plan.ChangedError{Plan: p, Was: &was}
}
