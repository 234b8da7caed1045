package sshconn

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/limiquantix/limiquantix/core"
	"golang.org/x/crypto/ssh"
)

// unreachable returns core.Unreachable with the detail "reason": refused,
// timeout, name, route, closed, protocol or forwarding. Who knows more gives a
// better hint.
func unreachable(addr, reason, why string, cause error) *core.Error {
	e := core.Errorf(core.Unreachable, "%s %s", addr, why).
		WithDetail("address", addr).WithDetail("reason", reason).
		WithHint("is the host up, and does ssh reach it from this computer?")
	e.Cause = cause
	return e
}

// dialError says why no TCP connection, or channel through a jump host, came about.
func dialError(ctx context.Context, addr string, err error) error {
	var known *core.Error
	var name *net.DNSError
	var refused *ssh.OpenChannelError
	switch {
	case errors.As(err, &known):
		return err
	case canceled(ctx):
		return core.Errorf(core.Canceled, "connecting to %s was canceled", addr)
	case errors.As(err, &name) && name.IsNotFound:
		return unreachable(addr, "name", "cannot be found: no such host name", err).WithHint("is the name spelt right, and does it resolve on this machine?")
	case errors.As(err, &name):
		return unreachable(addr, "name", "cannot be found: the name service does not answer", err).WithHint("try its IP address")
	case errors.Is(err, syscall.ECONNREFUSED):
		return unreachable(addr, "refused", "refuses the connection: nothing listens there", err).
			WithHint("is sshd running, and is the port right?")
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		return unreachable(addr, "route", "cannot be reached: no route", err).WithHint("is the network up, or does the host need a jump host (--jump)?")
	case errors.As(err, &refused):
		return channelRefused(addr, refused)
	case timedOut(ctx, err):
		return unreachable(addr, "timeout", "does not answer", err)
	}
	return unreachable(addr, "closed", "cannot be reached", err)
}

// channelRefused says why a jump host did not open a connection to addr.
func channelRefused(addr string, err *ssh.OpenChannelError) *core.Error {
	text := strings.ToLower(err.Message)
	switch {
	case err.Reason == ssh.Prohibited:
		return unreachable(addr, "forwarding", "cannot be reached: the host in between refuses to forward", err).
			WithHint("its sshd_config needs AllowTcpForwarding yes")
	case strings.Contains(text, "refused"):
		return unreachable(addr, "refused", "refuses the connection: nothing listens there", err)
	case strings.Contains(text, "timed out"):
		return unreachable(addr, "timeout", "does not answer", err)
	case strings.Contains(text, "not known"), strings.Contains(text, "resolution"):
		return unreachable(addr, "name", "cannot be found: no such host name", err)
	case strings.Contains(text, "route"), strings.Contains(text, "unreachable"):
		return unreachable(addr, "route", "cannot be reached: no route", err)
	}
	return unreachable(addr, "closed", "cannot be reached from the host in between", err)
}

// handshakeError says why the server at the other end of w did not become an SSH session.
func handshakeError(ctx context.Context, addr string, auth *authenticator, w *wire, err error) error {
	lost := w.lost()
	var known *core.Error
	var negotiation *ssh.AlgorithmNegotiationError
	// x/crypto goes on to the next method when a read fails, and so comes to "not
	// accepted", or to a password, over a connection that is dead: nobody has
	// refused us.
	if errors.As(err, &known) && (known.Code == core.AuthFailed || known.Code == core.SecretNeeded) {
		switch {
		case ctx.Err() != nil:
			known, err = nil, ctx.Err()
		case lost != nil && (known.Code == core.SecretNeeded || len(auth.ids.list) < 2): // not for too many keys
			known, err = nil, lost
		}
	}
	switch {
	case known != nil || errors.As(err, &known):
		return known
	case canceled(ctx):
		return core.Errorf(core.Canceled, "connecting to %s was canceled", addr)
	case errors.As(err, &negotiation):
		return core.Errorf(core.Unsupported, "%s and we have no %s in common", addr, negotiation.What).
			WithDetail("address", addr).WithDetail("theirs", strings.Join(negotiation.RequestedAlgorithms, ",")).
			WithHint("it offers %s", core.Escape(strings.Join(negotiation.RequestedAlgorithms, ", ")))
	}
	if e := notSSH(addr, w.greeting(), err); e != nil {
		return e
	}
	switch {
	case timedOut(ctx, err):
		return unreachable(addr, "timeout", "accepts the connection but does not complete the SSH handshake", err).
			WithHint("the host may hang, or a firewall in between swallow what it says")
	case strings.Contains(err.Error(), "Too many authentication failures"):
		return auth.cutOff()
	case auth.triedKeys && len(auth.ids.list) > 1 && errors.Is(err, io.EOF): // hung up without a word
		return auth.cutOff()
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return unreachable(addr, "closed", "closed the connection during the SSH handshake", err).
			WithHint("sshd may be overloaded (MaxStartups) or refuse this address for a while")
	}
	return unreachable(addr, "protocol", "does not complete the SSH handshake", err)
}

// notSSH returns the error of a server whose greeting shows that it is no SSH
// server, or none that takes us; nil while it may be one. Lines may come before
// the version; sshd refuses in one.
//
// Sources: RFC 4253, sections 4.2 and 5.1; drop_connection in sshd.c of OpenSSH.
func notSSH(addr string, greeting []byte, cause error) error {
	whole := len(greeting) < maxFirst || strings.Contains(cause.Error(), "overflow reading version string")
	for line := range bytes.Lines(greeting) {
		said := string(bytes.TrimRight(line, "\r\n"))
		switch {
		case strings.HasPrefix(said, "SSH-2.0-"), strings.HasPrefix(said, "SSH-1.99-"):
			return nil
		case strings.HasPrefix(said, "SSH-"):
			return unreachable(addr, "protocol", "speaks another SSH than version 2: it answers "+core.Printable(said, maxSaid), cause).
				WithHint("update its SSH server, or is the port right?")
		case strings.HasPrefix(said, "Exceeded MaxStartups"), strings.HasPrefix(said, "Not allowed at this time"):
			return unreachable(addr, "closed", "refuses the connection for now: sshd answers "+core.Printable(said, maxSaid), cause).
				WithHint("sshd is overloaded (MaxStartups), or refuses this address for a while (PerSourcePenalties)")
		}
	}
	said, _, _ := bytes.Cut(greeting, []byte("\n"))
	if said = bytes.TrimSpace(said); len(said) == 0 || !whole {
		return nil
	}
	return unreachable(addr, "protocol", "does not speak SSH: it answers "+core.Printable(string(said), maxSaid), cause).
		WithHint("is the port right?")
}

// maxSaid is how many characters of a stranger's answer are shown.
const maxSaid = 60

// canceled reports whether the caller gave up, as opposed to time running out.
func canceled(ctx context.Context) bool { return errors.Is(ctx.Err(), context.Canceled) }

func timedOut(ctx context.Context, err error) bool {
	var timeout net.Error
	return ctx.Err() != nil || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, syscall.ETIMEDOUT) ||
		errors.As(err, &timeout) && timeout.Timeout()
}
