package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// IO is what the command line reads and writes.
type IO struct {
	In       io.Reader
	Out, Err io.Writer
	// What is a terminal. Questions are asked when In is one.
	InTerminal, OutTerminal, ErrTerminal bool
}

// Standard returns the process's own input and outputs.
func Standard() IO {
	is := func(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
	return IO{In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		InTerminal: is(os.Stdin), OutTerminal: is(os.Stdout), ErrTerminal: is(os.Stderr)}
}

// Env is what the command line needs of the rest of the program.
type Env struct {
	// Version is what "version" prints.
	Version string
	// Open connects to a running application, or runs the core in this process.
	Open func(ctx context.Context, o OpenOptions) (*Session, error)
	// Serve runs the application for browsers and other commands until ctx ends.
	Serve func(ctx context.Context, o ServeOptions) error
	// Demo runs it on simulated hosts until ctx ends.
	Demo func(ctx context.Context, o DemoOptions) error
	// Window shows the application, or what a link names, until the window is
	// closed or another that is open has taken over. Nil: there is no window.
	Window func(ctx context.Context, o WindowOptions) error
	// Now and Getenv default to those of the standard library.
	Now    func() time.Time
	Getenv func(string) string
}

// OpenOptions say how to reach the core.
type OpenOptions struct {
	// Home is the directory of the inventory; "" means the OS's place for it.
	Home string
	// Offline: connect to no host.
	Offline bool
	// Quiet: say nothing on standard error.
	Quiet bool
}

// Session is the API, ready to be called.
type Session struct {
	HTTP    *http.Client
	BaseURL string
	// Close ends the session, and the core if it runs in this process. May be nil.
	Close func() error
	// Remote: an application that goes on after us serves the API.
	Remote bool
}

// Main runs one command line (args without the program's name) and returns the
// exit status: see [core.Code.Exit]. On the first interrupt the command gives
// up in good order; on the second it returns at once.
func Main(ctx context.Context, args []string, stdio IO, env Env) int {
	if env.Now == nil {
		env.Now = time.Now
	}
	if env.Getenv == nil {
		env.Getenv = os.Getenv
	}
	p := &program{io: stdio, env: env, again: make(chan struct{}), lineEvery: 10 * time.Second}
	ctx, stop := p.interrupts(ctx)
	defer stop()
	for _, a := range args {
		if !utf8.ValidString(a) {
			err := core.Errorf(core.Invalid, "the argument %s is not valid UTF-8", core.Printable(a, 60))
			p.complain(err.WithHint("name a VM of such a name by its UUID"))
			return core.Invalid.Exit()
		}
	}
	root := p.root()
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	if ran := new(exec.ExitError); errors.As(err, &ran) && ran.ExitCode() > 0 {
		return ran.ExitCode() // of the command of "lab exec", which has said what it had to say
	}
	if own := new(core.Error); !p.begun && !errors.As(err, &own) {
		err = core.Errorf(core.Invalid, "%s", err).WithHint("see %s --help", cmd.CommandPath()) // cobra's words on flags and arguments
	}
	p.complain(err)
	return core.CodeOf(err).Exit()
}

// interrupts returns a context that the first interrupt cancels; the second
// closes p.again.
func (p *program) interrupts(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for seen := 0; seen < 2; seen++ {
			select {
			case s := <-signals:
				if s == os.Interrupt && p.editing.Load() {
					seen--
					continue
				}
			case <-quit:
				return
			}
			if ctx.Err() == nil {
				cancel()
			} else {
				close(p.again)
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(quit)
		<-done
		cancel()
	}
}

// maxSentence is how many characters of an error are printed: somebody's name for
// a VM may fill a screen.
const maxSentence = 1000

// complain prints an error as cli.md promises: what failed, why, and a hint.
func (p *program) complain(err error) {
	e := core.AsError(server.FromConnect(err))
	message := []rune(core.Escape(e.Message))
	if len(message) > maxSentence {
		message = append(message[:maxSentence], '…')
	}
	fmt.Fprintf(p.io.Err, "limiquantix: %s\n", string(message))
	for _, c := range lines(e.Detail["candidates"]) {
		fmt.Fprintf(p.io.Err, "  %s\n", core.Escape(c))
	}
	if shown := e.Detail["fingerprint"]; e.Code == core.HostKeyChanged && shown != "" {
		fmt.Fprintf(p.io.Err, "  shown now: %s %s\n", core.Escape(e.Detail["key_type"]), core.Escape(shown))
		fmt.Fprintf(p.io.Err, "  known:     %s\n", core.Escape(strings.TrimSpace(e.Detail["old_key_type"]+" "+e.Detail["old_fingerprint"]+" "+e.Detail["known_hosts"])))
	}
	for _, d := range lines(e.Detail["diff"]) {
		fmt.Fprintf(p.io.Err, "  %s\n", core.Escape(d))
	}
	if b := new(server.BlockedError); errors.As(err, &b) && !p.planPrinted {
		p.listBlockers(e, b.Plan.Blockers)
	}
	if e.Hint != "" {
		fmt.Fprintf(p.io.Err, "hint: %s\n", core.Escape(e.Hint))
	}
	hint := e.Hint
	for _, other := range e.Also {
		fmt.Fprintf(p.io.Err, "also: %s\n", core.Escape(other.Message))
		if other.Hint != "" && other.Hint != hint { // the one that stands above goes for both
			fmt.Fprintf(p.io.Err, "hint: %s\n", core.Escape(other.Hint))
		}
		hint = other.Hint
	}
}

// listBlockers tells what the error's sentence and hint have not said yet.
func (p *program) listBlockers(e *core.Error, blockers []*apiv1.Plan_Blocker) {
	for _, b := range blockers {
		if !strings.HasSuffix(e.Message, b.Text) {
			fmt.Fprintf(p.io.Err, "  - %s\n", core.Escape(b.Text))
		}
		if b.Fix != "" && b.Fix != e.Hint {
			fmt.Fprintf(p.io.Err, "    fix: %s\n", core.Escape(b.Fix))
		}
	}
}
