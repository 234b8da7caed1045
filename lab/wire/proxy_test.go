//go:build linux

package wire

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// lay puts a proxy before a server that does as told with each connection.
func lay(t testing.TB, rtt time.Duration, serve func(*net.TCPConn)) (*Proxy, func() *net.TCPConn) {
	t.Helper()
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			c, err := server.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); serve(c.(*net.TCPConn)) }()
		}
	}()
	t.Cleanup(func() { server.Close() })
	return layTo(t, rtt, server.Addr().String())
}

// layTo puts a proxy before an address.
func layTo(t testing.TB, rtt time.Duration, target string) (*Proxy, func() *net.TCPConn) {
	t.Helper()
	front, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var nanos atomic.Int64
	nanos.Store(int64(rtt))
	p := Listen(front, target, NewCable(&nanos))
	t.Cleanup(p.Close)
	return p, func() *net.TCPConn {
		a, err := net.ResolveTCPAddr("tcp", front.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		c, err := net.DialTCP("tcp", nil, a)
		if errors.Is(err, unix.ECONNRESET) {
			return nil // without latency a reset may come before connect returns
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		c.SetDeadline(time.Now().Add(time.Minute))
		return c
	}
}

func echo(c *net.TCPConn) { io.Copy(c, c) }

func TestProxyKeepsOrderAndHalfCloses(t *testing.T) {
	_, dial := lay(t, 20*time.Millisecond, echo)
	sent := make([]byte, 40<<20) // more than is held in flight
	rand.Read(sent)
	c := dial()
	go func() {
		c.Write(sent)
		c.CloseWrite()
	}()
	got, err := io.ReadAll(c)
	if err != nil || !bytes.Equal(got, sent) {
		t.Fatalf("%d of %d bytes came back, equal %v, %v", len(got), len(sent), bytes.Equal(got, sent), err)
	}
}

func TestProxyDelaysAndDoesNotThrottle(t *testing.T) {
	const rtt = 400 * time.Millisecond
	_, dial := lay(t, rtt, echo)
	c := dial()
	c.Write([]byte("x")) // past the handshake
	io.ReadFull(c, make([]byte, 1))
	began := time.Now()
	go func() { // 20 messages, each on its way before the last has arrived
		for range 20 {
			c.Write([]byte("x"))
			time.Sleep(5 * time.Millisecond)
		}
	}()
	io.ReadFull(c, make([]byte, 20))
	if took := time.Since(began); took < rtt || took > 10*rtt {
		t.Errorf("20 messages took %s; one after the other they would take %s", took, 20*rtt)
	}
}

func TestProxyHoldsABoundedAmount(t *testing.T) {
	p, dial := lay(t, 0, func(c *net.TCPConn) { time.Sleep(time.Minute) }) // reads nothing
	c := dial()
	p.cable.Set(Broken)
	c.SetWriteDeadline(time.Now().Add(2 * time.Second))
	sent, err := io.Copy(c, io.LimitReader(zeroes{}, 1<<30))
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%d bytes were taken, %v", sent, err)
	}
}

type zeroes struct{}

func (zeroes) Read(b []byte) (int, error) { return len(b), nil }

func TestProxyPassesResetsOn(t *testing.T) {
	t.Run("from the host", func(t *testing.T) {
		_, dial := lay(t, 0, func(c *net.TCPConn) { c.SetLinger(0) })
		c := dial()
		if c == nil {
			return
		}
		if _, err := io.ReadAll(c); !errors.Is(err, unix.ECONNRESET) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("from the client", func(t *testing.T) {
		ended := make(chan error, 1)
		_, dial := lay(t, 0, func(c *net.TCPConn) {
			c.Write([]byte("x"))
			_, err := io.ReadAll(c)
			ended <- err
		})
		c := dial()
		io.ReadFull(c, make([]byte, 1))
		c.SetLinger(0)
		c.Close()
		if err := <-ended; !errors.Is(err, unix.ECONNRESET) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("nobody listens", func(t *testing.T) {
		dead, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_, dial := layTo(t, 0, dead.Addr().String())
		dead.Close()
		c := dial()
		if c == nil {
			return
		}
		if _, err := io.ReadAll(c); !errors.Is(err, unix.ECONNRESET) {
			t.Errorf("got %v", err)
		}
	})
}

func TestMuteHearsAndNeverAnswers(t *testing.T) {
	heard := make(chan byte, 2)
	p, dial := lay(t, 0, func(c *net.TCPConn) {
		b := make([]byte, 1)
		for {
			if _, err := c.Read(b); err != nil {
				return
			}
			heard <- b[0]
			c.Write(b)
		}
	})
	p.cable.Set(Mute)
	c := dial()
	c.Write([]byte("q"))
	if got := <-heard; got != 'q' {
		t.Errorf("heard %q", got)
	}
	b := make([]byte, 1)
	c.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	if _, err := c.Read(b); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("answered %q, %v", b, err)
	}
	p.cable.Set(Whole)
	c.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := c.Read(b); err != nil || b[0] != 'q' {
		t.Errorf("after heal %q, %v", b, err)
	}
	if open := p.cable.Open.Load(); open != 1 {
		t.Errorf("%d connections are open", open)
	}
}

func BenchmarkProxyThroughput(b *testing.B) {
	for _, rtt := range []time.Duration{0, 50 * time.Millisecond} {
		b.Run(rtt.String(), func(b *testing.B) {
			_, dial := lay(b, rtt, func(c *net.TCPConn) { io.Copy(c, io.LimitReader(zeroes{}, 1<<40)) })
			c := dial()
			buf := make([]byte, 1<<20)
			io.ReadFull(c, buf)
			b.SetBytes(int64(len(buf)))
			for b.Loop() {
				if _, err := io.ReadFull(c, buf); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
