//go:build desktop

package desktop

import (
	"context"
	_ "embed" // the icon
	"fmt"
	"log/slog"
	"os"
	goruntime "runtime"
	"sync"
	"sync/atomic"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/logger"
	"github.com/wailsapp/wails/v2/pkg/menu"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/runtime"

	"github.com/limiquantix/limiquantix/core"
)

// Built tells whether this program can show windows itself.
const Built = true

// Events that the page listens to: a route to go to, a sentence to show.
const (
	eventNavigate = "navigate"
	eventNote     = "note"
)

//go:embed icon.png
var icon []byte

// Window is a window of the application, the only one of this process.
type Window struct {
	o     Options
	ready chan struct{} // closed when the page is there first
	once  sync.Once
	page  context.Context // Wails', for calls to it; set before ready is closed
	gone  chan struct{}   // closed when the window is no more: Wails would crash

	leave   atomic.Bool // close without asking
	asking  sync.Mutex  // held while the user is asked
	waiting struct {
		sync.Mutex
		stop context.CancelFunc // ends the wait for the end of what goes on
	}
	work sync.WaitGroup // goroutines of ours
}

// New returns a window, which Run shows.
//
// Errors: [core.Unsupported] in a program built without.
func New(o Options) (*Window, error) {
	return &Window{o: o, ready: make(chan struct{}), gone: make(chan struct{})}, nil
}

// Bridge is all that the page can call of this program.
type Bridge struct{ endpoint func() Endpoint }

// Endpoint returns where the API is, and the token that it wants to see.
func (b *Bridge) Endpoint() Endpoint { return b.endpoint() }

// Run shows the window until it is closed or ctx ends. It must run on the main
// goroutine, once in the life of a process.
//
// Errors: [core.Unsupported] when the display cannot be used.
func (w *Window) Run(ctx context.Context) (err error) {
	if err := FixLocale(os.Getenv, os.Setenv); err != nil {
		return fmt.Errorf("set the locale: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer func() {
		if p := recover(); p != nil { // GTK's way to say that there is no display
			err = core.Errorf(core.Unsupported, "the window cannot be shown: %v", p).
				WithHint("limiquantix serve runs the application for a browser")
		}
		close(w.gone)
		cancel()
		w.work.Wait()
	}()
	w.work.Go(func() {
		<-ctx.Done()
		w.leave.Store(true) // whoever closes it first
		select {
		case <-w.gone:
			return
		default:
		}
		select {
		case <-w.gone:
		case <-w.ready:
			w.quit()
		}
	})
	return wails.Run(w.options(loadGeometry(w.o.State)))
}

func (w *Window) options(g geometry) *options.App {
	o := &options.App{
		Title: w.o.Title,
		Width: g.Width, Height: g.Height, MinWidth: minWidth, MinHeight: minHeight,
		BackgroundColour: options.NewRGB(0x16, 0x18, 0x1c), // until the page has painted
		AssetServer:      &assetserver.Options{Handler: startAt(w.o.Page, w.o.Route)},
		Bind:             []any{&Bridge{endpoint: w.o.Endpoint}},
		Logger:           slogger{w.o.Log}, LogLevelProduction: logger.WARNING,
		OnStartup:     func(ctx context.Context) { confine(w.o.Log.Enabled(ctx, slog.LevelDebug), w.o.Follow) },
		OnDomReady:    func(ctx context.Context) { w.loaded(ctx, g) },
		OnBeforeClose: w.beforeClose,
		Linux: &linux.Options{
			Icon: icon, ProgramName: "limiquantix",
			// Drivers that fail leave an empty window; the page needs none.
			WebviewGpuPolicy: linux.WebviewGpuPolicyNever,
		},
	}
	if g.Maximised {
		o.WindowStartState = options.Maximised
	}
	if goruntime.GOOS == "darwin" { // where copy and paste come from the menu
		o.Menu = menu.NewMenuFromItems(menu.AppMenu(), menu.EditMenu())
	}
	return o
}

// loaded is called whenever the page has been loaded.
func (w *Window) loaded(ctx context.Context, g geometry) {
	w.once.Do(func() {
		w.page = ctx
		if !g.Maximised && g.onScreen(desk(ctx)) {
			runtime.WindowSetPosition(ctx, g.X, g.Y)
		}
		close(w.ready)
	})
}

// desk returns how far the screens reach together, at most.
func desk(ctx context.Context) (width, height int) {
	screens, err := runtime.ScreenGetAll(ctx)
	if err != nil {
		return 0, 0
	}
	for _, s := range screens {
		width, height = width+s.Size.Width, height+s.Size.Height
	}
	return width, height
}

// beforeClose decides whether the window may close, and remembers its place.
func (w *Window) beforeClose(ctx context.Context) (prevent bool) {
	w.remember(ctx)
	if w.leave.Load() {
		return false
	}
	if !w.asking.TryLock() {
		return true // asked already
	}
	defer w.asking.Unlock()
	question := w.o.Closing(ctx)
	if question == "" {
		return false
	}
	answer, err := runtime.MessageDialog(ctx, runtime.MessageDialogOptions{Type: runtime.QuestionDialog, Title: w.o.Title, Message: question})
	if err != nil || answer != "Yes" {
		return true
	}
	runtime.WindowHide(ctx)
	w.finish(ctx)
	return true
}

// finish ends the hidden window once nothing goes on any more, unless it is
// shown again before.
func (w *Window) finish(ctx context.Context) {
	ctx, stop := context.WithCancel(ctx)
	w.waiting.Lock()
	w.waiting.stop = stop
	w.waiting.Unlock()
	w.work.Go(func() {
		defer stop()
		w.o.Idle(ctx)
		if ctx.Err() == nil {
			w.quit()
		}
	})
}

func (w *Window) quit() {
	w.leave.Store(true)
	runtime.Quit(w.page)
}

func (w *Window) remember(ctx context.Context) {
	if w.o.State == "" || runtime.WindowIsMinimised(ctx) {
		return
	}
	g := loadGeometry(w.o.State)
	if g.Maximised = runtime.WindowIsMaximised(ctx); !g.Maximised {
		g.Width, g.Height = runtime.WindowGetSize(ctx)
		g.X, g.Y = runtime.WindowGetPosition(ctx)
		g.Placed = true
	}
	if err := saveGeometry(w.o.State, g); err != nil {
		w.o.Log.WarnContext(ctx, "the window's place is not kept", "error", err)
	}
}

// whenReady runs f once the page is there. Errors: ctx's; [core.Conflict] when
// the window has closed.
func (w *Window) whenReady(ctx context.Context, f func(page context.Context)) error {
	select {
	case <-w.ready:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-w.gone:
		return core.Errorf(core.Conflict, "the window is closing").WithHint("try again")
	default:
		f(w.page)
		return nil
	}
}

// Show brings the window to the front and, with a route, shows that.
func (w *Window) Show(ctx context.Context, route string) error {
	return w.whenReady(ctx, func(page context.Context) {
		w.waiting.Lock()
		if w.waiting.stop != nil {
			w.waiting.stop()
		}
		w.waiting.Unlock()
		runtime.WindowShow(page)
		runtime.WindowUnminimise(page) // on Linux this is what raises it
		if route != "" {
			runtime.EventsEmit(page, eventNavigate, route)
		}
	})
}

// Note tells the user a sentence in the window.
func (w *Window) Note(ctx context.Context, text string) error {
	return w.whenReady(ctx, func(page context.Context) { runtime.EventsEmit(page, eventNote, text) })
}

// Reload loads the page anew, which asks for the endpoint again.
func (w *Window) Reload(ctx context.Context) error {
	return w.whenReady(ctx, runtime.WindowReload)
}
