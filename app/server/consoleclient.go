package server

import (
	"context"
	"io"
	"net/http"
	"net/url"

	"github.com/coder/websocket"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// DialConsole redeems a ticket of VMService.OpenConsole at the API at baseURL.
// Read gives [io.EOF] when the console has ended. The context bounds the whole
// session.
//
// Errors: [core.Denied] for a ticket that is used or too old, and what opening
// the console gives.
func DialConsole(ctx context.Context, client *http.Client, baseURL, ticket string) (io.ReadWriteCloser, error) {
	ws, res, err := websocket.Dial(ctx, baseURL+consolePath+"?ticket="+url.QueryEscape(ticket), &websocket.DialOptions{HTTPClient: client})
	if err == nil {
		return websocket.NetConn(ctx, ws, websocket.MessageBinary), nil
	}
	if res != nil && res.Body != nil {
		// Dial leaves the first bytes of the answer readable.
		body, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10))
		detail := &apiv1.ErrorDetail{}
		if (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(body, detail) == nil && detail.Code != "" {
			return nil, FromDetail(detail)
		}
	}
	return nil, &core.Error{Code: core.Internal, Message: "the console cannot be reached", Cause: err}
}
