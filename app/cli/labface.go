//go:build linux

package cli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// face shows what was made until ctx ends: in the window where there is a
// display, else at an address for a browser. It waits for what it started.
func (t *trial) face(ctx context.Context) {
	if os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != "" {
		fmt.Fprintln(t.out, "The window opens now; when it is closed, limiquantix open brings it back.")
		if t.child(ctx, "open") == nil || ctx.Err() != nil {
			<-ctx.Done()
			return
		}
	}
	fmt.Fprintln(t.out, "In a browser on this computer:")
	if err := t.child(ctx, "serve"); err != nil && ctx.Err() == nil {
		fmt.Fprintf(t.out, "limiquantix serve has ended: %v\n", err)
	}
	<-ctx.Done()
}

// child runs a command line on the trial's inventory until it or ctx ends.
func (t *trial) child(ctx context.Context, verb string) error {
	cmd := exec.CommandContext(ctx, t.exe, "--quiet", "--home", t.home, verb)
	cmd.Stdout, cmd.Stderr = t.out, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second // to end in good order
	return cmd.Run()
}
