//go:build linux

package guest_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// machine is a real QEMU (TCG) with a guest in it, its serial console, an SSH
// port forwarded to it, a guest agent channel and a QMP socket.
type machine struct {
	t       *testing.T
	dir     string
	port    string
	keyFile string
	cmd     *exec.Cmd
	stdin   io.WriteCloser
	exited  chan struct{}

	mu     sync.Mutex
	serial bytes.Buffer
	log    *os.File
}

// boot starts QEMU; args bring the guest's disks. It is killed when the test
// ends, and its serial console is shown when the test failed.
func boot(t *testing.T, keyFile string, args ...string) *machine {
	t.Helper()
	dir, err := os.MkdirTemp("", "guest") // short: socket names have 108 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	m := &machine{t: t, dir: dir, port: freePort(t), keyFile: keyFile, exited: make(chan struct{})}
	m.log, err = os.Create(filepath.Join(dir, "serial.log"))
	if err != nil {
		t.Fatal(err)
	}
	m.cmd = exec.Command("qemu-system-x86_64", append([]string{
		"-machine", "q35,accel=tcg", "-m", "512", "-nographic", "-no-reboot", "-monitor", "none", "-serial", "stdio",
		"-netdev", "user,id=n0,hostfwd=tcp:127.0.0.1:" + m.port + "-:22",
		"-device", "virtio-net-pci,netdev=n0,mac=52:54:00:12:34:56,romfile=",
		"-device", "virtio-serial-pci",
		"-chardev", "socket,id=agent,path=" + m.path("agent") + ",server=on,wait=off",
		"-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0",
		"-qmp", "unix:" + m.path("qmp") + ",server=on,wait=off",
		"-object", "rng-random,id=rng,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=rng",
	}, args...)...)
	m.cmd.Stdout, m.cmd.Stderr = m, m
	m.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // a killed test leaves no VM
	if m.stdin, err = m.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := m.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		m.cmd.Wait()
		close(m.exited)
	}()
	t.Cleanup(m.end)
	return m
}

func (m *machine) end() {
	m.cmd.Process.Kill()
	<-m.exited
	m.log.Close()
	if m.t.Failed() {
		m.t.Logf("serial console:\n%s", m.console())
	}
}

// Write takes QEMU's output: the serial console.
func (m *machine) Write(p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.log.Write(p)
	return m.serial.Write(p)
}

func (m *machine) console() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.serial.String()
}

func (m *machine) path(name string) string { return filepath.Join(m.dir, name) }

// until asks done every fifth of a second; the test fails after limit, or when
// QEMU ends before.
func (m *machine) until(what string, limit time.Duration, done func() bool) {
	m.t.Helper()
	deadline := time.After(limit)
	for !done() {
		select {
		case <-m.exited:
			m.t.Fatalf("QEMU ended before %s", what)
		case <-deadline:
			m.t.Fatalf("no %s in %s", what, limit)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (m *machine) waitSerial(text string, limit time.Duration) {
	m.t.Helper()
	m.until(strconv.Quote(text)+" on the serial console", limit, func() bool { return strings.Contains(m.console(), text) })
}

// ssh runs a command line in the guest as user, with the test's key.
func (m *machine) ssh(user, line string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "ssh", "-F", "none", "-i", m.keyFile, "-p", m.port,
		"-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "IdentitiesOnly=yes",
		"-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-o", "LogLevel=ERROR",
		user+"@127.0.0.1", line).Output()
	return strings.TrimSpace(string(out)), err
}

// waitSSH waits for a login as user and wants the line to print want.
func (m *machine) waitSSH(user, line, want string, limit time.Duration) {
	m.t.Helper()
	var got string
	m.until("SSH login as "+user, limit, func() bool {
		var err error
		got, err = m.ssh(user, line)
		return err == nil
	})
	if got != want {
		m.t.Errorf("%s: %s = %q, want %q", user, line, got, want)
	}
}

// agent sends one guest agent command and returns the answer's "return"; null
// for a command that has none because it ends the guest.
func (m *machine) agent(command string) (json.RawMessage, error) {
	return exchange(m.path("agent"), command)
}

// waitPing waits for the guest agent.
func (m *machine) waitPing(limit time.Duration) {
	m.t.Helper()
	m.until("guest agent", limit, func() bool {
		_, err := m.agent(`{"execute":"guest-ping"}`)
		return err == nil
	})
}

// shutdown asks the guest by ACPI and waits until it is off.
func (m *machine) shutdown(limit time.Duration) {
	m.t.Helper()
	m.qmp(`{"execute":"system_powerdown"}`)
	select {
	case <-m.exited:
	case <-time.After(limit):
		m.t.Fatalf("not off in %s", limit)
	}
}

// qmp sends QEMU commands and wants each to succeed.
func (m *machine) qmp(commands ...string) {
	m.t.Helper()
	for _, c := range commands {
		if _, err := exchange(m.path("qmp"), `{"execute":"qmp_capabilities"}`, c); err != nil {
			m.t.Fatalf("%s: %v", c, err)
		}
	}
}

// exchange sends JSON lines to a unix socket and returns the last one's result.
func exchange(socket string, lines ...string) (result json.RawMessage, err error) {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(5 * time.Second))
	answers := bufio.NewScanner(conn)
	for _, line := range lines {
		if _, err := fmt.Fprintln(conn, line); err != nil {
			return nil, err
		}
		var answer struct{ Return, Error json.RawMessage }
		for answer.Return == nil && answer.Error == nil {
			if !answers.Scan() {
				return nil, fmt.Errorf("no answer: %v", answers.Err())
			}
			if err := json.Unmarshal(answers.Bytes(), &answer); err != nil {
				return nil, err
			}
		}
		if answer.Error != nil {
			return nil, fmt.Errorf("%s", answer.Error)
		}
		result = answer.Return
	}
	return result, nil
}

// seedFiles are the files of a NoCloud volume.
type seedFiles struct{ userData, metaData, network string }

// seedISO writes a NoCloud ISO and returns its path.
func seedISO(t *testing.T, s seedFiles) string {
	t.Helper()
	dir := t.TempDir()
	argv := []string{"-quiet", "-output", filepath.Join(dir, "seed.iso"), "-volid", "cidata", "-rock", "-joliet"}
	for name, text := range map[string]string{"user-data": s.userData, "meta-data": s.metaData, "network-config": s.network} {
		if text == "" {
			continue
		}
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		argv = append(argv, file)
	}
	must(t, "genisoimage", argv...)
	return filepath.Join(dir, "seed.iso")
}

// newKey makes an SSH key and returns its file and public line.
func newKey(t *testing.T) (file, public string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "id")
	must(t, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test@lab", "-f", file)
	line, err := os.ReadFile(file + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	return file, strings.TrimSpace(string(line))
}

// overlay makes a disk on top of a shared image.
func overlay(t *testing.T, base, size string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "disk.qcow2")
	must(t, "qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", base, file, size)
	return file
}

func must(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", name, err, out)
	}
	return string(out)
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// writable returns a copy of a file for the guest to write to.
func writable(t *testing.T, src string) string {
	t.Helper()
	data, err := os.ReadFile(src)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), filepath.Base(src))
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
