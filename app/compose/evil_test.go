package compose

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/limiquantix/limiquantix/app/cli"
	"github.com/limiquantix/limiquantix/app/desktop"
	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/transport/sim"
)

const someVM = "4c3f8f7e-1d4b-4d0c-9a57-3c4a7bb7a2d1"

// evilLinks are links that somebody might put into a web page.
func evilLinks() []string {
	links := []string{
		"", " ", "limiquantix", "limiquantix:", "limiquantix:/", "limiquantix:kvm1", "limiquantix:/kvm1", "Limiquantix://host1", "LIMIQUANTIX://host1",
		"limiquantix+ssh://host1", "limiquantixx://host1", " limiquantix://host1", "limiquantix ://host1", "limiquantix%3A//host1", "limiquantix:\\\\host1",
		"http://host1", "https://host1/vm/" + someVM, "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "ssh://host1", "qemu:///system",
		"--help", "--home=/tmp/evil", "-o", "--", "-", "--window", "serve", "vm delete web1 --yes", "; rm -rf ~", "$(touch /tmp/evil)", "`touch /tmp/evil`",
		"limiquantix://--help", "limiquantix://-o", "limiquantix://-oProxyCommand=touch%20x", "limiquantix://%2doProxyCommand=x",
		"limiquantix://.", "limiquantix://..", "limiquantix://%2e", "limiquantix://%2e%2e", "limiquantix://../../etc/passwd", "limiquantix://..%2f..%2fetc%2fpasswd",
		"limiquantix://host1/..", "limiquantix://host1/../host2", "limiquantix://host1/vm/../../host2", "limiquantix://host1//", "limiquantix:////", "limiquantix:////host1",
		"limiquantix://host1//vm/" + someVM, "limiquantix://host1/vm//" + someVM, "limiquantix://host1/vm/" + someVM + "//", "limiquantix://host1/vm/" + someVM + "/console//",
		"limiquantix://user@host1", "limiquantix://user:password@host1", "limiquantix://host1:22", "limiquantix://[::1]", "limiquantix://host1@evil.example",
		"limiquantix://host1?delete=web1", "limiquantix://host1#delete", "limiquantix://host1/vm/" + someVM + "?action=stop", "limiquantix://host1/vm/" + someVM + "#stop",
		"limiquantix://host1/vm/" + someVM + "/delete", "limiquantix://host1/vm/" + someVM + "/stop", "limiquantix://host1/vm/" + someVM + "/console/x",
		"limiquantix://host1/vm/" + someVM + "/Console", "limiquantix://host1/vm/" + someVM + "/%63onsole", "limiquantix://host1/VM/" + someVM, "limiquantix://host1/%76m/" + someVM,
		"limiquantix://host1/vm", "limiquantix://host1/vm/", "limiquantix://host1/vm/console", "limiquantix://host1/vm/web1", "limiquantix://host1/vm/" + someVM[:35],
		"limiquantix://host1/vm/" + someVM + "0", "limiquantix://host1/vm/{" + someVM + "}", "limiquantix://host1/vm/" + strings.ReplaceAll(someVM, "-", ""),
		"limiquantix://host1/vm/" + strings.ReplaceAll(someVM, "-", "%2d"), "limiquantix://host1/vm/" + strings.Replace(someVM, "4", "g", 1),
		"limiquantix://host1/vm/urn:uuid:" + someVM, "limiquantix://host1/vm/%00", "limiquantix://host1/vm/*", "limiquantix://*", "limiquantix://host%31%", "limiquantix://host1%",
		"limiquantix://host1%2", "limiquantix://host1%zz", "limiquantix://host1%c0%af", "limiquantix://%ff", "limiquantix://%ed%a0%80", "limiquantix://host1%2fvm%2f" + someVM,
		"limiquantix://host1%00", "limiquantix://host1%0a", "limiquantix://host1%0d%0aHost:%20evil", "limiquantix://host1%e2%80%ae", "limiquantix://%e2%80%8b", "limiquantix://%20",
		"limiquantix://host1%20", "limiquantix://host1+", "limiquantix://hôst1", "limiquantix://хост", "limiquantix://host1/vm/" + someVM + "/console\n", "limiquantix://host1\x00",
		"limiquantix://add/host", "limiquantix://host/add?address=evil.example", "limiquantix://settings/reset", "limiquantix://host1/task/cancel", "limiquantix://host1/console",
		"limiquantix://%3cscript%3ealert(1)%3c/script%3e", "limiquantix://<script>alert(1)</script>", "limiquantix://\"><img src=x onerror=alert(1)>", "limiquantix://'-alert(1)-'",
		"limiquantix://" + strings.Repeat("a", 499), "limiquantix://" + strings.Repeat("a", 1<<16), "limiquantix://" + strings.Repeat("%61", 400), "limiquantix://" + strings.Repeat("a/", 200),
		"limiquantix://" + strings.Repeat("a", 201), "limiquantix://%68%6f%73%74%39", "limiquantix://HOST1", "limiquantix://host1.", "limiquantix://host9", "limiquantix://host9/vm/" + someVM,
		"limiquantix://host1/vm/" + someVM, "limiquantix://host1/vm/" + someVM + "/console", "limiquantix://host1/vm/00000000-0000-0000-0000-000000000000", "limiquantix://localhost",
		"limiquantix://127.0.0.1", "limiquantix://evil.example", "limiquantix://host1%25", "limiquantix://host1%2520",
	}
	for c := range 0x21 { // control characters and space, as they are
		links = append(links, "limiquantix://host1"+string(rune(c)))
	}
	for _, c := range "!\"#$&'()*+,:;<=>?@[\\]^`{|}\x7f" {
		links = append(links, "limiquantix://host1"+string(c), fmt.Sprintf("limiquantix://host1%%%02x", c))
	}
	return links
}

// TestEvilLinksDoNothing: none of them shows anything, starts anything, changes
// anything; what is asked of the application is only what it knows.
func TestEvilLinksDoNothing(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	os.Chmod(os.Getenv("XDG_RUNTIME_DIR"), 0o700)
	fleet := sim.NewFleet(sim.Model{Hosts: 2, VMsPerHost: 2})
	defer fleet.Close()
	if err := addFleet(t.Context(), home, fleet, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	calls := &callLog{Handler: slog.DiscardHandler}
	c := Config{Home: home, Log: slog.New(calls), Fleet: fleet}
	b, err := reach(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	shown := 0
	front, err := server.ServeUnix(windowSocket(home), desktop.Front(func(ctx context.Context, link string) error {
		err := showLink(ctx, b, &desktop.Window{}, link)
		if err == nil {
			shown++
		}
		return err
	}), c.Log)
	if err != nil {
		t.Fatal(err)
	}
	defer front.Close()
	if err := window(t.Context(), cli.WindowOptions{Home: home, Link: "limiquantix://host1"}, c); err != nil || shown != 1 {
		t.Fatalf("a right link: %v, shown %d times", err, shown)
	}
	before := tree(t, home)
	links := evilLinks()
	refused := 0
	for _, link := range links {
		err := window(t.Context(), cli.WindowOptions{Home: home, Link: link}, c)
		console := window(t.Context(), cli.WindowOptions{Home: home, Link: link, Console: true}, c)
		if link == "" {
			continue // no link: the window comes to the front
		}
		if code := core.CodeOf(err); code != core.Invalid && code != core.NotFound {
			t.Errorf("%q: %v", link, err)
		}
		if _, perr := desktop.ParseLink(link); perr == nil {
			continue // names what is not here: the note is the same for both
		}
		if core.CodeOf(console) != core.Invalid {
			t.Errorf("console %q: %v", link, console)
		}
		refused++
	}
	if len(links) < 200 || refused < 150 {
		t.Errorf("%d links, %d of them malformed: too few", len(links), refused)
	}
	if shown != 2 { // the right one, and the empty one
		t.Errorf("%d links were shown", shown-2)
	}
	for call, n := range calls.count() {
		if !strings.HasSuffix(call, "/ListHosts") && !strings.HasSuffix(call, "/ListVMs") {
			t.Errorf("%s was called %d times", call, n)
		}
	}
	if after := tree(t, home); after != before {
		t.Errorf("files were\n%s\nand are\n%s", before, after)
	}
}

// tree lists the files below a directory.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		fmt.Fprintln(&b, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// callLog counts the API's calls by what the edge logs of them.
type callLog struct {
	slog.Handler
	mu    sync.Mutex
	calls map[string]int
}

// Enabled implements [slog.Handler]: everything is of interest.
func (c *callLog) Enabled(context.Context, slog.Level) bool { return true }

// Handle implements [slog.Handler].
func (c *callLog) Handle(_ context.Context, r slog.Record) error {
	if r.Message != "called" {
		return nil
	}
	r.Attrs(func(a slog.Attr) bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.calls == nil {
			c.calls = map[string]int{}
		}
		c.calls[a.Value.String()]++
		return true
	})
	return nil
}

func (c *callLog) count() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls
}
