package xmledit

import "testing"

func TestCleanLeavesOnlyWhatXMLHolds(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"<a>plain é\t\n</a>", "<a>plain é\t\n</a>"},
		{"<a>caf\xe9</a>", "<a>caf\uFFFD</a>"},
		{"<a>\x01\x1b[2J\x00</a>", "<a>\uFFFD\uFFFD[2J\uFFFD</a>"},
	} {
		if got := Clean(c.in); got != c.want {
			t.Errorf("Clean(%q): got %q, want %q", c.in, got, c.want)
		}
	}
}
