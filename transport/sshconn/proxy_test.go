//go:build linux

package sshconn

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// proxy is a TCP proxy with faults: it can delay every byte, stop forwarding
// without closing anything, and count connections.
type proxy struct {
	addr    string
	port    int
	delay   time.Duration // one way
	frozen  atomic.Bool
	conns   atomic.Int64
	open    atomic.Int64
	maxOpen atomic.Int64
}

func newProxy(t testing.TB, to string, delay time.Duration) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{addr: l.Addr().String(), port: l.Addr().(*net.TCPAddr).Port, delay: delay}
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { p.serve(c, to, stop) })
		}
	})
	t.Cleanup(func() { l.Close(); close(stop); wg.Wait() })
	return p
}

func (p *proxy) serve(c net.Conn, to string, stop chan struct{}) {
	defer c.Close()
	p.conns.Add(1)
	if n := p.open.Add(1); n > p.maxOpen.Load() {
		p.maxOpen.Store(n)
	}
	defer p.open.Add(-1)
	s, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer s.Close()
	done := make(chan struct{}, 2)
	go func() { p.forward(s, c); done <- struct{}{} }()
	go func() { p.forward(c, s); done <- struct{}{} }()
	select {
	case <-done:
	case <-stop:
	}
}

// forward delivers each piece delay after it has come, in order; pieces are in
// flight together, as on a real link.
func (p *proxy) forward(to, from net.Conn) {
	type piece struct {
		data []byte
		due  time.Time
	}
	flight := make(chan piece, 1<<14)
	go func() {
		defer close(flight)
		for {
			buf := make([]byte, 32<<10)
			n, err := from.Read(buf)
			if n > 0 && !p.frozen.Load() {
				flight <- piece{buf[:n], time.Now().Add(p.delay)}
			}
			if err != nil {
				return
			}
		}
	}()
	for x := range flight {
		time.Sleep(time.Until(x.due))
		if p.frozen.Load() {
			continue
		}
		if _, err := to.Write(x.data); err != nil {
			break
		}
	}
	to.Close()
	for range flight {
	}
}

// muteServer accepts connections and says nothing.
func muteServer(t testing.TB, say string) (port int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { io.WriteString(c, say); io.Copy(io.Discard, c); c.Close() }()
		}
	}()
	t.Cleanup(func() { l.Close() })
	return l.Addr().(*net.TCPAddr).Port
}
