package sshconn

import (
	"io/fs"
	"os"

	"github.com/limiquantix/limiquantix/core"
)

// RenameNew gives a file another name in its directory, and fails with
// [core.Exists] (and fs.ErrExist in its chain) when that name is taken.
//
// OpenSSH's SSH_FXP_RENAME does it by link and unlink, so that nothing is ever
// replaced; where a file system has no links it looks first.
func (f *Files) RenameNew(from, to string) error {
	err := f.change(func() error { return f.tree.renameNew(from, to) }, from, to)
	if err == nil || core.CodeOf(err) == core.Exists {
		return err
	}
	if _, there := f.Lstat(to); there == nil {
		return core.Errorf(core.Exists, "%s is there already: %w", core.Printable(to, 80), fs.ErrExist)
	}
	return err
}

func (osTree) renameNew(from, to string) error {
	if err := os.Link(from, to); err != nil {
		return err
	}
	return os.Remove(from)
}

func (t *sftpTree) renameNew(from, to string) error { return t.client.Rename(from, to) }
