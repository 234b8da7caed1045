package sshconn

import (
	"context"
	"time"
)

const (
	// beat is how often an idle peer is asked for a sign of life, and missed how
	// long it may be silent after that. Together they stay well below 10 s.
	beat   = 3 * time.Second
	missed = 5 * time.Second
	// probed is how long a peer may be silent after [Client.Probe].
	probed = 2 * time.Second
)

// Probe asks the peer for a sign of life now, and ends the connection when there
// is none within 2 s: the computer slept, or its network changed. It does not block.
func (c *Client) Probe() {
	select {
	case c.probe <- struct{}{}:
	default: // one is asked for already
	}
}

// heartbeat declares the peer dead, and closes the connection, when it was
// asked and then silent for [missed]. It ends with ctx.
//
// The question waits for its answer under a lock of x/crypto that a lost answer
// never frees, so it has a goroutine of its own, and there is at most one. An
// answer of "no such request" is a sign of life too. Any byte counts: the
// answer may be stuck behind a bulk transfer.
func (c *Client) heartbeat(ctx context.Context) {
	tick := time.NewTicker(beat / 6)
	defer tick.Stop()
	var asked, since time.Time // zero when no answer is awaited, or to a probe
	answered := make(chan struct{}, 1)
	ask := func() {
		asked = time.Now()
		c.spawn(func() {
			if _, _, err := c.ssh.SendRequest("keepalive@openssh.com", true, nil); err == nil {
				answered <- struct{}{}
			}
		})
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-answered:
			asked, since = time.Time{}, time.Time{}
		case <-c.probe:
			if since = time.Now(); asked.IsZero() {
				ask()
			}
		case <-tick.C:
		}
		silence := c.wire.silence()
		switch {
		case !asked.IsZero() && min(silence, time.Since(asked)) >= missed:
			c.fail(unreachable(c.target.Addr(), "timeout", "has not answered for 5 s", nil))
			return
		case !since.IsZero() && min(silence, time.Since(since)) >= probed:
			c.fail(unreachable(c.target.Addr(), "timeout", "does not answer any more", nil))
			return
		case asked.IsZero() && silence >= beat:
			ask()
		}
	}
}
