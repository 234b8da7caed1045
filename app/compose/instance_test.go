package compose

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/app/cli"
	"github.com/limiquantix/limiquantix/app/desktop"
	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
)

// stopped is the socket of a process that was stopped: it connects, by the
// kernel's backlog, and answers nothing.
func stopped(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.sock")
	ln, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return path
}

func TestWindowGivesUpOnAStoppedApplication(t *testing.T) {
	path := stopped(t)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := attach(ctx, path)
		ended <- err
	}()
	select {
	case err := <-ended:
		if core.CodeOf(err) != core.Conflict || core.AsError(err).Hint == "" {
			t.Errorf("got %v, want a conflict with a hint", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("it waits for an answer although nobody waits for it any more")
	}
}

func TestHandingOverToAStoppedWindow(t *testing.T) {
	path := stopped(t)
	client, err := server.DialUnix(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(300*time.Millisecond, cancel)
	if err := desktop.HandOver(ctx, client, ""); core.CodeOf(err) != core.Canceled {
		t.Errorf("interrupted: got %v, want canceled", err)
	}
}

// TestKilledWindowIsTold: the program with the window cannot say itself that it
// was killed.
func TestKilledWindowIsTold(t *testing.T) {
	err := ending(exec.Command("sh", "-c", "kill -9 $$").Run())
	if core.CodeOf(err) != core.Internal || core.AsError(err).Hint == "" {
		t.Errorf("killed: got %v, want internal with a hint", err)
	}
	failed := new(exec.ExitError)
	if err := ending(exec.Command("sh", "-c", "exit 3").Run()); !errors.As(err, &failed) || failed.ExitCode() != 3 {
		t.Errorf("failed: got %v, want its status", err)
	}
}

// TestCommandAsksWhoAnswers: before its first call, which may be slow for a good
// reason, a command finds out whether an application is there at all.
func TestCommandAsksWhoAnswers(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	home := t.TempDir()
	path := socketOf(home)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	broken := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "x", http.StatusInternalServerError)
	})}
	var served sync.WaitGroup
	served.Go(func() { _ = broken.Serve(ln) })
	t.Cleanup(func() { broken.Close(); served.Wait() })
	_, err = openSession(t.Context(), cli.OpenOptions{Home: home}, "test", Discard())
	if core.CodeOf(err) != core.Conflict || core.AsError(err).Hint == "" {
		t.Errorf("got %v, want a conflict with a hint", err)
	}
}
