//go:build linux

package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
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
	t.Run("what is not there", func(t *testing.T) {
		for args, why := range map[string]string{
			"host service list kvm1": "systemd does not run on this host", "host service restart kvm1 cron --plan": "systemd does not run on this host",
			"host service stop kvm1 a/b": "no name of a service", "host journal kvm1 --unit -x": "unknown", "host journal kvm1 --priority loud": "no priority",
		} {
			out, err := s.command(t.Context(), strings.Fields(args)...).CombinedOutput()
			if err == nil && !strings.Contains(args, "-x") || err != nil && !strings.Contains(string(out), why) && !strings.Contains(args, "-x") {
				t.Errorf("%s: %v\n%s", args, err, out)
			}
		}
	})
	t.Run("journal", s.journal)
}

// entry is one in journald's export format; a message that is not text has its length before it.
//
// Source: "Journal Export Formats" at systemd.io.
func entry(second int, unit, priority, message string) string {
	size := make([]byte, 8)
	binary.LittleEndian.PutUint64(size, uint64(len(message)))
	return fmt.Sprintf("__REALTIME_TIMESTAMP=%d000000\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=BOOT\nPRIORITY=%s\n_SYSTEMD_UNIT=%s\nSYSLOG_IDENTIFIER=%s\n_PID=7\nMESSAGE\n%s%s\n\n",
		1_700_000_000+second, second, priority, unit, strings.TrimSuffix(unit, ".service"), size, message)
}

// write adds entries to the host's journal by systemd's own program.
func (s *site) write(file string, entries ...string) {
	s.t.Helper()
	// Of this boot: journalctl --follow shows no other.
	boot := strings.ReplaceAll(strings.TrimSpace(s.inside("cat", "/proc/sys/kernel/random/boot_id")), "-", "")
	text := base64.StdEncoding.EncodeToString([]byte(strings.ReplaceAll(strings.Join(entries, ""), "=BOOT\n", "="+boot+"\n")))
	s.inside("sh", "-c", "d=/var/log/journal/$(cat /etc/machine-id); mkdir -p $d; echo "+text+" | base64 -d | /lib/systemd/systemd-journal-remote -o $d/"+file+" - >/dev/null 2>&1")
}

// journal reads and follows a journal that journald's own tools wrote: hostile
// messages become text, filters are the host's, and who leaves leaves nothing.
func (s *site) journal(t *testing.T) {
	s.write("system.journal",
		entry(1, "web.service", "6", "plain"), entry(2, "web.service", "3", "\x1b]52;c;AAAA\x07\xff\xfe bin\x00ary"),
		entry(3, "db.service", "6", "two\nlines"), entry(4, "db.service", "6", strings.Repeat("long", 5000)))
	want(t, "journal", s.run("host", "journal", "kvm1"), "web[7]: plain", `x1b]52;c;AAAA`, "db[7]: lines", "longer")
	if out := s.run("host", "journal", "kvm1", "--unit", "web", "--priority", "err"); strings.Contains(out, "plain") || strings.Contains(out, "db") || !strings.Contains(out, "AAAA") {
		t.Errorf("errors of web:\n%s", out)
	}
	if out := s.run("host", "journal", "kvm1", "-n", "1"); strings.Count(out, "\n") != 1 || !strings.Contains(out, "longer") {
		t.Errorf("the last one:\n%s", out)
	}
	c := s.command(t.Context(), "host", "journal", "kvm1", "--follow", "--lines", "2")
	shown := &screen{}
	c.Stdout, c.Stderr = shown, shown
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if t.Failed() {
			t.Log(shown.text())
		}
	}()
	s.await("the end of the journal", time.Minute, func() bool { return strings.Contains(shown.text(), "two") })
	s.write("system@1.journal", entry(9, "web.service", "6", "fresh"))
	s.await("what is added", time.Minute, func() bool { return strings.Contains(shown.text(), "fresh") })
	if strings.Contains(shown.text(), "plain") {
		t.Errorf("followed from too early on:\n%s", shown.text())
	}
	c.Process.Kill()
	_ = c.Wait() // it was killed
	s.await("journalctl to end", time.Minute, func() bool { return strings.TrimSpace(s.inside("sh", "-c", "pgrep -x journalctl || true")) == "" })
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
