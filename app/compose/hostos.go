package compose

import (
	"context"
	"io"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/audit"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/hostos"
	"github.com/limiquantix/limiquantix/core/vm"
	"github.com/limiquantix/limiquantix/transport/sshconn"
)

var (
	_ hostos.Streamer       = bare{}
	_ hostos.TerminalOpener = bare{}
)

// Stream implements [hostos.Streamer].
func (b bare) Stream(ctx context.Context, c host.Command) (io.ReadCloser, error) {
	p, err := b.shell.Start(ctx, sshconn.Command{Argv: c.Argv, Sudo: c.Sudo, Lasting: true})
	if err != nil {
		return nil, err
	}
	p.Stdin.Close()
	go io.Copy(io.Discard, p.Stderr) // ends with the command
	return stream{p}, nil
}

// OpenTerminal implements [hostos.TerminalOpener].
func (b bare) OpenTerminal(ctx context.Context, rows, columns int) (hostos.Terminal, error) {
	p, err := b.shell.Start(ctx, sshconn.Command{Terminal: &sshconn.Terminal{Kind: "xterm-256color", Rows: rows, Cols: columns}})
	if err != nil {
		return nil, err
	}
	go io.Copy(io.Discard, p.Stderr) // has nothing: it ends with the shell
	return terminal{stream{p}}, nil
}

// stream is a command that lasts, as its output.
type stream struct{ *sshconn.Process }

func (s stream) Read(b []byte) (int, error) { return s.Stdout.Read(b) }

func (s stream) Close() error {
	s.Process.Close()
	return nil
}

// terminal is a shell in a terminal.
type terminal struct{ stream }

func (t terminal) Write(b []byte) (int, error) { return t.Stdin.Write(b) }

// consoleOf redeems tickets: of hosts' terminals, else of VMs' consoles.
func consoleOf(vms *vm.Service, systems *hostos.Service) func(context.Context, string) (io.ReadWriteCloser, error) {
	return func(ctx context.Context, ticket string) (io.ReadWriteCloser, error) {
		if systems.Holds(ticket) {
			return systems.Terminal(ctx, ticket)
		}
		return vms.Console(ctx, ticket)
	}
}

// visits keeps in the audit who had a terminal on which host, and how long.
func visits(trail *audit.Trail) func(context.Context, hostos.Visit) error {
	return func(ctx context.Context, v hostos.Visit) error {
		r := audit.Record{Event: "begin", Act: v.ID, Kind: "host.terminal", Title: "Open a terminal on host " + v.Host, Host: v.Host, Object: v.Host}
		if v.Closed {
			r.Event, r.Result = "done", map[string]string{"open_for": core.Escape(v.Length.Round(time.Second).String())}
		}
		return trail.Note(ctx, r)
	}
}
