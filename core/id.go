package core

import (
	"crypto/rand"
	"fmt"
	"strings"
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
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// ParseUUID reads 32 hexadecimal digits, with or without dashes.
//
// Errors: [Invalid].
func ParseUUID(s string) ([16]byte, error) {
	var b [16]byte
	digits := strings.ReplaceAll(s, "-", "")
	if len(digits) != 32 {
		return b, Errorf(Invalid, "%q is not a UUID", s)
	}
	for i := range b {
		if _, err := fmt.Sscanf(digits[2*i:2*i+2], "%02x", &b[i]); err != nil {
			return b, Errorf(Invalid, "%q is not a UUID", s)
		}
	}
	return b, nil
}
