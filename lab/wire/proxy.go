//go:build linux

package wire

import (
	"context"
	"net"
	"sync"
)

// Proxy lets the machine reach one host: it accepts at a loopback address and
// dials the host inside, over a cable.
type Proxy struct {
	listener net.Listener
	target   string // address inside
	cable    *Cable
	ctx      context.Context // ended by Close: the life of the proxy, not of a call
	cancel   context.CancelFunc
	running  sync.WaitGroup

	mu    sync.Mutex
	conns map[*net.TCPConn]struct{}
}

// Listen starts a proxy that accepts at l, which it closes in the end, and dials
// target. The caller must call [Proxy.Close].
func Listen(l net.Listener, target string, c *Cable) *Proxy {
	p := &Proxy{listener: l, target: target, cable: c, conns: map[*net.TCPConn]struct{}{}}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.running.Go(p.accept)
	return p
}

// Close ends the listener and all connections, and waits for them.
func (p *Proxy) Close() {
	p.cancel()
	p.listener.Close()
	p.Reset()
	p.running.Wait()
}

// Reset aborts all connections, as a host does with those it does not know
// after it was started again.
func (p *Proxy) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.SetLinger(0)
		c.Close()
	}
}

func (p *Proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return // closed
		}
		p.cable.Accepted.Add(1)
		p.running.Go(func() { p.serve(c.(*net.TCPConn)) })
	}
}

func (p *Proxy) serve(client *net.TCPConn) {
	p.cable.Open.Add(1)
	defer p.cable.Open.Add(-1)
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	if !p.track(client) {
		return
	}
	defer p.forget(client)
	// The client's connect came back at once; over the real way it takes one
	// round trip, and the host's accept comes half a one later.
	if pause(ctx, p.cable.roundTrip()*3/2) != nil || p.cable.pass(ctx, Broken) != nil {
		return
	}
	// No keep-alive of ours: a host without power must stay silent.
	c, err := (&net.Dialer{KeepAlive: -1}).DialContext(ctx, "tcp", p.target)
	if err != nil {
		client.SetLinger(0) // refused reads as reset
		return
	}
	host := c.(*net.TCPConn)
	if !p.track(host) {
		return
	}
	defer p.forget(host)
	p.join(ctx, client, host)
}

// join moves bytes both ways until both directions have ended or one failed.
func (p *Proxy) join(ctx context.Context, client, host *net.TCPConn) {
	abort := func() {
		for _, c := range []*net.TCPConn{client, host} {
			c.SetLinger(0)
			c.Close()
		}
	}
	var both sync.WaitGroup
	both.Go(func() {
		if newPipe(p.cable, Broken, &p.cable.ToHost).run(ctx, host, client) != nil {
			abort()
		}
	})
	both.Go(func() {
		if newPipe(p.cable, Mute, &p.cable.FromHost).run(ctx, client, host) != nil {
			abort()
		}
	})
	both.Wait()
}

func (p *Proxy) track(c *net.TCPConn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx.Err() != nil {
		c.Close()
		return false
	}
	p.conns[c] = struct{}{}
	return true
}

func (p *Proxy) forget(c *net.TCPConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
	c.Close()
}
