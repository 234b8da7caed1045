package server

import (
	"net"
	"os"

	"golang.org/x/sys/unix"

	"github.com/limiquantix/limiquantix/core"
)

// ownPeer says whether the process at the other end of a unix socket runs as
// our own user. Source: unix(7), SO_PEERCRED.
func ownPeer(c net.Conn) bool {
	cred := peerOf(c)
	return cred != nil && int(cred.Uid) == os.Geteuid()
}

// peerProcess returns the process at the other end of a unix socket: the one
// that began to listen. 0: not known.
func peerProcess(c net.Conn) int {
	if cred := peerOf(c); cred != nil {
		return int(cred.Pid)
	}
	return 0
}

func peerOf(c net.Conn) *unix.Ucred {
	u, ok := c.(*net.UnixConn)
	if !ok {
		return nil
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return nil
	}
	var cred *unix.Ucred
	err = raw.Control(func(fd uintptr) {
		cred, _ = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) // nil when it fails
	})
	if err != nil {
		return nil
	}
	return cred
}

// ownDirectory refuses a directory in which others could put or open a socket.
func ownDirectory(dir string) error {
	var st unix.Stat_t
	if err := unix.Lstat(dir, &st); err != nil {
		return core.Errorf(core.Denied, "the directory of the socket cannot be examined: %w", err)
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR || int(st.Uid) != os.Geteuid() || st.Mode&0o077 != 0 {
		return core.Errorf(core.Denied, "the directory of the socket is open to other users").
			WithHint("it must be yours with mode 0700")
	}
	return nil
}

// lockFile takes the lock at path until the returned function is called or the
// process ends. The file stays: removing it would let two hold "the" lock.
func lockFile(path string) (unlock func() error, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, core.Errorf(core.Denied, "the lock of the socket cannot be made: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, &core.Error{Code: core.Exists, Message: "another limiquantix is running already", Hint: "it is a window, or serve in another terminal: use that one, or end it; --home names another inventory", Cause: err}
	}
	return f.Close, nil
}
