//go:build linux

package guest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// run runs argv and waits for it. An error carries the end of what it said.
func run(ctx context.Context, argv ...string) error {
	_, err := output(ctx, "", argv...)
	return err
}

// output runs argv in dir ("" is the current one) and returns its standard output.
func output(ctx context.Context, dir string, argv ...string) ([]byte, error) {
	var out bytes.Buffer
	cmd := command(ctx, argv)
	cmd.Dir, cmd.Stdout = dir, &out
	err := start(ctx, cmd)
	return out.Bytes(), err
}

// runIsolated runs argv as the first process of a PID namespace and with mounts
// of its own, so that neither its children nor its mounts outlive it.
func runIsolated(ctx context.Context, argv ...string) error {
	cmd := command(ctx, argv)
	cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWPID
	cmd.SysProcAttr.Unshareflags = syscall.CLONE_NEWNS
	return start(ctx, cmd)
}

func command(ctx context.Context, argv []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

func start(ctx context.Context, cmd *exec.Cmd) error {
	// Pdeathsig is sent when the thread that started the command ends (prctl(2)).
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	said := &tail{max: 2 << 10}
	cmd.Stderr = said
	err := cmd.Run()
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", cmd.Args[0], ctx.Err())
	}
	if err != nil {
		return fmt.Errorf("%s: %w%s", cmd.Args[0], err, said)
	}
	return nil
}

// tail is a writer that keeps the last max bytes.
type tail struct {
	max  int
	kept []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - t.max; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
	return len(p), nil
}

// String returns what was kept as ": text", or "" for nothing.
func (t *tail) String() string {
	s := strings.TrimSpace(string(t.kept))
	if s == "" {
		return ""
	}
	return ": " + s
}
