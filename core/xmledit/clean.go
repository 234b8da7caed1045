package xmledit

import (
	"strings"
	"unicode/utf8"
)

// Clean returns XML from a host with what XML 1.0 cannot hold replaced by
// U+FFFD: bytes that are no UTF-8, and control characters. libvirt 9.0 writes
// the names of files as they are, and one odd name must not hide all others. For
// reading only: what was cleaned is never written back.
//
// Source: XML 1.0, production 2 (Char).
func Clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return utf8.RuneError
		}
		return r
	}, text)
}
