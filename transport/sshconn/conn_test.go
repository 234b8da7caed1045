//go:build linux

package sshconn

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/transport/sshconn/sshdtest"
	"golang.org/x/net/nettest"
)

// The standard suite for net.Conn, deadlines included, on a channel through a real sshd.
func TestConnIsANetConn(t *testing.T) {
	s := sshdtest.Start(t, sshdtest.Options{})
	c := mustDial(t, config(s, "plain"))
	nettest.TestConn(t, func() (net.Conn, net.Conn, func(), error) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, nil, nil, err
		}
		defer l.Close()
		near, err := c.DialTCP(t.Context(), l.Addr().String())
		if err != nil {
			return nil, nil, nil, err
		}
		far, err := l.Accept()
		return near, far, func() { near.Close(); far.Close() }, err
	})
}

func echoServer(t *testing.T, network, addr string) string {
	t.Helper()
	l, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { io.Copy(c, c); c.Close() }()
		}
	}()
	return l.Addr().String()
}

func TestUnixSocket(t *testing.T) {
	s := sshdtest.Start(t, sshdtest.Options{})
	socket := echoServer(t, "unix", filepath.Join(s.Dir, "echo"))
	for name, h := range map[string]host{"ssh": mustDial(t, config(s, "root")), "local": NewLocal()} {
		t.Run(name, func(t *testing.T) {
			conn, err := h.DialUnix(t.Context(), socket)
			if err != nil {
				t.Fatal(describe(err))
			}
			defer conn.Close()
			conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
			if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatalf("got %v, want a passed deadline", err)
			}
			conn.SetReadDeadline(time.Time{})
			want := make([]byte, 10<<20) // more than any window
			rand.Read(want)
			go conn.Write(want)
			got := make([]byte, len(want))
			if _, err := io.ReadFull(conn, got); err != nil || !bytes.Equal(got, want) {
				t.Errorf("echo differs, %v", err)
			}
			_, err = h.DialUnix(t.Context(), filepath.Join(s.Dir, "missing"))
			if code := core.CodeOf(err); code != core.Unsupported && code != core.NotFound {
				t.Errorf("missing socket: %s", describe(err))
			}
		})
	}
}

func TestWriteDeadlineWhenNobodyReads(t *testing.T) {
	s := sshdtest.Start(t, sshdtest.Options{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := mustDial(t, config(s, "plain"))
	conn, err := c.DialTCP(t.Context(), l.Addr().String())
	if err != nil {
		t.Fatal(describe(err))
	}
	conn.SetWriteDeadline(time.Now().Add(500 * time.Millisecond))
	_, err = conn.Write(make([]byte, 64<<20))
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("got %v, want a passed deadline", err)
	}
	output(t, c, "true") // the SSH connection is as good as before
}
