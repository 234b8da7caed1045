//go:build linux

package guest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// buildFunc makes a guest: out is the directory to publish, work is scratch
// space on the same file system; both exist and are removed on failure.
type buildFunc func(ctx context.Context, work, out string) error

// cached returns the directory NAME-KEY of the cache, building it first where it
// is missing. It appears complete or not at all: it is built elsewhere, synced
// and renamed, by one process at a time. What killed builders left is removed.
func (o Options) cached(ctx context.Context, name, key string, build buildFunc) (string, error) {
	final := filepath.Join(o.Cache, name+"-"+key)
	if isDir(final) {
		return final, nil
	}
	if err := os.MkdirAll(o.Cache, 0o755); err != nil {
		return "", err
	}
	unlock, err := o.lock(ctx, filepath.Join(o.Cache, name+".lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	if isDir(final) {
		return final, nil
	}
	if err := requirePackages(ctx); err != nil {
		return "", err
	}
	if err := sweep(o.Cache, name); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(o.Cache, buildPrefix(name))
	if err != nil {
		return "", err
	}
	out := filepath.Join(work, "out")
	err = os.Mkdir(out, 0o755)
	if err == nil {
		err = build(ctx, work, out)
	}
	if err == nil {
		err = publish(out, final)
	}
	return final, errors.Join(err, removeTree(work))
}

func buildPrefix(name string) string { return ".build-" + name + "-" }

// lock takes the lock file at path, waiting for other processes; the lock ends
// with the process that holds it.
func (o Options) lock(ctx context.Context, path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	for waited := false; ; waited = true {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			f.Close()
			return nil, fmt.Errorf("lock %s: %w", filepath.Base(path), err)
		}
		if !waited {
			o.Progress("waiting for another process that builds the same guest")
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// sweep removes what killed builders of name left; the caller holds the lock.
func sweep(cache, name string) error {
	left, err := filepath.Glob(filepath.Join(cache, buildPrefix(name)+"*"))
	if err != nil {
		return err
	}
	for _, dir := range left {
		if err := removeTree(dir); err != nil {
			return err
		}
	}
	return nil
}

// publish makes out's files durable and renames out to final.
func publish(out, final string) error {
	err := filepath.WalkDir(out, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		return errors.Join(f.Sync(), f.Close())
	})
	if err != nil {
		return err
	}
	return os.Rename(out, final)
}

// removeTree removes dir. It refuses while something is mounted below it:
// mmdebstrap binds the machine's /dev into its root, and removing through that
// would empty the machine.
func removeTree(dir string) error {
	mounts, err := mountsBelow(dir)
	if err != nil {
		return err
	}
	if len(mounts) > 0 {
		return fmt.Errorf("remove %s: %s is mounted there", dir, mounts[0])
	}
	return os.RemoveAll(dir)
}

// mountsBelow returns the mount points at or below dir, which this process sees.
func mountsBelow(dir string) ([]string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var found []string
	for s := bufio.NewScanner(f); s.Scan(); {
		// proc_pid_mountinfo(5): field 5 is the mount point, with \040 for a space.
		fields := strings.Fields(s.Text())
		if len(fields) < 5 {
			continue
		}
		point := strings.ReplaceAll(fields[4], `\040`, " ")
		if point == dir || strings.HasPrefix(point, dir+"/") {
			found = append(found, point)
		}
	}
	return found, nil
}

func isDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}
