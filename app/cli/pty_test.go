//go:build linux

package cli_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/limiquantix/limiquantix/app/server"
)

// terminalWidth is how many columns such a terminal has.
const terminalWidth = 60

// terminal is a limiquantix that runs on a pseudo-terminal of its own.
type terminal struct {
	t      *testing.T
	cmd    *exec.Cmd
	master *os.File // what a person types and sees
	slave  *os.File

	mu   sync.Mutex
	seen bytes.Buffer
}

// onTerminal starts a command against a fake core.
func onTerminal(t *testing.T, args ...string) *terminal {
	t.Helper()
	return onTerminalOf(t, newFleet().handler(), nil, args...)
}

// onTerminalOf starts a command, with more environment, against a core.
func onTerminalOf(t *testing.T, core http.Handler, env []string, args ...string) *terminal {
	t.Helper()
	dir, err := os.MkdirTemp("", "lqx")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "run", "s")
	s, err := server.ServeUnix(path, core, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	tt := &terminal{t: t}
	tt.master, tt.slave = openPTY(t)
	if err := unix.IoctlSetWinsize(int(tt.slave.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: terminalWidth}); err != nil {
		t.Fatal(err)
	}
	tt.cmd = exec.Command("limiquantix", args...)
	tt.cmd.Env = append(append(os.Environ(), socketVariable+"="+path), env...)
	tt.cmd.Stdin, tt.cmd.Stdout, tt.cmd.Stderr = tt.slave, tt.slave, tt.slave
	tt.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := tt.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		buf := make([]byte, 4096)
		for {
			n, err := tt.master.Read(buf)
			tt.mu.Lock()
			tt.seen.Write(buf[:n])
			tt.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		tt.cmd.Process.Kill() // long gone, unless the test failed
		tt.slave.Close()
		tt.master.Close()
		<-read
	})
	return tt
}

func openPTY(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := master.SyscallConn() // Fd would make its reads uninterruptible
	if err != nil {
		t.Fatal(err)
	}
	var n int
	raw.Control(func(fd uintptr) {
		if err = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0); err == nil {
			n, err = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	return master, slave
}

func (tt *terminal) text() string {
	tt.mu.Lock()
	defer tt.mu.Unlock()
	return tt.seen.String()
}

// see waits until text has been shown.
func (tt *terminal) see(text string) {
	tt.t.Helper()
	for range 600 {
		if strings.Contains(tt.text(), text) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	tt.t.Fatalf("%q never came; the terminal shows:\n%q", text, tt.text())
}

func (tt *terminal) typeKeys(s string) { io.WriteString(tt.master, s) }

// end waits for the command and returns its status and whether the terminal is
// as it was: echoing, line by line.
func (tt *terminal) end() (status int, cooked bool) {
	tt.t.Helper()
	ended := make(chan struct{})
	go func() { tt.cmd.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(30 * time.Second):
		tt.t.Fatalf("it does not end; the terminal shows:\n%q", tt.text())
	}
	return tt.cmd.ProcessState.ExitCode(), tt.echoes()
}

func (tt *terminal) echoes() bool {
	term, err := unix.IoctlGetTermios(int(tt.slave.Fd()), unix.TCGETS)
	if err != nil {
		tt.t.Fatal(err)
	}
	return term.Lflag&unix.ECHO != 0 && term.Lflag&unix.ICANON != 0 && term.Lflag&unix.ISIG != 0
}

func TestSerialConsoleOnTerminal(t *testing.T) {
	for name, leave := range map[string]func(tt *terminal){
		"escape key":   func(tt *terminal) { tt.typeKeys("\x1d") },
		"VM stops":     func(tt *terminal) { tt.typeKeys("poweroff\r") },
		"signal":       func(tt *terminal) { tt.cmd.Process.Signal(syscall.SIGTERM) },
		"escape in it": func(tt *terminal) { tt.typeKeys("abc\x1dnever") },
	} {
		t.Run(name, func(t *testing.T) {
			tt := onTerminal(t, "vm", "console", "kvm1/web1", "--serial")
			tt.see("web1 login: ")
			tt.typeKeys("\x03")
			tt.see(`got "\x03"`) // Ctrl-C is the guest's
			if tt.echoes() {
				t.Error("the terminal is not raw")
			}
			leave(tt)
			status, cooked := tt.end()
			if want := map[bool]int{true: 1}[name == "signal"]; status != want {
				t.Errorf("status %d, want %d", status, want)
			}
			if !cooked {
				t.Error("the terminal was left raw")
			}
			if strings.Contains(tt.text(), "never") {
				t.Error("what followed the escape key was sent")
			}
		})
	}
}

func TestSecretIsNotEchoed(t *testing.T) {
	tt := onTerminal(t, "host", "add", "new", "root@secret")
	tt.see("Password for root@secret: ")
	tt.typeKeys("wrong\n")
	time.Sleep(100 * time.Millisecond) // the second question looks like the first
	tt.typeKeys("hunter2\n")
	tt.see("Host new added")
	if status, cooked := tt.end(); status != 0 || !cooked {
		t.Errorf("status %d, terminal as it was: %t", status, cooked)
	}
	if s := tt.text(); strings.Contains(s, "hunter2") || strings.Contains(s, "wrong") {
		t.Errorf("the secret is on the screen:\n%q", s)
	}
}

func TestInterruptAtQuestionRestoresTerminal(t *testing.T) {
	tt := onTerminal(t, "host", "add", "new", "root@secret")
	tt.see("Password for root@secret: ")
	tt.typeKeys("\x03")
	if status, cooked := tt.end(); status != 1 || !cooked {
		t.Errorf("status %d, terminal as it was: %t; %q", status, cooked, tt.text())
	}
}

func TestProgressBarOnTerminal(t *testing.T) {
	tt := onTerminal(t, "vm", "create", "slow", "--host", "kvm1", "--image", "debian.qcow2")
	tt.see("25%")
	tt.typeKeys("\x03")
	tt.see("canceled; everything it had done was taken back")
	if status, _ := tt.end(); status != 1 {
		t.Errorf("status %d, want 1", status)
	}
	if strings.Contains(tt.text(), "|canceling") {
		t.Errorf("talk stands in the bar's line:\n%q", tt.text())
	}
}

func TestProgressFitsTerminal(t *testing.T) {
	tt := onTerminal(t, "vm", "create", "slow"+strings.Repeat("-long", 20), "--host", "kvm1", "--image", "debian.qcow2")
	tt.see("25%")
	drawn := tt.text()
	tt.typeKeys("\x03")
	tt.end()
	for line := range strings.FieldsFuncSeq(drawn, func(r rune) bool { return r == '\r' || r == '\n' }) {
		if n := len([]rune(strings.TrimPrefix(line, "\x1b[K"))); n > terminalWidth {
			t.Errorf("%d columns on a terminal of %d: %q", n, terminalWidth, line)
		}
	}
}
