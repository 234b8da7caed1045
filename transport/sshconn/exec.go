package sshconn

import (
	"context"
	"io"

	"github.com/limiquantix/limiquantix/core"
	"golang.org/x/crypto/ssh"
)

// Run runs a command and waits for its end. A non-zero exit is no error.
//
// The login shell of the user must quote as POSIX says; fish does not for
// words that hold a backslash.
//
// Errors: [core.Invalid] for an argument with a line break or NUL,
// [core.Unsupported] for output over the limit (the command is ended),
// [core.Denied] when sudo wants a password, [core.UnknownOutcome] when the
// connection or the time ended after the command was sent, [core.Unreachable]
// when it was not sent, [core.Canceled].
func (c *Client) Run(ctx context.Context, cmd Command) (Result, error) {
	return run(ctx, cmd, func(ctx context.Context, cmd Command) (*Process, error) {
		if cmd.Terminal == nil {
			cmd.Argv = tracked(cmd.Argv)
			return c.start(ctx, cmd, true)
		}
		return c.start(ctx, cmd, false)
	})
}

// Start starts a command and returns its pipes. The process ends with the
// connection, not with ctx, which bounds the start only.
//
// Errors: as for [Client.Run], before the command was sent.
func (c *Client) Start(ctx context.Context, cmd Command) (*Process, error) {
	if cmd.Lasting && cmd.Terminal == nil {
		cmd.Argv = tracked(cmd.Argv)
		return c.start(ctx, cmd, true)
	}
	return c.start(ctx, cmd, false)
}

func (c *Client) start(ctx context.Context, cmd Command, isTracked bool) (*Process, error) {
	kind, payload := "shell", []byte(nil) // RFC 4254, 6.5: the login shell
	if len(cmd.Argv) > 0 || cmd.Terminal == nil {
		line, err := cmd.line(c.target.User == "root")
		if err != nil {
			return nil, err
		}
		kind, payload = "exec", ssh.Marshal(struct{ Command string }{line})
	}
	s, err := c.newSession(ctx, cmd.Terminal != nil || cmd.Lasting)
	if err != nil {
		return nil, err
	}
	if cmd.Terminal != nil {
		if err := s.request("pty-req", ptyRequest(*cmd.Terminal), "a terminal"); err != nil {
			return nil, err
		}
	}
	if err := s.request(kind, payload, "a command"); err != nil {
		return nil, err
	}
	return newRemoteProcess(s, cmd, isTracked), nil
}

// request sends a channel request. If the server says no, the session is closed.
func (s *session) request(kind string, payload []byte, what string) error {
	ok, err := s.ch.SendRequest(kind, true, payload)
	if err == nil && ok {
		return nil
	}
	s.ch.Close()
	s.release()
	if err != nil {
		return s.client.lost(err)
	}
	return core.Errorf(core.Unsupported, "%s refuses us %s", s.client.target.Addr(), what)
}

// ptyRequest is RFC 4254, 6.2, without any mode.
func ptyRequest(t Terminal) []byte {
	return ssh.Marshal(struct {
		Term          string
		Cols, Rows    uint32
		Width, Height uint32
		Modes         string
	}{t.Kind, uint32(t.Cols), uint32(t.Rows), 0, 0, "\x00"})
}

// resize is RFC 4254, 6.7.
func (s *session) resize(rows, cols int) error {
	_, err := s.ch.SendRequest("window-change", false, ssh.Marshal(struct{ Cols, Rows, Width, Height uint32 }{uint32(cols), uint32(rows), 0, 0}))
	return err
}

// watch reads the channel's requests until it closes, gives the session back,
// and returns how the command ended.
func (s *session) watch() (int, error) {
	defer s.release()
	defer s.ch.Close()
	exit := -1
	for req := range s.reqs {
		switch req.Type {
		case "exit-status":
			var msg struct{ Status uint32 }
			if ssh.Unmarshal(req.Payload, &msg) == nil {
				exit = int(msg.Status)
			}
		case "exit-signal":
			var msg struct {
				Signal     string
				CoreDumped bool
				Message    string
				Language   string
			}
			if ssh.Unmarshal(req.Payload, &msg) == nil {
				exit = 128 + signalNumber(msg.Signal)
			}
		}
		if req.WantReply {
			req.Reply(false, nil)
		}
	}
	if exit < 0 {
		return exit, core.Errorf(core.UnknownOutcome, "the connection to %s ended before the command did", s.client.target.Addr())
	}
	return exit, nil
}

// signalNumber maps the names of RFC 4254, 6.10; 0 for one that it does not list.
func signalNumber(name string) int {
	return map[string]int{
		"HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "ABRT": 6, "FPE": 8, "KILL": 9,
		"USR1": 10, "SEGV": 11, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15,
	}[name]
}

// channelWriter closes only the writing half.
type channelWriter struct{ ch ssh.Channel }

func (w channelWriter) Write(p []byte) (int, error) { return w.ch.Write(p) }
func (w channelWriter) Close() error                { return w.ch.CloseWrite() }

var _ io.WriteCloser = channelWriter{}
