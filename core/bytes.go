package core

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Bytes is a size in bytes.
type Bytes int64

// Binary units.
const (
	KiB Bytes = 1 << (10 * (iota + 1))
	MiB
	GiB
	TiB
	PiB
)

var units = []struct {
	name string
	size Bytes
}{{"PiB", PiB}, {"TiB", TiB}, {"GiB", GiB}, {"MiB", MiB}, {"KiB", KiB}}

// String prints b in the largest binary unit that keeps it at or above 1, with
// at most one decimal: "10 GiB", "1.5 MiB", "512 B". What would round to 1024
// is 1 of the next unit.
func (b Bytes) String() string {
	for _, u := range units {
		tenths := func(unit Bytes) float64 { return math.Round(float64(b)/float64(unit)*10) / 10 }
		if math.Abs(tenths(u.size/1024)) >= 1024 {
			return strconv.FormatFloat(tenths(u.size), 'f', -1, 64) + " " + u.name
		}
	}
	return strconv.FormatInt(int64(b), 10) + " B"
}

// ParseBytes reads a size as people type it: "10GiB", "10 G", "4096M", "512".
// K, M, G, T and P are binary, with or without "iB" or "B"; a bare number is
// bytes; a fraction is allowed with a unit.
//
// Errors: [Invalid] for anything else, a negative size, or one over 8 EiB.
func ParseBytes(s string) (Bytes, error) {
	bad := func() (Bytes, error) {
		return 0, Errorf(Invalid, "%s is not a size", Printable(s, 60)).WithHint(`sizes look like 512MiB, 10GiB or 10G`)
	}
	t := strings.TrimSpace(s)
	end := 0
	for end < len(t) && (t[end] >= '0' && t[end] <= '9' || t[end] == '.') {
		end++
	}
	number, unit := t[:end], strings.ToLower(strings.TrimSpace(t[end:]))
	if short := strings.TrimSuffix(unit, "b"); len(short) == 2 {
		unit = strings.TrimSuffix(short, "i")
	} else {
		unit = short
	}
	size, ok := map[string]Bytes{"": 1, "k": KiB, "m": MiB, "g": GiB, "t": TiB, "p": PiB}[unit]
	if !ok || number == "" {
		return bad()
	}
	if n, err := strconv.ParseInt(number, 10, 64); err == nil {
		if n > math.MaxInt64/int64(size) {
			return bad()
		}
		return Bytes(n) * size, nil
	}
	f, err := strconv.ParseFloat(number, 64)
	if err != nil || size == 1 || f*float64(size) >= math.MaxInt64 {
		return bad()
	}
	return Bytes(f * float64(size)), nil
}

// Exact prints b so that [ParseBytes] gives it back: "10GiB", "1500B".
func (b Bytes) Exact() string {
	for _, u := range units {
		if b != 0 && b%u.size == 0 {
			return fmt.Sprintf("%d%s", b/u.size, u.name)
		}
	}
	return fmt.Sprintf("%dB", int64(b))
}
