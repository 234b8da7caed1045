package core

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxName is the longest name, in bytes, that [CheckName] accepts: file names
// made from it (NAME.qcow2, NAME-seed.iso) stay under Linux's limit of 255.
const MaxName = 200

// CheckName refuses what cannot be the name of an object that we make (a VM, a
// volume, a host, an image): "", names over [MaxName] bytes, invalid UTF-8,
// control and format characters (newline, RTL override), '/', a leading '-' or
// '.', and leading or trailing space. Names of existing objects are never
// checked by it: hosts may hold anything.
//
// Errors: [Invalid], with what ("VM name") in the sentence.
func CheckName(what, name string) error { return checkName(what, name, MaxName) }

// CheckFile is [CheckName] for the name of a file that was made from a name:
// it may have 255 bytes, as on any Linux file system.
func CheckFile(what, name string) error { return checkName(what, name, 255) }

func checkName(what, name string, limit int) error {
	bad := func(why string) error {
		return Errorf(Invalid, "%s %s: %s", what, Printable(name, 60), why).
			WithHint("use at most %d bytes of printable text, without '/', and begin with a letter or digit", limit)
	}
	switch {
	case name == "":
		return Errorf(Invalid, "the %s is empty", what).WithHint("give it a name")
	case len(name) > limit:
		return bad(fmt.Sprintf("longer than %d bytes", limit))
	case !utf8.ValidString(name):
		return bad("not valid UTF-8")
	case strings.HasPrefix(name, "-"), strings.HasPrefix(name, "."):
		return bad("must not begin with '-' or '.'")
	case strings.TrimSpace(name) != name:
		return bad("must not begin or end with a space")
	case strings.ContainsRune(name, '/'):
		return bad("must not contain '/'")
	}
	for _, r := range name {
		if !unicode.IsPrint(r) {
			return bad("must not contain control or invisible characters")
		}
	}
	return nil
}

// Printable returns s in double quotes, with control, invisible and invalid
// characters escaped as in Go, cut to about max runes: for error messages and
// terminals.
func Printable(s string, max int) string {
	end := 0 // counted by hand: []rune would lose invalid bytes
	for range max {
		_, n := utf8.DecodeRuneInString(s[end:])
		end += n
	}
	if end < len(s) {
		s = s[:end] + "…"
	}
	var b strings.Builder
	b.WriteByte('"')
	b.WriteString(Escape(s))
	b.WriteByte('"')
	return b.String()
}

// Escape returns s with every character that is not printable (controls, ESC,
// bidirectional overrides, invalid UTF-8) written as a Go escape, so that names
// from hosts cannot command a terminal.
func Escape(s string) string {
	clean := true
	for _, r := range s {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if unicode.IsPrint(r) && !(r == utf8.RuneError && n == 1) {
			b.WriteString(s[i : i+n])
		} else {
			b.WriteString(escapeRune(s[i:i+n], r, n))
		}
		i += n
	}
	return b.String()
}
