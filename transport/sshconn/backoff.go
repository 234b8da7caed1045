package sshconn

import (
	"context"
	"math/rand/v2"
	"time"
)

// Backoff spaces out attempts to reconnect: delays double from First to Limit,
// each by chance between half and all of that, so that a hundred hosts behind
// one broken link do not come back in step. The zero value starts at 250 ms and
// goes to 2 s. It is for one goroutine.
//
// sshd 9.8 and later lock out an address for seconds after failed logins
// (PerSourcePenalties). So stop, and ask the user, after [core.AuthFailed] and
// after any of the host-key codes; only [core.Unreachable] is worth repeating.
type Backoff struct {
	First, Limit time.Duration
	failures     int
}

// Next returns how long to wait before the next attempt, and counts a failure.
func (b *Backoff) Next() time.Duration {
	first, limit := b.First, b.Limit
	if first <= 0 {
		first = 250 * time.Millisecond
	}
	if limit <= 0 {
		limit = 2 * time.Second
	}
	delay := limit
	if b.failures < 30 {
		delay = min(limit, first<<b.failures)
	}
	b.failures++
	return delay/2 + rand.N(delay/2+1)
}

// Reset forgets the failures; call it when a connection has been made.
func (b *Backoff) Reset() { b.failures = 0 }

// Wait sleeps for Next, or until ctx is over, and returns its error.
func (b *Backoff) Wait(ctx context.Context) error {
	t := time.NewTimer(b.Next())
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
