package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// escapeKey is Ctrl+], as in telnet and virsh.
const escapeKey = 0x1d

// consoleFlags say when a console session ends by itself.
type consoleFlags struct {
	serial  bool
	until   string
	timeout time.Duration
}

func (p *program) vmConsole() *cobra.Command {
	var f consoleFlags
	cmd := &cobra.Command{
		Use:   "console VM",
		Short: "Open a VM's screen in a window, or attach this terminal to its serial console",
		Long: `Open a VM's screen in a window of its own. With --serial, attach this terminal
to its serial console; Ctrl+] leaves it. Without a terminal, standard input is
then sent and what the guest prints is written, until the VM stops, --until's
text has come or --timeout is over (exit status 1).`,
		Example: `  limiquantix vm console web1
  limiquantix vm console web1 --serial
  limiquantix vm console web1 --serial --until 'login:' --timeout 5m </dev/null`,
		Args:              between(1, 1),
		ValidArgsFunction: p.completeVMs,
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			show := p.console
			if !f.serial {
				show = p.consoleWindow
			}
			if err := show(ctx, a, args[0], f); err != nil {
				return fmt.Errorf("console of VM %s: %w", args[0], err)
			}
			return nil
		}),
	}
	cmd.Flags().BoolVar(&f.serial, "serial", false, "the serial console")
	cmd.Flags().StringVar(&f.until, "until", "", "leave once the guest has printed this text")
	cmd.Flags().DurationVar(&f.timeout, "timeout", 0, "leave after this time, as 30s or 5m; 0: stay")
	return cmd
}

// consoleWindow has the desktop program show the VM's screen.
func (p *program) consoleWindow(ctx context.Context, a *api, vm string, f consoleFlags) error {
	if f.until != "" || f.timeout != 0 {
		return core.Errorf(core.Invalid, "--until and --timeout are for the serial console").WithHint("add --serial")
	}
	if p.env.Window == nil {
		return core.Errorf(core.Unsupported, "this build has no window to show a screen in").
			WithHint("add --serial for the serial console, or use a browser: limiquantix serve")
	}
	res, err := a.vms.GetVM(ctx, &apiv1.GetVMRequest{Vm: vm})
	if err != nil {
		return err
	}
	host := strings.ReplaceAll(url.QueryEscape(res.Vm.Host), "+", "%20") // links have more escapes than paths
	return p.openConsole(ctx, "limiquantix://"+host+"/vm/"+res.Vm.Uuid+"/console")
}

func (p *program) console(ctx context.Context, a *api, vm string, f consoleFlags) error {
	res, err := a.vms.OpenConsole(ctx, &apiv1.OpenConsoleRequest{Vm: vm})
	if err != nil {
		return err
	}
	session, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	conn, err := server.DialConsole(session, a.HTTP, a.BaseURL, res.Ticket)
	if err != nil {
		return err
	}
	defer conn.Close()
	restore, err := p.rawTerminal()
	if err != nil {
		return err
	}
	defer restore()
	if f.timeout > 0 {
		late := core.Errorf(core.Canceled, "the time of %s is over", f.timeout)
		defer time.AfterFunc(f.timeout, func() { cancel(late) }).Stop()
	}
	go p.typeInto(conn, func() { cancel(errLeft) }) // stays in Read of the terminal until the process ends, which is next
	_, err = io.Copy(&untilWriter{out: p.io.Out, text: []byte(f.until)}, conn)
	switch cause := context.Cause(session); {
	case errors.Is(err, errSeen), errors.Is(cause, errLeft):
		return nil
	case cause != nil && ctx.Err() != nil:
		return core.Errorf(core.Canceled, "canceled")
	case cause != nil:
		return cause
	case f.until != "":
		return core.Errorf(core.Conflict, "the console ended before %s was seen", core.Printable(f.until, 60))
	case err != nil:
		return &core.Error{Code: core.Internal, Message: "the console was cut off", Cause: err}
	}
	return nil
}

var (
	errLeft = errors.New("the user left")
	errSeen = errors.New("the text was seen")
)

// rawTerminal hands keys through one by one, unread. The returned function puts
// the terminal back and may be called more than once.
func (p *program) rawTerminal() (restore func(), err error) {
	in, ok := p.io.In.(*os.File)
	if !ok || !p.io.InTerminal {
		return func() {}, nil
	}
	p.say("Connected; Ctrl+] leaves.")
	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return nil, core.Errorf(core.Internal, "set the terminal to raw: %w", err)
	}
	return func() {
		term.Restore(int(in.Fd()), before)
		p.say("")
	}, nil
}

// typeInto sends what is typed until the escape key, which calls leave. The end
// of a pipe is no end of the session.
func (p *program) typeInto(conn io.Writer, leave func()) {
	buf := make([]byte, 4096)
	for {
		n, err := p.io.In.Read(buf)
		keys, left := buf[:n], false
		if i := bytes.IndexByte(keys, escapeKey); i >= 0 && p.io.InTerminal {
			keys, left = keys[:i], true
		}
		if _, werr := conn.Write(keys); werr != nil {
			return
		}
		if left {
			leave()
			return
		}
		if err != nil {
			return
		}
	}
}

// untilWriter copies to out and ends with errSeen when text has gone by.
type untilWriter struct {
	out  io.Writer
	text []byte // empty: never
	tail []byte // end of what went by, shorter than text
}

// Write implements [io.Writer].
func (u *untilWriter) Write(b []byte) (int, error) {
	n, err := u.out.Write(b)
	if err != nil || len(u.text) == 0 {
		return n, err
	}
	window := append(u.tail, b...)
	if bytes.Contains(window, u.text) {
		return n, errSeen
	}
	u.tail = append([]byte(nil), window[max(0, len(window)-len(u.text)+1):]...)
	return n, nil
}
