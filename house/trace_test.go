package house

import (
	"bytes"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestNoTraceOfAMachine: files must be right on every machine, so none names
// the place of this checkout, somebody's home or this machine's module proxy.
func TestNoTraceOfAMachine(t *testing.T) {
	var traces []string
	if dir := root(t); strings.Count(dir, "/") >= 2 {
		traces = append(traces, dir+"/")
	}
	out, err := exec.Command("go", "env", "GOPROXY").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, proxy := range strings.FieldsFunc(strings.TrimSpace(string(out)), func(r rune) bool { return r == ',' || r == '|' }) {
		if u, err := url.Parse(proxy); err == nil && u.Host != "" && u.Host != "proxy.golang.org" {
			traces = append(traces, u.Host)
		}
	}
	home := regexp.MustCompile(`/(home|Users)/[a-z][a-z0-9_-]*/`)
	files(t, func(name string, text []byte) {
		for _, trace := range traces {
			if i := bytes.Index(text, []byte(trace)); i >= 0 {
				t.Errorf("%s:%d names %s", name, 1+bytes.Count(text[:i], []byte("\n")), trace)
			}
		}
		for _, m := range home.FindAllIndex(text, -1) {
			if h := string(text[m[0]:m[1]]); !regexp.MustCompile(`/(admin|ops|me|you|user|debian|alice|bob|x)/`).MatchString(h) {
				t.Errorf("%s:%d names %s", name, 1+bytes.Count(text[:m[0]], []byte("\n")), h)
			}
		}
	})
}
