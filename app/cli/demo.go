package cli

import (
	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/core"
)

// DemoOptions are the flags of demo.
type DemoOptions struct {
	// Hosts is how many simulated hosts there are, VMs how many on each.
	Hosts, VMs int
	// Home is the demo's home directory, which must be empty and goes with it; ""
	// is a new one.
	Home string
	// Window: show it in a window instead of serving it to a browser.
	Window bool
	// Calm: nothing happens by itself.
	Calm bool
	// Listen is as in server.TCPOptions.
	Listen string
	// Ready is called once it serves, with the URL for a browser as in
	// [ServeOptions] and the demo's own home directory, which goes with it.
	Ready func(url, home string)
}

func (p *program) demoCommand() *cobra.Command {
	var o DemoOptions
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run the application on simulated hosts, until interrupted",
		Long: `Run the application on simulated hosts, until interrupted. Nothing real is
touched, and nothing is kept. Hosts are lost and VMs crash now and then, unless
it is to be calm. Other commands act on the demo when they are given
the home directory that it prints.`,
		Example: "  limiquantix demo\n  limiquantix demo --window\n  limiquantix demo --hosts 100 --vms 100",
		Args:    between(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Hosts < 1 || o.Hosts > 10_000 || o.VMs < 0 || o.VMs > 10_000 {
				return core.Errorf(core.Invalid, "a demo has 1 to 10000 hosts with up to 10000 VMs each")
			}
			o.Home = p.home // not $LIMIQUANTIX_HOME, which is somebody's inventory
			if o.Window && !p.display() {
				return noDisplay()
			}
			o.Ready = func(url, home string) {
				p.ready(url)
				p.say("Try: limiquantix --home %s vm list", core.Escape(home))
			}
			return untilInterrupted(cmd.Context(), "demo", p.env.Demo(cmd.Context(), o))
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.Hosts, "hosts", 8, "simulated hosts")
	f.IntVar(&o.VMs, "vms", 24, "VMs on each")
	f.BoolVar(&o.Calm, "calm", false, "let nothing happen by itself")
	f.BoolVar(&o.Window, "window", false, "show it in a window, until that is closed")
	f.StringVar(&o.Listen, "listen", "", "ADDRESS:PORT to listen on (default: a free port of 127.0.0.1)")
	return cmd
}
