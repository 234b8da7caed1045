package server

import (
	_ "embed" // the page
	"net/http"
)

// pagePath is the page itself; nothing below it.
const pagePath = "/{$}"

//go:embed page.html
var page []byte

// servePage says what listens here. It needs no token and tells nothing about
// hosts or VMs.
func servePage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(page)
}
