package task

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/limiquantix/limiquantix/core"
)

// owner is this process as the one that works on tasks. It holds a lock on a
// file of its own for as long as it lives, so that others can see that it died.
type owner struct {
	id  string
	dir string
	f   *os.File
}

func claimOwner(home string) (*owner, error) {
	dir := filepath.Join(home, "owners")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, core.Errorf(core.Denied, "make the folder for locks: %w", err)
	}
	o := &owner{id: core.NewUUID(), dir: dir}
	f, err := os.OpenFile(filepath.Join(dir, o.id), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, core.Errorf(core.Denied, "make a lock file: %w", err)
	}
	if ok, err := tryLock(f); err != nil || !ok {
		f.Close()
		return nil, fmt.Errorf("lock our own lock file: %w", err)
	}
	o.f = f
	return o, nil
}

// alive reports whether the process with this owner id still runs. A dead
// one's lock file is removed.
func (o *owner) alive(id string) bool {
	if id == o.id {
		return true
	}
	path := filepath.Join(o.dir, filepath.Base(id))
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist) // too many open files say nothing about it
	}
	defer f.Close()
	if ok, err := tryLock(f); err != nil || !ok {
		return true
	}
	os.Remove(path)
	return false
}

func (o *owner) release() error {
	os.Remove(o.f.Name())
	return o.f.Close()
}
