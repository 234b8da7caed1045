package virt_test

import (
	"bytes"
	"context"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/lab"
	"github.com/limiquantix/limiquantix/lab/labtest"
	"github.com/limiquantix/limiquantix/transport/virt"
)

func TestMain(m *testing.M) {
	lab.Reexec()
	os.Exit(m.Run())
}

// realHost is a lab host reached by its libvirt socket, without SSH.
type realHost struct {
	lab  *lab.Lab
	root string // of its file system, as seen from here
}

func newHost(t *testing.T) realHost {
	t.Helper()
	l := labtest.Up(t, lab.Options{Hosts: 1})
	h, err := l.Host(t.Context(), "kvm1")
	if err != nil {
		t.Fatal(err)
	}
	return hostOf(l, h)
}

func hostOf(l *lab.Lab, h lab.Host) realHost {
	return realHost{lab: l, root: filepath.Join("/proc", strconv.Itoa(h.PID), "root")}
}

func (h realHost) dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "unix", h.root+"/run/libvirt/libvirt-sock")
}

func (h realHost) options(t testing.TB, uri string) virt.Options {
	return virt.Options{Dial: h.dial, URI: uri, Logger: testLog(t), CallTimeout: time.Minute}
}

func (h realHost) open(t testing.TB, o virt.Options) *virt.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := virt.Open(ctx, o)
	if err != nil {
		t.Fatalf("open %s: %v", o.URI, err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// testLog writes to the test's log until the test has ended.
func testLog(t testing.TB) *slog.Logger {
	w := &logWriter{t: t}
	t.Cleanup(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.t = nil
	})
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelInfo}))
}

type logWriter struct {
	mu sync.Mutex
	t  testing.TB
}

func (w *logWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.t != nil {
		w.t.Logf("%s", bytes.TrimSpace(p))
	}
	return len(p), nil
}

// rooted is [virt.Files] on a host's file system, as SFTP gives it.
type rooted struct{ root string }

func (r rooted) Create(path string, mode fs.FileMode) (virt.File, error) {
	f, err := os.OpenFile(r.root+path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return nil, err
	}
	return f, f.Chmod(mode)
}

func (r rooted) Rename(from, to string) error {
	if err := os.Link(r.root+from, r.root+to); err != nil {
		return err
	}
	return os.Remove(r.root + from)
}

func (r rooted) Remove(path string) error               { return os.Remove(r.root + path) }
func (r rooted) Lstat(path string) (fs.FileInfo, error) { return os.Lstat(r.root + path) }
func (r rooted) Free(path string) (core.Bytes, error) {
	var s syscall.Statfs_t
	err := syscall.Statfs(r.root+path, &s)
	return core.Bytes(s.Bavail) * core.Bytes(s.Bsize), err
}
