package console

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/limiquantix/limiquantix/core"
)

// server returns a connection to somebody who says text, and then hangs up if
// told to.
func server(t *testing.T, text string, hangup bool) net.Conn {
	t.Helper()
	client, other := net.Pipe()
	t.Cleanup(func() { other.Close() })
	go func() { // ends with either side
		io.WriteString(other, text)
		if hangup {
			other.Close()
		}
	}()
	return client
}

func TestGreet(t *testing.T) {
	conn, err := Greet(t.Context(), server(t, "RFB 003.008\nmore", true))
	if err != nil {
		t.Fatal(err)
	}
	if all, err := io.ReadAll(conn); err != nil || string(all) != "RFB 003.008\nmore" {
		t.Errorf("got %q, %v", all, err)
	}
	conn, err = Greet(t.Context(), server(t, "RFB 003.003\nmore", true))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if n, err := conn.(io.WriterTo).WriteTo(&b); err != nil || n != 16 || b.String() != "RFB 003.003\nmore" {
		t.Errorf("copied %q (%d), %v", b.String(), n, err)
	}
}

func TestGreetRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		hangup bool
		code   core.Code
		want   string
	}{
		"a web server":       {"HTTP/1.1 400 Bad Request\r\n", false, core.Unsupported, `it says "HTTP/1.1 400`},
		"a short word":       {"-ERR\r\n", true, core.Unsupported, "no VNC server"},
		"almost RFB":         {"RFB 003.0081", false, core.Unsupported, "no VNC server"},
		"terminal escapes":   {"\x1b]52;c;cm0=\a", true, core.Unsupported, `\x1b]52`},
		"who hangs up":       {"", true, core.Conflict, "hung up"},
		"who says nothing":   {"", false, core.Conflict, "does not answer"},
		"who stops half way": {"RFB 003", false, core.Conflict, "does not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn := server(t, c.text, c.hangup)
				_, err := Greet(t.Context(), conn)
				if core.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %v (%s), want %s with %q", err, core.CodeOf(err), c.code, c.want)
				}
				if _, err := conn.Write([]byte("x")); err == nil {
					t.Error("the connection is still open")
				}
			})
		})
	}
}

func TestGreetEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Greet(ctx, server(t, "", false)); core.CodeOf(err) != core.Canceled {
		t.Errorf("got %v", err)
	}
}
