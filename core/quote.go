package core

import (
	"strconv"
	"strings"
)

// Quote returns argv as one line for a POSIX shell, each word quoted so that
// the shell gives back exactly its bytes. It is the only place where a command
// for a host becomes a string.
//
// A word of letters, digits and %+,-./:=@_ stays bare; any other is put in
// single quotes, with ' written as '\”.
//
// Errors: [Invalid] for an empty argv, or a word that holds NUL, a newline or a
// carriage return: those never come from a sound name, and some shells and
// logs treat them specially. Source: POSIX.1-2017, XCU 2.2.2.
func Quote(argv ...string) (string, error) {
	if len(argv) == 0 {
		return "", Errorf(Invalid, "empty command")
	}
	words := make([]string, len(argv))
	for i, w := range argv {
		if strings.ContainsAny(w, "\x00\n\r") {
			return "", Errorf(Invalid, "a command's argument holds a line break or NUL: %s", Printable(w, 60))
		}
		words[i] = quoteWord(w)
	}
	return strings.Join(words, " "), nil
}

func quoteWord(w string) string {
	bare := w != ""
	for i := 0; i < len(w) && bare; i++ {
		c := w[i]
		bare = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("%+,-./:=@_", c) >= 0
	}
	if bare {
		return w
	}
	return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
}

func escapeRune(raw string, r rune, n int) string {
	if r == 0xFFFD && n == 1 {
		return `\x` + strconv.FormatUint(uint64(raw[0])|0x100, 16)[1:]
	}
	q := strconv.QuoteToASCII(string(r))
	return q[1 : len(q)-1]
}
