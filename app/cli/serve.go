package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/core"
)

// ServeOptions are the flags of serve.
type ServeOptions struct {
	Home string
	// Listen, CertFile and KeyFile are as in server.TCPOptions.
	Listen, CertFile, KeyFile string
	// Ready is called once it serves, with the URL for a browser: the token is
	// behind its '#', which browsers do not send.
	Ready func(url string)
}

func (p *program) serveCommand() *cobra.Command {
	var o ServeOptions
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the application for browsers and other commands, until interrupted",
		Long: `Run the application for browsers and other commands, until interrupted. It keeps
its connections to hosts warm; other commands of the same user find it by its
socket. Whoever has the token that it prints can do everything you can.`,
		Example: "  limiquantix serve\n  limiquantix serve --listen 127.0.0.1:8443",
		Args:    between(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Home = p.homeDir()
			o.Ready = p.ready
			return untilInterrupted(cmd.Context(), "serve", p.env.Serve(cmd.Context(), o))
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Listen, "listen", "", "ADDRESS:PORT to listen on (default: a free port of 127.0.0.1)")
	f.StringVar(&o.CertFile, "tls-cert", "", "PEM file of the certificate; needed beyond this computer")
	f.StringVar(&o.KeyFile, "tls-key", "", "PEM file of its key")
	return cmd
}

// ready prints where the application is.
func (p *program) ready(url string) {
	_ = p.write(url + "\n") // it serves all the same
	p.say("Other commands find it by its socket. Interrupt to end.")
}

// untilInterrupted makes the interrupt that ends a server no failure.
func untilInterrupted(ctx context.Context, what string, err error) error {
	if err == nil || ctx.Err() != nil && core.CodeOf(err) == core.Canceled {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

func (p *program) homeDir() string {
	if p.home != "" {
		return p.home
	}
	return p.env.Getenv("LIMIQUANTIX_HOME")
}
