package core

import (
	"crypto/rand"
	"encoding/hex"
)

// NewUUID returns a random (version 4) UUID in lower case.
func NewUUID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: crypto/rand documents it
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return FormatUUID(b)
}

// FormatUUID prints 16 bytes as 8-4-4-4-12 lower-case hexadecimal digits.
func FormatUUID(b [16]byte) string {
	out := make([]byte, 0, 36)
	for i, part := range [...][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:]} {
		if i > 0 {
			out = append(out, '-')
		}
		out = hex.AppendEncode(out, part)
	}
	return string(out)
}

// ParseUUID reads 32 hexadecimal digits, or the form 8-4-4-4-12, in either case.
//
// Errors: [Invalid].
func ParseUUID(s string) ([16]byte, error) {
	digits := s
	if len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' {
		digits = s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:]
	}
	b, err := hex.DecodeString(digits)
	if err != nil || len(b) != 16 {
		return [16]byte{}, Errorf(Invalid, "%s is not a UUID", Printable(s, 60))
	}
	return [16]byte(b), nil
}
