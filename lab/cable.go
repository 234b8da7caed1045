//go:build linux

package lab

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// damage is what is wrong with the way between the machine and one host.
type damage int

const (
	whole  damage = iota
	mute          // the host hears and never answers
	broken        // no byte passes in either direction
)

// cable is the way between the machine and one host: its latency, its damage
// and its meter.
type cable struct {
	rtt *atomic.Int64 // shared by the lab's hosts; nanoseconds

	accepted, open   atomic.Int64
	toHost, fromHost atomic.Int64
	mu               sync.Mutex
	damage           damage
	changed          chan struct{} // closed when damage changes
}

func newCable(rtt *atomic.Int64) *cable {
	return &cable{rtt: rtt, changed: make(chan struct{})}
}

func (c *cable) roundTrip() time.Duration { return time.Duration(c.rtt.Load()) }

func (c *cable) set(d damage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.damage != d {
		c.damage = d
		close(c.changed)
		c.changed = make(chan struct{})
	}
}

// worsen is set that never repairs.
func (c *cable) worsen(d damage) {
	c.mu.Lock()
	now := c.damage
	c.mu.Unlock()
	c.set(max(now, d))
}

// pass blocks while the damage is at least worst.
func (c *cable) pass(ctx context.Context, worst damage) error {
	for {
		c.mu.Lock()
		now, changed := c.damage, c.changed
		c.mu.Unlock()
		if now < worst {
			return ctx.Err()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

// pause sleeps for d, or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
