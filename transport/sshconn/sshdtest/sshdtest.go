//go:build linux

// Package sshdtest starts real OpenSSH servers for tests: each on a free port
// of 127.0.0.1 in mount and PID namespaces of its own, with its own host keys,
// users, sudoers and /run, so that nothing of the machine is changed and
// nothing outlives the test. It needs root, and fails the test without it.
package sshdtest

import (
	"bytes"
	_ "embed"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// Password is the password of every user that has one.
const Password = "correct horse battery"

// Options say how the server differs from the plain one: one ed25519 host key,
// root and the user "plain" with an authorized key, public keys only.
type Options struct {
	// HostKeys are key types as ssh-keygen -t takes them; nil means ed25519.
	HostKeys []string
	// Config are further sshd_config lines. They come first, and sshd takes the
	// first value of a keyword, so they win over ours.
	Config []string
	// Libvirtd also starts a libvirtd on the server's private /run.
	Libvirtd bool
	// Hide are paths that the server's sessions find empty, such as
	// /usr/bin/virt-ssh-helper.
	Hide []string
}

// Server is a running sshd. Its users: root; "plain" without any right;
// "virt" in the group libvirt; "admin" who may sudo without a password. All
// have the key [Server.Key] and the password [Password].
type Server struct {
	// Addr is host:port, Port its second half.
	Addr string
	Port int
	// Dir holds every file of the server: host keys ssh_host_TYPE_key(.pub),
	// authorized_keys, sshd_config.
	Dir string
	// Key is the path of a private key that every user accepts; Key+".pub" is beside it.
	Key string
	// KnownHosts is a file with all host keys of this server.
	KnownHosts string

	cmd  *exec.Cmd
	log  *os.File
	done chan struct{}
}

//go:embed start.sh
var startScript string

// Start runs a server until the test ends.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	if os.Getuid() != 0 {
		t.Fatal("sshdtest needs root: it makes namespaces and users")
	}
	dir := t.TempDir()
	// Users other than root must reach authorized_keys.
	for d := dir; d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s := &Server{Dir: dir, Key: filepath.Join(dir, "user_key"), KnownHosts: filepath.Join(dir, "known_hosts")}
	KeyGen(t, s.Key, "-t", "ed25519")
	pub, err := os.ReadFile(s.Key + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	s.Write(t, "authorized_keys", string(pub))
	if o.HostKeys == nil {
		o.HostKeys = []string{"ed25519"}
	}
	for _, kind := range o.HostKeys {
		args := []string{"-t", kind}
		if kind == "rsa" {
			args = append(args, "-b", "2048")
		}
		KeyGen(t, s.hostKeyFile(kind), args...)
	}
	s.Port = FreePort(t)
	s.Addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port))
	s.Write(t, "sshd_config", s.config(o))
	s.writeKnownHosts(t, o.HostKeys)
	s.run(t, o)
	return s
}

func (s *Server) hostKeyFile(kind string) string {
	return filepath.Join(s.Dir, "ssh_host_"+kind+"_key")
}

func (s *Server) config(o Options) string {
	lines := append([]string{}, o.Config...)
	for _, kind := range o.HostKeys {
		lines = append(lines, "HostKey "+s.hostKeyFile(kind))
	}
	lines = append(lines,
		"Port "+strconv.Itoa(s.Port),
		"ListenAddress 127.0.0.1",
		"AuthorizedKeysFile "+filepath.Join(s.Dir, "authorized_keys"),
		"StrictModes no", "UsePAM no", "PasswordAuthentication no", "KbdInteractiveAuthentication no",
		"PermitRootLogin yes", "PidFile none", "UseDNS no", "LogLevel VERBOSE", "MaxStartups 100")
	text := strings.Join(lines, "\n") + "\n"
	if !strings.Contains(text, "\nSubsystem sftp") && !strings.HasPrefix(text, "Subsystem sftp") { // may stand once only
		text += "Subsystem sftp /usr/lib/openssh/sftp-server\n"
	}
	return text
}

func (s *Server) writeKnownHosts(t testing.TB, kinds []string) {
	t.Helper()
	var b strings.Builder
	for _, kind := range kinds {
		fmt.Fprintf(&b, "[127.0.0.1]:%d %s\n", s.Port, s.HostKeyLine(t, kind))
	}
	s.Write(t, "known_hosts", b.String())
}

// Write puts a file into the server's directory and returns its path.
func (s *Server) Write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(s.Dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// HostKeyLine returns "type base64" of the host key of a type.
func (s *Server) HostKeyLine(t testing.TB, kind string) string {
	t.Helper()
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(s.HostKey(t, kind))))
}

// HostKey returns the public host key of a type.
func (s *Server) HostKey(t testing.TB, kind string) ssh.PublicKey {
	t.Helper()
	text, err := os.ReadFile(s.hostKeyFile(kind) + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (s *Server) run(t testing.TB, o Options) {
	t.Helper()
	log, err := os.Create(filepath.Join(s.Dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	s.log = log
	libvirtd := "no"
	if o.Libvirtd {
		libvirtd = "yes"
	}
	args := append([]string{"-ec", startScript, "sshd", s.Dir, libvirtd}, o.Hide...)
	s.cmd = exec.Command("/bin/sh", args...)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWPID,
		// Unshareflags makes / recursively private before the script mounts anything.
		Unshareflags: syscall.CLONE_NEWNS,
		// A new session: job control signals to the test do not reach sshd.
		Setsid: true, Pdeathsig: syscall.SIGKILL,
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.done = make(chan struct{})
	go func() { s.cmd.Wait(); close(s.done) }()
	t.Cleanup(func() {
		s.Stop()
		log.Close()
		if t.Failed() {
			t.Logf("log of the sshd at %s:\n%s", s.Addr, s.Log())
		}
	})
	s.waitReady(t)
}

func (s *Server) waitReady(t testing.TB) {
	t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for {
		c, err := net.DialTimeout("tcp", s.Addr, time.Second)
		if err == nil {
			c.SetReadDeadline(time.Now().Add(10 * time.Second))
			banner := make([]byte, 4)
			c.Read(banner)
			c.Close()
			if string(banner) == "SSH-" {
				return
			}
		}
		select {
		case <-s.done:
			t.Fatalf("sshd ended:\n%s", s.Log())
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("sshd does not answer:\n%s", s.Log())
		}
	}
}

// Stop ends the server, every session and every process in them at once, as a
// power failure would. It may be called twice.
func (s *Server) Stop() {
	s.cmd.Process.Kill()
	<-s.done
}

// Log returns what sshd has written so far.
func (s *Server) Log() string {
	text, _ := os.ReadFile(filepath.Join(s.Dir, "log"))
	return string(text)
}

// WaitLog waits until sshd has logged one of the texts, and returns the log.
// sshd's monitor writes what it thinks of a login after its child has answered
// the client.
func (s *Server) WaitLog(t testing.TB, texts ...string) string {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		log := s.Log()
		for _, text := range texts {
			if strings.Contains(log, text) {
				return log
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("sshd did not log %q:\n%s", texts, log)
		}
	}
}

// KillSessions kills all processes that serve the connections of now; the
// server goes on. It returns how many there were.
func (s *Server) KillSessions() int {
	n := 0
	for _, pid := range descendants(s.cmd.Process.Pid) {
		if cmdline, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); err == nil && bytes.HasPrefix(cmdline, []byte("sshd:")) {
			syscall.Kill(pid, syscall.SIGKILL)
			n++
		}
	}
	return n
}

// Signal sends sig to the server and to everything that it has started.
func (s *Server) Signal(sig syscall.Signal) {
	for _, pid := range append(descendants(s.cmd.Process.Pid), s.cmd.Process.Pid) {
		syscall.Kill(pid, sig)
	}
}

func descendants(pid int) []int {
	pids := []int{pid}
	for i := 0; i < len(pids); i++ {
		pids = append(pids, children(pids[i])...)
	}
	return pids[1:]
}

func children(pid int) []int {
	var pids []int
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for _, f := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(f); err == nil {
				pids = append(pids, child)
			}
		}
	}
	return pids
}

// KeyGen runs ssh-keygen -q -f path -N "" args...; a later -N in args wins.
func KeyGen(t testing.TB, path string, args ...string) {
	t.Helper()
	Run(t, "ssh-keygen", append([]string{"-q", "-f", path, "-N", "", "-C", filepath.Base(path)}, args...)...)
}

// Run runs a command and returns its output; the test fails when it does.
func Run(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// FreePort returns a TCP port of 127.0.0.1 that nobody listened on a moment ago.
func FreePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
