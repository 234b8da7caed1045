//go:build linux

package e2e

import (
	"bytes"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/limiquantix/limiquantix/lab"
)

// TestHostTerminal: a shell on a real host, in a real terminal: what is typed
// arrives, its size follows, and when it is closed, however often, nothing stays
// on the host. Services and a journal, which lab hosts do not have, are told of in words.
func TestHostTerminal(t *testing.T) {
	s := newFleet(t, lab.Options{Hosts: 1}).manage(t, "kvm1")
	app := s.serve()
	defer app.stop()
	s.await("host to be live", time.Minute, func() bool { return strings.Contains(s.run("host", "list"), "live") })
	shells := func() string { return strings.TrimSpace(s.inside("sh", "-c", "ls /dev/pts | grep -c '[0-9]' || true")) }
	before := shells()

	t.Run("size", func(t *testing.T) {
		master, slave := s.openPTY()
		defer master.Close()
		resize := func(rows, columns uint16) {
			if err := unix.IoctlSetWinsize(int(master.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: columns}); err != nil {
				t.Fatal(err)
			}
		}
		resize(31, 97)
		c := s.command(t.Context(), "host", "shell", "kvm1")
		c.Stdin, c.Stdout, c.Stderr = slave, slave, slave
		c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		slave.Close()
		defer time.AfterFunc(2*time.Minute, func() { c.Process.Kill() }).Stop()
		screen := &screen{}
		go io.Copy(screen, master) // ends with the terminal
		type_ := func(text, until string) {
			s.await("the terminal to say "+until, time.Minute, func() bool {
				io.WriteString(master, text)
				time.Sleep(500 * time.Millisecond)
				return strings.Contains(screen.text(), until)
			})
		}
		type_("stty size\r", "31 97")
		resize(20, 61)
		type_("stty size\r", "20 61")
		io.WriteString(master, "exit\r")
		if err := c.Wait(); err != nil {
			t.Errorf("%v\n%s", err, screen.text())
		}
	})
	t.Run("fifty leave nothing", func(t *testing.T) {
		for range 50 {
			c := s.command(t.Context(), "host", "shell", "kvm1")
			c.Stdin = strings.NewReader("echo me$((40+2)); exit\n")
			if out, err := c.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("me42")) {
				t.Fatalf("%v\n%s", err, out)
			}
		}
		s.await("the shells to be gone", time.Minute, func() bool { return shells() == before })
	})
	t.Run("killed", func(t *testing.T) {
		in, hold, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer hold.Close()
		c := s.command(t.Context(), "host", "shell", "kvm1")
		c.Stdin = in
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		io.WriteString(hold, "sleep 4242\n")
		find := "pgrep -f '^sleep 4242' || true"
		s.await("the command to run", time.Minute, func() bool { return strings.TrimSpace(s.inside("sh", "-c", find)) != "" })
		c.Process.Kill()
		_ = c.Wait() // it was killed
		s.await("the command to be hung up", time.Minute, func() bool { return strings.TrimSpace(s.inside("sh", "-c", find)) == "" })
	})
	out := s.run("audit", "list", "--limit", "500", "-o", "json")
	if n := strings.Count(out, "host.terminal"); n < 104 {
		t.Errorf("%d rows of the audit tell of 52 terminals", n)
	}
	for _, c := range []struct{ args, want string }{
		{"host service list kvm1", "systemd does not run on this host"},
		{"host service restart kvm1 cron --plan", "systemd does not run on this host"},
		{"host journal kvm1", "this host keeps no journal"},
		{"host journal kvm1 --follow", "this host keeps no journal"},
		{"host service stop kvm1 -x.service", "unknown"},
	} {
		out, err := s.command(t.Context(), strings.Fields(c.args)...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), c.want) {
			t.Errorf("%s: %v\n%s", c.args, err, out)
		}
	}
}

// screen is what a terminal showed.
type screen struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
