package sshconn

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"golang.org/x/crypto/ssh"
)

// dialsPerJump is how many handshakes may go through one jump host at a time:
// sshd's MaxStartups drops unauthenticated connections at random from the
// tenth on.
const dialsPerJump = 10

// Dialer dials hosts and shares the connections to their jump hosts: there is
// one to each, as long as somebody needs it. The zero value is ready to use.
type Dialer struct {
	// Turn, which may be nil, waits until one more handshake may begin, and returns
	// what tells that it has ended: a bound for all hosts together. The wait does not
	// count against any limit of time.
	Turn func(ctx context.Context) (done func(), err error)

	trust trustFile
	mu    sync.Mutex
	hops  map[string]*hop
}

// hop is a shared connection to a jump host.
type hop struct {
	refs   int // guarded by Dialer.mu
	slots  chan struct{}
	cancel context.CancelFunc
	ready  chan struct{} // closed when client or err is set
	client *Client
	err    error
}

// Dial resolves cfg and connects, through the jump hosts if there are any. The
// deadline of each hop covers everything up to the end of authentication.
//
// Errors, all with the detail "address" of the host that they concern:
// [core.Unreachable] with the detail "reason" (refused, timeout, name, route,
// closed, protocol, forwarding), [core.HostKeyUnknown], [core.HostKeyChanged],
// [core.HostKeyRevoked], [core.AuthFailed] with "offered",
// [core.SecretNeeded] with "secret" and "for", [core.Unsupported] when no
// algorithm is common, [core.Canceled], and those of [Resolve]. On a jump host
// the details also have "hop", counted from 1, and the sentence names it.
func (d *Dialer) Dial(ctx context.Context, cfg Config) (*Client, error) {
	t, err := Resolve(cfg)
	if err != nil {
		return nil, err
	}
	for _, where := range t.Skipped {
		cfg.logger().Info("ssh_config: Match criterion not supported, line skipped", "line", where)
	}
	return d.dial(ctx, cfg, t, t.Jumps)
}

// dial connects to t by way of jumps.
func (d *Dialer) dial(ctx context.Context, cfg Config, t Target, jumps []Target) (*Client, error) {
	if len(jumps) == 0 {
		return d.login(ctx, cfg, t, firstHop(cfg))
	}
	h, release, err := d.acquire(ctx, cfg, jumps)
	if err != nil {
		return nil, err
	}
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		release()
		return nil, dialError(ctx, t.Addr(), ctx.Err())
	}
	c, err := d.login(ctx, cfg, t, func(ctx context.Context, _, addr string) (net.Conn, error) {
		return h.client.DialTCP(ctx, addr)
	})
	if err != nil {
		release()
		return nil, err
	}
	c.release = release
	c.again = func(ctx context.Context) (*Client, error) { return d.dial(ctx, cfg, t, jumps) }
	return c, nil
}

type dialFunc = func(ctx context.Context, network, addr string) (net.Conn, error)

// login is handshake, with patience for a pinned fingerprint: it does not say of
// which of the host's keys it is, so the others are asked for before it counts as changed.
func (d *Dialer) login(ctx context.Context, cfg Config, t Target, dial dialFunc) (*Client, error) {
	c, err := d.handshake(ctx, cfg, t, dial)
	var first *core.Error
	if t.Pin == "" || t.HostKeyAlgorithms != "" || !errors.As(err, &first) || first.Code != core.HostKeyChanged {
		return c, err
	}
	for _, kind := range []string{"ssh-ed25519", "ecdsa-sha2-*", "rsa-sha2-???"} {
		if matchPattern(kind, strings.Replace(first.Detail["key_type"], "ssh-rsa", "rsa-sha2-512", 1)) {
			continue // this one was shown
		}
		other := t
		other.HostKeyAlgorithms = kind
		c, err := d.handshake(ctx, cfg, other, dial)
		if code := core.CodeOf(err); code != core.HostKeyChanged && code != core.Unsupported {
			return c, err
		}
	}
	return nil, first
}

func firstHop(cfg Config) dialFunc {
	if cfg.Dial != nil {
		return cfg.Dial
	}
	return (&net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}}).DialContext
}

// acquire returns the connection to the last of jumps, which is made if nobody
// has it yet, and what gives it back.
func (d *Dialer) acquire(ctx context.Context, cfg Config, jumps []Target) (*hop, func(), error) {
	key := hopKey(cfg, jumps)
	d.mu.Lock()
	h := d.hops[key]
	if h == nil || h.over() {
		h = d.newHop(cfg, jumps)
		if d.hops == nil {
			d.hops = map[string]*hop{}
		}
		d.hops[key] = h
	}
	h.refs++
	d.mu.Unlock()
	var once sync.Once
	release := func() { once.Do(func() { d.release(key, h) }) }
	select {
	case <-h.ready:
	case <-ctx.Done():
		release()
		return nil, nil, dialError(ctx, jumps[len(jumps)-1].Addr(), ctx.Err())
	}
	if h.err != nil {
		release()
		return nil, nil, jumpError(h.err, jumps)
	}
	return h, release, nil
}

// newHop starts to dial a jump host. The dial is not bound to the caller who is
// first: others may wait for it too. It ends when nobody does.
func (d *Dialer) newHop(cfg Config, jumps []Target) *hop {
	ctx, cancel := context.WithCancel(context.Background())
	h := &hop{slots: make(chan struct{}, dialsPerJump), cancel: cancel, ready: make(chan struct{})}
	last := len(jumps) - 1
	go func() {
		defer close(h.ready)
		h.client, h.err = d.dial(ctx, cfg, jumps[last], jumps[:last])
	}()
	return h
}

// over reports whether the hop has failed or its connection has ended.
func (h *hop) over() bool {
	select {
	case <-h.ready:
		return h.err != nil || h.client.Err() != nil
	default:
		return false
	}
}

func (d *Dialer) release(key string, h *hop) {
	d.mu.Lock()
	h.refs--
	last := h.refs == 0
	if last && d.hops[key] == h {
		delete(d.hops, key)
	}
	d.mu.Unlock()
	if !last {
		return
	}
	h.cancel()
	<-h.ready
	if h.client != nil {
		h.client.Close()
	}
}

// hopKey is the same for two chains whose connection may be shared.
func hopKey(cfg Config, jumps []Target) string {
	var b strings.Builder
	for _, j := range jumps {
		fmt.Fprintf(&b, "%s pin=%s strict=%s ids=%q agent=%q\n", j, j.Pin, j.Strict, j.Identities, j.Agent)
	}
	fmt.Fprintf(&b, "own=%q", cfg.TrustFile)
	return b.String()
}

// jumpError names the jump host in an error of it.
func jumpError(err error, jumps []Target) error {
	var known *core.Error
	if !errors.As(err, &known) || known.Detail["hop"] != "" {
		return err
	}
	e := known.WithDetail("hop", fmt.Sprint(len(jumps)))
	e.Message = fmt.Sprintf("jump host %s (hop %d): %s", core.Escape(jumps[len(jumps)-1].Alias), len(jumps), known.Message)
	return e
}

// handshake connects to t by dial and logs in.
func (d *Dialer) handshake(ctx context.Context, cfg Config, t Target, dial dialFunc) (*Client, error) {
	parent := ctx
	if d.Turn != nil {
		done, err := d.Turn(ctx)
		if err != nil {
			return nil, dialError(ctx, t.Addr(), err)
		}
		defer done()
	}
	ctx, cancel := context.WithTimeout(ctx, cfg.dialTimeout())
	defer cancel()
	ids, err := loadIdentities(ctx, cfg, t)
	if err != nil {
		return nil, err
	}
	defer ids.close()
	raw, err := dial(ctx, "tcp", t.Addr())
	if err != nil {
		return nil, dialError(parentOr(parent, ctx), t.Addr(), err)
	}
	w := newWire(raw)
	// Closing is what interrupts x/crypto: its Timeout covers the TCP connection only.
	stop := context.AfterFunc(ctx, func() { w.Close() })
	auth := &authenticator{ids: ids}
	checker := d.newChecker(cfg, t)
	conn, chans, reqs, err := ssh.NewClientConn(w, t.Addr(), clientConfig(cfg, t, auth, checker))
	if err != nil {
		stop()
		return nil, handshakeError(parentOr(parent, ctx), t.Addr(), auth, w, err)
	}
	if !stop() { // the deadline closed it in the last moment
		conn.Close()
		return nil, handshakeError(parentOr(parent, ctx), t.Addr(), auth, w, context.Cause(ctx))
	}
	c := newClient(cfg, t, conn, chans, reqs, w, plainKey(checker.accepted))
	c.login = auth.signed
	c.again = func(ctx context.Context) (*Client, error) { return d.login(ctx, cfg, t, dial) }
	return c, nil
}

// parentOr returns the context that says why we stopped: the caller's if it is
// over, else the one with our deadline.
func parentOr(parent, own context.Context) context.Context {
	if parent.Err() != nil {
		return parent
	}
	return own
}

func (d *Dialer) newChecker(cfg Config, t Target) *hostKeyChecker {
	files := t.KnownHosts
	own := ""
	if cfg.TrustFile != "" {
		own = expandHome(cfg.TrustFile, cfg.home())
		files = append([]string{own}, files...)
	}
	return &hostKeyChecker{target: t, known: readKnownHosts(files), own: own, trust: &d.trust, logger: cfg.logger()}
}

func clientConfig(cfg Config, t Target, auth *authenticator, checker *hostKeyChecker) *ssh.ClientConfig {
	lines, _ := checker.lines()
	return &ssh.ClientConfig{
		Config:            transportAlgorithms(cfg.LegacyAlgorithms),
		User:              t.User,
		AuthCallback:      auth.next,
		HostKeyCallback:   checker.check,
		HostKeyAlgorithms: hostKeyAlgorithms(lines, t.HostKeyAlgorithms, cfg.LegacyAlgorithms),
		ClientVersion:     "SSH-2.0-limiquantix",
	}
}
