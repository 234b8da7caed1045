//go:build unix

package compose

import (
	"os"
	"syscall"
)

// hold takes the lock at path, of a file that it makes if that is asked, until
// it is released or the process ends. A link is not followed.
func hold(path string, create bool) (release func() error, err error) {
	flags := os.O_RDWR | syscall.O_NOFOLLOW
	if create {
		flags |= os.O_CREATE | os.O_EXCL
	}
	f, err := os.OpenFile(path, flags, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, err
	}
	return f.Close, nil
}
