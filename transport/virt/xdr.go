package virt

import (
	"encoding/binary"

	"github.com/limiquantix/limiquantix/core"
)

// maxString is libvirt's REMOTE_STRING_MAX.
const maxString = 4 << 20

// reader takes XDR values off the front of a payload. After the first value
// that does not fit it gives zeroes and ok is false. Source: RFC 4506.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) take(n int) []byte {
	if r.bad || n < 0 || n > len(r.rest) {
		r.bad, r.rest = true, nil
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) uint32() uint32 {
	b := r.take(4)
	if b == nil {
		return 0
	}
	return binary.BigEndian.Uint32(b)
}

func (r *reader) uint64() uint64 {
	b := r.take(8)
	if b == nil {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

func (r *reader) int() int { return int(int32(r.uint32())) }

// bytes reads variable opaque data of at most maxString bytes and its padding.
func (r *reader) bytes() []byte {
	n := r.uint32()
	if n > maxString {
		r.bad = true
		return nil
	}
	b := r.take(int(n))
	r.take(int(-n & 3))
	return b
}

func (r *reader) string() string { return string(r.bytes()) }

// optString reads an optional string; "" when it is absent.
func (r *reader) optString() string {
	if r.present() {
		return r.string()
	}
	return ""
}

// present reads the flag of an optional value.
func (r *reader) present() bool {
	n := r.uint32()
	if n > 1 {
		r.bad = true
	}
	return n == 1 && !r.bad
}

// count reads the length of a list whose values have at least size bytes. More
// than max, or than there is data for, is refused: a slice may be made of it.
func (r *reader) count(max uint32, size int) int {
	n := r.uint32()
	if n > max || int(n) > len(r.rest)/size {
		r.bad, r.rest = true, nil
		return 0
	}
	return int(n)
}

// uuid reads a UUID and prints it.
func (r *reader) uuid() string {
	var b [16]byte
	copy(b[:], r.take(16))
	return core.FormatUUID(b)
}

// writer puts XDR values at the end of a payload.
type writer struct{ b []byte }

func (w *writer) uint32(v uint32) *writer {
	w.b = binary.BigEndian.AppendUint32(w.b, v)
	return w
}

func (w *writer) uint64(v uint64) *writer {
	w.b = binary.BigEndian.AppendUint64(w.b, v)
	return w
}

func (w *writer) string(s string) *writer {
	w.uint32(uint32(len(s)))
	w.b = append(w.b, s...)
	w.b = append(w.b, make([]byte, -len(s)&3)...)
	return w
}

func (w *writer) fixed(b []byte) *writer {
	w.b = append(w.b, b...)
	return w
}
