//go:build !desktop

package desktop

import (
	"context"

	"github.com/limiquantix/limiquantix/core"
)

// Built tells whether this program can show windows itself.
const Built = false

// Window is a window of the application; this program has none.
type Window struct{}

// New returns a window, which Run shows.
//
// Errors: [core.Unsupported] in a program built without.
func New(Options) (*Window, error) {
	return nil, core.Errorf(core.Unsupported, "this build of limiquantix has no window").WithHint("see limiquantix serve --help")
}

// Run shows the window until it is closed or ctx ends.
func (w *Window) Run(context.Context) error { return nil }

// Show brings the window to the front and, with a route, shows that.
func (w *Window) Show(context.Context, string) error { return nil }

// Note tells the user a sentence in the window.
func (w *Window) Note(context.Context, string) error { return nil }

// Reload loads the page anew, which asks for the endpoint again.
func (w *Window) Reload(context.Context) error { return nil }
