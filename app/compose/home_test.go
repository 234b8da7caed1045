//go:build linux

package compose

import (
	"strings"
	"testing"

	"github.com/limiquantix/limiquantix/app/cli"
	"github.com/limiquantix/limiquantix/core"
)

// TestHomeIsSaidOrKnown: nothing is made in the working directory.
func TestHomeIsSaidOrKnown(t *testing.T) {
	for _, home := range []string{"", "rel/dir", "."} {
		t.Chdir(t.TempDir())
		t.Setenv("XDG_DATA_HOME", "also/relative") // the specification has it ignored
		t.Setenv("HOME", home)
		_, err := openSession(t.Context(), cli.OpenOptions{}, "test", Discard())
		if core.CodeOf(err) != core.Invalid || !strings.Contains(core.AsError(err).Hint, "--home") {
			t.Errorf("HOME=%q: got %v, want invalid with a hint to --home", home, err)
		}
	}
	t.Setenv("HOME", "/home/x")
	if got, err := DefaultHome(); err != nil || got != "/home/x/.local/share/limiquantix" {
		t.Errorf("got %q, %v", got, err)
	}
}
