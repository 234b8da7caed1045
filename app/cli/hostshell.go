package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/limiquantix/limiquantix/app/server"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// sizeEvery is how often the terminal's size is looked at: not every system
// tells that it changed.
const sizeEvery = 300 * time.Millisecond

func (p *program) hostShell() *cobra.Command {
	return &cobra.Command{
		Use:   "shell HOST",
		Short: "Open a terminal on a host",
		Long: `Open the login shell on a host in this terminal, over the connection that there
is. It ends with the shell (exit, Ctrl+D). Without a terminal, standard input is
typed into it. That it was opened and closed is kept in the audit; what is typed is not.`,
		Example: "  limiquantix host shell kvm1\n  echo 'uptime; exit' | limiquantix host shell kvm1",
		Args:    between(1, 1),
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			if err := p.shell(ctx, a, args[0]); err != nil {
				return fmt.Errorf("terminal on host %s: %w", args[0], err)
			}
			return nil
		}),
	}
}

func (p *program) shell(ctx context.Context, a *api, host string) error {
	rows, columns := p.terminalSize()
	res, err := a.systems.OpenTerminal(ctx, &apiv1.OpenTerminalRequest{Host: host, Rows: rows, Columns: columns})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	conn, err := server.DialConsole(ctx, a.HTTP, a.BaseURL, res.Ticket)
	if err != nil {
		return err
	}
	defer conn.Close()
	in, isFile := p.io.In.(*os.File)
	if isFile && p.io.InTerminal {
		before, err := term.MakeRaw(int(in.Fd()))
		if err != nil {
			return fmt.Errorf("set the terminal to raw: %w", err)
		}
		defer term.Restore(int(in.Fd()), before)
		go p.followSize(ctx, a, res.Terminal, rows, columns) // ends with ctx
	}
	go func() { // stays in Read of the terminal until the process ends, which is next
		io.Copy(conn, p.io.In)
		if !p.io.InTerminal {
			conn.Write([]byte{4}) // the end of a pipe is the end of what is typed
		}
	}()
	io.Copy(p.io.Out, conn) // however it ends, the terminal is closed
	return nil
}

// terminalSize is that of this terminal; 24 by 80 where there is none.
func (p *program) terminalSize() (rows, columns int32) {
	if out, ok := p.io.Out.(*os.File); ok {
		if w, h, err := term.GetSize(int(out.Fd())); err == nil && w > 0 && h > 0 {
			return int32(min(h, 1000)), int32(min(w, 1000))
		}
	}
	return 24, 80
}

// followSize tells the host when this terminal's size changes, until ctx ends.
func (p *program) followSize(ctx context.Context, a *api, id string, rows, columns int32) {
	tick := time.NewTicker(sizeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		r, c := p.terminalSize()
		if r == rows && c == columns {
			continue
		}
		if _, err := a.systems.ResizeTerminal(ctx, &apiv1.ResizeTerminalRequest{Terminal: id, Rows: r, Columns: c}); err != nil {
			return
		}
		rows, columns = r, c
	}
}
