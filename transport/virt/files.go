package virt

import (
	"io"
	"io/fs"

	"github.com/limiquantix/limiquantix/core"
)

// Files is what uploads need of a host's file system. Paths are absolute.
// Errors answer to errors.Is with fs.ErrExist, fs.ErrNotExist and
// fs.ErrPermission.
type Files interface {
	// Create opens a new file for writing, with this mode whatever the umask;
	// it never opens what exists, nor follows a link (O_CREAT|O_EXCL).
	Create(path string, mode fs.FileMode) (File, error)
	// Rename gives a file another name in its directory. It must fail with
	// fs.ErrExist when the name is taken: OpenSSH's SSH_FXP_RENAME does, by
	// link and unlink; posix-rename@openssh.com does not.
	Rename(from, to string) error
	Remove(path string) error
	// Lstat describes what is at path, not what a link there points at.
	Lstat(path string) (fs.FileInfo, error)
	// Free returns what may still be written to the file system of path.
	Free(path string) (core.Bytes, error)
}

// File is a file that is being written.
type File interface {
	io.Writer
	// Sync makes what was written outlive a power loss (fsync).
	Sync() error
	Close() error
}
