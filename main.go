// Command limiquantix manages KVM/libvirt hosts over SSH: the command line, the
// server for browsers and, in another build, the window.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/limiquantix/limiquantix/app/cli"
	"github.com/limiquantix/limiquantix/app/compose"
	"github.com/limiquantix/limiquantix/lab"
)

// version is stamped by the Makefile.
var version = "dev"

func main() {
	lab.Reexec() // the lab's own processes are this program started again
	level := slog.LevelError
	if os.Getenv("LIMIQUANTIX_DEBUG") != "" {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	os.Exit(cli.Main(context.Background(), os.Args[1:], cli.Standard(), compose.CommandLine(version, log)))
}
