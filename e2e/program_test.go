//go:build linux

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/lab"
	"github.com/limiquantix/limiquantix/lab/labtest"
)

// scratch is the directory of what all tests share; TestMain makes and removes it.
var scratch string

func TestMain(m *testing.M) {
	lab.Reexec()
	var err error
	if scratch, err = os.MkdirTemp("", "e2e-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := m.Run()
	os.RemoveAll(scratch)
	os.Exit(status)
}

// program is the built program with an inventory of its own.
type program struct {
	t    *testing.T
	exe  string
	home string
	env  []string // beside the test's own
}

// built is the program, built once as the Makefile does, but for the version.
var built = sync.OnceValues(func() (string, error) {
	exe := filepath.Join(scratch, "limiquantix")
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", exe, "..")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("go build: %w\n%s", err, out)
	}
	return exe, err
})

// build returns the path of the built program.
func build(t *testing.T) string {
	t.Helper()
	exe, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return exe
}

func newProgram(t *testing.T) *program {
	return &program{t: t, exe: build(t), home: filepath.Join(t.TempDir(), "home")}
}

func (p *program) command(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, p.exe, args...)
	c.Env = append(os.Environ(), "LIMIQUANTIX_HOME="+p.home)
	c.Env = append(c.Env, p.env...)
	return c
}

// try runs a command line and returns its output, its talk and its exit status.
func (p *program) try(args ...string) (stdout, stderr string, status int) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 3*time.Minute)
	defer cancel()
	var out, errs bytes.Buffer
	c := p.command(ctx, args...)
	c.Stdout, c.Stderr = &out, &errs
	err := c.Run()
	if c.ProcessState == nil || ctx.Err() != nil {
		p.t.Fatalf("limiquantix %s: %v, %v\n%s%s", strings.Join(args, " "), err, ctx.Err(), &out, &errs)
	}
	return out.String(), errs.String(), c.ProcessState.ExitCode()
}

// run runs a command line that must succeed, and returns its output.
func (p *program) run(args ...string) string {
	p.t.Helper()
	out, errs, status := p.try(args...)
	if status != 0 {
		p.t.Fatalf("limiquantix %s: exit status %d\n%s%s", strings.Join(args, " "), status, out, errs)
	}
	return out
}

// fails runs a command line that must end with a status and say something.
func (p *program) fails(status int, says string, args ...string) {
	p.t.Helper()
	out, errs, got := p.try(args...)
	if got != status || !strings.Contains(errs, says) {
		p.t.Errorf("limiquantix %s: exit status %d and %q, want %d and %q\n%s", strings.Join(args, " "), got, errs, status, says, out)
	}
}

// read runs a command line with -o json into v.
func (p *program) read(v any, args ...string) {
	p.t.Helper()
	out := p.run(append(args, "-o", "json")...)
	if err := json.Unmarshal([]byte(out), v); err != nil {
		p.t.Fatalf("limiquantix %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// site is a lab of one host that the program manages.
type site struct {
	*program
	lab  *lab.Lab
	ssh  string // ssh_config of the lab
	host lab.Host
}

func newSite(t *testing.T) *site {
	t.Helper()
	l := labtest.Up(t, lab.Options{Hosts: 1})
	state, err := l.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := &site{program: newProgram(t), lab: l, ssh: state.SSHConfig, host: state.Hosts[0]}
	address, identity := "root@"+s.host.Address, s.host.Identity
	// Nobody has compared the key yet, and there is no terminal to ask on.
	s.fails(5, s.host.HostKeys[0].Fingerprint, "host", "add", "kvm1", address, "--identity", identity)
	s.run("host", "add", "kvm1", address, "--identity", identity, "--host-key", s.host.HostKeys[0].Fingerprint)
	return s
}

// inside runs a command in the host, past the product.
func (s *site) inside(argv ...string) string {
	s.t.Helper()
	out, err := s.lab.Exec(s.t.Context(), s.host.Name, argv...)
	if err != nil {
		s.t.Fatalf("in %s: %q: %v", s.host.Name, argv, err)
	}
	return string(out)
}

// key makes an SSH key and returns its path.
func key(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path).CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen: %v\n%s", err, out)
	}
	return path
}

// logIn runs a command in a guest by the real ssh client, through the host,
// until that works; it fails when it has not within limit.
func (s *site) logIn(address, user, key string, limit time.Duration, argv ...string) string {
	s.t.Helper()
	args := append([]string{"-o", "ProxyCommand=ssh -F " + s.ssh + " -W %h:%p kvm1", "-i", key,
		"-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "ConnectTimeout=15",
		"-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", user + "@" + address}, argv...)
	var last string
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(time.Second) {
		var out, errs bytes.Buffer
		c := exec.CommandContext(s.t.Context(), "ssh", args...)
		c.Stdout, c.Stderr = &out, &errs
		if err := c.Run(); err == nil {
			return strings.TrimSpace(out.String())
		}
		last = errs.String()
	}
	s.t.Fatalf("no SSH into the guest within %s: %s", limit, last)
	return ""
}

// vm is what vm show -o json says.
type vm struct {
	Name, Host, State string
	Addresses         []struct{ IP, MAC, Source string }
}

// address waits until the program shows a VM's address.
func (s *site) address(name string, limit time.Duration) string {
	s.t.Helper()
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(time.Second) {
		var v vm
		s.read(&v, "vm", "show", name)
		if len(v.Addresses) > 0 {
			return v.Addresses[0].IP
		}
	}
	s.t.Fatalf("%s has no address within %s", name, limit)
	return ""
}

// recordConsole writes a VM's serial console to a file, whose end is logged
// when the test fails.
func (s *site) recordConsole(name string) {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), "console")
	f, err := os.Create(path)
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background()) // the cleanup ends it
	c := s.command(ctx, "vm", "console", name, "--serial")
	c.Stdout = f
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		cancel()
		_ = c.Wait() // it was killed
		f.Close()
		if s.t.Failed() {
			text, _ := os.ReadFile(path)
			s.t.Logf("console of %s:\n%s", name, text[max(0, len(text)-4000):])
		}
	})
}

// want fails the test unless got contains all of parts.
func want(t *testing.T, what, got string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(got, p) {
			t.Errorf("%s lacks %q:\n%s", what, p, got)
		}
	}
}

// volumes lists the files of the host's pool and the domains, to see what is left.
func (s *site) volumes() string {
	return fmt.Sprint(strings.Fields(s.inside("ls", "-A", "/var/lib/libvirt/images")), strings.Fields(s.inside("virsh", "list", "--all", "--name")))
}
