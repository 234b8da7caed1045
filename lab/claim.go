//go:build linux

package lab

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/limiquantix/limiquantix/core"
)

const (
	runRoot  = "/run/limiquantix-lab"
	diskRoot = "/var/lib/limiquantix-lab"
)

func runDir(name string) string { return filepath.Join(runRoot, name) }

var errHeld = errors.New("the lab's directory is locked")

// claimName makes the state directory of a lab and locks it. The lock belongs to
// the open file and passes to the supervisor and to every PID 1, so it says
// that some process of the lab lives, and the kernel frees it when none does.
func claimName(name string) (*os.File, error) {
	for {
		if err := os.MkdirAll(runRoot, 0o700); err != nil {
			return nil, fmt.Errorf("make the labs' directory: %w", err)
		}
		if err := os.Mkdir(runDir(name), 0o700); errors.Is(err, os.ErrNotExist) {
			continue // the last lab went down between the two calls
		} else if err != nil && !errors.Is(err, os.ErrExist) {
			return nil, fmt.Errorf("make the lab's directory: %w", err)
		}
		lock, err := lockDir(runDir(name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		return lock, err
	}
}

// lockDir locks an existing directory: errHeld when somebody has it,
// [os.ErrNotExist] when it is gone, also when it went while we took the lock.
func lockDir(dir string) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, errHeld
		}
		return nil, fmt.Errorf("lock the lab's directory: %w", err)
	}
	ours, err := f.Stat()
	if err == nil {
		var now os.FileInfo
		if now, err = os.Stat(dir); err == nil && !os.SameFile(ours, now) {
			err = os.ErrNotExist
		}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// claimSlot takes the first free slot. The claim is an abstract unix socket: it
// is atomic, the kernel frees it with its last holder, and it belongs to a
// network namespace, as the loopback addresses that the slot stands for do.
func claimSlot() (int, *os.File, error) {
	for slot := range maxSlot + 1 {
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return 0, nil, fmt.Errorf("claim a slot: %w", err)
		}
		err = unix.Bind(fd, &unix.SockaddrUnix{Name: fmt.Sprintf("@limiquantix-lab/slot/%d", slot)})
		if err == nil {
			return slot, os.NewFile(uintptr(fd), "slot"), nil
		}
		unix.Close(fd)
		if !errors.Is(err, unix.EADDRINUSE) {
			return 0, nil, fmt.Errorf("claim a slot: %w", err)
		}
	}
	return 0, nil, core.Errorf(core.Conflict, "all %d slots for labs are taken", maxSlot+1).
		WithHint("limiquantix lab list shows them, limiquantix lab down --all frees them")
}
