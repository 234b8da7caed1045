package virt

import (
	"context"
	"net"
	"testing"

	"github.com/limiquantix/limiquantix/core"
)

// TestHalfAnOpenIsNone: the daemon takes both connections and serves one.
func TestHalfAnOpenIsNone(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		w := newWire(conn)
		for {
			f, err := w.read()
			if err != nil {
				return
			}
			r := frame{program: programRemote, proc: f.proc, kind: typeReply, serial: f.serial}
			switch f.proc {
			case procAuthList:
				r.payload = (&writer{}).uint32(1).uint32(authNone).b
			case procConnectOpen:
			default:
				r.payload = (&writer{}).uint32(7).b
			}
			w.write(r.bytes())
		}
	}()
	_, err = openFake(t, func(context.Context) (net.Conn, error) { return net.Dial("tcp", l.Addr().String()) })
	if core.CodeOf(err) != core.Unreachable {
		t.Errorf("got %v", err)
	}
}
