package sshconn

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/limiquantix/limiquantix/core"
	"golang.org/x/crypto/ssh"
)

// route is one way to libvirt on a host.
type route struct {
	socket string   // connected to by direct-streamlocal
	argv   []string // or run, with its standard input and output as the connection
	sudo   bool
}

// String describes the route for `host check`: "socket /run/…", "sudo -n virt-ssh-helper qemu:///system".
func (r route) String() string {
	if r.socket != "" {
		return "socket " + r.socket
	}
	return strings.Join(Command{Argv: r.argv, Sudo: r.sudo}.words(false), " ")
}

// routeMemory is the route that worked last.
type routeMemory struct {
	mu   sync.Mutex
	uri  string
	last *route
}

func (m *routeMemory) get(uri string) *route {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.uri != uri {
		return nil
	}
	return m.last
}

func (m *routeMemory) set(uri string, r *route) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.uri, m.last = uri, r
}

// String describes the route; "" when there is none.
func (m *routeMemory) String() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.last == nil {
		return ""
	}
	return m.last.String()
}

// Route says how the last [Client.DialLibvirt] got through, for people; "" before.
func (c *Client) Route() string { return c.route.String() }

// DialLibvirt connects to the libvirt daemon that serves uri ("" means
// qemu:///system) and remembers the way: its unix sockets, libvirtd's before
// the modular daemon's; where sshd refuses those, virt-ssh-helper, then nc -U.
// A user who is neither root nor in the group libvirt, but may sudo, goes by
// sudo -n at once, since polkit would ask a person otherwise.
//
// As root, the usual way is one round trip and runs no command.
//
// Errors: [core.Unreachable], also when no libvirt runs there; [core.Denied] for
// want of rights, [core.Unsupported] when sshd refuses the socket and the host
// has neither helper, [core.Invalid] for a uri. That a helper has failed shows
// as an error of Read.
func (c *Client) DialLibvirt(ctx context.Context, uri string) (net.Conn, error) {
	uri, sockets, err := libvirtSockets(uri)
	if err != nil {
		return nil, err
	}
	if last := c.route.get(uri); last != nil {
		if conn, err := c.follow(ctx, uri, *last); err == nil {
			return conn, nil
		}
		c.route.set(uri, nil)
	}
	if c.target.User == "root" {
		for _, socket := range sockets {
			if conn, err := c.try(ctx, uri, route{socket: socket}); conn != nil || core.CodeOf(err) != core.Unsupported {
				return conn, err
			}
		}
	}
	rights, err := c.Rights(ctx)
	if err != nil {
		return nil, err
	}
	routes, err := libvirtRoutes(c.target, rights, uri, sockets)
	if err != nil {
		return nil, err
	}
	var last error
	for _, r := range routes {
		conn, err := c.try(ctx, uri, r)
		if err == nil {
			return conn, nil
		}
		if last = err; core.CodeOf(err) != core.Unsupported {
			break
		}
	}
	return nil, last
}

func (c *Client) try(ctx context.Context, uri string, r route) (net.Conn, error) {
	conn, err := c.follow(ctx, uri, r)
	if err != nil {
		return nil, err
	}
	c.route.set(uri, &r)
	return conn, nil
}

func (c *Client) follow(ctx context.Context, uri string, r route) (net.Conn, error) {
	if r.socket != "" {
		return c.DialUnix(ctx, r.socket)
	}
	return c.dialCommand(ctx, Command{Argv: r.argv, Sudo: r.sudo}, func() { c.route.set(uri, nil) })
}

// libvirtSockets returns uri in full and the daemon's sockets; none for a
// session URI, whose daemon the helper has to start.
func libvirtSockets(uri string) (string, []string, error) {
	if uri == "" {
		uri = "qemu:///system"
	}
	u, err := url.Parse(uri)
	if err != nil || u.Scheme == "" || u.Host != "" || strings.ContainsAny(u.Scheme, "+") {
		return "", nil, core.Errorf(core.Invalid, "%s is not a libvirt URI of the host itself", core.Printable(uri, 80)).
			WithHint("it looks like qemu:///system")
	}
	switch {
	case u.Path == "/session":
		return uri, nil, nil
	case u.Scheme == "test":
		return uri, []string{libvirtSocket}, nil
	case u.Scheme == "qemu":
		return uri, []string{libvirtSocket, virtqemuSocket}, nil
	}
	return uri, []string{libvirtSocket, "/run/libvirt/virt" + u.Scheme + "d-sock"}, nil
}

// libvirtRoutes lists the ways that rights allow, best first, or says why there is none.
func libvirtRoutes(t Target, rights Rights, uri string, sockets []string) ([]route, error) {
	wanted := func(have []string) []string {
		return slices.DeleteFunc(slices.Clone(sockets), func(s string) bool { return !slices.Contains(have, s) })
	}
	present, open := wanted(rights.Sockets), wanted(rights.Open)
	session := len(sockets) == 0
	if len(present) == 0 && !session {
		return nil, core.Errorf(core.Unreachable, "no libvirt runs on %s: its sockets are missing", t.Addr()).
			WithHint("start it there, or install libvirt-daemon-system (Debian) or libvirt (Fedora)").WithDetail("reason", "libvirt")
	}
	sudo := rights.Kind == Sudo && !session
	var routes []route
	if !sudo {
		for _, s := range open {
			routes = append(routes, route{socket: s})
		}
	}
	if sudo || session || len(open) > 0 {
		routes = append(routes, helperRoutes(rights, uri, present, sudo)...)
	}
	switch {
	case len(routes) > 0:
		return routes, nil
	case sudo || session:
		return nil, core.Errorf(core.Unsupported, "%s has neither virt-ssh-helper nor nc", t.Addr()).
			WithHint("install libvirt-clients or netcat-openbsd there")
	}
	return nil, core.Errorf(core.Denied, "%s may not use libvirt on %s", core.Escape(t.User), t.Addr()).
		WithHint("on the host: usermod -aG libvirt %s, or let it sudo without a password", core.Escape(t.User))
}

func helperRoutes(rights Rights, uri string, present []string, sudo bool) (routes []route) {
	if slices.Contains(rights.Tools, "virt-ssh-helper") {
		routes = append(routes, route{argv: []string{"virt-ssh-helper", uri}, sudo: sudo})
	}
	for _, s := range present {
		switch {
		case slices.Contains(rights.Tools, quittingNetcat):
			routes = append(routes, route{argv: []string{"nc", "-q", "0", "-U", s}, sudo: sudo})
		case slices.Contains(rights.Tools, "nc"):
			routes = append(routes, route{argv: []string{"nc", "-U", s}, sudo: sudo})
		}
	}
	return routes
}

// dialCommand runs cmd with its standard input and output as a connection.
// When cmd fails, the error of Read has its first line of standard error, and failed is called.
func (c *Client) dialCommand(ctx context.Context, cmd Command, failed func()) (net.Conn, error) {
	line, err := cmd.line(c.target.User == "root")
	if err != nil {
		return nil, err
	}
	s, err := c.newSession(ctx, true)
	if err != nil {
		return nil, err
	}
	if err := s.request("exec", ssh.Marshal(struct{ Command string }{line}), "a command"); err != nil {
		return nil, err
	}
	stderr := &firstOutput{}
	k := s.client.newConn(s.ch, "exec", cmd.Argv[0], stderr)
	var exit int
	ended := make(chan struct{})
	s.client.spawn(func() {
		exit, err = s.watch()
		close(ended)
	})
	k.onEnd = func() error {
		<-ended
		<-k.errRead
		if err == nil && exit == 0 {
			return io.EOF
		}
		failed()
		if err != nil {
			return err
		}
		return core.Errorf(core.Unsupported, "%s on %s ended with status %d: %s", cmd.Argv[0], c.target.Addr(), exit, firstLine(stderr.bytes()))
	}
	return k, nil
}

// firstOutput keeps the first 4 KiB of standard error.
type firstOutput struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (t *firstOutput) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf.Write(p[:min(len(p), 4096-min(4096, t.buf.Len()))])
	return len(p), nil
}

func (t *firstOutput) bytes() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return bytes.Clone(t.buf.Bytes())
}
