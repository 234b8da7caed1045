package cloudinit

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"strings"
	"unicode/utf8"

	"github.com/limiquantix/limiquantix/core"
)

// cryptAlphabet is crypt(3)'s base 64.
const cryptAlphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// hashPassword returns the sha512-crypt hash ("$6$…", 5,000 rounds) of a
// password. The salt is made from unique, which need not be secret, so that a
// plan and its deed hold the same bytes.
//
// Errors: [core.Invalid] for control characters or over 256 bytes.
func hashPassword(password, unique string) (string, error) {
	control := func(r rune) bool { return r < ' ' || r >= 0x7F && r <= 0x9F }
	if len(password) > 256 || !utf8.ValidString(password) || strings.ContainsFunc(password, control) {
		return "", core.Errorf(core.Invalid, "the password is longer than 256 bytes or holds control characters")
	}
	sum := sha256.Sum256([]byte("limiquantix password salt\x00" + unique))
	salt := make([]byte, 16)
	for i := range salt {
		salt[i] = cryptAlphabet[sum[i]&63]
	}
	return "$6$" + string(salt) + "$" + sha512Crypt([]byte(password), salt, 5000), nil
}

// sha512Crypt returns the last part of a sha512-crypt hash; salt has at most 16
// bytes. Source: Ulrich Drepper, "Unix crypt using SHA-256 and SHA-512"; the
// names are the specification's.
func sha512Crypt(key, salt []byte, rounds int) string {
	sum := func(parts ...[]byte) []byte {
		s := sha512.Sum512(bytes.Join(parts, nil))
		return s[:]
	}
	stretch := func(block []byte, n int) []byte { return bytes.Repeat(block, n/64+1)[:n] }

	b := sum(key, salt, key)
	parts := [][]byte{key, salt, stretch(b, len(key))}
	for n := len(key); n > 0; n >>= 1 {
		if n&1 != 0 {
			parts = append(parts, b)
		} else {
			parts = append(parts, key)
		}
	}
	a := sum(parts...)
	p := stretch(sum(bytes.Repeat(key, len(key))), len(key))
	s := stretch(sum(bytes.Repeat(salt, 16+int(a[0]))), len(salt))
	for i := range rounds {
		first, last := a, p
		if i&1 != 0 {
			first, last = p, a
		}
		var by3, by7 []byte
		if i%3 != 0 {
			by3 = s
		}
		if i%7 != 0 {
			by7 = p
		}
		a = sum(first, by3, by7, last)
	}
	return cryptEncode(a)
}

// cryptEncode writes the 64 bytes in the order of the specification's step 22.
func cryptEncode(a []byte) string {
	var out strings.Builder
	put := func(v uint32, n int) {
		for range n {
			out.WriteByte(cryptAlphabet[v&63])
			v >>= 6
		}
	}
	i, j, k := 0, 21, 42
	for range 21 {
		put(uint32(a[i])<<16|uint32(a[j])<<8|uint32(a[k]), 4)
		i, j, k = j+1, k+1, i+1
	}
	put(uint32(a[63]), 2)
	return out.String()
}
