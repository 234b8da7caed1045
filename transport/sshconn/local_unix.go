//go:build unix

package sshconn

import (
	"os/exec"
	"syscall"

	"github.com/limiquantix/limiquantix/core"
	"golang.org/x/sys/unix"
)

func statSpace(name string) (Space, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(name, &s); err != nil {
		return Space{}, err
	}
	size := core.Bytes(s.Bsize)
	return Space{size * core.Bytes(s.Blocks), size * core.Bytes(s.Bavail)}, nil
}

// ownGroup lets killGroup end a command together with what it has started.
func ownGroup(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func killGroup(c *exec.Cmd) { syscall.Kill(-c.Process.Pid, syscall.SIGTERM) }
