//go:build linux

package lab

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/lab/inside"
)

// Command returns a command that will run argv inside a host, as root, in all of
// its namespaces but in the caller's cgroup. Standard files and environment
// can be set on it as on any other; the default environment is the host's.
//
// Errors: [core.NotFound] for the host, [core.Conflict] when it has no power,
// [core.Invalid] for an empty argv.
func (l *Lab) Command(ctx context.Context, host string, argv ...string) (*exec.Cmd, error) {
	if len(argv) == 0 {
		return nil, core.Errorf(core.Invalid, "no command to run in the host %s", host)
	}
	h, err := l.Host(ctx, host)
	if err != nil {
		return nil, err
	}
	if h.PID == 0 {
		return nil, core.Errorf(core.Conflict, "the host %s has no power", host).
			WithHint("limiquantix lab fault %s heal powers it on", host)
	}
	args := append([]string{"--target", strconv.Itoa(h.PID), "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup",
		"--root", "--wd=/root", "--"}, argv...)
	cmd := exec.CommandContext(ctx, "nsenter", args...)
	cmd.Env = []string{"PATH=" + inside.Path, "HOME=/root", "USER=root", "LOGNAME=root", "LANG=C.UTF-8", "TERM=" + os.Getenv("TERM")}
	return cmd, nil
}

// Exec runs argv inside a host and returns its standard output. With a status
// other than 0 the error is an [exec.ExitError] with the standard error in it.
func (l *Lab) Exec(ctx context.Context, host string, argv ...string) ([]byte, error) {
	cmd, err := l.Command(ctx, host, argv...)
	if err != nil {
		return nil, err
	}
	out, err := cmd.Output()
	if exit, ok := err.(*exec.ExitError); ok {
		return out, fmt.Errorf("%s in %s: %w: %s", argv[0], host, err, exit.Stderr)
	}
	return out, err
}
