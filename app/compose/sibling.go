package compose

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/limiquantix/limiquantix/app/cli"
	"github.com/limiquantix/limiquantix/core"
)

// siblingName is the build of this program that has windows. It is linked with
// the system's web view, which this one must not need.
const siblingName = "limiquantix-desktop"

// sibling runs the program with windows until it ends. The error is its exit
// status as an [exec.ExitError], and it has said itself what went wrong; or
// [core.Internal] when it was killed.
func sibling(ctx context.Context, args []string) error {
	exe, err := findSibling()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, exe, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second // to end in good order
	if err := cmd.Run(); err != nil && ctx.Err() == nil {
		return ending(err)
	}
	return nil
}

// ending tells of a program that was killed: it could not say so itself.
func ending(err error) error {
	if ended := new(exec.ExitError); errors.As(err, &ended) && ended.ExitCode() < 0 {
		return core.Errorf(core.Internal, "the program with the window has ended unexpectedly: %w", err).
			WithHint("start it again: what was interrupted can be resumed")
	}
	return err
}

// findSibling looks beside this program and where packages put such parts, not
// in PATH: what is found runs with all that we may do.
//
// Errors: [core.Unsupported] when it is not installed.
func findSibling() (string, error) {
	exe, err := os.Executable()
	if err == nil {
		exe, err = filepath.EvalSymlinks(exe)
	}
	if err != nil {
		return "", core.Errorf(core.Internal, "find this program: %w", err)
	}
	name := siblingName
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	for _, dir := range []string{filepath.Dir(exe), "/usr/local/libexec/limiquantix", "/usr/libexec/limiquantix"} {
		path := filepath.Join(dir, name)
		if st, err := os.Stat(path); err == nil && st.Mode().IsRegular() {
			return path, nil
		}
	}
	return "", core.Errorf(core.Unsupported, "the program with the window, %s, is not installed beside this one", siblingName).
		WithHint("limiquantix serve runs the application for a browser; make desktop builds the window")
}

func siblingArgs(home string, o cli.WindowOptions) []string {
	args := []string{"--home", home, "open"}
	if o.Console {
		args[2] = "console"
	}
	if o.Link != "" {
		args = append(args, o.Link) // parsed before: it is no flag
	}
	return args
}

func demoArgs(o cli.DemoOptions) []string {
	args := []string{"demo", "--window", "--hosts", strconv.Itoa(o.Hosts), "--vms", strconv.Itoa(o.VMs)}
	if o.Calm {
		args = append(args, "--calm")
	}
	if o.Home != "" {
		args = append(args, "--home", o.Home)
	}
	return args
}
