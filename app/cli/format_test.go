package cli

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"gopkg.in/yaml.v3"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// FuzzFormats: whatever a host calls its things, each format gives it back, and
// no byte of it commands a terminal.
func FuzzFormats(f *testing.F) {
	for _, s := range []string{"", "web1", "true", "null", "~", "1e3", "0x1f", "2026-01-01", "- a", "a: b", "a #b", "'", `"`, "\\", "a\nb", "\t", "é",
		"日本", "\x1b[2J", "\u009b2J", "\u202e", "\U000e0001", "\ufeff", "\u2028", "<script>", "$(reboot)", "=1+1", ",", ";", "\x7f", "yes", "!!str", "%", "@", "`"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return // protobuf refuses it before us
		}
		vm := &apiv1.VM{Name: s, MemoryBytes: 1 << 62}
		o := encode(vm)
		for format, decode := range map[string]func([]byte) (string, error){
			"json": func(b []byte) (string, error) { return decodeName(b, json.Unmarshal) },
			"yaml": func(b []byte) (string, error) { return decodeName(b, yaml.Unmarshal) },
		} {
			out := &bytes.Buffer{}
			p := &program{io: IO{Out: out}, output: format}
			if err := printOne(p, vm); err != nil {
				t.Fatal(err)
			}
			checkHarmless(t, format, out.String())
			if got, err := decode(out.Bytes()); err != nil || got != s {
				t.Errorf("%s: got %q, %v, want %q:\n%s", format, got, err, s, out)
			}
		}
		var b bytes.Buffer
		if err := writeCSV(&b, fieldNames(vm), []object{o}, true); err != nil {
			t.Fatal(err)
		}
		checkHarmless(t, "csv", b.String())
		if rows, err := csv.NewReader(&b).ReadAll(); err != nil || len(rows) != 2 || len(rows[0]) != len(rows[1]) {
			t.Errorf("csv: %q, %v", rows, err)
		}
		table := align([][]string{{"NAME", "X"}, {s, "y"}})
		checkHarmless(t, "table", table)
		if n := strings.Count(table, "\n"); n != 2 {
			t.Errorf("the table has %d lines", n)
		}
	})
}

func decodeName(b []byte, unmarshal func([]byte, any) error) (string, error) {
	var v struct {
		Name   string `json:"name" yaml:"name"`
		Memory int64  `json:"memory_bytes" yaml:"memory_bytes"`
	}
	if err := unmarshal(b, &v); err != nil {
		return "", err
	}
	if v.Memory != 1<<62 {
		return "", io.ErrUnexpectedEOF
	}
	return v.Name, nil
}

func checkHarmless(t *testing.T, format, s string) {
	t.Helper()
	for _, r := range s {
		if !unicode.IsPrint(r) && r != '\n' {
			t.Errorf("%s: %U is bare in %q", format, r, s)
		}
	}
}

func TestTableIsAlignedForWideCharacters(t *testing.T) {
	out := lines(align([][]string{{"NAME", "HOST"}, {"日本", "kvm1"}, {"e\u0301", "kvm1"}, {"web", "kvm1"}}))
	for _, l := range out[1:] {
		if at := strings.Index(l, "kvm1"); uniseg.StringWidth(l[:at]) != 6 {
			t.Errorf("%q is not aligned", l)
		}
	}
}

func TestParsePlace(t *testing.T) {
	for _, tc := range []struct {
		ref, host, pool string
		want            place
		ok              bool
	}{
		{"a", "", "", place{"", "", "a"}, true},
		{"p/a", "", "", place{"", "p", "a"}, true},
		{"h/p/a", "", "", place{"h", "p", "a"}, true},
		{"p/a", "h", "", place{"h", "p", "a"}, true},
		{"h/a", "", "p", place{"h", "p", "a"}, true},
		{"h/p/a", "h", "p", place{"h", "p", "a"}, true},
		{"h/p/a", "x", "", place{}, false},
		{"q/a", "h", "p", place{}, false},
		{"h/p/", "", "", place{}, false},
		{"a/b/c/d", "", "", place{}, false},
		{"", "", "", place{}, false},
	} {
		got, err := parsePlace(tc.ref, tc.host, tc.pool)
		if (err == nil) != tc.ok || tc.ok && got != tc.want {
			t.Errorf("%q host %q pool %q: got %+v, %v", tc.ref, tc.host, tc.pool, got, err)
		}
	}
}

func TestUntilWriterSeesTextAcrossWrites(t *testing.T) {
	for _, chunks := range [][]string{{"login:"}, {"web1 lo", "gin", ": "}, {"l", "o", "g", "i", "n", ":"}, {"logilogin:"}} {
		var out bytes.Buffer
		u := &untilWriter{out: &out, text: []byte("login:")}
		var err error
		for _, c := range chunks {
			_, err = u.Write([]byte(c))
		}
		if err != errSeen || out.String() != strings.Join(chunks, "") {
			t.Errorf("%q: got %v, %q", chunks, err, &out)
		}
	}
	u := &untilWriter{out: io.Discard, text: []byte("login:")}
	for range 1000 {
		if _, err := u.Write([]byte("logi")); err != nil {
			t.Fatal(err)
		}
	}
	if len(u.tail) >= len(u.text) {
		t.Errorf("the tail grows: %d bytes", len(u.tail))
	}
}

func TestProgressWithoutTerminalIsALineNowAndThen(t *testing.T) {
	var errs bytes.Buffer
	p := &program{io: IO{Err: &errs}, lineEvery: time.Second}
	r := newReporter(p, "Add image \x1b[2J")
	r.tick() // nothing is known yet
	r.update(&apiv1.Task{Step: "send", Done: 512 << 20, Total: 1 << 30})
	r.tick()
	r.end()
	if want := "Add image \\x1b[2J: send: 512 MiB of 1 GiB (50 %)\n"; errs.String() != want {
		t.Errorf("got %q, want %q", &errs, want)
	}
	p.quiet = true
	errs.Reset()
	r.tick()
	if errs.Len() > 0 {
		t.Errorf("--quiet says %q", &errs)
	}
}
