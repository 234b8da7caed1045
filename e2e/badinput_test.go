//go:build linux

package e2e

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/lab"
)

// badInput is a command line that cannot work, and what is said about it.
type badInput struct {
	name   string
	status int
	says   string
	args   []string
}

// refuse runs them all: each gets one sentence and a hint, and nothing is left
// on the host.
func (s *site) refuse(inputs []badInput) {
	s.t.Helper()
	t := s.t
	before := s.picture()
	for _, in := range inputs {
		t.Run(in.name, func(t *testing.T) {
			s.program.t = t
			s.refused(in.status, in.says, in.args...)
		})
	}
	s.program.t = t
	if open := strings.TrimSpace(s.run("task", "list", "--open", "-o", "json")); open != "[]" {
		t.Errorf("tasks are open: %s", open)
	}
	if got := s.picture(); got != before {
		t.Errorf("the host has\n%s\nbefore\n%s", got, before)
	}
}

// TestBadHosts: what may be wrong with a host or the way to it.
func TestBadHosts(t *testing.T) {
	f := newFleet(t, lab.Options{More: []lab.HostOptions{
		{Name: "good"}, {Name: "stopped"},
		{Name: "closed", SSHD: []string{"AllowStreamLocalForwarding no", "SetEnv PATH=/nowhere"}},
	}})
	s := f.site(t, "good")
	if err := f.lab.Fault(t.Context(), "stopped", lab.StopLibvirtd); err != nil {
		t.Fatal(err)
	}
	at := s.host.Address
	fingerprint := s.host.HostKeys[0].Fingerprint
	named := func(host string) []string {
		h := f.host(t, host)
		return []string{"host", "add", host, "root@" + h.Address, "--identity", h.Identity, "--host-key", h.HostKeys[0].Fingerprint}
	}
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("no key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	closedPort := "root@" + strings.TrimSuffix(at, ":22") + ":1"
	if !strings.HasSuffix(at, ":22") {
		closedPort = "root@127.77.250.250:1"
	}
	other := append(s.add("root")[:7:7], "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	s.refuse([]badInput{
		{"host key unknown", 5, fingerprint, s.add("root")[:6]},
		{"host key is another one", 5, "host key", other},
		{"host key is none", 2, "fingerprint", append(s.add("root")[:7:7], "MD5:00")},
		{"wrong key", 1, "does not accept", append(s.add("root")[:5:5], s.newKey("stranger", "", false), "--host-key", fingerprint)},
		{"no such key", 2, "key", append(s.add("root")[:5:5], text+"2", "--host-key", fingerprint)},
		{"key is no key", 2, "key", append(s.add("root")[:5:5], text, "--host-key", fingerprint)},
		{"nothing listens", 5, "refuses", []string{"host", "add", "x", closedPort}},
		{"no such name", 5, "cannot be found", []string{"host", "add", "x", "root@no-such-host.invalid"}},
		{"not an address", 2, "not valid", []string{"host", "add", "x", "root@a b"}},
		{"no libvirt", 5, "no libvirt", named("stopped")},
		{"no way to libvirt", 1, "", named("closed")},
		{"no such host", 4, "there is no host", []string{"host", "show", "nowhere"}},
	})
	s.run(s.add("root")...)
	s.refuse([]badInput{{"twice", 1, "already", s.add("root")}})

	// The host is set up anew: its key is another one than we know.
	s.inside("sh", "-c", "cd /etc/ssh && rm ssh_host_*_key* && for t in ed25519 ecdsa; do ssh-keygen -q -t $t -N '' -f ssh_host_${t}_key; done")
	for _, fault := range []lab.Fault{lab.KillSSHD, lab.Heal} {
		if err := f.lab.Fault(t.Context(), "good", fault); err != nil {
			t.Fatal(err)
		}
	}
	again := append([]string{"host", "add", "again"}, s.add("root")[3:6]...)
	again = again[:len(again):len(again)]
	s.refuse([]badInput{
		{"host key changed", 5, "another host key than before", []string{"vm", "create", "web", "--host", "good", "--image", "x"}},
		{"host key changed, accept new", 5, "another host key than before", append(again, "--accept-new")},
		{"host key changed, old one named", 5, "another host key than before", append(again, "--host-key", fingerprint)},
	})
}

// TestBadImages: what may be wrong with an image or where it comes from.
func TestBadImages(t *testing.T) {
	f := newFleet(t, lab.Options{More: []lab.HostOptions{{Name: "good"}, {Name: "full", DiskSize: 64 * core.MiB}}})
	s := f.manage(t, "good")
	dir := t.TempDir()
	image := disk(t, "base.qcow2", core.MiB)
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	made := func(name string, options ...string) string {
		path := filepath.Join(dir, name)
		tool(t, append(append([]string{"qemu-img", "create", "-q", "-f", "qcow2"}, options...), path, "1M")...)
		return path
	}
	backed := made("backed.qcow2", "-b", image, "-F", "qcow2")
	external := made("external.qcow2", "-o", "data_file="+filepath.Join(dir, "data.raw"))
	web := serveImages(t, image)
	add := func(source string, more ...string) []string {
		return append([]string{"image", "add", source, "--host", "good"}, more...)
	}
	sum := fmt.Sprintf("sha256:%x", sha256.Sum256([]byte("something else")))
	s.refuse([]badInput{
		{"text", 3, "not a disk image", add(file("notes.qcow2", strings.Repeat("a text\n", 1000)))},
		{"web page", 3, "", add(file("page.qcow2", "<!DOCTYPE html><html><body>Sign in</body></html>"))},
		{"empty", 3, "", add(file("empty.qcow2", ""))},
		{"directory", 3, "not a file", add(dir)},
		{"no such file", 4, "no file", add(filepath.Join(dir, "nothing"))},
		{"backing file", 3, "over another file", add(backed)},
		{"data file", 3, "data", add(external)},
		{"not found", 4, "404", add(web + "/nothing.qcow2")},
		{"wrong checksum", 1, "checksum differs", add(web+"/base.qcow2", "--checksum", sum)},
		{"not a checksum", 2, "not a checksum", add(web+"/base.qcow2", "--checksum", "md5:1")},
		{"cut", 1, "cut", add(web + "/cut.qcow2")},
		{"no length", 3, "how large", add(web + "/endless.qcow2")},
		{"nobody there", 3, "does not answer: dial", add("http://127.0.0.1:1/base.qcow2")},
		{"ftp", 2, "http", add("ftp://127.0.0.1/base.qcow2")},
		{"no such pool", 4, "no pool", add(image, "--pool", "nowhere")},
		{"no such host", 4, "no host", []string{"image", "add", image, "--host", "nowhere"}},
		{"no such image", 4, "", []string{"image", "remove", "good/default/nothing", "--yes"}},
	})
	s.run(add(web + "/base.qcow2")...)
	s.refuse([]badInput{{"twice", 3, "already", add(image)}})

	full := f.manage(t, "full")
	if err := f.lab.Fault(t.Context(), "full", lab.FillDisk); err != nil {
		t.Fatal(err)
	}
	full.inside("virsh", "pool-refresh", "default")
	full.refuse([]badInput{{"no space", 3, "free", []string{"image", "add", image, "--host", "full"}}})
}

// serveImages serves an image as good and bad servers do.
func serveImages(t *testing.T, image string) string {
	t.Helper()
	whole, err := os.ReadFile(image)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/base.qcow2", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, image) })
	mux.HandleFunc("/cut.qcow2", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && r.Header.Get("Range") == "" {
			w.Header().Set("Content-Length", strconv.Itoa(len(whole)))
			_, _ = w.Write(whole[:len(whole)/2])
			panic(http.ErrAbortHandler)
		}
		http.ServeFile(w, r, image)
	})
	mux.HandleFunc("/endless.qcow2", func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush() // chunked from here on
		_, _ = w.Write(whole)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

// TestBadVMs: what may be wrong with a VM that is asked for.
func TestBadVMs(t *testing.T) {
	f := newFleet(t, lab.Options{Hosts: 1})
	s := f.manage(t, "kvm1")
	s.run("image", "add", disk(t, "base.qcow2", 3*core.MiB), "--host", "kvm1")
	file := func(text string) string {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	create := func(more ...string) []string {
		return append([]string{"vm", "create", "web", "--host", "kvm1", "--image", "base.qcow2", "--memory", "64MiB"}, more...)
	}
	s.refuse([]badInput{
		{"user data is no YAML", 2, "line 3: ", create("--user-data", file("#cloud-config\npackages:\n  - [unclosed\nusers: }\n"))},
		{"user data is a list", 2, "", create("--user-data", file("#cloud-config\n- a\n"))},
		{"no such user data", 2, "", create("--user-data", "/nonexistent/file")},
		{"network config is no YAML", 2, "line", create("--network-config", file("version: 2\nethernets: [\n"))},
		{"ssh key is none", 2, "key", create("--ssh-key", file("hello\n"), "--user", "admin")},
		{"no such pool", 4, "no pool", create("--pool", "nowhere")},
		{"no such network", 4, "no network", create("--network", "nowhere")},
		{"no such image", 4, "image", append(create()[:6:6], "nothing")},
		{"no such host", 4, "no host", append(create()[:4:4], "nowhere", "--image", "base.qcow2")},
		{"disk too small", 3, "smaller", create("--disk", "1MiB")},
		{"disk of no size", 2, "", create("--disk", "lots")},
		{"memory of no size", 2, "", append(create()[:8:8], "lots")},
		{"too much memory", 3, "more than", append(create()[:8:8], "100TiB")},
		{"too little memory", 2, "too little", append(create()[:8:8], "1KiB")},
		{"no CPU", 2, "", create("--cpus", "-1")},
		{"firmware", 2, "", create("--firmware", "coreboot")},
		{"address of a card", 2, "", create("--network", "default,mac=zz")},
		{"no such VM", 4, "", []string{"vm", "start", "nothing"}},
		{"no such verb", 2, "", []string{"vm", "explode", "nothing"}},
		{"no such flag", 2, "", []string{"vm", "list", "--nothing"}},
		{"no argument", 2, "", []string{"vm", "show"}},
	})
	s.run(create("--start")...)
	s.refuse([]badInput{
		{"twice", 3, "already", create()},
		{"delete a running VM", 3, "running", []string{"vm", "delete", "web", "--yes"}},
		{"delete without yes", 6, "confirmation", []string{"vm", "delete", "web", "--stop"}},
		{"start a running VM", 3, "running", []string{"vm", "start", "web"}},
		{"remove an image in use", 3, "", []string{"image", "remove", "kvm1/default/base.qcow2", "--yes"}},
	})
}
