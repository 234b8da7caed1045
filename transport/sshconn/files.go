package sshconn

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"

	"github.com/limiquantix/limiquantix/core"
)

// Files are the files of a host. Paths are absolute and use '/'. It may be
// used concurrently and must be closed.
//
// Errors of all methods: [core.NotFound], [core.Exists], [core.Denied],
// [core.NoSpace] with the detail "free" in bytes, [core.Invalid] for a relative
// path or one with NUL, [core.Unsupported] when the host's SFTP server lacks a
// function, [core.Unreachable].
type Files struct {
	tree  tree
	links links
	end   func() error
	lost  func() error // why the connection is over; nil as long as it is not
}

// tree and links are what SFTP and the local file system both offer.
type tree interface {
	openFile(path string, flag int, perm fs.FileMode) (handle, error)
	readDir(path string) ([]fs.FileInfo, error)
	renames
	remove(path string) error
	mkdir(path string, perm fs.FileMode) error
}

type renames interface {
	rename(from, to string) error    // replaces what is at to
	renameNew(from, to string) error // fails when something is at to
}

type links interface {
	stat(path string, follow bool) (fs.FileInfo, error)
	readLink(path string) (string, error)
	chmod(path string, perm fs.FileMode) error
	chown(path string, uid, gid int) error
	space(path string) (Space, error)
}

// handle is an open file of either kind.
type handle interface {
	io.ReadWriteCloser
	io.Seeker
	io.ReaderAt
	io.WriterAt
	attributes
}

type attributes interface {
	Stat() (fs.FileInfo, error)
	Truncate(size int64) error
	Sync() error
}

// Space says how full a file system is.
type Space struct {
	Total core.Bytes
	// Free is what the user may still write.
	Free core.Bytes
}

// Open opens a file for reading.
func (f *Files) Open(name string) (*File, error) { return f.OpenFile(name, os.O_RDONLY, 0) }

// OpenFile opens a file with flags of package os. perm holds for a file that it
// makes, exactly: no umask, and from before the first byte is written.
func (f *Files) OpenFile(name string, flag int, perm fs.FileMode) (*File, error) {
	if err := checkPath(name); err != nil {
		return nil, err
	}
	h, err := f.tree.openFile(name, flag, perm)
	if err != nil {
		if flag&os.O_EXCL != 0 && core.CodeOf(f.explain(name, err)) == core.Internal {
			// SFTP 3 has no code for it.
			if _, statErr := f.links.stat(name, false); statErr == nil {
				err = fs.ErrExist
			}
		}
		return nil, f.explain(name, err)
	}
	return &File{handle: h, files: f, name: name}, nil
}

// Stat describes a file, or what a symbolic link leads to.
func (f *Files) Stat(name string) (fs.FileInfo, error) { return f.stat(name, true) }

// Lstat describes a file or the symbolic link itself.
func (f *Files) Lstat(name string) (fs.FileInfo, error) { return f.stat(name, false) }

func (f *Files) stat(name string, follow bool) (fs.FileInfo, error) {
	if err := checkPath(name); err != nil {
		return nil, err
	}
	info, err := f.links.stat(name, follow)
	return info, f.explain(name, err)
}

// ReadDir lists a directory by name, without "." and "..". Links are not followed.
func (f *Files) ReadDir(name string) ([]fs.FileInfo, error) {
	if err := checkPath(name); err != nil {
		return nil, err
	}
	list, err := f.tree.readDir(name)
	slices.SortFunc(list, func(a, b fs.FileInfo) int { return cmp.Compare(a.Name(), b.Name()) })
	return list, f.explain(name, err)
}

// ReadFile reads a file of at most max bytes; a larger one is [core.Unsupported].
func (f *Files) ReadFile(name string, max core.Bytes) ([]byte, error) {
	file, err := f.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, int64(max)+1))
	if err == nil && core.Bytes(len(text)) > max {
		return nil, core.Errorf(core.Unsupported, "%s is larger than %s", core.Escape(path.Base(name)), max)
	}
	return text, f.explain(name, err)
}

// WriteFile makes name a file with this content, owned by the user, all or
// nothing: a file beside it is written, synced and renamed over it.
func (f *Files) WriteFile(name string, text []byte, perm fs.FileMode) error {
	part := name + ".part-" + core.NewUUID()[:8]
	file, err := f.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, bytes.NewReader(text))
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = f.Rename(part, name)
	}
	if err != nil {
		f.Remove(part)
	}
	return err
}

// Rename moves a file in one file system; a file at the new name is replaced in the same instant.
func (f *Files) Rename(from, to string) error {
	return f.change(func() error { return f.tree.rename(from, to) }, from, to)
}

// Remove removes a file or an empty directory.
func (f *Files) Remove(name string) error {
	return f.change(func() error { return f.tree.remove(name) }, name)
}

// Mkdir makes a directory.
func (f *Files) Mkdir(name string, perm fs.FileMode) error {
	return f.change(func() error { return f.tree.mkdir(name, perm) }, name)
}

// Chmod sets the permission bits.
func (f *Files) Chmod(name string, perm fs.FileMode) error {
	return f.change(func() error { return f.links.chmod(name, perm) }, name)
}

// Chown sets the owner and group by number.
func (f *Files) Chown(name string, uid, gid int) error {
	return f.change(func() error { return f.links.chown(name, uid, gid) }, name)
}

// ReadLink returns where a symbolic link points.
func (f *Files) ReadLink(name string) (string, error) {
	if err := checkPath(name); err != nil {
		return "", err
	}
	to, err := f.links.readLink(name)
	return to, f.explain(name, err)
}

// Space returns how full the file system is that name is on.
func (f *Files) Space(name string) (Space, error) {
	if err := checkPath(name); err != nil {
		return Space{}, err
	}
	s, err := f.links.space(name)
	return s, f.explain(name, err)
}

// Close ends the transfer session and all open files.
func (f *Files) Close() error { return f.end() }

func (f *Files) change(do func() error, names ...string) error {
	for _, name := range names {
		if err := checkPath(name); err != nil {
			return err
		}
	}
	return f.explain(names[0], do())
}

func checkPath(name string) error {
	if !path.IsAbs(name) || bytes.IndexByte([]byte(name), 0) >= 0 {
		return core.Errorf(core.Invalid, "%s is not an absolute path", core.Printable(name, 80))
	}
	return nil
}

// File is an open file of a host. Concurrent use is for ReadAt and WriteAt.
//
// Writes of an SFTP file are sent many at a time, so after an error the file
// may have holes before its end: its size says nothing about what has arrived.
type File struct {
	handle
	files *Files
	name  string
}

func (f *File) Read(p []byte) (int, error) {
	n, err := f.handle.Read(p)
	return n, f.files.explain(f.name, err)
}

func (f *File) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.handle.ReadAt(p, off)
	return n, f.files.explain(f.name, err)
}

func (f *File) Write(p []byte) (int, error) {
	n, err := f.handle.Write(p)
	return n, f.explainWrite(err, len(p))
}

func (f *File) WriteAt(p []byte, off int64) (int, error) {
	n, err := f.handle.WriteAt(p, off)
	return n, f.explainWrite(err, len(p))
}

// Sync returns when the data is on the host's disk.
func (f *File) Sync() error { return f.files.explain(f.name, f.handle.Sync()) }

// Truncate sets the size.
func (f *File) Truncate(size int64) error { return f.files.explain(f.name, f.handle.Truncate(size)) }

// Close closes the file; an error means that data may be missing.
func (f *File) Close() error { return f.explainWrite(f.handle.Close(), 0) }

// explainWrite finds out whether a write failed because the file system is
// full, for which SFTP has no code: it is what is left when there is no room
// for what was to be written.
func (f *File) explainWrite(err error, size int) error {
	explained := f.files.explain(f.name, err)
	if core.CodeOf(explained) != core.Internal {
		return explained
	}
	if s, spaceErr := f.files.links.space(path.Dir(f.name)); spaceErr == nil && s.Free < core.Bytes(size)+64*core.KiB {
		return noSpace(f.name, s, err)
	}
	return explained
}

func noSpace(name string, s Space, cause error) error {
	e := core.Errorf(core.NoSpace, "no space is left for %s: %s of %s free", core.Escape(path.Base(name)), s.Free, s.Total).
		WithDetail("free", s.Free.Exact())
	e.Cause = cause
	return e
}
