package sshconn

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"golang.org/x/crypto/ssh"
)

// groupMark goes before the process group on standard error of a tracked command.
const groupMark = "limiquantix-group="

// tracked wraps a command so that it first tells its process group, by which
// it can be ended together with all that it has started. SSH's own "signal"
// request is no help: sshd refuses it for root, who has no privilege separation,
// and it does not reach a command under sudo. Source: session_signal_req in
// session.c of OpenSSH 9.2.
func tracked(argv []string) []string {
	script := `read -r a b c d g r </proc/$$/stat; echo ` + groupMark + `$g >&2; exec "$@"`
	return append([]string{"sh", "-c", script, "sh"}, argv...)
}

// abandonAfter is how long a command may take to end once it was told to.
const abandonAfter = 3 * time.Second

// remoteProcess is what a [Process] over SSH is made of.
type remoteProcess struct {
	s      *session
	sudo   bool
	group  atomic.Pointer[string]
	stdout *io.PipeReader
	stderr *io.PipeReader
	ended  chan struct{} // closed when exit and err are set
	exit   int
	err    error
	// abandoned is closed when the host did not end the command.
	abandoned chan struct{}
	stopping  sync.Once
}

// newRemoteProcess takes over a session on which a command has been started.
func newRemoteProcess(s *session, cmd Command, isTracked bool) *Process {
	p := &remoteProcess{s: s, sudo: cmd.Sudo, ended: make(chan struct{}), abandoned: make(chan struct{})}
	var out, err *io.PipeWriter
	p.stdout, out = io.Pipe()
	p.stderr, err = io.Pipe()
	// Nobody may ever read what is left when the connection ends.
	stop := context.AfterFunc(s.client.life, func() { p.stdout.Close(); p.stderr.Close() })
	var copies sync.WaitGroup
	copies.Add(2)
	s.client.spawn(func() { defer copies.Done(); _, e := io.Copy(out, s.ch); out.CloseWithError(e) })
	s.client.spawn(func() { defer copies.Done(); err.CloseWithError(p.copyStderr(err, isTracked)) })
	s.client.spawn(func() {
		p.exit, p.err = s.watch()
		close(p.ended)
		copies.Wait()
		stop()
	})
	process := &Process{
		Stdin: channelWriter{s.ch}, Stdout: p.stdout, Stderr: p.stderr,
		wait:  p.wait,
		close: func() { p.stopping.Do(func() { s.client.spawn(p.stop) }) },
	}
	if cmd.Terminal != nil {
		process.resize = s.resize
		process.close = func() { p.stopping.Do(p.hangUp) }
	}
	return process
}

func (p *remoteProcess) wait() (int, error) {
	select {
	case <-p.ended:
		return p.exit, p.err
	case <-p.abandoned:
		return -1, errNotEnded()
	}
}

func errNotEnded() error {
	return core.Errorf(core.UnknownOutcome, "the command did not end when told to")
}

// copyStderr takes the line with the process group out of standard error. A
// login shell may have printed something before it.
func (p *remoteProcess) copyStderr(w io.Writer, isTracked bool) error {
	r := bufio.NewReader(p.s.ch.Stderr())
	for isTracked {
		line, err := r.ReadString('\n')
		if group, ok := strings.CutPrefix(line, groupMark); ok {
			group = strings.TrimSpace(group)
			p.group.Store(&group)
			break
		}
		if _, writeErr := io.WriteString(w, line); err != nil || writeErr != nil {
			return errors.Join(err, writeErr)
		}
	}
	_, err := io.Copy(w, r)
	return err
}

// hangUp ends what runs in a terminal: sshd closes the terminal when its channel
// is closed, which sends SIGHUP to all that is in it. Source: session_pty_cleanup
// in session.c of OpenSSH 9.2. The session stays counted until its shell has ended.
func (p *remoteProcess) hangUp() {
	p.s.ch.Close()
	p.stdout.Close()
	p.stderr.Close()
	close(p.abandoned)
}

// stop ends the command. When the host cannot, the readers are let go all the
// same, and the session stays counted until the command has ended.
func (p *remoteProcess) stop() {
	p.s.ch.SendRequest("signal", false, ssh.Marshal(struct{ Name string }{"TERM"}))
	if group := p.group.Load(); group != nil {
		ctx, cancel := context.WithTimeout(context.Background(), abandonAfter)
		defer cancel()
		kill := Command{Argv: []string{"kill", "-TERM", "-" + *group}, Sudo: p.sudo}
		run(ctx, kill, p.s.client.Start) // it may be gone already
	}
	p.s.ch.CloseWrite()
	select {
	case <-p.ended:
	case <-p.s.client.done:
	case <-time.After(abandonAfter):
		p.s.ch.Close()
		p.stdout.CloseWithError(errNotEnded())
		p.stderr.CloseWithError(errNotEnded())
		close(p.abandoned)
	}
}
