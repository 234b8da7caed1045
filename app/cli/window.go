package cli

import (
	"context"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/core"
)

// WindowOptions say what a window shows.
type WindowOptions struct {
	// Home is the directory of the inventory; "" means the OS's place for it.
	Home string
	// Link is what to show, "limiquantix://HOST/vm/UUID"; "" is the application.
	// It comes from anywhere.
	Link string
	// Console: the link's VM is shown in a window of its own, which has only its
	// console.
	Console bool
}

func (p *program) openCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "open [LINK]",
		Short: "Open the window, or show in it what a link names",
		Long: `Open the window, or show in it what a link names. A window that is open already
comes to the front. A link only shows something, it changes nothing; one that
names a host or VM that is not managed here is refused.

Links are limiquantix://HOST, limiquantix://HOST/vm/UUID and
limiquantix://HOST/vm/UUID/console.`,
		Example: "  limiquantix open\n  limiquantix open limiquantix://kvm1/vm/4c3f8f7e-1d4b-4d0c-9a57-3c4a7bb7a2d1",
		Args:    between(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.window(cmd.Context(), WindowOptions{Link: first(args)})
		},
	}
}

func (p *program) consoleCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "console LINK",
		Short:   "Open a VM's console in a window of its own",
		Long:    "Open a VM's console in a window of its own, and wait until that is closed.",
		Example: "  limiquantix console limiquantix://kvm1/vm/4c3f8f7e-1d4b-4d0c-9a57-3c4a7bb7a2d1/console",
		Args:    between(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.openConsole(cmd.Context(), args[0])
		},
	}
}

// openConsole shows the console that a link names in a window of its own, until
// that is closed.
func (p *program) openConsole(ctx context.Context, link string) error {
	return p.window(ctx, WindowOptions{Link: link, Console: true})
}

func (p *program) window(ctx context.Context, o WindowOptions) error {
	if p.env.Window == nil {
		return core.Errorf(core.Unsupported, "this build of limiquantix has no window").WithHint("see limiquantix serve --help")
	}
	if !p.display() {
		return noDisplay()
	}
	o.Home = p.homeDir()
	return p.env.Window(ctx, o)
}

// display reports whether there is a screen for windows.
func (p *program) display() bool {
	return runtime.GOOS != "linux" || p.env.Getenv("WAYLAND_DISPLAY") != "" || p.env.Getenv("DISPLAY") != ""
}

func noDisplay() error {
	return core.Errorf(core.Unsupported, "there is no display for a window").
		WithHint("limiquantix serve runs the application for a browser")
}

// alone is the program without arguments: the window, or where there can be
// none, the help, and what there is instead.
func (p *program) alone(cmd *cobra.Command) error {
	if p.env.Window == nil || !p.display() {
		if err := cmd.Help(); err != nil {
			return err
		}
		p.say("\nThere is no window here. For a browser: limiquantix serve. To look around on simulated hosts: limiquantix demo")
		return nil
	}
	return p.window(cmd.Context(), WindowOptions{})
}

// first returns the first argument, "" when there is none.
func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}
