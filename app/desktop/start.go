package desktop

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
)

// startScript is where the script is that chooses the first route: the page's
// policy allows none in the page itself.
const startScript = "/start.js"

// startAt serves a page that begins with a route, as [Link.Route] gives it,
// unless its address names one.
func startAt(page http.Handler, route string) http.Handler {
	if route == "" || strings.Trim(route, "/%-._~abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		return page // nothing that could end the string below
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case startScript:
			w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
			fmt.Fprintf(w, "if (!location.hash) history.replaceState(null, \"\", \"#%s\");\n", route)
		case "/", "":
			whole := &held{ResponseWriter: w}
			page.ServeHTTP(whole, r)
			w.Header().Del("Content-Length")
			w.Write(bytes.Replace(whole.body.Bytes(), []byte("<head>"), []byte(`<head><script src=".`+startScript+`"></script>`), 1))
		default:
			page.ServeHTTP(w, r)
		}
	})
}

// held keeps an answer's body back. It is for answers that are 200.
type held struct {
	http.ResponseWriter
	body bytes.Buffer
}

// Write implements [http.ResponseWriter].
func (h *held) Write(b []byte) (int, error) { return h.body.Write(b) }
