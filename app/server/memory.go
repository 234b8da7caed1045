package server

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
)

// InMemory serves h inside this process: no socket exists, only
// [Server.Client] reaches it. The command line runs the core this way when no
// application is running.
func InMemory(h http.Handler, log *slog.Logger) *Server {
	ln := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	s := start(ln, localGuard(h), log, nil)
	s.URL = LocalURL
	s.client = localClient(ln.dial)
	return s
}

// localGuard accepts only what our own clients send.
func localGuard(h http.Handler) *guard {
	return &guard{next: h, hosts: map[string]bool{localHost: true}}
}

func localClient(dial func(context.Context) (net.Conn, error)) *http.Client {
	return &http.Client{Transport: &http.Transport{
		Proxy:       nil, // never ask HTTP_PROXY for our own socket
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) },
	}}
}

// pipeListener is a net.Listener whose connections are pairs of net.Pipe.
type pipeListener struct {
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *pipeListener) dial(ctx context.Context) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case l.conns <- there:
		return here, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements [net.Listener].
func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener].
func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr implements [net.Listener].
func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: localHost, Net: "memory"} }
