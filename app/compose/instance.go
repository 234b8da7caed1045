package compose

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/limiquantix/limiquantix/app/desktop"
	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
)

// attachPath is where a window of another process learns how to reach the
// application, on the unix socket only. The answer, an endpoint, is followed by
// nothing until the application ends.
const attachPath = "/window/attach"

// instance is the application of a home directory, with the socket by which the
// user's other processes find it.
type instance struct {
	app  *App
	sock *server.Server
	log  *slog.Logger

	mu   sync.Mutex
	door *server.Server // the loopback listener for windows; nil until one asks
}

// begin makes the application and its socket. [core.Exists] when it runs already.
func begin(ctx context.Context, c Config) (*instance, error) {
	app, err := New(ctx, c)
	if err != nil {
		return nil, err
	}
	i := &instance{app: app, log: c.Log}
	mux := http.NewServeMux()
	mux.Handle("/", app.Handler)
	mux.HandleFunc("POST "+attachPath, i.attach)
	if i.sock, err = server.ServeUnix(socketOf(c.Home), mux, c.Log); err != nil {
		app.Close()
		return nil, err
	}
	return i, nil
}

// endpoint returns how windows reach the application. They have a listener of
// their own: only there may their origin call, and it is never TLS.
func (i *instance) endpoint() (desktop.Endpoint, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.door == nil {
		var err error
		if i.door, err = server.ServeTCP(i.app.Handler, server.TCPOptions{Guest: desktop.Origin()}, i.log); err != nil {
			return desktop.Endpoint{}, err
		}
	}
	return desktop.Endpoint{URL: i.door.URL, Token: i.door.Token}, nil
}

func (i *instance) attach(w http.ResponseWriter, r *http.Request) {
	e, err := i.endpoint()
	if err != nil {
		i.log.ErrorContext(r.Context(), "listener for windows", "error", err)
		http.Error(w, "no listener", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(e) // the window may have gone
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

// Close ends the application.
func (i *instance) Close() error {
	i.mu.Lock()
	if i.door != nil {
		i.door.Close()
	}
	i.mu.Unlock()
	i.sock.Close()
	return i.app.Close()
}

// attachment is an application in another process, as a window's.
type attachment struct {
	endpoint desktop.Endpoint
	client   *http.Client
	cancel   context.CancelFunc
	lost     chan struct{} // closed when the application has ended
}

// attachTime is how long an application may take to answer a window. One that
// is stopped never does.
const attachTime = 15 * time.Second

// attach finds the application that serves the socket at path. Close it.
// [core.NotFound] when none does, [core.Conflict] when it does not answer.
func attach(ctx context.Context, path string) (*attachment, error) {
	client, err := server.DialUnix(ctx, path)
	if err != nil {
		return nil, err
	}
	a := &attachment{client: client, lost: make(chan struct{})}
	following, cancel := context.WithCancel(context.WithoutCancel(ctx)) // Close ends it
	a.cancel = cancel
	asking, asked := context.WithTimeout(ctx, attachTime)
	defer asked()
	answered := context.AfterFunc(asking, cancel)
	rest, err := a.ask(following)
	if !answered() {
		err = server.Silent(path)
	}
	if err != nil {
		cancel() // what is left of the answer ends with it
		return nil, err
	}
	go func() {
		defer close(a.lost)
		defer rest.Close()
		_, _ = io.Copy(io.Discard, rest) // returns when the other side has gone, or Close was called
	}()
	return a, nil
}

// ask learns the endpoint, and returns what follows it: nothing, until the
// application ends or ctx does.
func (a *attachment) ask(ctx context.Context) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.LocalURL+attachPath, nil)
	if err != nil {
		return nil, fmt.Errorf("attach: %w", err)
	}
	res, err := a.client.Do(req)
	if err == nil && res.StatusCode != http.StatusOK {
		res.Body.Close()
		err = core.Errorf(core.Conflict, "its answer is %s", res.Status)
	}
	if err != nil {
		return nil, core.Errorf(core.Conflict, "the limiquantix that is running does not take windows: %w", err).
			WithHint("it may be another version: end it and try again")
	}
	if err := json.NewDecoder(res.Body).Decode(&a.endpoint); err != nil {
		res.Body.Close()
		return nil, core.Errorf(core.NotFound, "the limiquantix that was running has ended: %w", err)
	}
	return res.Body, nil
}

// Close leaves the application and waits until nobody listens to it any more.
func (a *attachment) Close() {
	a.cancel()
	<-a.lost
	a.client.CloseIdleConnections()
}
