package server

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/limiquantix/limiquantix/core"
)

// ServeUnix serves h on a unix socket (mode 0600) in a directory of the user's
// own (mode 0700, made when it is missing); on Linux the kernel is asked who
// calls, too. A socket that a killed process left behind is replaced.
//
// Errors: [core.Exists] when another process serves there; [core.Denied] when
// the directory belongs to, or is open to, somebody else; [core.Invalid] when
// the path is too long for a socket.
func ServeUnix(path string, h http.Handler, log *slog.Logger) (*Server, error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, core.Errorf(core.Denied, "the directory of the socket cannot be made: %w", err)
	}
	if err := ownDirectory(dir); err != nil {
		return nil, err
	}
	// The lock, not the socket, says whether somebody serves: it goes away with
	// its process, however that ends.
	unlock, err := lockFile(path + ".lock")
	if err != nil {
		return nil, err
	}
	ln, err := listenUnix(path)
	if err != nil {
		unlock()
		return nil, err
	}
	g := localGuard(h)
	g.peer = func(r *http.Request) bool { own, _ := r.Context().Value(peerKey{}).(bool); return own }
	s := start(ln, g, log, func(srv *http.Server) {
		srv.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, peerKey{}, ownPeer(c))
		}
	})
	s.URL = LocalURL
	s.client = localClient(unixDialer(path))
	s.also = unlock
	return s, nil
}

// peerKey is the context key of "the peer is our own user", a bool.
type peerKey struct{}

// DialUnix returns a client of the application that serves on the socket at
// path; its base URL is [LocalURL].
//
// Errors: [core.NotFound] when nobody serves there; [core.Denied] when, on Linux,
// another user does: passwords are sent to it.
func DialUnix(ctx context.Context, path string) (*http.Client, error) {
	dial := unixDialer(path)
	conn, err := dial(ctx)
	if core.CodeOf(err) == core.Denied {
		return nil, err
	}
	if err != nil {
		return nil, &core.Error{Code: core.NotFound, Message: "no limiquantix is running", Cause: err}
	}
	conn.Close()
	return localClient(dial), nil
}

func unixDialer(path string) func(context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) {
		conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "unix", path)
		if err == nil && !ownPeer(conn) {
			conn.Close()
			return nil, core.Errorf(core.Denied, "another user's program listens on %s", core.Printable(path, 200)).
				WithHint("set XDG_RUNTIME_DIR or --home to a directory of your own")
		}
		return conn, err
	}
}

func listenUnix(path string) (net.Listener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, core.Errorf(core.Denied, "the old socket cannot be removed: %w", err)
	}
	ln, err := net.Listen("unix", path)
	if errors.Is(err, syscall.EINVAL) {
		return nil, core.Errorf(core.Invalid, "the path of the socket is too long (%d bytes): %w", len(path), err).
			WithHint("set XDG_RUNTIME_DIR or --home to a shorter directory")
	}
	if err != nil {
		return nil, core.Errorf(core.Denied, "the socket cannot be made: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		ln.Close()
		return nil, core.Errorf(core.Denied, "the socket cannot be protected: %w", err)
	}
	return ln, nil
}
