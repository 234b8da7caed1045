package server

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
)

// dist is the user interface, which "make build" makes of frontend/. Until then
// it holds an empty file, so that the program can be built without Node.
//
//go:embed all:dist
var dist embed.FS

//go:embed page.html
var noInterface []byte

// worthPacking is the size from which a file is sent compressed.
const worthPacking = 1 << 10

// Page serves the user interface: index.html at /, and its assets. It tells
// nothing of hosts or VMs and needs no token. Its Content-Security-Policy lets
// it load and run only what comes from here, and connect to where it comes from
// and to the URLs that reach returns ("http://127.0.0.1:4711"; reach may be nil).
// In a build without user interface it says how to make one.
func Page(reach func() []string) http.Handler { return newPage(dist, reach) }

// page is the files below "dist" of a file system.
type page struct {
	assets map[string]*asset // by path, "/assets/index-4f3a.js"
	reach  func() []string
}

// asset is a file, packed once it is asked for.
type asset struct {
	kind   string // Content-Type
	hashed bool   // its name changes with its content
	read   func() []byte
	packed func() []byte // gzip; nil when that does not help
}

func newPage(files fs.FS, reach func() []string) *page {
	p := &page{assets: map[string]*asset{}, reach: reach}
	// An embedded file system does not fail, and what is not there is not served.
	_ = fs.WalkDir(files, "dist", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return nil
		}
		p.assets[strings.TrimPrefix(name, "dist")] = newAsset(name, func() []byte {
			content, _ := fs.ReadFile(files, name)
			return content
		})
		return nil
	})
	index := p.assets["/index.html"]
	if index == nil {
		index = newAsset("index.html", func() []byte { return noInterface })
	}
	p.assets["/"] = index
	delete(p.assets, "/index.html") // one address for one thing
	return p
}

func newAsset(name string, read func() []byte) *asset {
	a := &asset{kind: contentType(name), hashed: strings.HasPrefix(name, "dist/assets/"), read: sync.OnceValue(read)}
	a.packed = sync.OnceValue(func() []byte {
		if strings.HasPrefix(a.kind, "font/") || strings.HasPrefix(a.kind, "image/png") || len(a.read()) < worthPacking {
			return nil
		}
		return pack(a.read())
	})
	return a
}

// contentType knows the types of our files by heart: Go's table depends on the
// machine.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".json", ".map", ".webmanifest":
		return "application/json"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

func pack(content []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(content); err != nil || w.Close() != nil || b.Len() >= len(content) {
		return nil
	}
	return b.Bytes()
}

// has reports whether a request is for the page: whoever asks may see it.
func (p *page) has(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && p.assets[r.URL.Path] != nil
}

// ServeHTTP implements [http.Handler]. Paths are looked up, not walked: there
// is no way out of the table.
func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := p.assets[r.URL.Path]
	if a == nil || r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	secure(h)
	h.Set("Content-Security-Policy", p.policy())
	h.Set("Content-Type", a.kind)
	h.Set("Vary", "Accept-Encoding")
	if a.hashed {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	content := a.read()
	if packed := a.packed; strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && packed() != nil {
		h.Set("Content-Encoding", "gzip")
		content = packed()
	}
	w.Write(content) // net/http leaves the body of a HEAD out
}

// policy allows the page nothing from elsewhere and nothing inline. Styles that
// scripts set by the CSS object model are not its business.
func (p *page) policy() string {
	connect := []string{"'self'"}
	if p.reach != nil {
		for _, url := range p.reach() {
			connect = append(connect, url, "ws"+strings.TrimPrefix(url, "http"))
		}
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data: blob:; " +
		"connect-src " + strings.Join(connect, " ") + "; worker-src 'self'; " +
		"frame-ancestors 'none'; object-src 'none'; base-uri 'none'; form-action 'none'"
}
