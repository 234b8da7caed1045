//go:build linux

package sshconn

import (
	"context"
	"io"
	"net"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/transport/sshconn/sshdtest"
)

// cutConn lets so many bytes of the host through, then hangs up or is silent.
type cutConn struct {
	net.Conn
	left   int
	hang   bool
	closed chan struct{}
}

func (c *cutConn) Read(p []byte) (int, error) {
	if c.left == 0 {
		if c.hang {
			<-c.closed
			return 0, net.ErrClosed
		}
		return 0, io.EOF
	}
	n, err := c.Conn.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

func (c *cutConn) Close() error {
	select {
	case <-c.closed:
	default:
		close(c.closed)
	}
	return c.Conn.Close()
}

// Wherever in the login the network is cut, the host has not refused us: who
// believed that would not try again.
func TestCutInTheLoginIsNoRefusal(t *testing.T) {
	s := sshdtest.Start(t, sshdtest.Options{Config: []string{"MaxStartups 200", "PerSourceMaxStartups none"}})
	for _, hang := range []bool{false, true} {
		reached, step := 0, 40
		if hang {
			step = 160
		}
		for n := step; n < 20_000; n += step {
			cfg := config(s, "plain")
			cfg.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
				c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
				return &cutConn{Conn: c, left: n, hang: hang, closed: make(chan struct{})}, err
			}
			if hang {
				cfg.DialTimeout = 250 * time.Millisecond
			}
			c, err := dial(t, cfg)
			if err == nil {
				c.Close()
				break
			}
			if core.CodeOf(err) != core.Unreachable {
				t.Errorf("cut after %d bytes (silent: %v): got %s", n, hang, describe(err))
			}
			reached = n
		}
		if reached < 1000 {
			t.Errorf("the longest login was %d bytes", reached)
		}
	}
}
