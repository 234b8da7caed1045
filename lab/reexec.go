//go:build linux

package lab

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// A process of a lab is this program with a first argument of its own, which
// also names it in ps: "limiquantix-lab: supervisor default".
const (
	argPrefix     = "limiquantix-lab: "
	roleSuperv    = "supervisor"
	roleBuilder   = "builder"
	roleInit      = "init"
	selfExe       = "/proc/self/exe"
	firstExtra    = 3 // the number of exec.Cmd.ExtraFiles[0] in the child
	supervisorLog = "supervisor.log"
)

func argZero(role, name string) string { return argPrefix + role + " " + name }

// Reexec is called first in main, and in TestMain of packages that use the
// lab: the lab's own processes are this program started again. In such a
// process it does that work and never returns; in any other it does nothing.
func Reexec() {
	line, ours := strings.CutPrefix(os.Args[0], argPrefix)
	if !ours {
		return
	}
	role, name, _ := strings.Cut(line, " ")
	var err error
	switch role {
	case roleSuperv:
		err = runSupervisor(name)
	case roleBuilder:
		err = buildHost()
	case roleInit:
		err = runInit()
	default:
		err = fmt.Errorf("unknown role %q", role)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, line+":", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// inherited returns the i-th file that the parent passed on, closed on the next exec:
// a lock or a listener that leaked into a daemon of a host would outlive the lab.
func inherited(i int, name string) *os.File {
	syscall.CloseOnExec(firstExtra + i)
	return os.NewFile(uintptr(firstExtra+i), name)
}

// thread runs functions on one OS thread that lives as long as the process.
// The kernel ties PR_SET_PDEATHSIG to the thread that forked, so hosts must be
// forked by one that never ends.
type thread chan func()

func startThread() thread {
	t := make(thread)
	go func() {
		runtime.LockOSThread()
		for f := range t {
			f()
		}
	}()
	return t
}

func (t thread) start(cmd *exec.Cmd) error {
	done := make(chan error)
	t <- func() { done <- cmd.Start() }
	return <-done
}

// listenIn listens in another network namespace. The thread that went there is
// thrown away with its goroutine.
func listenIn(netns *os.File, address string) (net.Listener, error) {
	type result struct {
		l   net.Listener
		err error
	}
	done := make(chan result)
	go func() {
		runtime.LockOSThread()
		if err := unix.Setns(int(netns.Fd()), unix.CLONE_NEWNET); err != nil {
			done <- result{nil, fmt.Errorf("enter the machine's network: %w", err)}
			return
		}
		l, err := net.Listen("tcp4", address)
		done <- result{l, err}
	}()
	r := <-done
	return r.l, r.err
}

// ip runs iproute2 commands, one a line, in the network namespace of this
// process.
func ip(ctx context.Context, lines ...string) error {
	cmd := exec.CommandContext(ctx, "ip", "-batch", "-")
	cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("ip: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

func newLogger(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }
