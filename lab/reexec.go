//go:build linux

package lab

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/limiquantix/limiquantix/lab/inside"
	"github.com/limiquantix/limiquantix/lab/self"
)

const (
	roleSupervisor = "supervisor"
	supervisorLog  = "supervisor.log"
)

// Reexec is called first in main, and in TestMain of packages that use the
// lab: the lab's own processes are this program started again. In such a
// process it does that work and never returns; in any other it does nothing.
func Reexec() {
	role, name := self.Role()
	var err error
	switch role {
	case "":
		return
	case roleSupervisor:
		err = runSupervisor(name)
	case inside.RoleBuild:
		err = inside.Build()
	case inside.RoleInit:
		err = inside.Init()
	default:
		err = fmt.Errorf("unknown role %q", role)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s %s: %v\n", role, name, err)
		os.Exit(1)
	}
	os.Exit(0)
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
