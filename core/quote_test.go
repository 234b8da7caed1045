package core

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

// throughShell gives line to a real sh and returns the words that a program got.
func throughShell(t *testing.T, line string) []string {
	t.Helper()
	cmd := exec.Command("/bin/sh")
	// On standard input, so that the limits of exec's arguments do not matter;
	// set -f is not there on purpose: a bare * would show.
	cmd.Stdin = strings.NewReader("set -- " + line + "\nprintf '%s\\0' \"$@\"\n")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil || stderr.Len() > 0 {
		t.Fatalf("sh: %v, %s\nline: %q", err, stderr.Bytes(), line)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

func checkRoundTrip(t *testing.T, argv ...string) {
	t.Helper()
	line, err := Quote(argv...)
	if strings.ContainsAny(strings.Join(argv, ""), "\x00\n\r") {
		if CodeOf(err) != Invalid {
			t.Errorf("%q: got %q, %v; want Invalid", argv, line, err)
		}
		return
	}
	if err != nil {
		t.Fatalf("%q: %v", argv, err)
	}
	if got := throughShell(t, line); strings.Join(got, "\x00") != strings.Join(argv, "\x00") {
		t.Errorf("got %q, want %q (line %q)", got, argv, line)
	}
}

func TestQuoteRoundTripsThroughSh(t *testing.T) {
	var all []string
	for b := range 256 {
		all = append(all, string([]byte{byte(b)}), "x"+string([]byte{byte(b)})+"'"+string([]byte{byte(b)}))
	}
	for _, w := range all {
		checkRoundTrip(t, w)
	}
	for _, argv := range [][]string{
		{""}, {"", ""}, {"'"}, {"''"}, {"'\\''"}, {`\`}, {`"$HOME"`}, {"$(id)"}, {"`id`"}, {"*"}, {"~"}, {"~root"}, {"a=b"}, {"-n"}, {"--"},
		{"-rf.img"}, {"{a,b}"}, {"!"}, {"#x"}, {"a b", "c\td"}, {"\u202eabc", "é", "\xff\xfe"}, {"<script>"}, {strings.Repeat("'", 4096)}, {strings.Repeat("x", 1<<16)},
	} {
		checkRoundTrip(t, argv...)
	}
}

func TestQuoteRefuses(t *testing.T) {
	if _, err := Quote(); CodeOf(err) != Invalid {
		t.Errorf("empty argv: got %v, want Invalid", err)
	}
	for _, w := range []string{"a\nb", "a\x00b", "a\rb", "\n"} {
		if line, err := Quote("echo", w); CodeOf(err) != Invalid {
			t.Errorf("%q: got %q, %v; want Invalid", w, line, err)
		}
	}
}

// For any bytes, a real sh gives back the words, or Quote refuses them.
func FuzzQuote(f *testing.F) {
	for _, seed := range []string{"", "a b", "it's", "$(id)", "\\", "\xff", "-rf", "a\nb", "'\"'\"'", "\u2028", "\x01\x7f"} {
		f.Add(seed, "second '")
	}
	f.Fuzz(func(t *testing.T, a, b string) { checkRoundTrip(t, a, b) })
}
