package core

import (
	"strings"
	"testing"
	"unicode"
)

func TestNamesThatAreRight(t *testing.T) {
	for _, name := range []string{"a", "web-1", "web.example.org", "Größe", "日本語", "مرحبا", "🐧", "a b", `it's "quoted"`, "$(id)", "<script>",
		"a;b|c&d", `back\slash`, "~", "a..b", strings.Repeat("x", MaxName)} {
		if err := CheckName("VM name", name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestNamesRefused(t *testing.T) {
	for name, says := range map[string]string{
		"":                             "the VM name is empty",
		".":                            "begin",
		"..":                           "begin",
		".hidden":                      "begin",
		"-rf":                          "begin",
		" a":                           "space",
		"a ":                           "space",
		"\ta":                          "space",
		"a/b":                          "'/'",
		"../../etc/passwd":             "begin",
		"a\nb":                         "control",
		"a\x00b":                       "control",
		"a\x1b[2J":                     "control",
		"a\u009bb":                     "control",
		"a\u202eb":                     "invisible", // right-to-left override
		"a\u200bb":                     "invisible", // zero-width space
		"a\u00a0b":                     "invisible", // no-break space
		"\xff":                         "UTF-8",
		strings.Repeat("x", MaxName+1): "200 bytes",
		strings.Repeat("日", 67):        "200 bytes",
		strings.Repeat("x", 4096):      "200 bytes",
	} {
		err := CheckName("VM name", name)
		if CodeOf(err) != Invalid || !strings.Contains(err.Error(), says) || len(err.Error()) > 400 {
			t.Errorf("%q: got %v, want %q", name, err, says)
		}
		if err != nil && Escape(err.Error()) != err.Error() {
			t.Errorf("the sentence %q commands a terminal", err)
		}
	}
}

func TestFilesOfLongNames(t *testing.T) {
	if err := CheckFile("volume name", strings.Repeat("x", MaxName)+"-seed.iso"); err != nil {
		t.Errorf("the seed of the VM with the longest name: %v", err)
	}
	if err := CheckFile("volume name", strings.Repeat("x", 256)); CodeOf(err) != Invalid || !strings.Contains(err.Error(), "255 bytes") {
		t.Errorf("got %v", err)
	}
}

func TestEscape(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "plain": "plain", "日本 🐧": "日本 🐧", "a\nb\tc": `a\nb\tc`, "\x1b]52;c;x\x07": `\x1b]52;c;x\a`,
		"\u202eevil": `\u202eevil`, "\u009b": `\u009b`, "\xff\xfe": `\xff\xfe`, "\x00": `\x00`, "\ufffd": "\ufffd", "\U000e0001": `\U000e0001`,
	} {
		if got := Escape(in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

func TestPrintableIsShort(t *testing.T) {
	for in, want := range map[string]string{
		"": `""`, "abc": `"abc"`, "abcdef": `"abcde…"`, "日本語日本語": `"日本語日本…"`, "a\nb": `"a\nb"`, "\xff\xff\xff\xff\xff\xff": `"\xff\xff\xff\xff\xff…"`,
	} {
		if got := Printable(in, 5); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

func FuzzEscape(f *testing.F) {
	f.Add("a\x1b\u202e\xff日")
	f.Fuzz(func(t *testing.T, s string) {
		for _, got := range []string{Escape(s), Printable(s, 20)} {
			for _, r := range got {
				if !unicode.IsPrint(r) {
					t.Fatalf("%q becomes %q", s, got)
				}
			}
		}
		if CheckName("name", s) == nil && Escape(s) != s {
			t.Fatalf("the name %q is accepted and cannot be printed", s)
		}
	})
}
