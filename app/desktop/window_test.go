//go:build desktop

package desktop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/app/server"
)

// report is what the page in testdata/page.js tells.
type report struct {
	Hash       string
	Date       string   // what Intl makes of one
	Streamed   []string // chunks of an answer, as they came
	WebSocket  string
	Ran        []string // what should not have run
	Violations int
	Events     []string
}

// TestWindow shows a page in the real web view, under our policy. The page
// tries all it can to get out, and tells what worked. e2e runs this test, with a
// display: go test -tags desktop needs the web view's headers.
func TestWindow(t *testing.T) {
	evil := newEvil(t)
	reports := make(chan report, 8)
	api, err := server.ServeTCP(apiOfTest(reports), server.TCPOptions{Guest: Origin()}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer api.Close()
	state := filepath.Join(t.TempDir(), "window.json")
	idle, links := make(chan struct{}), make(chan string, 8)
	w, err := New(Options{
		Title: "question", Route: "/hosts/kvm%201", State: state,
		Page:     pageOfTest(t, api.URL, evil.url),
		Endpoint: func() Endpoint { return Endpoint{URL: api.URL, Token: api.Token} },
		Follow:   func(link string) { links <- link },
		Closing:  func(context.Context) string { return "A task is running. Close?" },
		Idle:     func(context.Context) { <-idle },
		Log:      slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		defer func() {
			if t.Failed() {
				cancel() // closes the window
			}
		}()
		watch(ctx, t, w, reports, evil)
		closeWindow(ctx, t, w, idle)
	}()
	if err := w.Run(ctx); err != nil {
		t.Fatal(err)
	}
	<-watched
	if len(links) != 1 || <-links != "limiquantix://kvm1/vm/x/console" {
		t.Error("the page's link did not come, or more did")
	}
	if ctx.Err() != nil {
		t.Error("the window did not close by itself")
	}
	if g := loadGeometry(state); g.Width != firstWidth || g.Height != firstHeight || !g.Placed {
		t.Errorf("the window's place was kept as %+v", g)
	}
}

func watch(ctx context.Context, t *testing.T, w *Window, reports <-chan report, evil *evilServer) {
	next := func() (r report, ok bool) {
		select {
		case r = <-reports:
			return r, true
		case <-ctx.Done():
			t.Error("the page tells nothing")
			return r, false
		}
	}
	r, ok := next()
	if !ok {
		return
	}
	if r.Hash != "#/hosts/kvm%201" {
		t.Errorf("the page began at %q", r.Hash)
	}
	if r.Date == "" || strings.HasPrefix(r.Date, "failed") {
		t.Errorf("Intl: %q", r.Date)
	}
	if fmt.Sprint(r.Streamed) != "[one two]" {
		t.Errorf("the answer came as %q, want each chunk at once", r.Streamed)
	}
	if r.WebSocket != "echo" {
		t.Errorf("the WebSocket says %q", r.WebSocket)
	}
	if len(r.Ran) > 0 {
		t.Errorf("what the policy forbids ran: %q", r.Ran)
	}
	if r.Violations < 5 {
		t.Errorf("the page saw %d violations of its policy, it made more", r.Violations)
	}
	// It has tried to leave, and is still there to listen.
	if err := errors.Join(w.Show(ctx, "/vms/kvm1/x"), w.Note(ctx, "a note")); err != nil {
		t.Error(err)
	}
	if r, ok = next(); ok && fmt.Sprint(r.Events) != "[navigate /vms/kvm1/x note a note]" {
		t.Errorf("events came as %q", r.Events)
	}
	if n := evil.hits.Load(); n > 0 {
		t.Errorf("the page reached another server %d times, by %v", n, evil.paths.Load())
	}
}

// closeWindow closes the window as a user does while something goes on: it is
// asked, says no, then yes; the window hides, and goes when all has ended.
func closeWindow(ctx context.Context, t *testing.T, w *Window, idle chan struct{}) {
	quit := func(answer string) {
		if err := w.Show(ctx, "/quit"); err != nil {
			t.Error(err)
		}
		press(ctx, t, answer)
	}
	quit("No")
	if !visible(ctx, "after") {
		t.Error("after a no the window is gone")
	}
	quit("Yes")
	for end := time.Now().Add(30 * time.Second); visible(ctx, "after") && time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
	}
	if visible(ctx, "after") {
		t.Error("after a yes the window is still there")
	}
	if err := w.Show(ctx, ""); err != nil || !visible(ctx, "after") {
		t.Errorf("shown again it is not there: %v", err)
	}
	close(idle)
	time.Sleep(500 * time.Millisecond)
	if !visible(ctx, "after") {
		t.Error("it closed although it was shown again")
	}
	quit("Yes")
}

// press waits for the question and presses one of its two buttons, which share
// its lower edge: No is left.
func press(ctx context.Context, t *testing.T, answer string) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !visible(ctx, "question"); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Error("nothing was asked")
			return
		}
	}
	time.Sleep(500 * time.Millisecond) // to be laid out
	out, err := exec.CommandContext(ctx, "xdotool", "search", "--onlyvisible", "--name", "^question$", "getwindowgeometry", "--shell").Output()
	if err != nil {
		t.Error(err)
		return
	}
	at := map[string]int{}
	for line := range strings.Lines(string(out)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		at[name], _ = strconv.Atoi(value)
	}
	x := at["X"] + at["WIDTH"]/4
	if answer == "Yes" {
		x = at["X"] + at["WIDTH"]*3/4
	}
	y := at["Y"] + at["HEIGHT"] - 20
	if out, err := exec.CommandContext(ctx, "xdotool", "mousemove", strconv.Itoa(x), strconv.Itoa(y), "click", "1").CombinedOutput(); err != nil {
		t.Errorf("xdotool: %v\n%s", err, out)
	}
	for end := time.Now().Add(30 * time.Second); visible(ctx, "question"); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Error("the question stays")
			return
		}
	}
}

// visible tells whether a window of a title is on the display.
func visible(ctx context.Context, title string) bool {
	return exec.CommandContext(ctx, "xdotool", "search", "--onlyvisible", "--name", "^"+title+"$").Run() == nil
}

// evilServer is what the page must not reach.
type evilServer struct {
	url   string
	hits  atomic.Int32
	paths atomic.Value
}

func newEvil(t *testing.T) *evilServer {
	e := &evilServer{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.hits.Add(1)
		e.paths.Store(r.URL.Path)
		w.Header().Set("Access-Control-Allow-Origin", "*")
	}))
	t.Cleanup(s.Close)
	e.url = s.URL
	return e
}

// pageOfTest serves testdata/page.js under the policy of the real page.
func pageOfTest(t *testing.T, api, evil string) http.Handler {
	real := httptest.NewRecorder()
	server.Page(func() []string { return []string{api} }).ServeHTTP(real, httptest.NewRequest(http.MethodGet, "/", nil))
	policy := real.Header().Get("Content-Security-Policy")
	script, err := os.ReadFile("testdata/page.js")
	if err != nil {
		t.Fatal(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprintf(w, `<!doctype html><html><head><title>after</title><script>window.ran=["inline"]</script></head>
<body data-evil="%s" onload="(window.ran||(window.ran=[])).push('handler')"><script type="module" src="./page.js"></script></body></html>`, evil)
		case "/page.js":
			w.Header().Set("Content-Type", "text/javascript")
			w.Write(script)
		default:
			http.NotFound(w, r)
		}
	})
}

// apiOfTest takes reports, streams an answer and echoes a console.
func apiOfTest(reports chan<- report) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", server.Handler(server.Services{Console: func(context.Context, string) (io.ReadWriteCloser, error) {
		return newEcho(), nil
	}}, slog.New(slog.DiscardHandler)))
	mux.HandleFunc("POST /report", func(_ http.ResponseWriter, r *http.Request) {
		var got report
		if json.NewDecoder(r.Body).Decode(&got) == nil {
			reports <- got
		}
	})
	mux.HandleFunc("POST /stream", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "one")
		http.NewResponseController(w).Flush()
		time.Sleep(500 * time.Millisecond)
		io.WriteString(w, "two")
	})
	return mux
}

// echo gives back what is written to it.
type echo struct {
	io.Reader
	io.WriteCloser
}

func newEcho() echo {
	r, w := io.Pipe()
	return echo{r, w}
}
