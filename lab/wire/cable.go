//go:build linux

package wire

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Damage is what is wrong with a cable; a greater one is worse.
type Damage int

const (
	// Whole is no damage.
	Whole Damage = iota
	// Mute: the host hears and never answers.
	Mute
	// Broken: no byte passes in either direction.
	Broken
)

// Cable is the way between the machine and one host: its latency, its damage
// and its meter. Its methods may be called concurrently.
type Cable struct {
	Meter
	rtt *atomic.Int64

	mu      sync.Mutex
	damage  Damage
	changed chan struct{} // closed when damage changes
}

// Meter counts what passed a cable.
type Meter struct {
	// Accepted and Open count connections.
	Accepted, Open atomic.Int64
	// ToHost and FromHost count bytes delivered.
	ToHost, FromHost atomic.Int64
}

// NewCable returns a whole cable. rtt is its round-trip time in nanoseconds,
// which several cables may share and anybody may change at any time.
func NewCable(rtt *atomic.Int64) *Cable {
	return &Cable{rtt: rtt, changed: make(chan struct{})}
}

func (c *Cable) roundTrip() time.Duration { return time.Duration(c.rtt.Load()) }

// Set makes d the damage.
func (c *Cable) Set(d Damage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set(d)
}

// Worsen makes d the damage, unless it is worse already.
func (c *Cable) Worsen(d Damage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set(max(c.damage, d))
}

func (c *Cable) set(d Damage) {
	if c.damage != d {
		c.damage = d
		close(c.changed)
		c.changed = make(chan struct{})
	}
}

// pass blocks while the damage is at least worst.
func (c *Cable) pass(ctx context.Context, worst Damage) error {
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
