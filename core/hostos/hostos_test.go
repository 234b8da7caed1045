package hostos

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/host"
)

const line = `{"__CURSOR":"s=1f;i=2;b=3;m=4;t=5;x=6","__REALTIME_TIMESTAMP":"1700000000000000","PRIORITY":"3","_SYSTEMD_UNIT":"web.service","SYSLOG_IDENTIFIER":"web","_PID":"7","MESSAGE":`

// TestMessages: the forms that a message has in journalctl's JSON, and hostile ones.
func TestMessages(t *testing.T) {
	for message, want := range map[string]string{
		`"plain"`:                   "plain",
		`[104,105,255,27]`:          `hi\xff\x1b`,
		`["first","second"]`:        "first",
		`[[104,105],"second"]`:      "hi",
		`null`:                      "",
		`"a\u001b]52;c;x\u0007b\n"`: "a\\x1b]52;c;x\\x07b\n",
		`"\u202egnp.exe"`:           `\u202egnp.exe`,
		`[300]`:                     "",
		`[[[1]]]`:                   "",
		`{"x":1}`:                   `{"x":1}`,
	} {
		e := readEntry([]byte(line + message + "}"))
		if e == nil || e.Message != want || e.Cut != (message == "null") || e.Priority != 3 || e.Unit != "web.service" || e.Pid != 7 {
			t.Errorf("%s: got %v, want %q", message, e, want)
		}
	}
	for _, bad := range []string{"", "{}", "[]", "x", line, line + `"x"} trailing`, strings.Replace(line, "1700", "-1700", 1) + `"x"}`, strings.Replace(line, "s=1f", "$(id)", 1) + `"x"}`} {
		if e := readEntry([]byte(bad)); e != nil {
			t.Errorf("%q is an entry: %v", bad, e)
		}
	}
	if e := readEntry([]byte(line + `"` + strings.Repeat("x", 100_000) + `"}`)); e == nil || !e.Cut || len(e.Message) > longestMessage+8 {
		t.Error("a long message is not cut")
	}
}

// endless is a host that writes for ever without an end of a line.
type endless struct{ closed chan struct{} }

func (e endless) Read(p []byte) (int, error) {
	select {
	case <-e.closed:
		return 0, io.EOF
	default:
		return copy(p, bytes.Repeat([]byte("x"), len(p))), nil
	}
}

func (e endless) Close() error { close(e.closed); return nil }

// TestAnEndlessLineIsLeft: the caller can leave, and both goroutines have ended then.
func TestAnEndlessLineIsLeft(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		done <- pump(ctx, endless{make(chan struct{})}, func(*apiv1.FollowJournalResponse) error { return nil })
	}()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestFollowedLines: all that came before the end is sent, and what is no entry is counted.
func TestFollowedLines(t *testing.T) {
	var entries, skipped int
	text := strings.Repeat(line+`"x"}`+"\n", 1000) + "garbage\n" + strings.Repeat("y", 2*longestEntry) + "\n" + line + `"last"}` + "\n"
	last := ""
	err := pump(t.Context(), io.NopCloser(strings.NewReader(text)), func(r *apiv1.FollowJournalResponse) error {
		entries, skipped = entries+len(r.Entries), skipped+int(r.Skipped)
		if n := len(r.Entries); n > batch {
			t.Errorf("%d at once", n)
		} else if n > 0 {
			last = r.Entries[n-1].Message
		}
		return nil
	})
	if core.CodeOf(err) != core.Unreachable || entries != 1001 || skipped != 2 || last != "last" {
		t.Errorf("%v: %d entries, %d skipped, the last %q", err, entries, skipped, last)
	}
}

// TestUnits: systemd of today prints JSON; that of EL 8 prints columns whatever it is asked for.
func TestUnits(t *testing.T) {
	for name, text := range map[string]string{
		"json":    `[{"unit":"ssh.service","load":"loaded","active":"active","sub":"running","description":"OpenBSD Secure Shell server"},{"unit":"web.service","load":"loaded","active":"failed","sub":"failed","description":"a\u001b[31mb"},{"unit":"../evil","load":"x"},{"unit":"-x.service"}]`,
		"columns": "ssh.service  loaded active running OpenBSD Secure Shell server\n● web.service loaded failed failed a b\nbroken\n",
	} {
		units, err := readUnits([]byte(text))
		if err != nil || len(units) != 2 || units[0].Name != "ssh.service" || units[0].Held == "" || units[1].Active != "failed" || strings.ContainsRune(units[1].Description, 0x1b) {
			t.Errorf("%s: %v, %v", name, units, err)
		}
	}
	all := withFiles([]*apiv1.Unit{{Name: "getty@tty1.service"}}, readUnitFiles([]byte(`[{"unit_file":"getty@.service","state":"enabled"},{"unit_file":"off.service","state":"disabled"}]`)))
	if len(all) != 2 || all[0].Enabled != "enabled" || all[1].Name != "off.service" || all[1].Active != "inactive" {
		t.Errorf("%v", all)
	}
}

// TestFilters: what is no unit, priority or time does not become a word of a command.
func TestFilters(t *testing.T) {
	three := int32(3)
	argv, err := journalArgs(&apiv1.JournalFilter{Unit: `a\x2db`, Priority: &three, Boot: true})
	if got := strings.Join(argv, " "); err != nil || !strings.Contains(got, `--unit=a\\x2db.service`) || !strings.Contains(got, "--priority=0..3") {
		t.Errorf("%s, %v", got, err)
	}
	nine := int32(9)
	for _, f := range []*apiv1.JournalFilter{{Unit: "-x"}, {Unit: "a b"}, {Unit: "$(id)"}, {Unit: "a*"}, {Unit: "../a"}, {Priority: &nine}} {
		if argv, err := journalArgs(f); core.CodeOf(err) != core.Invalid {
			t.Errorf("%v: %v, %v", f, argv, err)
		}
	}
}

// TestAbsentToolsAreSentences.
func TestAbsentToolsAreSentences(t *testing.T) {
	for _, c := range []struct {
		err  error
		want core.Code
	}{
		{systemdError(host.Output{Exit: 127}), core.Unsupported},
		{systemdError(host.Output{Exit: 1, ErrOut: []byte("System has not been booted with systemd as init system (PID 1). Can't operate.")}), core.Unsupported},
		{systemdError(host.Output{Exit: 4, ErrOut: []byte("Failed to start x.service: Access denied")}), core.Denied},
		{journalError(host.Output{Exit: 127}), core.Unsupported},
		{journalError(host.Output{Exit: 1, ErrOut: []byte("No journal files were opened due to insufficient permissions.")}), core.Denied},
		{journalError(host.Output{ErrOut: []byte("No journal files were found.")}), core.Unsupported},
	} {
		if core.CodeOf(c.err) != c.want {
			t.Errorf("%v is not %s", c.err, c.want)
		}
	}
}

// FuzzEntries: whatever a host prints is text that can be sent, and bounded.
func FuzzEntries(f *testing.F) {
	f.Add([]byte(line + `[104,105,255]}` + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		entries, _ := readEntries(text, 100)
		for _, e := range entries {
			if !utf8.ValidString(e.Message+e.Unit+e.Source) || len(e.Message) > longestMessage+8 || strings.ContainsRune(e.Message, 0x1b) || !cursorForm.MatchString(e.Cursor) {
				t.Errorf("%q", e)
			}
		}
		if units, err := readUnits(text); err == nil && len(units) > mostUnits {
			t.Error("units without end")
		}
		readUnitFiles(text)
	})
}
