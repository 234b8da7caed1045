package compose

import (
	"bytes"
	"cmp"
	"context"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/vm"
	"github.com/limiquantix/limiquantix/transport/sim"
	"github.com/limiquantix/limiquantix/transport/sshconn"
	"github.com/limiquantix/limiquantix/transport/virt"
)

// dialer makes links: a simulated host, this machine, or a host over SSH.
type dialer struct {
	ssh   *sshconn.Dialer
	turns turns // of simulated hosts; ssh has the same
	fleet *sim.Fleet
	trust string // our known_hosts file
	home  string // in place of the user's home directory
	deaf  bool   // nobody waits for events
	keys  *keys  // is told which key opened what; nil: nobody wants to know
	log   *slog.Logger
}

const simScheme = "sim:"

// longestHop bounds one hop on the way to a host, whatever the attempt may take.
const longestHop = 12 * time.Second

func (d *dialer) dial(ctx context.Context, s host.Spec) (host.Link, error) {
	if name, ok := strings.CutPrefix(s.Address, simScheme); ok && d.fleet != nil {
		return d.simulated(ctx, s, name)
	}
	sh, err := d.shell(ctx, s)
	if err != nil {
		return nil, err
	}
	if s.Limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.Limit)
		defer cancel()
	}
	l := &link{bare: bare{sh}}
	l.Conn, err = virt.Open(ctx, virt.Options{
		Dial:  func(ctx context.Context) (net.Conn, error) { return sh.DialLibvirt(ctx, s.URI) },
		URI:   s.URI,
		Files: l.files, Deaf: d.deaf, Logger: d.log,
	})
	if err != nil {
		sh.Close()
		return nil, err
	}
	if c, ok := sh.(*sshconn.Client); ok && d.keys != nil {
		d.keys.note(s.Address, c.LoginKey())
	}
	return l, nil
}

// simulated is dial for a host of the fleet.
func (d *dialer) simulated(ctx context.Context, s host.Spec, name string) (host.Link, error) {
	done, err := d.turns.take(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	if s.Limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.Limit)
		defer cancel()
	}
	return d.fleet.Dial(ctx, name)
}

// shell is a host without its libvirt: *sshconn.Client and *sshconn.Local.
type shell interface {
	Run(ctx context.Context, c sshconn.Command) (sshconn.Result, error)
	Start(ctx context.Context, c sshconn.Command) (*sshconn.Process, error)
	way
	Files(ctx context.Context) (*sshconn.Files, error)
	Rights(ctx context.Context) (sshconn.Rights, error)
	Close() error
}

// way leads to servers on the host.
type way interface {
	DialLibvirt(ctx context.Context, uri string) (net.Conn, error)
	DialHost(ctx context.Context, network, address string) (net.Conn, error)
}

func (d *dialer) shell(ctx context.Context, s host.Spec) (shell, error) {
	if s.Address == "local" {
		return sshconn.NewLocal(), nil
	}
	cfg := sshconn.Config{
		Address: s.Address, User: s.User, Port: s.Port, DialTimeout: min(s.Limit, longestHop), Jumps: s.Jumps, Identity: s.Identities, TrustFile: d.trust, AcceptNew: s.AcceptNew, Home: d.home, Logger: d.log,
	}
	if s.Secret != "" {
		cfg.Secrets = func(string, string) (string, bool) { return s.Secret, true }
	}
	c, err := d.ssh.Dial(ctx, cfg)
	if s.HostKey == "" {
		return orNil(c, err)
	}
	// The user has compared a fingerprint: dial again with it pinned to the
	// host of the chain that showed it. A jump host may be that one.
	if e := core.AsError(err); err != nil && (e.Code == core.HostKeyUnknown || e.Code == core.HostKeyChanged) && e.Detail["fingerprint"] == s.HostKey {
		cfg.Pins = map[string]string{e.Detail["address"]: s.HostKey}
		return orNil(d.ssh.Dial(ctx, cfg))
	}
	if err == nil && c.HostKey().Fingerprint != s.HostKey {
		c.Close()
		return nil, core.Errorf(core.HostKeyChanged, "the host's key is %s, not the one that was named", c.HostKey().Fingerprint).
			WithHint("compare it on the host: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub").WithDetail("fingerprint", c.HostKey().Fingerprint)
	}
	return orNil(c, err)
}

// shellOnly reaches a host without its libvirt.
func (d *dialer) shellOnly(ctx context.Context, s host.Spec) (host.Shell, error) {
	if strings.HasPrefix(s.Address, simScheme) {
		return nil, core.Errorf(core.Unsupported, "a simulated host has no shell of its own")
	}
	sh, err := d.shell(ctx, s)
	if err != nil {
		return nil, err
	}
	return bare{sh}, nil
}

// bare is a shell in the words of core/host.
type bare struct{ shell shell }

// Run implements [host.Runner].
func (b bare) Run(ctx context.Context, c host.Command) (host.Output, error) {
	cmd := sshconn.Command{Argv: c.Argv, Sudo: c.Sudo, MaxOutput: cmp.Or(c.MaxOutput, core.MiB)}
	if c.Stdin != nil {
		cmd.Stdin = bytes.NewReader(c.Stdin)
	}
	r, err := b.shell.Run(ctx, cmd)
	return host.Output{Out: r.Stdout, ErrOut: r.Stderr, Exit: r.Exit}, err
}

// Rights implements what readiness checks ask for.
func (b bare) Rights(ctx context.Context) (string, error) {
	r, err := b.shell.Rights(ctx)
	return string(r.Kind), err
}

// Close ends the connection.
func (b bare) Close() error { return b.shell.Close() }

// orNil keeps a nil client from becoming a non-nil interface.
func orNil(c *sshconn.Client, err error) (shell, error) {
	if err != nil {
		return nil, err
	}
	return c, nil
}

// link is one connection to a real host: libvirt, and the shell below it.
type link struct {
	*virt.Conn
	bare

	mu   sync.Mutex
	sftp *sshconn.Files // open after the first upload
}

var _ host.Link = (*link)(nil)
var _ host.Runner = (*link)(nil)
var _ host.Prober = (*link)(nil)
var _ vm.Dialer = (*link)(nil)

// Probe implements [host.Prober].
func (l *link) Probe() {
	if c, ok := l.shell.(interface{ Probe() }); ok { // this machine itself is always there
		c.Probe()
	}
}

// DialHost implements [vm.Dialer].
func (l *link) DialHost(ctx context.Context, network, address string) (net.Conn, error) {
	return l.shell.DialHost(ctx, network, address)
}

// Close ends libvirt's connection, then the one below it.
func (l *link) Close() error {
	err := l.Conn.Close()
	l.mu.Lock()
	if l.sftp != nil {
		l.sftp.Close()
	}
	l.mu.Unlock()
	l.shell.Close()
	return err
}

// files gives access to the host's files to who may write into pools: root, by
// login or by sudo. For others uploads go through libvirt.
func (l *link) files(ctx context.Context) (virt.Files, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.sftp == nil {
		r, err := l.shell.Rights(ctx)
		if err != nil {
			return nil, err
		}
		if r.Kind != sshconn.Root && !r.Sudo {
			return nil, nil
		}
		f, err := l.shell.Files(ctx)
		if core.CodeOf(err) == core.Unsupported {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		l.sftp = f
	}
	return files{l.sftp}, nil
}

// files is a host's file system as virt wants it.
type files struct{ *sshconn.Files }

func (f files) Create(path string, mode fs.FileMode) (virt.File, error) {
	return f.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
}

func (f files) Rename(from, to string) error { return f.RenameNew(from, to) }

func (f files) Free(path string) (core.Bytes, error) {
	s, err := f.Space(path)
	return s.Free, err
}
