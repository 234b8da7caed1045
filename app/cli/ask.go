package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
)

// maxQuestions is how often one command asks about keys and secrets: a jump
// chain may need several.
const maxQuestions = 8

// prompt returns where questions are written: standard error, or the terminal
// itself when standard error leads elsewhere.
func (p *program) prompt() (w io.Writer, done func()) {
	if !p.io.ErrTerminal {
		if tty, err := os.OpenFile("/dev/tty", os.O_WRONLY, 0); err == nil {
			return tty, func() { tty.Close() }
		}
	}
	return p.io.Err, func() {}
}

// ask asks a question on the terminal and returns the line typed.
//
// Errors: [core.Canceled] on an interrupt.
func (p *program) ask(ctx context.Context, question string) (string, error) {
	w, done := p.prompt()
	defer done()
	fmt.Fprint(w, question)
	return p.await(ctx, func() (string, error) { return readLine(p.io.In) })
}

// askSecret is ask without echo.
func (p *program) askSecret(ctx context.Context, question string) (string, error) {
	in, ok := p.io.In.(*os.File)
	if !ok {
		return "", core.Errorf(core.Refused, "there is no terminal to ask on")
	}
	w, done := p.prompt()
	defer done()
	fd := int(in.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", core.Errorf(core.Internal, "read the terminal's state: %w", err)
	}
	defer term.Restore(fd, before) // an interrupt leaves ReadPassword inside Read
	hush(fd)
	fmt.Fprint(w, question)
	defer fmt.Fprintln(w)
	return p.await(ctx, func() (string, error) {
		b, err := term.ReadPassword(fd)
		return string(b), err
	})
}

// await reads, but returns on an interrupt. A read of a terminal cannot be
// ended: that goroutine then stays until the process ends, which is next.
func (p *program) await(ctx context.Context, read func() (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		text, err := read()
		got <- answer{text, err}
	}()
	select {
	case a := <-got:
		if a.err != nil {
			return "", core.Errorf(core.Refused, "no answer: %w", a.err)
		}
		return a.text, nil
	case <-ctx.Done():
		return "", core.Errorf(core.Canceled, "canceled")
	}
}

// readLine reads up to a line break, byte by byte: what follows belongs to
// somebody else.
func readLine(r io.Reader) (string, error) {
	var b bytes.Buffer
	one := make([]byte, 1)
	for b.Len() < 4096 {
		n, err := r.Read(one)
		if n == 1 && one[0] == '\n' {
			break
		}
		b.Write(one[:n])
		if err != nil {
			if b.Len() > 0 && err == io.EOF {
				break
			}
			return "", err
		}
	}
	return strings.TrimRight(b.String(), "\r"), nil
}

// confirm asks before something is destroyed, unless --yes was given.
//
// Errors: [core.Refused].
func (p *program) confirm(ctx context.Context, deed string) error {
	if p.yes {
		return nil
	}
	if !p.io.InTerminal {
		return core.Errorf(core.Refused, "%s: not done without a confirmation", deed).WithHint("add --yes")
	}
	answer, err := p.ask(ctx, core.Escape(deed)+"? (yes/no) ")
	if err != nil {
		return err
	}
	if a := strings.ToLower(strings.TrimSpace(answer)); a != "yes" && a != "y" {
		return core.Errorf(core.Refused, "%s: not done", deed)
	}
	return nil
}

// trust is what the user adds to a connection when asked.
type trust struct{ hostKey, secret *string }

// trusting runs connect, and again with what the user answers, as long as it
// ends in a question: an unknown host key, a password, a passphrase. Without a
// terminal the error stays, with a hint.
func (p *program) trusting(ctx context.Context, t trust, connect func() error) error {
	named := *t.hostKey
	for range maxQuestions {
		err := server.FromConnect(connect())
		var answered error
		switch core.CodeOf(err) {
		case core.HostKeyUnknown:
			if e := core.AsError(err); named != "" && e.Detail["hop"] == "" {
				return core.AsError(fmt.Errorf("%w: it is %s, and --host-key names another", err, e.Detail["fingerprint"])).
					WithHint("compare the fingerprint on the host itself; it may also have keys of several kinds")
			}
			answered = p.askHostKey(ctx, core.AsError(err), t.hostKey)
		case core.SecretNeeded:
			answered = p.askForSecret(ctx, core.AsError(err), t.secret)
		default:
			return err
		}
		if answered != nil {
			return answered
		}
	}
	return core.Errorf(core.Refused, "given up after %d questions", maxQuestions)
}

func (p *program) askHostKey(ctx context.Context, e *core.Error, hostKey *string) error {
	fingerprint := e.Detail["fingerprint"]
	if !p.io.InTerminal {
		return e.WithHint("compare the fingerprint, then add --host-key %s, or --accept-new to trust it unseen", orDash(fingerprint))
	}
	question := fmt.Sprintf("The host %s is not known yet.\nIts %s key has the fingerprint %s.\nIs that right? (yes/no, or the fingerprint to compare) ",
		core.Escape(e.Detail["address"]), core.Escape(e.Detail["key_type"]), core.Escape(fingerprint))
	for range maxQuestions {
		answer, err := p.ask(ctx, question)
		if err != nil {
			return err
		}
		switch answer = strings.TrimSpace(answer); {
		case fingerprint == "" || strings.EqualFold(answer, "no") || answer == "":
			return core.Errorf(core.Refused, "the host key was not accepted")
		case strings.EqualFold(answer, "yes") || answer == fingerprint || "SHA256:"+answer == fingerprint:
			*hostKey = fingerprint
			return nil
		case len(answer) >= len("SHA256:"):
			return core.Errorf(core.Refused, "the host key was not accepted: that is not its fingerprint")
		}
		question = "Please type yes, no, or the fingerprint: "
	}
	return core.Errorf(core.Refused, "the host key was not accepted")
}

func (p *program) askForSecret(ctx context.Context, e *core.Error, secret *string) error {
	if !p.io.InTerminal {
		return e.WithHint("run this in a terminal to be asked, or use ssh-agent")
	}
	what := e.Detail["secret"]
	if what == "" {
		what = "password"
	}
	question := strings.ToUpper(what[:1]) + what[1:]
	if for_ := e.Detail["for"]; for_ != "" {
		question += " for " + for_
	}
	typed, err := p.askSecret(ctx, core.Escape(question)+": ")
	if err != nil {
		return err
	}
	*secret = typed
	return nil
}
