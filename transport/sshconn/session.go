package sshconn

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"golang.org/x/crypto/ssh"
)

// defaultMaxSessions is OpenSSH's MaxSessions. Only commands and file
// transfers count; sockets and TCP through the host do not.
const defaultMaxSessions = 10

// sessionLimit keeps the number of sessions below what the server allows,
// which is learnt when it refuses one.
type sessionLimit struct {
	mu        sync.Mutex
	open, max int
	// lasting counts those sessions that end only when a caller closes them.
	lasting int
	wake    chan struct{} // closed and replaced at every release
}

func newSessionLimit() *sessionLimit {
	return &sessionLimit{max: defaultMaxSessions, wake: make(chan struct{})}
}

func (l *sessionLimit) inUse() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open
}

var errNoSlot = errors.New("all sessions are held by long transfers")

// acquire takes a slot and waits for one if there is none. It returns
// errNoSlot when waiting could be for ever.
func (l *sessionLimit) acquire(ctx context.Context, lasting bool) error {
	for {
		l.mu.Lock()
		if l.open < l.max {
			l.open++
			if lasting {
				l.lasting++
			}
			l.mu.Unlock()
			return nil
		}
		full, wake := l.lasting >= l.max, l.wake
		l.mu.Unlock()
		if full {
			return errNoSlot
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// release gives a slot back.
func (l *sessionLimit) release(lasting bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
	if lasting {
		l.lasting--
	}
	close(l.wake)
	l.wake = make(chan struct{})
}

// refused gives back a slot that the server did not grant, and lowers the
// limit. It returns false when no other session was open: then there is no
// point in trying again.
func (l *sessionLimit) refused(lasting bool) bool {
	l.mu.Lock()
	others := l.open - 1
	if others > 0 {
		l.max = min(l.max, others)
	}
	l.mu.Unlock()
	l.release(lasting)
	return others > 0
}

// session is an open "session" channel. Its owner calls release once.
type session struct {
	ch      ssh.Channel
	reqs    <-chan *ssh.Request
	client  *Client // the one that it runs on: perhaps the spare
	release func()
}

// newSession opens a session within the server's limit. When lasting sessions
// hold all of that, it goes to a second connection.
func (c *Client) newSession(ctx context.Context, lasting bool) (*session, error) {
	for attempt := 0; ; attempt++ {
		err := c.sessions.acquire(ctx, lasting)
		if errors.Is(err, errNoSlot) {
			other, err := c.spareClient(ctx)
			if err != nil {
				return nil, err
			}
			return other.newSession(ctx, lasting)
		}
		if err != nil {
			return nil, err
		}
		ch, reqs, err := c.openChannel(ctx, "session", nil)
		if err == nil {
			var once sync.Once
			return &session{ch, reqs, c, func() { once.Do(func() { c.sessions.release(lasting) }) }}, nil
		}
		var refused *ssh.OpenChannelError
		if !errors.As(err, &refused) {
			c.sessions.release(lasting)
			return nil, err
		}
		if c.sessions.refused(lasting) {
			continue
		}
		// Nothing else is open, as far as we know: sshd may not have done away
		// yet with a session that it has closed.
		if attempt == maxRefusals {
			e := core.Errorf(core.Unsupported, "%s does not let us run commands", c.target.Addr()).
				WithHint("its sshd_config needs MaxSessions of at least 1")
			e.Cause = err
			return nil, e
		}
		select {
		case <-time.After(10 * time.Millisecond << attempt):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// maxRefusals is after how many refusals of an only session we believe the
// server: together they wait 0.6 s.
const maxRefusals = 6

// spare is the second connection to a host that allows too few sessions for a
// command beside a file transfer.
type spare struct {
	mu     sync.Mutex
	client *Client
	closed bool
}

func (c *Client) spareClient(ctx context.Context) (*Client, error) {
	c.spare.mu.Lock()
	defer c.spare.mu.Unlock()
	if c.spare.closed {
		return nil, c.Err()
	}
	if c.spare.client != nil && c.spare.client.Err() == nil {
		return c.spare.client, nil
	}
	if c.spare.client != nil {
		c.spare.client.Close()
		c.spare.client = nil
	}
	c.cfg.logger().Info("second connection: the host allows few sessions", "host", c.target.Addr())
	other, err := c.again(ctx)
	if err != nil {
		return nil, err
	}
	c.spare.client = other
	return other, nil
}

func (c *Client) closeSpare() {
	c.spare.mu.Lock()
	other := c.spare.client
	c.spare.client, c.spare.closed = nil, true
	c.spare.mu.Unlock()
	if other != nil {
		other.Close()
	}
}
