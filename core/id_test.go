package core

import (
	"regexp"
	"testing"
)

func TestNewUUIDIsRandomVersion4(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for range 1000 {
		id := NewUUID()
		if !form.MatchString(id) || seen[id] {
			t.Fatalf("got %s (seen before: %v)", id, seen[id])
		}
		seen[id] = true
	}
}

func TestParseUUID(t *testing.T) {
	const id = "0b5a63b1-7e60-4a8f-9c07-5ad6b4bb7ad2"
	for _, s := range []string{id, "0B5A63B1-7E60-4A8F-9C07-5AD6B4BB7AD2", "0b5a63b17e604a8f9c075ad6b4bb7ad2"} {
		if b, err := ParseUUID(s); err != nil || FormatUUID(b) != id {
			t.Errorf("%s: got %s, %v", s, FormatUUID(b), err)
		}
	}
	for _, s := range []string{"", "0", id + "0", id[1:], "0b5a63b1-7e60-4a8f-9c07-5ad6b4bb7adg", "{" + id + "}", " " + id,
		"0b5a63b17-e60-4a8f-9c07-5ad6b4bb7ad2", "0-b5a63b17e604a8f9c075ad6b4bb7ad2", "--------------------------------",
		"+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1", " 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "0x0x0x0x0x0x0x0x0x0x0x0x0x0x0x0x", "urn:uuid:" + id} {
		if b, err := ParseUUID(s); CodeOf(err) != Invalid || b != [16]byte{} {
			t.Errorf("%q: got %x, %v", s, b, err)
		}
	}
}

func FuzzUUID(f *testing.F) {
	f.Add("0b5a63b1-7e60-4a8f-9c07-5ad6b4bb7ad2")
	f.Fuzz(func(t *testing.T, s string) {
		b, err := ParseUUID(s)
		if err != nil {
			return
		}
		if again, err := ParseUUID(FormatUUID(b)); err != nil || again != b {
			t.Fatalf("%q: got %x, then %x, %v", s, b, again, err)
		}
	})
}
