package server

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"sync"

	"github.com/coder/websocket"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

const (
	consolePath = "/console"
	// consoleProtocol is what a browser offers beside its token: the server has
	// to choose one, and must not echo the token.
	consoleProtocol = "limiquantix.console"
)

// consoleRelay copies between a WebSocket (binary frames, no meaning in their
// borders) and a console.
type consoleRelay struct {
	open func(ctx context.Context, ticket string) (io.ReadWriteCloser, error)
	log  *slog.Logger
}

func (c *consoleRelay) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	if r.Header.Get("Upgrade") == "" { // do not spend the ticket
		http.Error(w, "this is a WebSocket", http.StatusUpgradeRequired)
		return
	}
	console, err := c.open(ctx, r.URL.Query().Get("ticket"))
	if err != nil {
		c.refuse(w, r, err)
		return
	}
	defer console.Close()
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{consoleProtocol}})
	if err != nil {
		return // Accept has answered
	}
	defer ws.CloseNow()
	relay(ctx, ws, console)
}

// relay copies both ways until either side ends or ctx does, and returns when
// both copies have ended.
func relay(ctx context.Context, ws *websocket.Conn, console io.ReadWriteCloser) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream := websocket.NetConn(ctx, ws, websocket.MessageBinary)
	stop := context.AfterFunc(ctx, func() { console.Close() })
	defer stop()
	var both sync.WaitGroup
	both.Go(func() {
		io.Copy(console, stream)
		console.Close() // ends the copy below
	})
	both.Go(func() {
		io.Copy(stream, console)
		ws.Close(websocket.StatusNormalClosure, "the console has ended") // ends the copy above
	})
	both.Wait()
}

// refuse answers with an ErrorDetail as JSON, as Connect would have it.
func (c *consoleRelay) refuse(w http.ResponseWriter, r *http.Request, err error) {
	e := known(err)
	status := http.StatusInternalServerError
	switch e.Code {
	case core.Denied:
		status = http.StatusForbidden
	case core.NotFound:
		status = http.StatusNotFound
	case core.Conflict:
		status = http.StatusConflict
	case core.Unreachable, core.UnknownOutcome:
		status = http.StatusServiceUnavailable
	case core.Internal:
		c.log.ErrorContext(r.Context(), "console", "error", err)
	}
	body, _ := protojson.Marshal(&apiv1.ErrorDetail{Code: string(e.Code), Message: e.Message, Hint: e.Hint, Detail: e.Detail})
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(body)
}
