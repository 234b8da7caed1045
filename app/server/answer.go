package server

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"connectrpc.com/connect"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/api/v1/apiv1connect"
)

// answerTime is how long an application may take to say what it is, which
// needs no host. One that is stopped never does.
const answerTime = 10 * time.Second

// Answers makes sure that an application answers a client of [DialUnix], before
// it is called for what may take long: a stopped process takes connections and
// says nothing. path is its socket.
//
// Errors: [core.Conflict] when nothing answers in time, or something that is
// not limiquantix; [core.Denied] when it does not accept us; [core.Canceled].
func Answers(ctx context.Context, client *http.Client, path string) error {
	return answersWithin(ctx, client, path, answerTime)
}

func answersWithin(ctx context.Context, client *http.Client, path string, limit time.Duration) error {
	asking, asked := context.WithTimeout(ctx, limit)
	defer asked()
	_, err := apiv1connect.NewAppServiceClient(client, LocalURL).GetAbout(asking, &apiv1.GetAboutRequest{})
	code := connect.CodeOf(err)
	switch {
	case err == nil, connect.IsWireError(err), code == connect.CodeUnimplemented: // older ones do not know the call
		return nil
	case ctx.Err() != nil, code == connect.CodePermissionDenied, code == connect.CodeUnauthenticated, hungUp(err):
		return FromConnect(err)
	case asking.Err() != nil:
		return Silent(path)
	}
	return notOurs(err)
}

// Silent is the [core.Conflict] error of an application whose socket at path
// takes connections, and which does not answer.
func Silent(path string) *core.Error {
	e := core.Errorf(core.Conflict, "the limiquantix that is running does not answer")
	if conn, err := net.DialTimeout("unix", path, time.Second); err == nil {
		defer conn.Close()
		if pid := peerProcess(conn); pid > 0 {
			return e.WithHint("it may be stopped: end it (process %d) and try again, or use another --home", pid)
		}
	}
	return e.WithHint("it may be stopped: end it and try again, or use another --home")
}

// foreign reports whether an error stands for an answer that is not Connect's.
func foreign(ce *connect.Error) bool {
	if connect.IsWireError(ce) {
		return false
	}
	switch ce.Code() {
	case connect.CodeUnknown: // another HTTP status, another type of content
		return true
	case connect.CodeInternal:
		return !strings.HasPrefix(ce.Message(), "marshal ") // that would be a fault of the question
	case connect.CodeInvalidArgument:
		return strings.HasPrefix(ce.Message(), "unmarshal ")
	case connect.CodeUnavailable:
		return strings.Contains(ce.Message(), "malformed HTTP")
	}
	return false
}

// notOurs is the error of an answer that no limiquantix gives.
func notOurs(cause error) *core.Error {
	return &core.Error{Code: core.Conflict, Message: "what answers on the socket of limiquantix is another program, or a part of it is broken",
		Hint: "end it and try again, or use another --home", Cause: cause}
}

// hungUp reports whether the other side went away in the middle of a call.
func hungUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ENOENT)
}
