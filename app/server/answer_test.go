package server

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/api/v1/apiv1connect"
)

// TestStoppedApplicationIsTold: its socket connects by the kernel's backlog, and
// nothing is ever said.
func TestStoppedApplicationIsTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "api.sock")
	ln, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	client, err := DialUnix(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	err = answersWithin(t.Context(), client, path, 200*time.Millisecond)
	if core.CodeOf(err) != core.Conflict || !strings.Contains(err.Error(), "does not answer") {
		t.Fatalf("got %v, want a conflict that it does not answer", err)
	}
	hint := core.AsError(err).Hint
	if !strings.Contains(hint, "--home") || runtime.GOOS == "linux" && !strings.Contains(hint, "process "+strconv.Itoa(os.Getpid())) {
		t.Errorf("hint: %q", hint)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	if err := answersWithin(ctx, client, path, time.Minute); core.CodeOf(err) != core.Canceled {
		t.Errorf("interrupted: got %v, want canceled", err)
	}
}

// TestAnswersThatAreNotOurs: one sentence and a hint, from the first call and from a later one.
func TestAnswersThatAreNotOurs(t *testing.T) {
	for name, answer := range map[string]string{
		"500":      "HTTP/1.1 500 x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
		"page":     "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello",
		"bad JSON": "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/proto\r\nContent-Length: 5\r\n\r\nhello",
		"garbage":  "220 mail.example.org ESMTP\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "api.sock")
			serveAnswer(t, path, answer)
			client := localClient(unixDialer(path))
			defer client.CloseIdleConnections()
			wantNotOurs(t, Answers(t.Context(), client, path))
			_, err := apiv1connect.NewVMServiceClient(client, LocalURL).GetVM(t.Context(), &apiv1.GetVMRequest{Vm: "web1"})
			wantNotOurs(t, FromConnect(err))
		})
	}
}

// serveAnswer says the same to whoever connects to a socket.
func serveAnswer(t *testing.T, path, answer string) {
	t.Helper()
	ln, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { ln.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 4096))
			_, _ = io.WriteString(conn, answer)
			_, _ = io.Copy(io.Discard, conn) // until the client has read it
			conn.Close()
		}
	}()
}

func wantNotOurs(t *testing.T, err error) {
	t.Helper()
	e := core.AsError(err)
	if e.Code != core.Conflict || e.Hint == "" || !strings.Contains(e.Message, "another program") {
		t.Errorf("got %s: %v (hint %q), want a conflict with another program", e.Code, err, e.Hint)
	}
}

// TestOlderApplicationAnswers: one that does not know the call is there all the same.
func TestOlderApplicationAnswers(t *testing.T) {
	for name, h := range map[string]http.Handler{
		"no such service":    http.NotFoundHandler(),
		"a fault of its own": connectAnswer(connect.NewError(connect.CodeInternal, errors.New("x"))),
	} {
		t.Run(name, func(t *testing.T) {
			_, log, _ := newHandler()
			path := filepath.Join(t.TempDir(), "run", "api.sock")
			s, err := ServeUnix(path, h, log)
			if err != nil {
				t.Fatal(err)
			}
			closeLater(t, s)
			client, err := DialUnix(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			defer client.CloseIdleConnections()
			if err := Answers(t.Context(), client, path); err != nil {
				t.Error(err)
			}
		})
	}
}

func connectAnswer(err error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = connect.NewErrorWriter().Write(w, r, err)
	})
}
