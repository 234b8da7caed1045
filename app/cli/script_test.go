package cli_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/limiquantix/limiquantix/app/cli"
	"github.com/limiquantix/limiquantix/app/compose"
	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/transport/sim"
)

var update = flag.Bool("update", false, "write the goldens in testdata anew")

// socketVariable tells the command of a script where its fake core serves.
const socketVariable = "LIMIQUANTIX_TEST_SOCKET"

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"limiquantix": limiquantix})
}

// limiquantix is the command in scripts: a process of its own, which reaches
// the fake core of its script by a unix socket.
func limiquantix() {
	os.Exit(cli.Main(context.Background(), os.Args[1:], cli.Standard(), testEnv(func(ctx context.Context) (*http.Client, error) {
		return server.DialUnix(ctx, os.Getenv(socketVariable))
	})))
}

func testEnv(dial func(context.Context) (*http.Client, error)) cli.Env {
	serve := func(ctx context.Context, ready func(string)) error {
		ready("http://127.0.0.1:4711/#token=secret")
		<-ctx.Done()
		return ctx.Err()
	}
	return cli.Env{
		Version: "1.2.3",
		Now:     func() time.Time { return now },
		Open: func(ctx context.Context, o cli.OpenOptions) (*cli.Session, error) {
			client, err := dial(ctx)
			if err != nil {
				return nil, err
			}
			if o.Home != "" {
				fmt.Fprintf(os.Stderr, "home %s\n", o.Home)
			}
			return &cli.Session{HTTP: client, BaseURL: server.LocalURL, Remote: true}, nil
		},
		Serve: func(ctx context.Context, o cli.ServeOptions) error { return serve(ctx, o.Ready) },
		Demo: func(ctx context.Context, o cli.DemoOptions) error {
			return serve(ctx, func(url string) { o.Ready(url, "/tmp/demo") })
		},
	}
}

// TestScripts runs testdata/*.txtar, each against a fake core of its own.
func TestScripts(t *testing.T) {
	runScripts(t, "testdata", func(*testscript.Env) (http.Handler, error) { return newFleet().handler(), nil })
}

// TestScriptsOnSimulatedHosts runs testdata/sim/*.txtar, each against the real
// core over two simulated hosts with four VMs each.
func TestScriptsOnSimulatedHosts(t *testing.T) {
	runScripts(t, "testdata/sim", func(e *testscript.Env) (http.Handler, error) {
		fleet := sim.NewFleet(sim.Model{Hosts: 2, VMsPerHost: 4})
		e.Defer(fleet.Close)
		app, err := compose.New(t.Context(), compose.Config{Home: filepath.Join(e.WorkDir, ".home"), Fleet: fleet, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			return nil, err
		}
		e.Defer(func() { app.Close() })
		return app.Handler, nil
	})
}

func runScripts(t *testing.T, dir string, core func(*testscript.Env) (http.Handler, error)) {
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			dir, err := os.MkdirTemp("", "lqx") // a socket's path must be short
			if err != nil {
				return err
			}
			e.Defer(func() { os.RemoveAll(dir) })
			path := filepath.Join(dir, "run", "s")
			handler, err := core(e)
			if err != nil {
				return err
			}
			s, err := server.ServeUnix(path, handler, slog.New(slog.DiscardHandler))
			if err != nil {
				return err
			}
			e.Defer(func() { s.Close() })
			e.Setenv(socketVariable, path)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"status": statusCommand, "await": await},
	})
}

// statusCommand is "status N ARGS…": runs limiquantix and wants exit status N.
func statusCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N ARGS…")
	}
	err := ts.Exec("limiquantix", args[1:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("status %s, want %s: limiquantix %s", got, args[0], strings.Join(args[1:], " "))
	}
}

// await is "await TEXT ARGS…": runs limiquantix until it prints TEXT.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: await TEXT ARGS…")
	}
	for range 200 {
		if ts.Exec("limiquantix", args[1:]...) == nil && strings.Contains(ts.ReadFile("stdout"), args[0]) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%q was never printed", args[0])
}

// TestInMemory runs commands in this process, over a listener without socket.
func TestInMemory(t *testing.T) {
	s := server.InMemory(newFleet().handler(), slog.New(slog.DiscardHandler))
	defer s.Close()
	env := testEnv(func(context.Context) (*http.Client, error) { return s.Client(), nil })
	var out strings.Builder
	code := cli.Main(t.Context(), []string{"vm", "list", "--no-headers", "web2"}, cli.IO{In: strings.NewReader(""), Out: &out, Err: io.Discard}, env)
	if want := "web2  kvm1  stopped  2  2 GiB  -  now\n"; code != 0 || out.String() != want {
		t.Errorf("status %d, got %q, want %q", code, out.String(), want)
	}
}
