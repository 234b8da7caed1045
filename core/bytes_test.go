package core

import (
	"math"
	"testing"
)

func TestParseBytes(t *testing.T) {
	for in, want := range map[string]Bytes{
		"0": 0, "512": 512, "512B": 512, "1k": KiB, "1K": KiB, "1Ki": KiB, "1KiB": KiB, "1kb": KiB,
		"10G": 10 * GiB, "10 GiB": 10 * GiB, " 10gib ": 10 * GiB, "1.5G": GiB + 512*MiB, "0.5k": 512, ".5k": 512,
		"4096M": 4 * GiB, "2T": 2 * TiB, "1P": PiB, "8191P": 8191 * PiB, "9223372036854775807": math.MaxInt64,
	} {
		if got, err := ParseBytes(in); err != nil || got != want {
			t.Errorf("%q: got %d, %v; want %d", in, got, err, want)
		}
	}
}

func TestParseBytesRefuses(t *testing.T) {
	for _, in := range []string{"", " ", "G", "ten", "-1", "-1G", "+1", "1.5", "1.5B", "5i", "5ib", "1Gi B", "1GG", "1EiB", "1e3", "0x10",
		"1.2.3G", "..G", "8192P", "9223372036854775808", "99999999999999999999999G", "1_000", "1,5G", "NaN", "Inf", "1G\x00", "１G"} {
		if got, err := ParseBytes(in); CodeOf(err) != Invalid || got != 0 {
			t.Errorf("%q: got %d, %v", in, got, err)
		}
	}
}

func TestBytesArePrinted(t *testing.T) {
	for in, want := range map[Bytes]string{
		0: "0 B", 1: "1 B", 1023: "1023 B", KiB: "1 KiB", 1536: "1.5 KiB", 10 * GiB: "10 GiB", GiB + 512*MiB: "1.5 GiB",
		-3 * MiB: "-3 MiB", math.MaxInt64: "8192 PiB", math.MinInt64: "-8192 PiB", MiB - 1: "1 MiB", GiB - 1: "1 GiB",
	} {
		if got := in.String(); got != want {
			t.Errorf("%d: got %q, want %q", int64(in), got, want)
		}
	}
}

func FuzzBytesExact(f *testing.F) {
	for _, n := range []int64{0, 1, 1500, int64(GiB), math.MaxInt64} {
		f.Add(n)
	}
	f.Fuzz(func(t *testing.T, n int64) {
		if n < 0 {
			return
		}
		s := Bytes(n).Exact()
		if got, err := ParseBytes(s); err != nil || got != Bytes(n) {
			t.Fatalf("%d prints as %s, which is read as %d, %v", n, s, got, err)
		}
	})
}

func FuzzParseBytes(f *testing.F) {
	f.Add("1.5G")
	f.Add("10 KiB")
	f.Fuzz(func(t *testing.T, s string) {
		if got, err := ParseBytes(s); got < 0 || err != nil && CodeOf(err) != Invalid {
			t.Fatalf("%q: got %d, %v", s, got, err)
		}
	})
}
