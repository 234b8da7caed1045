package image

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"io"
	"strings"

	"github.com/limiquantix/limiquantix/core"
)

// checksum is what an image's bytes must hash to.
type checksum struct {
	kind string // "sha256"
	want []byte
	new  func() hash.Hash
}

// parseChecksum reads "sha256:HEX" or "sha512:HEX"; "" is no checksum.
func parseChecksum(s string) (checksum, error) {
	if s == "" {
		return checksum{}, nil
	}
	kind, digits, _ := strings.Cut(strings.ToLower(strings.TrimSpace(s)), ":")
	c := checksum{kind: kind, new: map[string]func() hash.Hash{"sha256": sha256.New, "sha512": sha512.New}[kind]}
	var err error
	if c.want, err = hex.DecodeString(digits); err != nil || c.new == nil || len(c.want) != c.new().Size() {
		return c, core.Errorf(core.Invalid, "%s is not a checksum", core.Printable(s, 40)).WithHint("it looks like sha256: or sha512: followed by hexadecimal digits")
	}
	return c, nil
}

// verifier passes on what it reads, and keeps back the last byte until all of
// it was seen to have the right length and checksum, so that nobody publishes a
// file which does not.
type verifier struct {
	r    io.Reader
	left int64 // bytes still to come
	hash hash.Hash
	want []byte
	kind string
}

func verify(r io.Reader, size core.Bytes, c checksum) io.Reader {
	v := &verifier{r: r, left: int64(size), want: c.want, kind: c.kind}
	if c.new != nil {
		v.hash = c.new()
	}
	return v
}

// Read implements io.Reader.
func (v *verifier) Read(b []byte) (int, error) {
	if v.left == 0 {
		return 0, io.EOF
	}
	if int64(len(b)) > v.left {
		b = b[:v.left]
	}
	n, err := v.r.Read(b)
	v.left -= int64(n)
	if v.hash != nil {
		v.hash.Write(b[:n])
	}
	switch {
	case v.left == 0:
		return v.end(n)
	case err == io.EOF:
		return 0, core.Errorf(core.BadImage, "the image ended before its size was reached: the transfer was cut").WithHint("try again")
	}
	return n, err
}

func (v *verifier) end(n int) (int, error) {
	if v.hash == nil || bytes.Equal(v.hash.Sum(nil), v.want) {
		return n, nil
	}
	v.left = 1 // never EOF
	return 0, core.Errorf(core.BadImage, "the image's checksum differs: its %s is %s", v.kind, hex.EncodeToString(v.hash.Sum(nil))).
		WithHint("it was changed or damaged on its way; get it again from a source that you trust")
}
