package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"connectrpc.com/connect"

	"github.com/limiquantix/limiquantix/core"
)

// edge is the interceptor where errors leave the process: every error becomes
// a Connect error with an ErrorDetail, every panic [core.Internal].
type edge struct{ log *slog.Logger }

// WrapUnary implements [connect.Interceptor].
func (e *edge) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (res connect.AnyResponse, err error) {
		call := req.Spec().Procedure
		e.log.DebugContext(ctx, "called", "call", call)
		defer func() {
			if p := recover(); p != nil {
				res, err = nil, e.panicked(ctx, call, p)
			}
		}()
		res, err = next(ctx, req)
		return res, e.leaving(ctx, call, err)
	}
}

// WrapStreamingHandler implements [connect.Interceptor].
func (e *edge) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) (err error) {
		call := conn.Spec().Procedure
		e.log.DebugContext(ctx, "called", "call", call)
		defer func() {
			if p := recover(); p != nil {
				err = e.panicked(ctx, call, p)
			}
		}()
		return e.leaving(ctx, call, next(ctx, conn))
	}
}

// WrapStreamingClient implements [connect.Interceptor]; we are no client.
func (e *edge) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

func (e *edge) leaving(ctx context.Context, call string, err error) error {
	if err == nil {
		return nil
	}
	if core.CodeOf(err) == core.Internal {
		e.log.ErrorContext(ctx, "call failed", "call", call, "error", err)
	}
	return ToConnect(err)
}

func (e *edge) panicked(ctx context.Context, call string, p any) error {
	if p == http.ErrAbortHandler { // net/http's way to hang up, not a defect
		panic(p)
	}
	e.log.ErrorContext(ctx, "call panicked", "call", call, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	return ToConnect(core.Errorf(core.Internal, internalMessage))
}
