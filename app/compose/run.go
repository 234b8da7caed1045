package compose

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/limiquantix/limiquantix/app/cli"
	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
)

// CommandLine returns what the command line needs of the rest of the program.
func CommandLine(version string, log *slog.Logger) cli.Env {
	return cli.Env{
		Version: version,
		Open: func(ctx context.Context, o cli.OpenOptions) (*cli.Session, error) {
			return openSession(ctx, o, version, log)
		},
		Serve: func(ctx context.Context, o cli.ServeOptions) error { return serve(ctx, o, version, log) },
		Demo:  func(ctx context.Context, o cli.DemoOptions) error { return demo(ctx, o, version, log) },
		Window: func(ctx context.Context, o cli.WindowOptions) error {
			return window(ctx, o, Config{Log: log, Version: version, Keep: true, Keyring: systemKeyring{}})
		},
	}
}

// homeOf returns the home directory that was asked for, or the default one.
func homeOf(asked string) (string, error) {
	if asked == "" {
		return DefaultHome()
	}
	home, err := filepath.Abs(asked)
	if err != nil {
		return "", core.Errorf(core.Invalid, "%s is not a directory: %w", core.Printable(asked, 80), err)
	}
	return home, nil
}

// socketOf returns where the application of a home directory listens: in the
// user's runtime directory, which ends with the login; else in the home itself.
func socketOf(home string) string {
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if !filepath.IsAbs(dir) {
		return filepath.Join(home, "run", "app.sock")
	}
	sum := sha256.Sum256([]byte(home))
	return filepath.Join(dir, "limiquantix", hex.EncodeToString(sum[:6])+".sock")
}

// openSession reaches a running application, or runs the core in this process.
func openSession(ctx context.Context, o cli.OpenOptions, version string, log *slog.Logger) (*cli.Session, error) {
	home, err := homeOf(o.Home)
	if err != nil {
		return nil, err
	}
	client, err := server.DialUnix(ctx, socketOf(home))
	if core.CodeOf(err) == core.Denied {
		return nil, err // another user's: whose home is it?
	}
	if err == nil {
		if err := server.Answers(ctx, client, socketOf(home)); err != nil {
			client.CloseIdleConnections()
			return nil, err
		}
		return &cli.Session{HTTP: client, BaseURL: server.LocalURL, Remote: true, Close: func() error {
			client.CloseIdleConnections()
			return nil
		}}, nil
	}
	app, err := New(ctx, Config{Home: home, Log: log, Version: version, Keyring: systemKeyring{}})
	if err != nil {
		return nil, err
	}
	mem := server.InMemory(app.Handler, log)
	return &cli.Session{HTTP: mem.Client(), BaseURL: mem.URL, Close: func() error {
		err := mem.Close()
		if cerr := app.Close(); err == nil {
			err = cerr
		}
		return err
	}}, nil
}

// serve runs the application for browsers and for other commands.
func serve(ctx context.Context, o cli.ServeOptions, version string, log *slog.Logger) error {
	home, err := homeOf(o.Home)
	if err != nil {
		return err
	}
	return run(ctx, Config{Home: home, Log: log, Version: version, Keep: true, Keyring: systemKeyring{}}, o, log)
}

// run serves an application until ctx ends.
func run(ctx context.Context, c Config, o cli.ServeOptions, log *slog.Logger) error {
	app, err := begin(ctx, c)
	if err != nil {
		return err
	}
	defer app.Close()
	tcp, err := server.ServeTCP(app.app.Handler, server.TCPOptions{Listen: o.Listen, CertFile: o.CertFile, KeyFile: o.KeyFile}, log)
	if err != nil {
		return err
	}
	defer tcp.Close()
	o.Ready(tcp.URL + "/#token=" + tcp.Token)
	select {
	case <-ctx.Done():
		return nil
	case <-tcp.Done():
		return fmt.Errorf("the listener ended by itself")
	}
}
