package sshconn

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"

	"github.com/limiquantix/limiquantix/core"
	"golang.org/x/crypto/ssh"
)

// Client is one SSH connection to a host. All its methods may be called
// concurrently. It does not reconnect: when [Client.Done] is closed, dial a new one.
type Client struct {
	target Target
	cfg    Config
	ssh    *ssh.Client
	wire   *wire
	key    ssh.PublicKey
	login  ssh.PublicKey // opened the connection; nil: a password did
	// release gives the jump host back to its [Dialer].
	release func()
	// again dials the same host once more, for [Client.spareClient].
	again func(context.Context) (*Client, error)

	sessions *sessionLimit
	spare    spare
	channels atomic.Int64
	probe    chan struct{}
	facts    facts
	route    routeMemory

	life       context.Context // over when the connection is
	cancel     context.CancelFunc
	closeMu    sync.Mutex
	closed     bool // guarded by closeMu: no goroutine may be added any more
	goroutines sync.WaitGroup
	finish     sync.Once
	done       chan struct{}
	err        error // why the connection ended; set before done is closed
}

// newClient takes over an authenticated connection and starts watching it.
func newClient(cfg Config, t Target, conn ssh.Conn, chans <-chan ssh.NewChannel, reqs <-chan *ssh.Request, w *wire, key ssh.PublicKey) *Client {
	ctx, cancel := context.WithCancel(context.Background())
	c := &Client{
		target: t, cfg: cfg, ssh: ssh.NewClient(conn, chans, reqs), wire: w, key: key,
		sessions: newSessionLimit(), life: ctx, cancel: cancel, done: make(chan struct{}), probe: make(chan struct{}, 1), release: func() {},
	}
	c.goroutines.Go(func() { c.heartbeat(ctx) })
	c.goroutines.Go(func() {
		err := c.ssh.Wait()
		c.fail(unreachable(t.Addr(), "closed", "closed the connection", err))
	})
	return c
}

// fail ends the connection; the first reason wins.
func (c *Client) fail(err error) {
	c.finish.Do(func() {
		c.err = err
		c.cancel()
		// The TCP connection, not the SSH one: nothing may be written to a dead peer first.
		c.wire.Close()
		close(c.done)
	})
}

// Close ends the connection and everything in it, and waits until all its
// goroutines are gone. It may be called more than once.
func (c *Client) Close() error {
	c.fail(core.Errorf(core.Canceled, "the connection to %s was closed", c.target.Addr()))
	c.closeMu.Lock()
	c.closed = true
	c.closeMu.Unlock()
	c.goroutines.Wait()
	c.closeSpare()
	c.release()
	return nil
}

// Done is closed when the connection is over.
func (c *Client) Done() <-chan struct{} { return c.done }

// Err returns why the connection is over, nil as long as it is not:
// [core.Unreachable], or [core.Canceled] after Close.
func (c *Client) Err() error {
	select {
	case <-c.done:
		return c.err
	default:
		return nil
	}
}

// Target returns the host as it was dialed.
func (c *Client) Target() Target { return c.target }

// HostKey is the key by which a host was recognised.
type HostKey struct {
	Type        string // "ssh-ed25519"
	Fingerprint string // "SHA256:…"
	// Line is "type base64", as in a known_hosts file after the name.
	Line string
}

// HostKey returns the key that the host has proved to have; of a host
// certificate, the key inside it.
func (c *Client) HostKey() HostKey {
	line := ssh.MarshalAuthorizedKey(c.key)
	return HostKey{c.key.Type(), ssh.FingerprintSHA256(c.key), string(line[:len(line)-1])}
}

// Stats counts what went through a connection.
type Stats struct {
	Channels int64      // opened since the connection was made
	Sessions int64      // commands and file transfers that are open now
	Sent     core.Bytes // below SSH, so with its overhead
	Received core.Bytes
}

// Stats returns the counters of now.
func (c *Client) Stats() Stats {
	return Stats{c.channels.Load(), int64(c.sessions.inUse()), core.Bytes(c.wire.out.Load()), core.Bytes(c.wire.in.Load())}
}

// openChannel opens a channel, or gives up with ctx; a channel that opens after that is closed.
func (c *Client) openChannel(ctx context.Context, kind string, payload []byte) (ssh.Channel, <-chan *ssh.Request, error) {
	if err := c.Err(); err != nil {
		return nil, nil, err
	}
	type opened struct {
		ch   ssh.Channel
		reqs <-chan *ssh.Request
		err  error
	}
	result, abandoned := make(chan opened), make(chan struct{})
	c.spawn(func() {
		ch, reqs, err := c.ssh.OpenChannel(kind, payload)
		select {
		case result <- opened{ch, reqs, err}:
		case <-abandoned:
			if err == nil {
				ch.Close()
				ssh.DiscardRequests(reqs)
			}
		}
	})
	select {
	case r := <-result:
		if r.err == nil {
			c.channels.Add(1)
		}
		return r.ch, r.reqs, c.lost(r.err)
	case <-ctx.Done():
		close(abandoned)
		return nil, nil, ctx.Err()
	}
}

// lost turns any error but a refusal into the reason why the connection is
// over: x/crypto returns others only when it cannot go on.
func (c *Client) lost(err error) error {
	var refused *ssh.OpenChannelError
	if err == nil || errors.As(err, &refused) {
		return err
	}
	c.fail(unreachable(c.target.Addr(), "closed", "closed the connection", err))
	return c.Err()
}

// spawn runs f in a goroutine that Close waits for. After Close it runs f
// itself: then everything in here fails at once.
func (c *Client) spawn(f func()) {
	c.closeMu.Lock()
	if c.closed {
		c.closeMu.Unlock()
		f()
		return
	}
	c.goroutines.Go(f)
	c.closeMu.Unlock()
}

// DialTCP connects to host:port as seen from the host (direct-tcpip). The
// connection has working deadlines.
//
// Errors: [core.Unreachable] with the reason.
func (c *Client) DialTCP(ctx context.Context, addr string) (net.Conn, error) {
	host, port, err := splitHostPort(addr)
	if err != nil {
		return nil, err
	}
	// Source: RFC 4254, 7.2.
	ch, reqs, err := c.openChannel(ctx, "direct-tcpip", ssh.Marshal(struct {
		Host       string
		Port       uint32
		OriginHost string
		OriginPort uint32
	}{host, uint32(port), "127.0.0.1", 0}))
	if err != nil {
		return nil, dialError(ctx, addr, err)
	}
	c.spawn(func() { ssh.DiscardRequests(reqs) })
	return c.newConn(ch, "tcp", addr, io.Discard), nil
}

// DialUnix connects to a unix socket of the host (direct-streamlocal). The
// connection has working deadlines.
//
// Errors: [core.Unsupported] when the host refuses the socket. sshd does not say
// whether forwarding is off, the socket is missing or the user may not open it.
func (c *Client) DialUnix(ctx context.Context, path string) (net.Conn, error) {
	// Source: OpenSSH, PROTOCOL, 2.4.
	ch, reqs, err := c.openChannel(ctx, "direct-streamlocal@openssh.com", ssh.Marshal(struct {
		Path     string
		Reserved string
		Unused   uint32
	}{path, "", 0}))
	var refused *ssh.OpenChannelError
	if errors.As(err, &refused) {
		e := core.Errorf(core.Unsupported, "%s does not connect us to the socket %s", c.target.Addr(), core.Escape(path)).
			WithHint("it is missing, closed to %s, or sshd_config has AllowStreamLocalForwarding no", c.target.User)
		e.Cause = err
		return nil, e
	}
	if err != nil {
		return nil, dialError(ctx, c.target.Addr(), err)
	}
	c.spawn(func() { ssh.DiscardRequests(reqs) })
	return c.newConn(ch, "unix", path, io.Discard), nil
}
