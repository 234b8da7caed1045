package cli

import (
	"os"

	"golang.org/x/sys/unix"
)

// openText opens a file that a flag names, and does not block: not for the
// writer of a named pipe either. Source: fifo(7).
func openText(file string) (*os.File, error) {
	return os.OpenFile(file, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
}

// awaitWriter waits, until f's read deadline, for the writer of a named pipe:
// one that nobody has opened yet would read as empty.
func awaitWriter(f *os.File) error {
	st, err := f.Stat()
	if err != nil || st.Mode()&os.ModeNamedPipe == 0 {
		return err
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	return raw.Read(func(fd uintptr) bool { // is there a text, or has its writer gone?
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
		return n > 0 || err != nil && err != unix.EINTR
	})
}
