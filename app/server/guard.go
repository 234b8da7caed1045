package server

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"io"
	"net/http"
	"strings"
	"time"
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
	case g.token != "" && r.URL.Path != "/" && !g.hasToken(r):
		w.Header().Set("WWW-Authenticate", "Bearer")
		http.Error(w, "the token is missing or wrong", http.StatusUnauthorized)
	case !g.readBody(w, r):
	default:
		// It was judged here; the WebSocket library would judge it again by
		// rules of its own.
		r.Header.Del("Origin")
		g.next.ServeHTTP(w, r)
	}
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
		if !g.origins[strings.ToLower(o)] {
			return false
		}
	}
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
