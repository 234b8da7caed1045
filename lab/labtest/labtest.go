//go:build linux

// Package labtest gives tests labs that end with them.
package labtest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/lab"
)

// Up brings up a lab for the length of a test, under a name of its own when o
// has none. It ends with the test, or with the test's process if that is killed.
// The package's TestMain must call [lab.Reexec] first. A test that cannot have its
// lab fails: nothing is skipped. When the test fails, the ends of the
// daemons' logs are logged.
func Up(t testing.TB, o lab.Options) *lab.Lab {
	t.Helper()
	if o.Name == "" {
		o.Name = "t-" + core.NewUUID()[:8]
	}
	o.Bound = true
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	l, err := lab.Up(ctx, o)
	if err != nil {
		e := core.AsError(err)
		t.Fatalf("no lab: %s (%s)", e.Message, e.Hint)
	}
	t.Cleanup(func() { down(t, l) })
	return l
}

func down(t testing.TB, l *lab.Lab) {
	// The test's own context has ended by now.
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	checkOwnLogs(ctx, t, l)
	if t.Failed() {
		logDaemons(ctx, t, l)
	}
	if err := l.Down(ctx); err != nil && core.CodeOf(err) != core.NotFound {
		t.Errorf("the lab does not go down: %v", err)
	}
}

// checkOwnLogs fails the test for what the lab's own processes complained of:
// a race or a panic in one of them would go unseen otherwise.
func checkOwnLogs(ctx context.Context, t testing.TB, l *lab.Lab) {
	st, err := l.State(ctx)
	if err != nil {
		return // the test has ended the lab itself
	}
	dir := filepath.Dir(st.Identity)
	consoles, _ := filepath.Glob(filepath.Join(dir, "log", "*", "console"))
	for _, path := range append(consoles, filepath.Join(dir, "supervisor.log")) {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Errorf("no log of the lab: %v", err)
			continue
		}
		text := string(b)
		if strings.Contains(text, "DATA RACE") || strings.Contains(text, "panic: ") {
			t.Errorf("a process of the lab complains:\n%s", text)
		}
	}
}

func logDaemons(ctx context.Context, t testing.TB, l *lab.Lab) {
	hosts, err := l.Hosts(ctx)
	if err != nil {
		t.Logf("no logs of the lab: %v", err)
		return
	}
	for _, h := range hosts {
		if h.PID == 0 {
			continue
		}
		for _, daemon := range []string{"sshd", "libvirtd", "virtlogd"} {
			out, err := l.Exec(ctx, h.Name, "tail", "-n", "40", "/var/log/"+daemon+".log")
			if err == nil && len(out) > 0 {
				t.Logf("%s of %s:\n%s", daemon, h.Name, strings.TrimSpace(string(out)))
			}
		}
	}
}
