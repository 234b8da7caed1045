//go:build linux

package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/limiquantix/limiquantix/core"
)

// disk is the file system under a host's /var/lib/libvirt: ext4 in a sparse
// file, so that a full disk is one host's and not the machine's. It is mounted
// in the supervisor's mount namespace and outlives the host's power.
type disk struct {
	image string // the sparse file
	mount string
}

// dir is what the host sees; the filler lies beside it.
func (d disk) dir() string    { return filepath.Join(d.mount, "libvirt") }
func (d disk) filler() string { return filepath.Join(d.mount, "filler") }

func makeDisk(ctx context.Context, image, mount string, size core.Bytes) (disk, error) {
	d := disk{image: image, mount: mount}
	f, err := os.OpenFile(image, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return d, fmt.Errorf("make disk image: %w", err)
	}
	defer f.Close()
	if err := f.Truncate(int64(size)); err != nil {
		return d, fmt.Errorf("make disk image: %w", err)
	}
	// One inode a MiB and no journal: the empty file system takes 5 MB, and
	// the page cache survives the host's power anyway.
	perInode := min(int64(core.MiB), int64(size)/1024)
	out, err := exec.CommandContext(ctx, "mkfs.ext4", "-q", "-F", "-m", "0", "-O", "^has_journal",
		"-E", "nodiscard,lazy_itable_init=1", "-i", strconv.FormatInt(max(perInode, 1024), 10), image).CombinedOutput()
	if err != nil {
		return d, fmt.Errorf("mkfs.ext4: %w: %s", err, out)
	}
	if err := os.MkdirAll(mount, 0o700); err != nil {
		return d, err
	}
	if err := mountLoop(f, mount); err != nil {
		return d, fmt.Errorf("mount disk image: %w", err)
	}
	return d, os.MkdirAll(d.dir(), 0o755)
}

// mountLoop mounts an ext4 image. The loop device frees itself when the mount
// goes, also with the last process of the mount namespace (autoclear).
func mountLoop(image *os.File, dir string) error {
	loop, err := attachLoop(image)
	if err != nil {
		return err
	}
	defer loop.Close()
	return unix.Mount(loop.Name(), dir, "ext4", unix.MS_NOATIME, "discard,noinit_itable")
}

func attachLoop(image *os.File) (*os.File, error) {
	ctl, err := os.OpenFile("/dev/loop-control", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer ctl.Close()
	for range 100 {
		n, err := unix.IoctlRetInt(int(ctl.Fd()), unix.LOOP_CTL_GET_FREE)
		if err != nil {
			return nil, err
		}
		loop, err := openLoop(n)
		if err != nil {
			return nil, err
		}
		err = unix.IoctlLoopConfigure(int(loop.Fd()), &unix.LoopConfig{
			Fd:   uint32(image.Fd()),
			Info: unix.LoopInfo64{Flags: unix.LO_FLAGS_AUTOCLEAR},
		})
		if err == nil {
			return loop, nil
		}
		loop.Close()
		if !errors.Is(err, unix.EBUSY) {
			return nil, err
		}
		time.Sleep(10 * time.Millisecond) // somebody else took that number first
	}
	return nil, unix.EBUSY
}

func openLoop(n int) (*os.File, error) {
	path := "/dev/loop" + strconv.Itoa(n)
	loop, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) { // a /dev that is no devtmpfs
		if err := unix.Mknod(path, unix.S_IFBLK|0o600, int(unix.Mkdev(7, uint32(n)))); err != nil {
			return nil, err
		}
		return os.OpenFile(path, os.O_RDWR, 0)
	}
	return loop, err
}

// fill takes all free space, by allocation: no byte is written, and the
// machine's own disk does not fill.
func (d disk) fill() error {
	f, err := os.OpenFile(d.filler(), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	// A halving step ends with the last block taken, whatever fallocate could
	// not find in one piece.
	end := int64(0)
	for step := int64(core.TiB); step >= 4096; {
		err := unix.Fallocate(int(f.Fd()), 0, end, step)
		switch {
		case err == nil:
			end += step
		case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EFBIG):
			if i, err := f.Stat(); err == nil { // a failed call may keep a part
				end = max(end, i.Size())
			}
			step /= 2
		case !errors.Is(err, unix.EINTR):
			return err
		}
	}
	return nil
}

func (d disk) heal() error {
	if err := os.Remove(d.filler()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func (d disk) remove() error {
	if err := unix.Unmount(d.mount, unix.MNT_DETACH); err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("unmount disk: %w", err)
	}
	if err := os.Remove(d.image); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove disk image: %w", err)
	}
	return nil
}
