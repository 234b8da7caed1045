//go:build linux

package guest

import (
	"fmt"
	"io"
	"os"
	"path"
	"slices"
)

// archive writes an initramfs: a cpio archive in "newc" format, every file
// root's. Missing parent directories are added. The first error stays and is
// returned by close.
//
// Source: Documentation/driver-api/early-userspace/buffer-format.rst, Linux.
type archive struct {
	w    io.Writer
	ino  int
	dirs []string // written
	err  error
}

// File types of cpio's mode field, as in stat(2).
const (
	cpioDir  = 0o040000
	cpioChar = 0o020000
	cpioFile = 0o100000
	cpioLink = 0o120000
)

func (a *archive) dir(name string)                         { a.parents(name + "/x") }
func (a *archive) file(name string, perm int, data []byte) { a.entry(name, cpioFile|perm, 0, 0, data) }
func (a *archive) link(name, target string)                { a.entry(name, cpioLink|0o777, 0, 0, []byte(target)) }
func (a *archive) char(name string, major, minor int) {
	a.entry(name, cpioChar|0o600, major, minor, nil)
}

// copy adds the file at src.
func (a *archive) copy(name string, perm int, src string) {
	data, err := os.ReadFile(src)
	if err != nil && a.err == nil {
		a.err = err
	}
	a.file(name, perm, data)
}

func (a *archive) close() error {
	a.write("TRAILER!!!", 0, 0, 0, nil)
	return a.err
}

func (a *archive) entry(name string, mode, major, minor int, data []byte) {
	a.parents(name)
	a.write(name, mode, major, minor, data)
}

func (a *archive) parents(name string) {
	dir := path.Dir(name)
	if dir == "." || slices.Contains(a.dirs, dir) {
		return
	}
	a.parents(dir)
	a.dirs = append(a.dirs, dir)
	a.write(dir, cpioDir|0o755, 0, 0, nil)
}

func (a *archive) write(name string, mode, major, minor int, data []byte) {
	if a.err != nil {
		return
	}
	a.ino++
	const zero = 0 // uid, gid, mtime, device and check sum
	header := fmt.Sprintf("070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s\x00",
		a.ino, mode, zero, zero, 1, zero, len(data), zero, zero, major, minor, len(name)+1, zero, name)
	for _, part := range []string{header, string(data)} {
		part += "\x00\x00\x00"[:-len(part)&3]
		if _, err := io.WriteString(a.w, part); err != nil {
			a.err = err
			return
		}
	}
}
