//go:build linux

package lab

import (
	"context"
	"net"
	"sync"
)

// proxy lets the machine reach one host: it accepts at a loopback address and
// dials the host inside, over a cable.
type proxy struct {
	listener net.Listener
	target   string // address inside
	cable    *cable
	ctx      context.Context // ended by close: the life of the proxy, not of a call
	cancel   context.CancelFunc
	running  sync.WaitGroup

	mu    sync.Mutex
	conns map[*net.TCPConn]struct{}
}

func startProxy(l net.Listener, target string, c *cable) *proxy {
	p := &proxy{listener: l, target: target, cable: c, conns: map[*net.TCPConn]struct{}{}}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.running.Go(p.accept)
	return p
}

// close ends the listener and all connections, and waits for them.
func (p *proxy) close() {
	p.cancel()
	p.listener.Close()
	p.reset()
	p.running.Wait()
}

// reset aborts all connections, as a host does with those it does not know
// after it was started again.
func (p *proxy) reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.SetLinger(0)
		c.Close()
	}
}

func (p *proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return // closed
		}
		p.cable.accepted.Add(1)
		p.running.Go(func() { p.serve(c.(*net.TCPConn)) })
	}
}

func (p *proxy) serve(client *net.TCPConn) {
	p.cable.open.Add(1)
	defer p.cable.open.Add(-1)
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	if !p.track(client) {
		return
	}
	defer p.forget(client)
	// The client's connect came back at once; over the real way it takes one
	// round trip, and the host's accept comes half a one later.
	if pause(ctx, p.cable.roundTrip()*3/2) != nil || p.cable.pass(ctx, broken) != nil {
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
func (p *proxy) join(ctx context.Context, client, host *net.TCPConn) {
	abort := func() {
		for _, c := range []*net.TCPConn{client, host} {
			c.SetLinger(0)
			c.Close()
		}
	}
	var both sync.WaitGroup
	both.Go(func() {
		if newPipe(p.cable, broken, &p.cable.toHost).run(ctx, host, client) != nil {
			abort()
		}
	})
	both.Go(func() {
		if newPipe(p.cable, mute, &p.cable.fromHost).run(ctx, client, host) != nil {
			abort()
		}
	})
	both.Wait()
}

func (p *proxy) track(c *net.TCPConn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx.Err() != nil {
		c.Close()
		return false
	}
	p.conns[c] = struct{}{}
	return true
}

func (p *proxy) forget(c *net.TCPConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
	c.Close()
}
