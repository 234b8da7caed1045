package query

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// plain is what letters of Latin scripts are without their accents, from U+00DF
// on in lower case: each key's letters become the value. Other scripts are kept.
var plain = func() map[rune]string {
	m := map[rune]string{}
	for to, from := range map[string]string{
		"a": "àáâãäåāăąǎạảấầẩẫậắằẳẵặ", "c": "çćĉċč", "d": "ďđð", "e": "èéêëēĕėęěẹẻẽếềểễệ", "g": "ĝğġģǧ",
		"h": "ĥħ", "i": "ìíîïĩīĭįıǐỉị", "j": "ĵ", "k": "ķ", "l": "ĺļľŀł", "n": "ñńņňŉ",
		"o": "òóôõöøōŏőǒọỏốồổỗộớờởỡợơ", "r": "ŕŗř", "s": "śŝşšșſ", "t": "ţťŧț", "u": "ùúûüũūŭůűųǔưụủứừửữự",
		"w": "ŵ", "y": "ýÿŷỳỵỷỹ", "z": "źżž", "ss": "ß", "ae": "æ", "oe": "œ", "th": "þ",
	} {
		for _, r := range from {
			m[r] = to
		}
	}
	return m
}()

// Fold returns s as it is compared: in lower case and without accents. What
// needs no change is returned as it is.
func Fold(s string) string {
	if folded(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		if r < utf8.RuneSelf {
			b.WriteRune(unicode.ToLower(r))
			continue
		}
		r = unicode.ToLower(r)
		switch to, ok := plain[r]; {
		case ok:
			b.WriteString(to)
		case !unicode.Is(unicode.Mn, r): // a combining accent goes
			b.WriteRune(r)
		}
	}
	return b.String()
}

func folded(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || c >= 'A' && c <= 'Z' {
			return false
		}
	}
	return true
}

// glob reports whether text is pattern, in which * stands for any text and ?
// for any character. It takes at most len(pattern)·len(text) steps: patterns
// come from links, and text from hosts.
func glob(pattern, text string) bool {
	p, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		_, width := utf8.DecodeRuneInString(text[t:])
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && pattern[p] == '?':
			p, t = p+1, t+width
		case p < len(pattern) && pattern[p] == text[t]:
			p, t = p+1, t+1
		case star >= 0:
			_, width := utf8.DecodeRuneInString(text[mark:])
			mark += width
			p, t = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// distance is how many letters differ (Levenshtein), in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// nearest returns the one of names that was probably meant; "" when none is near.
func nearest(typed string, names []string) string {
	best, at := "", 3
	for _, n := range names {
		if len(typed) > 1 && strings.HasPrefix(n, typed) || len(n) > 2 && strings.HasPrefix(typed, n) {
			return n
		}
		if d := distance(typed, n); d < at && d < len(n) {
			best, at = n, d
		}
	}
	return best
}
