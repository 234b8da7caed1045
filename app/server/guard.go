package server

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/limiquantix/limiquantix/core"
)

// tokenProtocol prefixes the token where a browser cannot send a header: as a
// WebSocket sub-protocol.
const tokenProtocol = "limiquantix.token."

// guard decides who may talk. Each listener has one.
type guard struct {
	next http.Handler
	// hosts are the values of the Host header that mean us, lower case. Any
	// other came by a name that somebody else made point here (DNS rebinding).
	hosts map[string]bool
	// origins are the pages that may call, "http://127.0.0.1:4711". A request
	// without Origin comes from no page.
	origins map[string]bool
	// guest is the origin of a page that comes from elsewhere, the window's own,
	// and may call all the same; "" for none.
	guest string
	// page is what everybody may read; nil: nothing.
	page *page
	// token is what a caller must show; "" where the socket itself says who it is.
	token string
	// peer refuses callers by what the socket says; nil: none.
	peer func(*http.Request) bool
	// bodyTime is how long a request's body may take.
	bodyTime time.Duration
}

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	switch {
	case g.peer != nil && !g.peer(r):
		http.Error(w, "this belongs to another user", http.StatusForbidden)
	case !g.hosts[strings.ToLower(r.Host)]:
		http.Error(w, "unknown Host", http.StatusForbidden)
	case !g.ownOrigin(r):
		http.Error(w, "foreign Origin", http.StatusForbidden)
	case g.page != nil && g.page.has(r):
		g.page.ServeHTTP(w, r)
	case g.preflight(w, r):
	case g.token != "" && !g.hasToken(r):
		w.Header().Set("WWW-Authenticate", "Bearer")
		http.Error(w, "the token is missing or wrong", http.StatusUnauthorized)
	default:
		knows(r)
		g.admit(w, r)
	}
}

// admit passes on a request whose sender may talk.
func (g *guard) admit(w http.ResponseWriter, r *http.Request) {
	if !g.readBody(w, r) {
		return
	}
	// It was judged already; the WebSocket library would judge it again by rules
	// of its own.
	ctx := core.WithActor(r.Context(), core.Actor{Door: g.door(r)})
	r.Header.Del("Origin")
	g.next.ServeHTTP(w, r.WithContext(ctx))
}

// door says by which way a request came that was let in.
func (g *guard) door(r *http.Request) string {
	switch {
	case g.token == "":
		return "cli"
	case g.guest != "" && r.Header.Get("Origin") == g.guest:
		return "window"
	}
	return "browser"
}

// secure sets what no answer may lack: nothing may be embedded, guessed,
// cached or executed.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

func (g *guard) ownOrigin(r *http.Request) bool {
	for _, o := range r.Header.Values("Origin") {
		if !g.origins[strings.ToLower(o)] && (g.guest == "" || o != g.guest) {
			return false
		}
	}
	return true
}

// preflight allows the guest to read our answers, and answers when its browser
// asks what it may send (CORS: fetch.spec.whatwg.org). Nobody else is told.
func (g *guard) preflight(w http.ResponseWriter, r *http.Request) (answered bool) {
	if g.guest == "" || r.Header.Get("Origin") != g.guest {
		return false
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", g.guest)
	h.Set("Vary", "Origin")
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET, POST, PUT")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Connect-Protocol-Version, Connect-Timeout-Ms, X-User-Agent")
	h.Set("Access-Control-Max-Age", "7200")
	w.WriteHeader(http.StatusNoContent)
	return true
}

func (g *guard) hasToken(r *http.Request) bool {
	if t, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return sameToken(t, g.token)
	}
	for _, line := range r.Header.Values("Sec-WebSocket-Protocol") {
		for word := range strings.SplitSeq(line, ",") {
			if t, ok := strings.CutPrefix(strings.TrimSpace(word), tokenProtocol); ok {
				return sameToken(t, g.token)
			}
		}
	}
	return false
}

// sameToken takes as long for any wrong token; hashing hides the length too.
func sameToken(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// readBody takes the whole body in within a time limit, so that a caller who
// dribbles cannot hold a service. (A read deadline over the whole request
// would end long Watch streams: net/http cancels their context when it passes.)
func (g *guard) readBody(w http.ResponseWriter, r *http.Request) bool {
	if r.ContentLength == 0 || r.Body == nil || r.Body == http.NoBody {
		return true
	}
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(g.bodyTime)) // every listener here can
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxMessage+1024))
	if err != nil {
		// The deadline stays: net/http would otherwise wait for the rest.
		w.Header().Set("Connection", "close")
		http.Error(w, "the request is too large or too slow", http.StatusRequestEntityTooLarge)
		return false
	}
	_ = control.SetReadDeadline(time.Time{})
	r.Body = io.NopCloser(bytes.NewReader(body))
	return true
}
