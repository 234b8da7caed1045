package sshconn

import (
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/limiquantix/limiquantix/core"
)

// Address is a host as the user types it. User is "" and Port 0 where nothing was said.
type Address struct {
	User string
	Host string
	Port int
}

// ParseAddress reads ssh://[user@]host[:port], [user@]host[:port] or an alias of
// ssh_config. An IPv6 address with a port needs brackets; without one it may
// stand bare.
//
// Errors: [core.Invalid], also for what a shell or ssh would take for an option.
func ParseAddress(s string) (Address, error) {
	bad := func(why string) (Address, error) {
		return Address{}, core.Errorf(core.Invalid, "%s is not an SSH address: %s", core.Printable(s, 80), why).
			WithHint("addresses look like ssh://user@host:22, user@host or an alias of ssh_config")
	}
	rest := s
	if scheme, after, ok := strings.Cut(s, "://"); ok {
		if scheme != "ssh" {
			return bad("only ssh:// is known")
		}
		u, err := url.Parse(s)
		if err != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
			return bad("nothing may follow the port")
		}
		if _, ok := u.User.Password(); ok {
			return bad("a password does not belong in an address")
		}
		rest = strings.TrimSuffix(after, "/")
		if user := u.User.Username(); user != "" { // percent-decoded
			rest = user + rest[strings.LastIndex(rest, "@"):]
		}
	}
	var a Address
	if i := strings.LastIndex(rest, "@"); i >= 0 {
		a.User, rest = rest[:i], rest[i+1:]
		if a.User == "" {
			return bad("the user is empty")
		}
	}
	if a.Host = rest; strings.HasPrefix(rest, "[") && strings.HasSuffix(rest, "]") {
		a.Host = rest[1 : len(rest)-1]
	}
	if strings.Count(rest, ":") == 1 || strings.Contains(rest, "]:") {
		host, port, err := net.SplitHostPort(rest)
		if err != nil {
			return bad("the port is not readable")
		}
		n, err := strconv.Atoi(port)
		if err != nil || n < 1 || n > 65535 {
			return bad("the port is not between 1 and 65535")
		}
		a.Host, a.Port = host, n
	}
	switch {
	case a.Host == "":
		return bad("the host is empty")
	case !plainWord(a.Host) || strings.ContainsAny(a.Host, "[]/\\@'\"`$;&|<>(){}*?!#,"):
		return bad("the host has characters that no host name has")
	case a.User != "" && !plainWord(a.User):
		return bad("the user has characters that no user name has")
	}
	return a, nil
}

// plainWord reports whether s is printable ASCII or letters without spaces, and
// does not begin like an option.
func plainWord(s string) bool {
	return s != "" && s[0] != '-' && core.Escape(s) == s && !strings.ContainsAny(s, " \t\u00a0")
}

// hostPort prints the address as known_hosts and net.Dial want it before
// normalisation: host:port with brackets round IPv6.
func hostPort(host string, port int) string {
	return net.JoinHostPort(host, strconv.Itoa(port))
}

// splitHostPort is the reverse of hostPort.
//
// Errors: [core.Invalid].
func splitHostPort(addr string) (string, int, error) {
	host, port, err := net.SplitHostPort(addr)
	n, err2 := strconv.Atoi(port)
	if err != nil || err2 != nil || n < 1 || n > 65535 || host == "" {
		return "", 0, core.Errorf(core.Invalid, "%s is not host:port", core.Printable(addr, 80))
	}
	return host, n, nil
}
