package sshconn

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/limiquantix/limiquantix/core"
)

// Kind says how far the user gets on a host.
type Kind string

// The kinds, from most to least.
const (
	Root    Kind = "root"
	Libvirt Kind = "libvirt" // in the group that libvirt's sockets belong to
	Sudo    Kind = "sudo"    // sudo -n works
	None    Kind = "none"
)

// Rights are what the user of a connection may do there.
type Rights struct {
	Kind   Kind
	UID    int
	Groups []string
	// Sudo: sudo needs no password. Never set for root.
	Sudo bool
	// Tools are those of virt-ssh-helper and nc that are installed.
	Tools []string
	// Sockets are libvirt's sockets that exist, Open those of them that the
	// user may connect to.
	Sockets, Open []string
}

const (
	libvirtSocket  = "/run/libvirt/libvirt-sock"
	virtqemuSocket = "/run/libvirt/virtqemud-sock"
	// netcat with -q quits when we are gone; only some have it.
	quittingNetcat = "nc -q"
)

// probeCommand asks for all of [Rights] at once. Its script is constant and is
// one line: [core.Quote] lets no other through.
func probeCommand() Command {
	return Command{Argv: []string{"sh", "-c", strings.Join([]string{
		`echo uid=$(id -u); echo groups=$(id -Gn)`,
		`[ $(id -u) = 0 ] || { sudo -n true 2>/dev/null && echo sudo=yes; }`,
		`for t in virt-ssh-helper nc; do command -v $t >/dev/null 2>&1 && echo tool=$t; done`,
		`nc -q 2>&1 </dev/null | grep -q 'requires an argument' && echo 'tool=` + quittingNetcat + `'`,
		`for s in /run/libvirt/*-sock; do [ -S "$s" ] && echo "socket=$s"; [ -S "$s" ] && [ -w "$s" ] && echo "open=$s"; done`,
		`exit 0`,
	}, "; ")}, MaxOutput: 64 * core.KiB}
}

// facts remembers the rights of a connection.
type facts struct {
	mu     sync.Mutex
	rights *Rights
}

// Rights finds out what the user may do on the host. It runs one command and
// remembers the answer for the life of the connection.
//
// Errors: those of [Client.Run]; [core.Unsupported] when the login shell answers nonsense.
func (c *Client) Rights(ctx context.Context) (Rights, error) {
	return c.facts.get(ctx, c)
}

// get asks host once.
func (f *facts) get(ctx context.Context, host runner) (Rights, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.rights == nil {
		result, err := host.Run(ctx, probeCommand())
		if err != nil {
			return Rights{}, err
		}
		r, err := parseRights(result)
		if err != nil {
			return Rights{}, err
		}
		f.rights = &r
	}
	return *f.rights, nil
}

// runner is what the probe needs of a host.
type runner interface {
	Run(context.Context, Command) (Result, error)
}

func parseRights(result Result) (Rights, error) {
	r := Rights{UID: -1, Kind: None}
	for line := range strings.Lines(string(result.Stdout)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch key {
		case "uid":
			if n, err := strconv.Atoi(value); err == nil {
				r.UID = n
			}
		case "groups":
			r.Groups = strings.Fields(value)
		case "sudo":
			r.Sudo = true
		case "tool":
			r.Tools = append(r.Tools, value)
		case "socket":
			r.Sockets = append(r.Sockets, value)
		case "open":
			r.Open = append(r.Open, value)
		}
	}
	inGroup := slices.Contains(r.Groups, "libvirt") || slices.Contains(r.Groups, "libvirtd") // Ubuntu before 18.04
	switch {
	case r.UID < 0:
		return r, core.Errorf(core.Unsupported, "the login shell of the host does not run commands: %s", firstLine(append(result.Stdout, result.Stderr...))).
			WithHint("the user needs a POSIX shell")
	case r.UID == 0:
		r.Kind = Root
	case inGroup:
		r.Kind = Libvirt
	case r.Sudo:
		r.Kind = Sudo
	}
	return r, nil
}
