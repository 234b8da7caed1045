package server

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/api/v1/apiv1connect"
)

func TestUnixSocket(t *testing.T) {
	h, log, _ := newHandler()
	path := filepath.Join(t.TempDir(), "run", "api.sock")
	if _, err := DialUnix(t.Context(), path); core.CodeOf(err) != core.NotFound {
		t.Errorf("nobody serves: got %v, want not_found", err)
	}
	s, err := ServeUnix(path, h, log)
	if err != nil {
		t.Fatal(err)
	}
	if st, _ := os.Stat(path); st.Mode().Perm() != 0o600 {
		t.Errorf("socket has mode %v", st.Mode())
	}
	if st, _ := os.Stat(filepath.Dir(path)); st.Mode().Perm() != 0o700 {
		t.Errorf("directory has mode %v", st.Mode())
	}
	if _, err := ServeUnix(path, h, log); core.CodeOf(err) != core.Exists {
		t.Errorf("second server: got %v, want exists", err)
	}
	client, err := DialUnix(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := apiv1connect.NewVMServiceClient(client, LocalURL).GetVM(t.Context(), &apiv1.GetVMRequest{Vm: "web1"}); err != nil {
		t.Error(err)
	}
	client.CloseIdleConnections()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if s, err = ServeUnix(path, h, log); err != nil {
		t.Fatalf("again after Close: %v", err)
	}
	closeLater(t, s)
}

func TestStaleSocketIsReplaced(t *testing.T) {
	h, log, _ := newHandler()
	dir := t.TempDir()
	os.Chmod(dir, 0o700)
	path := filepath.Join(dir, "api.sock")
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	ln.SetUnlinkOnClose(false) // what kill -9 leaves
	ln.Close()
	s, err := ServeUnix(path, h, log)
	if err != nil {
		t.Fatal(err)
	}
	closeLater(t, s)
	if _, err := DialUnix(t.Context(), path); err != nil {
		t.Error(err)
	}
}

func TestOpenDirectoryIsRefused(t *testing.T) {
	h, log, _ := newHandler()
	dir := t.TempDir()
	os.Chmod(dir, 0o755)
	if _, err := ServeUnix(filepath.Join(dir, "api.sock"), h, log); core.CodeOf(err) != core.Denied {
		t.Errorf("got %v, want denied", err)
	}
	dir = filepath.Join(t.TempDir(), strings.Repeat("long", 40))
	if _, err := ServeUnix(filepath.Join(dir, "api.sock"), h, log); core.CodeOf(err) != core.Invalid {
		t.Errorf("got %v, want invalid", err)
	}
}

func TestOtherUserIsRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("this test changes user: run it as root")
	}
	h, log, _ := newHandler()
	root, err := os.MkdirTemp("", "lqx-peer")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(root)
	path := filepath.Join(root, "run", "api.sock")
	s, err := ServeUnix(path, h, log)
	if err != nil {
		t.Fatal(err)
	}
	closeLater(t, s)
	// Take away what would stop the other user first, to see the last defence.
	os.Chmod(root, 0o755)
	os.Chmod(filepath.Dir(path), 0o755)
	os.Chmod(path, 0o666)
	if got := requestAs(t, 65534, path); !strings.HasPrefix(got, "HTTP/1.1 403") {
		t.Errorf("other user: got %q, want 403", got)
	}
	if got := requestAs(t, 0, path); !strings.HasPrefix(got, "HTTP/1.1 404") {
		t.Errorf("own user: got %q, want 404", got)
	}
}

func TestOtherUsersSocketIsNotTrusted(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("this test changes user: run it as root")
	}
	root, err := os.MkdirTemp("", "lqx-peer")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(root)
	os.Chmod(root, 0o777) // as /tmp is
	path := filepath.Join(root, "api.sock")
	listenAs(t, 65534, path)
	if _, err := DialUnix(t.Context(), path); core.CodeOf(err) != core.Denied {
		t.Errorf("got %v, want denied", err)
	}
}

// listenAs makes a socket on a thread that runs as uid; the kernel tells clients
// the thread's user. The thread is not given back.
func listenAs(t *testing.T, uid int, path string) {
	t.Helper()
	made := make(chan error)
	go func() {
		runtime.LockOSThread()
		made <- func() error {
			if _, _, e := unix.RawSyscall(unix.SYS_SETRESUID, uintptr(uid), uintptr(uid), uintptr(uid)); e != 0 {
				return e
			}
			fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
			if err != nil {
				return err
			}
			t.Cleanup(func() { unix.Close(fd) })
			if err := unix.Bind(fd, &unix.SockaddrUnix{Name: path}); err != nil {
				return err
			}
			return unix.Listen(fd, 4)
		}()
	}()
	if err := <-made; err != nil {
		t.Fatal(err)
	}
}

// TestLostApplicationIsNotCanceled: Connect takes a connection that its other end
// cut for a call that its caller gave up.
func TestLostApplicationIsNotCanceled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "api.sock")
	ln, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			c.Close() // with the request unread: a reset
		}
	}()
	client, err := DialUnix(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		_, err = apiv1connect.NewVMServiceClient(client, LocalURL).GetVM(t.Context(), &apiv1.GetVMRequest{Vm: "web1"})
		if e := core.AsError(FromConnect(err)); e == nil || e.Code == core.Canceled || !strings.Contains(e.Message, "was lost") {
			t.Fatalf("got %v, want that the connection was lost", e)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = apiv1connect.NewVMServiceClient(client, LocalURL).GetVM(ctx, &apiv1.GetVMRequest{Vm: "web1"})
	if got := core.CodeOf(FromConnect(err)); got != core.Canceled {
		t.Errorf("given up: got %v, want canceled", got)
	}
}

// requestAs asks for what is not there on a thread that runs as uid; the kernel tells
// the server the thread's user. The thread is not given back.
func requestAs(t *testing.T, uid int, path string) string {
	t.Helper()
	answer := make(chan string)
	go func() {
		runtime.LockOSThread()
		answer <- func() string {
			if _, _, e := unix.RawSyscall(unix.SYS_SETRESUID, uintptr(uid), uintptr(uid), uintptr(uid)); e != 0 {
				return e.Error()
			}
			fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
			if err != nil {
				return err.Error()
			}
			defer unix.Close(fd)
			if err := unix.Connect(fd, &unix.SockaddrUnix{Name: path}); err != nil {
				return err.Error()
			}
			unix.Write(fd, []byte("GET / HTTP/1.1\r\nHost: limiquantix\r\nConnection: close\r\n\r\n"))
			buf := make([]byte, 4096)
			n, err := unix.Read(fd, buf)
			if err != nil {
				return err.Error()
			}
			return string(buf[:n])
		}()
	}()
	return <-answer
}
