package sim

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/limiquantix/limiquantix/core/host"
)

func ran(t *testing.T, l *Link, argv ...string) string {
	t.Helper()
	out, err := l.Run(t.Context(), host.Command{Argv: argv})
	if err != nil || out.Exit != 0 {
		t.Fatalf("%q: %+v, %v", argv, out, err)
	}
	return string(out.Out)
}

func TestServicesOfAHost(t *testing.T) {
	fleet := NewFleet(Model{Hosts: 1})
	defer fleet.Close()
	l, err := fleet.Dial(t.Context(), "host1")
	if err != nil {
		t.Fatal(err)
	}
	var units []struct{ Unit, Active string }
	if err := json.Unmarshal([]byte(ran(t, l, "env", "LC_ALL=C", "systemctl", "list-units", "--output=json")), &units); err != nil || len(units) != len(services) {
		t.Fatalf("%v, %v", units, err)
	}
	for verb, want := range map[string]string{"stop": "inactive", "start": "active"} {
		ran(t, l, "systemctl", verb, "--", "cron.service")
		if now := ran(t, l, "systemctl", "show", "--", "cron.service"); !strings.Contains(now, "ActiveState="+want+"\n") {
			t.Errorf("after %s: %s", verb, now)
		}
	}
}

func TestJournalOfAHost(t *testing.T) {
	fleet := NewFleet(Model{Hosts: 1})
	defer fleet.Close()
	l, err := fleet.Dial(t.Context(), "host1")
	if err != nil {
		t.Fatal(err)
	}
	back := strings.Fields(cursors(ran(t, l, "journalctl", "--reverse", "--lines=5")))
	on := strings.Fields(cursors(ran(t, l, "journalctl", "--after-cursor="+back[4], "--lines=4")))
	if len(back) != 5 || len(on) != 4 || on[0] != back[3] || on[3] != back[0] {
		t.Errorf("backwards %q, on from the last %q", back, on)
	}
	for line := range strings.Lines(ran(t, l, "journalctl", "--unit=ssh.service", "--priority=0..6", "--reverse", "--lines=20")) {
		if !strings.Contains(line, `"_SYSTEMD_UNIT":"ssh.service"`) {
			t.Errorf("of another: %s", line)
		}
	}
}

func cursors(journal string) string {
	var all []string
	for line := range strings.Lines(journal) {
		var e struct {
			Cursor string `json:"__CURSOR"`
		}
		if json.Unmarshal([]byte(line), &e) == nil {
			all = append(all, e.Cursor)
		}
	}
	return strings.Join(all, " ")
}

func TestShellOfAHost(t *testing.T) {
	fleet := NewFleet(Model{Hosts: 1, VMsPerHost: 2})
	defer fleet.Close()
	l, err := fleet.Dial(t.Context(), "host1")
	if err != nil {
		t.Fatal(err)
	}
	terminal, err := l.OpenTerminal(t.Context(), 24, 80)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(terminal, "hostnaX\x7fme\rvirsh list --all\rnonsense\rexit\r"); err != nil {
		t.Fatal(err)
	}
	said, err := io.ReadAll(terminal)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"root@host1:~# hostnaX\b \bme\r\nhost1\r\n", "nonsense: not found", "logout"} {
		if !strings.Contains(string(said), want) {
			t.Errorf("%q is not in %q", want, said)
		}
	}
	if _, err := io.WriteString(terminal, "x"); err == nil {
		t.Error("typed into a shell that has ended")
	}
}
