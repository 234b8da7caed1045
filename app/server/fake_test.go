package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"

	"connectrpc.com/connect"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/api/v1/apiv1connect"
)

// fakeVMs fails by the name of the VM that is asked for.
type fakeVMs struct {
	apiv1connect.UnimplementedVMServiceHandler
}

type planned struct{ error }

func (planned) PlanProto() *apiv1.Plan { return &apiv1.Plan{Title: "Start VM web1"} }
func (p planned) Unwrap() error        { return p.error }

func (fakeVMs) GetVM(ctx context.Context, req *apiv1.GetVMRequest) (*apiv1.GetVMResponse, error) {
	switch req.Vm {
	case "panic":
		panic("secret of the implementation")
	case "unknown":
		return nil, errors.New("open /root/.secret/key: no such file")
	case "late":
		return nil, fmt.Errorf("dial: %w", context.DeadlineExceeded)
	case "missing":
		return nil, fmt.Errorf("look up: %w", core.Errorf(core.NotFound, "no VM named %q", "missing").WithHint("see vm list").WithDetail("k", "v"))
	case "blocked":
		return nil, planned{core.Errorf(core.Blocked, "blocked")}
	case "wait":
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return &apiv1.GetVMResponse{Vm: &apiv1.VM{Name: req.Vm}}, nil
}

// fakeEvents sends one message and then waits, or panics, by mode.
type fakeEvents struct {
	apiv1connect.UnimplementedEventServiceHandler
	panics bool
}

func (f fakeEvents) Watch(ctx context.Context, _ *apiv1.WatchRequest, s *connect.ServerStream[apiv1.WatchResponse]) error {
	if err := s.Send(&apiv1.WatchResponse{Object: "hello"}); err != nil {
		return err
	}
	if f.panics {
		panic("in a stream")
	}
	<-ctx.Done()
	return ctx.Err()
}

// fakeConsole hands out an echo for the ticket "good", once.
type fakeConsole struct {
	mu   sync.Mutex
	used bool
}

func (f *fakeConsole) open(_ context.Context, ticket string) (io.ReadWriteCloser, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if ticket != "good" || f.used {
		return nil, core.Errorf(core.Denied, "the ticket is used or too old")
	}
	f.used = true
	here, there := net.Pipe()
	go func() { io.Copy(there, there); there.Close() }()
	return here, nil
}

// syncBuffer is a log that several goroutines write to.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// newHandler returns the handler of the fakes and its log.
func newHandler() (http.Handler, *slog.Logger, *syncBuffer) {
	buf := &syncBuffer{}
	log := slog.New(slog.NewTextHandler(buf, nil))
	s := Services{VM: fakeVMs{}, Event: fakeEvents{}, Console: (&fakeConsole{}).open}
	return Handler(s, log), log, buf
}

func closeLater(t *testing.T, s *Server) {
	t.Helper()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
}
