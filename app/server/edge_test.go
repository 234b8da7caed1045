package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/api/v1/apiv1connect"
)

func TestErrorsCrossTheAPIUnchanged(t *testing.T) {
	h, log, logged := newHandler()
	s := InMemory(h, log)
	closeLater(t, s)
	vms := apiv1connect.NewVMServiceClient(s.Client(), s.URL)
	for _, tc := range []struct {
		vm   string
		want core.Error
	}{
		{"missing", core.Error{Code: core.NotFound, Message: `look up: no VM named "missing"`, Hint: "see vm list", Detail: map[string]string{"k": "v"}}},
		{"panic", core.Error{Code: core.Internal, Message: internalMessage}},
		{"unknown", core.Error{Code: core.Internal, Message: internalMessage}},
		{"late", core.Error{Code: core.Unreachable, Message: "no answer in time"}},
		{"blocked", core.Error{Code: core.Blocked, Message: "blocked"}},
	} {
		t.Run(tc.vm, func(t *testing.T) {
			_, err := vms.GetVM(t.Context(), &apiv1.GetVMRequest{Vm: tc.vm})
			got := new(core.Error)
			if !errors.As(FromConnect(err), &got) {
				t.Fatalf("got %v, want a core.Error", err)
			}
			if diff := cmp.Diff(tc.want, *got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if l := logged.String(); !strings.Contains(l, "secret of the implementation") || !strings.Contains(l, "edge_test") && !strings.Contains(l, "fake_test") {
		t.Errorf("the panic and its stack are not in the log:\n%s", l)
	}
	_, err := vms.GetVM(t.Context(), &apiv1.GetVMRequest{Vm: "blocked"})
	blocked := new(BlockedError)
	if !errors.As(FromConnect(err), &blocked) || blocked.Plan.Title != "Start VM web1" {
		t.Errorf("got %v, want a BlockedError with the plan", FromConnect(err))
	}
	wrapped := FromConnect(fmt.Errorf("start VM x: %w", err))
	if got := core.AsError(wrapped); got.Message != "start VM x: blocked" || got.Code != core.Blocked {
		t.Errorf("context is lost: %v", got)
	}
	if _, err := vms.ListVMs(t.Context(), &apiv1.ListVMsRequest{}); core.CodeOf(FromConnect(err)) != core.Unsupported {
		t.Errorf("a call that is not implemented: got %v", FromConnect(err))
	}
	hosts := apiv1connect.NewHostServiceClient(s.Client(), s.URL)
	if _, err := hosts.ListHosts(t.Context(), &apiv1.ListHostsRequest{}); core.CodeOf(FromConnect(err)) != core.Unsupported {
		t.Errorf("a service that is not served: got %v", FromConnect(err))
	}
}

func TestEveryCodeCrossesTheAPI(t *testing.T) {
	for _, c := range []core.Code{core.Invalid, core.NotFound, core.Exists, core.Ambiguous, core.Conflict, core.Blocked, core.Changed,
		core.Unreachable, core.UnknownOutcome, core.HostKeyUnknown, core.HostKeyChanged, core.HostKeyRevoked, core.AuthFailed,
		core.SecretNeeded, core.Denied, core.NoSpace, core.Unsupported, core.BadImage, core.Canceled, core.Refused, core.Internal} {
		if got := core.CodeOf(FromConnect(ToConnect(core.Errorf(c, "x")))); got != c {
			t.Errorf("got %s, want %s", got, c)
		}
	}
	lost := connect.NewError(connect.CodeInvalidArgument, fmt.Errorf("protocol error: incomplete envelope: %w", io.ErrUnexpectedEOF))
	turned := core.AsError(fmt.Errorf("watch: %w", FromConnect(lost))).WithHint("look")
	if got := FromConnect(turned); got != error(turned) || turned.Code != core.Internal || !strings.Contains(turned.Message, "lost") {
		t.Errorf("a stream that broke off, turned twice: got %v, want %v", got, turned)
	}
	if ToConnect(nil) != nil || FromConnect(nil) != nil || FromDetail(nil) != nil {
		t.Error("nil did not stay nil")
	}
}

func TestPanicInStreamBecomesInternal(t *testing.T) {
	s := InMemory(Handler(Services{Event: fakeEvents{panics: true}}, slog.New(slog.DiscardHandler)), slog.New(slog.DiscardHandler))
	closeLater(t, s)
	stream, err := apiv1connect.NewEventServiceClient(s.Client(), s.URL).Watch(t.Context(), &apiv1.WatchRequest{})
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	for stream.Receive() {
	}
	if got := core.CodeOf(FromConnect(stream.Err())); got != core.Internal {
		t.Errorf("got %v, want internal", stream.Err())
	}
}

func TestCloseEndsCallsAndStreams(t *testing.T) {
	h, log, _ := newHandler()
	s := InMemory(h, log)
	stream, err := apiv1connect.NewEventServiceClient(s.Client(), s.URL).Watch(t.Context(), &apiv1.WatchRequest{})
	if err != nil || !stream.Receive() {
		t.Fatal(err, stream.Err())
	}
	ended := make(chan error, 1)
	go func() {
		_, err := apiv1connect.NewVMServiceClient(s.Client(), s.URL).GetVM(context.Background(), &apiv1.GetVMRequest{Vm: "wait"})
		ended <- err
	}()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("the call went through a closed server")
	}
	if stream.Receive() {
		t.Error("the stream goes on after Close")
	}
	stream.Close()
}

func TestTooLargeRequestIsRefused(t *testing.T) {
	h, log, _ := newHandler()
	s := InMemory(h, log)
	closeLater(t, s)
	vms := apiv1connect.NewVMServiceClient(s.Client(), s.URL)
	_, err := vms.CreateVM(t.Context(), &apiv1.CreateVMRequest{CloudInit: &apiv1.CloudInit{UserData: strings.Repeat("x", maxMessage+10_000)}})
	if err == nil || connect.CodeOf(err) == connect.CodeUnimplemented {
		t.Errorf("got %v, want a refusal", err)
	}
}
