package sshconn

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
)

// Files returns this machine's file system with the rights of this process.
func (l *Local) Files(context.Context) (*Files, error) {
	return &Files{tree: osTree{}, links: osTree{}, lost: l.Err, end: func() error { return nil }}, nil
}

// osTree is the tree of this machine.
type osTree struct{}

func (osTree) openFile(name string, flag int, perm fs.FileMode) (handle, error) {
	f, err := os.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); flag&os.O_CREATE != 0 && err == nil && info.Size() == 0 && info.Mode().Perm() != perm {
		if err := f.Chmod(perm); err != nil {
			f.Close()
			return nil, err
		}
	}
	return f, nil
}

func (osTree) readDir(name string) ([]fs.FileInfo, error) {
	entries, err := os.ReadDir(name)
	var list []fs.FileInfo
	for _, e := range entries {
		if info, err := e.Info(); err == nil { // else removed meanwhile
			list = append(list, info)
		}
	}
	return list, err
}

func (osTree) rename(from, to string) error { return os.Rename(from, to) }
func (osTree) remove(name string) error     { return os.Remove(name) }

func (osTree) mkdir(name string, perm fs.FileMode) error {
	if err := os.Mkdir(name, perm); err != nil {
		return err
	}
	return os.Chmod(name, perm)
}

func (osTree) stat(name string, follow bool) (fs.FileInfo, error) {
	if follow {
		return os.Stat(name)
	}
	return os.Lstat(name)
}

func (osTree) readLink(name string) (string, error)      { return os.Readlink(name) }
func (osTree) chmod(name string, perm fs.FileMode) error { return os.Chmod(name, perm) }
func (osTree) chown(name string, uid, gid int) error     { return os.Chown(name, uid, gid) }
func (osTree) space(name string) (Space, error)          { return statSpace(filepath.FromSlash(name)) }
