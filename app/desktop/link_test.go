package desktop

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/limiquantix/limiquantix/core"
)

const id = "4c3f8f7e-1d4b-4d0c-9a57-3c4a7bb7a2d1"

func TestLinks(t *testing.T) {
	for _, tc := range []struct {
		link  string
		want  Link
		route string
	}{
		{"limiquantix://", Link{}, "/"},
		{"limiquantix:///", Link{}, "/"},
		{"limiquantix://kvm1", Link{Host: "kvm1"}, "/hosts/kvm1"},
		{"limiquantix://kvm1.example.org/", Link{Host: "kvm1.example.org"}, "/hosts/kvm1.example.org"},
		{"limiquantix://kvm%201", Link{Host: "kvm 1"}, "/hosts/kvm%201"},
		{"limiquantix://K%C3%B6ln", Link{Host: "Köln"}, "/hosts/K%C3%B6ln"},
		{"limiquantix://lab(1)!", Link{Host: "lab(1)!"}, "/hosts/lab%281%29%21"}, // as encodeURIComponent writes it
		{"limiquantix://50%25", Link{Host: "50%"}, "/hosts/50%25"},
		{"limiquantix://kvm1/vm/" + id, Link{Host: "kvm1", UUID: id}, "/vms/kvm1/" + id},
		{"limiquantix://kvm1/vm/" + strings.ToUpper(id) + "/", Link{Host: "kvm1", UUID: id}, "/vms/kvm1/" + id},
		{"limiquantix://kvm1/vm/" + id + "/console", Link{Host: "kvm1", UUID: id, Console: true}, "/vms/kvm1/" + id + "/console"},
	} {
		got, err := ParseLink(tc.link)
		if err != nil || got != tc.want || got.Route() != tc.route {
			t.Errorf("%s: got %+v, %q, %v, want %+v, %q", tc.link, got, got.Route(), err, tc.want, tc.route)
		}
	}
	if got := (Link{Host: "a b", UUID: id, Console: true}).ConsoleRoute(); got != "/console/a%20b/"+id {
		t.Errorf("the console's route is %q", got)
	}
}

// FuzzLink: what is read is a name and a UUID, printed it is read as the same,
// and its routes hold nothing that a script or an address could end on.
func FuzzLink(f *testing.F) {
	for _, s := range []string{"limiquantix://kvm%201/vm/" + id + "/console", "limiquantix://K%C3%B6ln/", "limiquantix://", "limiquantix://%2e%2e/vm/" + id} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		l, err := ParseLink(s)
		if err != nil {
			if core.CodeOf(err) != core.Invalid {
				t.Errorf("%q: %v", s, err)
			}
			return
		}
		if l.Host != "" && core.CheckName("host", l.Host) != nil || l.Host == "" && l != (Link{}) || l.Console && l.UUID == "" {
			t.Errorf("%q became %+v", s, l)
		}
		if again, err := ParseLink(l.String()); err != nil || again != l {
			t.Errorf("%q, %+v printed is %q, read again %+v, %v", s, l, l.String(), again, err)
		}
		for _, r := range l.Route() + l.ConsoleRoute() {
			if r != '/' && r != '%' && (r > 0x7f || !plain(byte(r))) {
				t.Errorf("%q has the route %q", s, l.Route())
			}
		}
	})
}

func TestPageBeginsAtARoute(t *testing.T) {
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Write([]byte("<html><head><title>x</title></head></html>" + r.URL.Path))
	})
	get := func(h http.Handler, path string) string {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Body.String()
	}
	h := startAt(page, "/vms/a%20b/"+id)
	if got := get(h, "/"); !strings.HasPrefix(got, `<html><head><script src="./start.js"></script><title>`) {
		t.Errorf("the page is %s", got)
	}
	if got, want := get(h, "/start.js"), "if (!location.hash) history.replaceState(null, \"\", \"#/vms/a%20b/"+id+"\");\n"; got != want {
		t.Errorf("the script is %s, want %s", got, want)
	}
	if got := get(h, "/assets/x.js"); !strings.HasSuffix(got, "/assets/x.js") {
		t.Errorf("an asset is %s", got)
	}
	for _, route := range []string{"", `/"+alert(1)+"`, "/\n", "/<"} {
		if got := get(startAt(page, route), "/"); strings.Contains(got, "script") {
			t.Errorf("%q: %s", route, got)
		}
	}
}

func TestLocale(t *testing.T) {
	for _, tc := range []struct{ lcAll, lang, want string }{
		{"", "", usableLocale}, {"C", "de_DE.UTF-8", usableLocale}, {"", "POSIX", usableLocale}, {"", "C.UTF-8", usableLocale},
		{"", "de_DE.UTF-8", "de_DE.UTF-8"}, {"fr_FR.UTF-8", "C", "fr_FR.UTF-8"},
	} {
		env := map[string]string{"LC_ALL": tc.lcAll, "LANG": tc.lang}
		err := FixLocale(func(n string) string { return env[n] }, func(n, v string) error { env[n] = v; return nil })
		got := env["LC_ALL"]
		if got == "" {
			got = env["LANG"]
		}
		if err != nil || got != tc.want {
			t.Errorf("%+v: got %q, %v", tc, got, err)
		}
	}
}

func TestGeometryIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "window.json")
	first := geometry{Width: firstWidth, Height: firstHeight}
	if got := loadGeometry(path); got != first {
		t.Errorf("without a file: %+v", got)
	}
	want := geometry{Width: 1500, Height: 900, X: 10, Y: 20, Placed: true, Maximised: true}
	if err := saveGeometry(path, want); err != nil {
		t.Fatal(err)
	}
	if got := loadGeometry(path); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for text, want := range map[string]geometry{
		"":                             first,
		"{":                            first,
		`{"Width":1e9,"Height":700}`:   first,
		`{"Width":20000,"Height":700}`: first,
		`{"Width":1,"Height":1}`:       {Width: minWidth, Height: minHeight},
		`{"Width":"` + strings.Repeat("9", 1<<13):   first,
		`{"X":-99999999,"Width":1200,"Height":700}`: first,
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := loadGeometry(path); got != want {
			t.Errorf("%.40s: got %+v, want %+v", text, got, want)
		}
	}
	for _, tc := range []struct {
		g    geometry
		want bool
	}{
		{geometry{Width: 1024, Height: 640, X: 100, Y: 100, Placed: true}, true},
		{geometry{Width: 1024, Height: 640, X: 100, Y: 100}, false},
		{geometry{Width: 1024, Height: 640, X: 1900, Y: 100, Placed: true}, false},
		{geometry{Width: 1024, Height: 640, X: -1000, Y: 100, Placed: true}, false},
		{geometry{Width: 1024, Height: 640, X: 0, Y: 1070, Placed: true}, false},
	} {
		if got := tc.g.onScreen(1920, 1080); got != tc.want {
			t.Errorf("%+v: on screen %v", tc.g, got)
		}
	}
}
