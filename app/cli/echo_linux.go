package cli

import "golang.org/x/sys/unix"

// hush turns a terminal's echo off before a secret is asked for: who types as
// soon as the question shows must not be seen. Failure leaves it to
// term.ReadPassword.
func hush(fd int) {
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return
	}
	t.Lflag &^= unix.ECHO
	_ = unix.IoctlSetTermios(fd, unix.TCSETS, t) // see above
}
