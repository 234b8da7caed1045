//go:build !linux

package server

import (
	"net"
	"os"

	"github.com/limiquantix/limiquantix/core"
)

// ownPeer relies on the mode of the directory: only Linux is asked for more.
func ownPeer(net.Conn) bool { return true }

// peerProcess does not know.
func peerProcess(net.Conn) int { return 0 }

func ownDirectory(dir string) error {
	if err := os.Chmod(dir, 0o700); err != nil {
		return core.Errorf(core.Denied, "the directory of the socket cannot be protected: %w", err)
	}
	return nil
}

// lockFile has no lock to take here; somebody who answers on the socket holds it.
func lockFile(path string) (unlock func() error, err error) {
	socket := path[:len(path)-len(".lock")]
	if conn, err := net.Dial("unix", socket); err == nil {
		conn.Close()
		return nil, core.Errorf(core.Exists, "another limiquantix is running already").
			WithHint("it is a window, or serve in another terminal: use that one, or end it; --home names another inventory")
	}
	return func() error { return nil }, nil
}
