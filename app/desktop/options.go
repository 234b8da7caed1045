package desktop

import (
	"context"
	"log/slog"
	"net/http"
	"runtime"
)

// Endpoint is where the API is, and what shows that the page may use it.
type Endpoint struct {
	URL   string `json:"url"`
	Token string `json:"token"`
}

// Options say what a window is.
type Options struct {
	Title string
	// Route is what it shows first, as [Link.Route] returns it; "" is the start.
	Route string
	// Page is the user interface.
	Page http.Handler
	// Endpoint is asked whenever the page is loaded. It must not block.
	Endpoint func() Endpoint
	// Follow gets links of ours that the page goes to, as they came. It must not
	// block.
	Follow func(link string)
	// State is the file that keeps its size and place; "" forgets them.
	State string
	// Closing says what goes on, as a question to answer with yes, when the user
	// closes the window; "" lets it close. After a yes the window is hidden until
	// Idle returns. Without names: Wails takes it for a C format.
	Closing func(ctx context.Context) string
	// Idle waits until Closing would say "".
	Idle func(ctx context.Context)
	Log  *slog.Logger
}

// Origin is the origin of the page in the window, as Wails has it.
func Origin() string {
	if runtime.GOOS == "windows" {
		return "http://wails.localhost"
	}
	return "wails://wails"
}
