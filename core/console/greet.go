package console

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"regexp"
	"time"

	"github.com/limiquantix/limiquantix/core"
)

// greeting is the first word of a VNC server.
//
// Source: RFC 6143, 7.1.1.
var greeting = regexp.MustCompile(`^RFB [0-9]{3}\.[0-9]{3}\n$`)

const (
	greetingSize = len("RFB 003.008\n")
	// greetingLimit is how long a VNC server may take for it. A stopped QEMU
	// listens still, and says nothing.
	greetingLimit = 15 * time.Second
)

// Greet waits until the server at the other end of conn speaks as a VNC server
// does, and returns the connection with nothing taken from it. So a path in
// somebody's XML that leads to another service ends here, unanswered. On an
// error conn is closed.
//
// Errors: [core.Unsupported] when it is no VNC server; [core.Conflict] when it
// ends or is silent; what reading gives otherwise.
func Greet(ctx context.Context, conn net.Conn) (net.Conn, error) {
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	head, err := readGreeting(conn)
	if !stop() && err != nil {
		err = ctx.Err()
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &greeted{Conn: conn, head: head}, nil
}

func readGreeting(conn net.Conn) ([]byte, error) {
	if err := conn.SetReadDeadline(time.Now().Add(greetingLimit)); err != nil {
		return nil, err
	}
	head := make([]byte, greetingSize)
	n, err := io.ReadFull(conn, head)
	switch {
	case err == nil && greeting.Match(head):
		return head, conn.SetReadDeadline(time.Time{})
	case n > 0 && (err == nil || err == io.ErrUnexpectedEOF):
		return nil, core.Errorf(core.Unsupported, "what listens for the VM's screen is no VNC server: it says %s", core.Printable(string(head[:n]), greetingSize))
	case err == io.EOF:
		return nil, core.Errorf(core.Conflict, "the VM's VNC server hung up").WithHint("the VM may have stopped: look at its state and try again")
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, core.Errorf(core.Conflict, "the VM's VNC server does not answer").WithHint("QEMU may be stuck on the host: look at the VM's state and try again")
	}
	return nil, err
}

// greeted is a connection whose first bytes were read already.
type greeted struct {
	net.Conn
	head []byte
}

// Read gives the greeting first.
func (g *greeted) Read(p []byte) (int, error) {
	if len(g.head) == 0 {
		return g.Conn.Read(p)
	}
	n := copy(p, g.head)
	g.head = g.head[n:]
	return n, nil
}

// WriteTo implements [io.WriterTo], in the way of the connection itself.
func (g *greeted) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(g.head)
	g.head = g.head[n:]
	if err != nil {
		return int64(n), err
	}
	more, err := io.Copy(w, g.Conn)
	return int64(n) + more, err
}
