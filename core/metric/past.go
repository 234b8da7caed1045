package metric

import (
	"maps"
	"sync"
	"time"
)

// What is forgotten: a VM that has not run for so long, and when there are many
// more than run, each that does not.
const (
	keepStopped = 10 * time.Minute
	spareVMs    = 100
)

// past is what is kept of a host and its VMs.
type past struct {
	mu     sync.Mutex
	node   Node // of the reading before
	at     time.Time
	host   ring
	vms    map[string]*history // by UUID
	newest *round
}

func newPast() *past { return &past{vms: map[string]*history{}} }

// add makes a round of a reading and keeps it.
func (p *past) add(c Counters, at time.Time, tenths uint32) *round {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := &round{time: at, node: sampleNode(c.Node, p.node, at.Sub(p.at)), vms: make([]vmSample, 0, len(c.VMs))}
	p.node, p.at = c.Node, at
	p.host.add(pack(r.node, tenths), hostSamples)
	for _, s := range c.VMs {
		h := p.vms[s.UUID]
		if h == nil {
			h = &history{}
			p.vms[s.UUID] = h
		}
		r.vms = append(r.vms, vmSample{s.UUID, h.add(s, totalOf(s, at), tenths)})
	}
	many := len(p.vms) > 2*len(c.VMs)+spareVMs
	maps.DeleteFunc(p.vms, func(_ string, h *history) bool {
		age := at.Sub(h.last.at)
		return age > keepStopped || many && age > 0
	})
	p.newest = r
	return r
}

// fresh returns the newest round if it is not older than a rate may be; else nil.
func (p *past) fresh() *round {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.newest == nil || time.Since(p.newest.time) > maxGap {
		return nil
	}
	return p.newest
}

// hostSince returns the host's points from a time on, oldest first.
func (p *past) hostSince(tenths uint32) []point {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.host.since(tenths)
}

// vmSince returns a VM's points from a time on, oldest first.
func (p *past) vmSince(uuid string, tenths uint32) []point {
	p.mu.Lock()
	defer p.mu.Unlock()
	if h := p.vms[uuid]; h != nil {
		return h.since(tenths)
	}
	return nil
}
