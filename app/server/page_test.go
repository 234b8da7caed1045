package server

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func testFiles() fstest.MapFS {
	return fstest.MapFS{
		"dist/index.html":             {Data: []byte("<!doctype html><script type=module src=./assets/index-1.js></script>")},
		"dist/.keep":                  {},
		"dist/theme.js":               {Data: []byte("// theme")},
		"dist/assets/index-1.js":      {Data: []byte(strings.Repeat("console.log(1);", 1000))},
		"dist/assets/inter-2.woff2":   {Data: []byte(strings.Repeat("font", 1000))},
		"dist/assets/index-3.css":     {Data: []byte("a{}")},
		"dist/icon.svg":               {Data: []byte("<svg/>")},
		"secret/outside.txt":          {Data: []byte("outside")},
		"dist/assets/sub/deep-4.json": {Data: []byte("{}")},
	}
}

func testPage() *page {
	return newPage(testFiles(), func() []string { return []string{"http://127.0.0.1:4711"} })
}

func TestPageServesTheInterface(t *testing.T) {
	p := testPage()
	for path, want := range map[string]struct{ kind, cache string }{
		"/":                         {"text/html; charset=utf-8", "no-store"},
		"/theme.js":                 {"text/javascript; charset=utf-8", "no-store"},
		"/assets/index-1.js":        {"text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		"/assets/inter-2.woff2":     {"font/woff2", "public, max-age=31536000, immutable"},
		"/assets/index-3.css":       {"text/css; charset=utf-8", "public, max-age=31536000, immutable"},
		"/assets/sub/deep-4.json":   {"application/json", "public, max-age=31536000, immutable"},
		"/icon.svg":                 {"image/svg+xml", "no-store"},
		"/index.html":               {},
		"/assets":                   {},
		"/assets/":                  {},
		"/.keep":                    {},
		"/../secret/outside.txt":    {},
		"/assets/../../secret/x":    {},
		"/%2e%2e/secret":            {},
		"/assets/index-1.js/":       {},
		"//assets/index-1.js":       {},
		"/assets\\index-1.js":       {},
		"/assets/index-1.js%00.svg": {},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.Path = path
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		if want.kind == "" {
			if w.Code != http.StatusNotFound || p.has(r) {
				t.Errorf("%s: got %d, want 404", path, w.Code)
			}
			continue
		}
		h := w.Header()
		if !p.has(r) || w.Code != 200 || h.Get("Content-Type") != want.kind || h.Get("Cache-Control") != want.cache || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: got %d %v", path, w.Code, h)
		}
	}
}

func TestPageIsPackedForThoseWhoCan(t *testing.T) {
	s := httptest.NewServer(testPage())
	defer s.Close()
	for path, packed := range map[string]bool{"/assets/index-1.js": true, "/assets/inter-2.woff2": false, "/assets/index-3.css": false} {
		for _, accept := range []string{"", "gzip, br"} {
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
			req.Header.Set("Accept-Encoding", accept)
			res, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			body := io.Reader(res.Body)
			if got := res.Header.Get("Content-Encoding"); (got == "gzip") != (packed && accept != "") {
				t.Errorf("%s to %q: encoded as %q", path, accept, got)
			} else if got != "" {
				if body, err = gzip.NewReader(res.Body); err != nil {
					t.Fatal(err)
				}
			}
			got, _ := io.ReadAll(body)
			res.Body.Close()
			if want := testFiles()["dist"+path].Data; !bytes.Equal(got, want) {
				t.Errorf("%s to %q: %d bytes, want %d", path, accept, len(got), len(want))
			}
		}
	}
}

func TestPolicyOfThePage(t *testing.T) {
	w := httptest.NewRecorder()
	testPage().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	got := w.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self';", "frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'", "form-action 'none'",
		"connect-src 'self' http://127.0.0.1:4711 ws://127.0.0.1:4711;"} {
		if !strings.Contains(got, want) {
			t.Errorf("the policy lacks %s: %s", want, got)
		}
	}
	if strings.Contains(got, "unsafe") || strings.Contains(got, "*") {
		t.Errorf("the policy allows too much: %s", got)
	}
}

func TestBuildWithoutInterfaceSaysSo(t *testing.T) {
	w := httptest.NewRecorder()
	newPage(fstest.MapFS{"dist/.keep": {}}, nil).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if !strings.Contains(w.Body.String(), "make build") {
		t.Errorf("the page is %s", w.Body)
	}
}
