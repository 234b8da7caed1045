//go:build linux

package cli

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/limiquantix/limiquantix/core"
)

func namedPipe(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

type textRead struct {
	text string
	err  error
}

func reading(ctx context.Context, file string) <-chan textRead {
	done := make(chan textRead, 1)
	go func() {
		text, err := readText(ctx, "--user-data", file)
		done <- textRead{text, err}
	}()
	return done
}

func awaitText(t *testing.T, done <-chan textRead) textRead {
	t.Helper()
	select {
	case r := <-done:
		return r
	case <-time.After(time.Minute):
		t.Fatal("it still waits")
	}
	return textRead{}
}

// TestPipeWithoutWriterIsGivenUp: before anybody opens it, and after that.
func TestPipeWithoutWriterIsGivenUp(t *testing.T) {
	for _, opened := range []bool{false, true} {
		path := namedPipe(t)
		ctx, cancel := context.WithCancel(t.Context())
		if opened {
			w, err := os.OpenFile(path, os.O_RDWR, 0) // on Linux this does not wait
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
		}
		done := reading(ctx, path)
		select {
		case r := <-done:
			t.Fatalf("opened %v: got %q, %v before anything was written", opened, r.text, r.err)
		case <-time.After(200 * time.Millisecond):
		}
		cancel()
		if r := awaitText(t, done); core.CodeOf(r.err) != core.Canceled {
			t.Errorf("opened %v: got %q, %v, want canceled", opened, r.text, r.err)
		}
	}
}

func TestPipeIsReadToItsEnd(t *testing.T) {
	path := namedPipe(t)
	done := reading(t.Context(), path)
	time.Sleep(100 * time.Millisecond)
	w, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Repeat("#cloud-config\n", 10_000) // more than a pipe holds
	for _, part := range []string{want[:7], want[7:]} {
		if _, err := w.WriteString(part); err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	w.Close()
	if r := awaitText(t, done); r.err != nil || r.text != want {
		t.Errorf("got %d bytes, %v, want %d", len(r.text), r.err, len(want))
	}
}

// TestProcessSubstitution: the file is a pipe of the shell's in /dev/fd.
func TestProcessSubstitution(t *testing.T) {
	if file := os.Getenv("LIMIQUANTIX_TEST_TEXT"); file != "" {
		text, err := readText(t.Context(), "--user-data", file)
		if _, werr := os.Stdout.WriteString("<" + text + ">"); err != nil || werr != nil {
			t.Fatal(err, werr)
		}
		return
	}
	for command, want := range map[string]string{
		"echo now": "<now\n>", "sleep 0.3; echo late": "<late\n>", "true": "<>", "sleep 0.3": "<>",
	} {
		cmd := exec.Command("bash", "-c", `env LIMIQUANTIX_TEST_TEXT=<(`+command+`) "$0" -test.run=TestProcessSubstitution`, os.Args[0])
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("<(%s): got %q, %v, want %q", command, out, err, want)
		}
	}
}
