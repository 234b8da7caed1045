package sshconn

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/limiquantix/limiquantix/core"
)

// Command is a program to run on a host, as an argv; no shell reads it.
type Command struct {
	Argv []string
	// Env are "NAME=value" to set, through env(1): sshd drops what SSH itself can send.
	Env []string
	// Stdin may be nil. It is read until its end or the command's. A Read that
	// never returns does not keep Run from returning, but it keeps its goroutine.
	Stdin io.Reader
	// MaxOutput bounds standard output and standard error, each; 0 means 4 MiB.
	MaxOutput core.Bytes
	// Sudo runs it as root by sudo -n, unless the user is root.
	Sudo bool
	// Terminal asks for a terminal (for Start); standard error then comes with standard
	// output. With an empty Argv the user's login shell runs in it.
	Terminal *Terminal
	// Lasting, for Start: it goes on until Close, which also ends what it has started.
	Lasting bool
}

// Terminal is the terminal to run a command in.
type Terminal struct {
	Kind       string // the value of TERM, such as "xterm-256color"
	Rows, Cols int
}

const defaultMaxOutput = 4 * core.MiB

// Result is what a finished command left.
type Result struct {
	Stdout, Stderr []byte
	// Exit is the exit status; 128 + n after signal n, as in a shell.
	Exit int
}

// Process is a command that runs. The caller reads Stdout and Stderr to their
// ends, concurrently, and calls Wait.
type Process struct {
	Stdin          io.WriteCloser
	Stdout, Stderr io.Reader

	wait   func() (int, error)
	close  func()
	resize func(rows, cols int) error
}

// Wait waits for the end and returns the exit status as in [Result.Exit].
//
// Errors: [core.UnknownOutcome] when the connection was lost before.
func (p *Process) Wait() (int, error) { return p.wait() }

// Close ends the command: SIGTERM, and its pipes are closed; a terminal is hung
// up. Wait then returns.
func (p *Process) Close() { p.close() }

// Resize tells the command's terminal its new size.
//
// Errors: [core.Invalid] for a command without a terminal.
func (p *Process) Resize(rows, cols int) error {
	if p.resize == nil {
		return core.Errorf(core.Invalid, "the command has no terminal")
	}
	return p.resize(rows, cols)
}

// line returns the command for the host's login shell, each word quoted.
func (cmd Command) line(root bool) (string, error) {
	return core.Quote(cmd.words(root)...)
}

func (cmd Command) words(root bool) []string {
	var words []string
	if cmd.Sudo && !root {
		words = append(words, "sudo", "-n", "--")
	}
	if len(cmd.Env) > 0 {
		words = append(append(words, "env"), cmd.Env...)
	}
	return append(words, cmd.Argv...)
}

// run starts cmd by start and collects what it prints.
func run(ctx context.Context, cmd Command, start func(context.Context, Command) (*Process, error)) (Result, error) {
	if len(cmd.Argv) == 0 {
		return Result{}, core.Errorf(core.Invalid, "empty command")
	}
	p, err := start(ctx, cmd)
	if err != nil {
		return Result{}, err
	}
	stop := context.AfterFunc(ctx, p.Close)
	defer stop()
	go func() { // ends with the command, or at the next return of Stdin.Read
		if cmd.Stdin != nil {
			io.Copy(p.Stdin, cmd.Stdin)
		}
		p.Stdin.Close()
	}()
	limit := cmd.MaxOutput
	if limit <= 0 {
		limit = defaultMaxOutput
	}
	stdout, stderr := &bounded{limit: int(limit), full: p.Close}, &bounded{limit: int(limit), full: p.Close}
	errRead := make(chan struct{})
	go func() { io.Copy(stderr, p.Stderr); close(errRead) }()
	io.Copy(stdout, p.Stdout)
	<-errRead
	exit, err := p.Wait()
	result := Result{stdout.buf.Bytes(), stderr.buf.Bytes(), exit}
	name := core.Escape(cmd.Argv[0])
	switch {
	case stdout.overflow || stderr.overflow:
		return result, core.Errorf(core.Unsupported, "%s printed more than %s", name, limit)
	case errors.Is(ctx.Err(), context.Canceled):
		return result, core.Errorf(core.Canceled, "%s was canceled", name)
	case ctx.Err() != nil:
		return result, core.Errorf(core.UnknownOutcome, "%s did not end in time; it may still be running", name)
	case err != nil:
		return result, err
	case cmd.Sudo && exit == 1 && bytes.HasPrefix(result.Stderr, []byte("sudo: ")):
		return result, core.Errorf(core.Denied, "sudo does not let this user run %s without a password", name).
			WithHint("add a NOPASSWD rule to the host's sudoers, or log in as root")
	}
	return result, nil
}

// bounded keeps the first limit bytes and calls full at the first byte beyond.
type bounded struct {
	buf      bytes.Buffer
	limit    int
	full     func()
	overflow bool
}

func (b *bounded) Write(p []byte) (int, error) {
	room := b.limit - b.buf.Len()
	if len(p) <= room {
		return b.buf.Write(p)
	}
	b.buf.Write(p[:room])
	if !b.overflow {
		b.overflow = true
		b.full()
	}
	return len(p), nil // go on reading: the end comes sooner than a full pipe clears
}

// firstLine returns the first line of a command's output, for a message.
func firstLine(b []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(b)), "\n")
	if len(line) > 200 {
		line = line[:200] + "…"
	}
	return core.Escape(line)
}
