package sshconn

import (
	"context"
	"net"
	"slices"

	"github.com/limiquantix/limiquantix/core"
)

// DialHost connects to a server on the host itself, a "unix" socket or a "tcp"
// address, through the SSH connection. Where sshd does not forward, nc on the
// host does: to sockets with sudo -n where the user may, since QEMU's belong to
// another user. That nc failed shows as an error of the first Read.
//
// Errors: [core.Unsupported] when sshd does not forward and the host has no nc,
// [core.Unreachable] when nothing listens, [core.Invalid] for another network.
func (c *Client) DialHost(ctx context.Context, network, address string) (net.Conn, error) {
	switch network {
	case "unix":
		conn, err := c.DialUnix(ctx, address)
		if core.CodeOf(err) == core.Unsupported { // missing, closed to the user, or not forwarded: sshd does not say
			return c.dialNetcat(ctx, err, true, "-U", address)
		}
		return conn, err
	case "tcp":
		conn, err := c.DialTCP(ctx, address)
		if err != nil && core.AsError(err).Detail["reason"] == "forwarding" {
			host, port, _ := net.SplitHostPort(address) // DialTCP has read it already
			return c.dialNetcat(ctx, err, false, host, port)
		}
		return conn, err
	}
	return nil, unknownNetwork(network)
}

func unknownNetwork(network string) error {
	return core.Errorf(core.Invalid, "there is no kind of connection %s", core.Printable(network, 20))
}

// dialNetcat connects by nc; refused is why sshd itself does not.
func (c *Client) dialNetcat(ctx context.Context, refused error, sudo bool, target ...string) (net.Conn, error) {
	rights, err := c.Rights(ctx)
	if err != nil {
		return nil, err
	}
	argv := []string{"nc"}
	switch {
	case slices.Contains(rights.Tools, quittingNetcat):
		argv = append(argv, "-q", "0")
	case !slices.Contains(rights.Tools, "nc"):
		e := core.Errorf(core.Unsupported, "sshd on %s does not forward connections, and the host has no nc", c.target.Addr()).
			WithHint("set AllowTcpForwarding and AllowStreamLocalForwarding to yes in its sshd_config, or install netcat-openbsd there")
		e.Cause = refused
		return nil, e
	}
	return c.dialCommand(ctx, Command{Argv: append(argv, target...), Sudo: sudo && rights.Sudo}, func() {})
}

// DialHost is [Client.DialHost] on this machine.
func (l *Local) DialHost(ctx context.Context, network, address string) (net.Conn, error) {
	switch network {
	case "unix":
		return l.DialUnix(ctx, address)
	case "tcp":
		return l.DialTCP(ctx, address)
	}
	return nil, unknownNetwork(network)
}
