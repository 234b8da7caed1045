package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Limits of a listener.
const (
	headerTime  = 10 * time.Second // for a request's headers
	bodyTime    = 30 * time.Second // for a request's body
	idleTime    = 2 * time.Minute  // between requests
	maxHeader   = 64 << 10
	drainTime   = 5 * time.Second // for calls under way when we close
	flushTime   = 200 * time.Millisecond
	tokenLength = 32 // bytes: 256 bits

	// maxStrangers is how many connections may stand that have not shown the
	// token; a browser that loads the page has six.
	maxStrangers = 512
)

// Server is a listener with the API behind it. Close ends it.
type Server struct {
	// URL is where clients reach it, without a slash at the end:
	// "http://127.0.0.1:4711", or [LocalURL].
	URL string
	// Token is what clients must show; "" for the unix socket and in memory.
	Token string

	http   *http.Server
	client *http.Client
	calls  sync.RWMutex // read-locked by each call under way
	cancel context.CancelFunc
	served chan struct{} // closed when Serve has returned
	err    error
	also   func() error // closes what the listener needs besides
}

// LocalURL is the base URL of the API on a unix socket and in memory: the name
// resolves nowhere, the client's own dialer leads there.
const LocalURL = "http://limiquantix"

const localHost = "limiquantix"

// start serves ln until Close. The guard's next is wrapped so that Close can
// wait for calls, consoles among them.
func start(ln net.Listener, g *guard, log *slog.Logger, adjust func(*http.Server)) *Server {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{cancel: cancel, served: make(chan struct{})}
	if g.bodyTime == 0 {
		g.bodyTime = bodyTime
	}
	s.http = &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !s.calls.TryRLock() {
				return // closing
			}
			defer s.calls.RUnlock()
			g.ServeHTTP(w, r)
		}),
		ReadHeaderTimeout: headerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	if adjust != nil {
		adjust(s.http)
	}
	go func() {
		defer close(s.served)
		if err := s.http.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			s.err = err
			log.Error("listener ended", "error", err)
		}
	}()
	return s
}

// Client returns a client that reaches s and shows its token.
func (s *Server) Client() *http.Client { return s.client }

// Done is closed when s no longer serves.
func (s *Server) Done() <-chan struct{} { return s.served }

// Close stops listening, ends the context of every call under way and waits
// for them for some seconds. The error is that of the listener, if it had failed.
func (s *Server) Close() error {
	s.cancel()
	// A moment for answers that are being written. Then connections are cut,
	// which frees calls whose client reads no more; those that Shutdown does
	// not know (consoles are hijacked) are waited for here.
	ctx, cancel := context.WithTimeout(context.Background(), flushTime)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		s.http.Close()
	}
	drained := make(chan struct{})
	go func() {
		s.calls.Lock() // for good: no call begins any more
		close(drained)
	}()
	select {
	case <-drained:
	case <-time.After(drainTime):
	}
	<-s.served
	if s.client != nil {
		s.client.CloseIdleConnections()
	}
	if s.also != nil {
		return errors.Join(s.err, s.also())
	}
	return s.err
}
