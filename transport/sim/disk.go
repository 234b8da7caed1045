package sim

import (
	"crypto/sha256"
	"encoding/hex"
	"path"

	"github.com/limiquantix/limiquantix/core"
)

// disk is a host's one file system: all directory pools share its room.
type disk struct {
	size, used core.Bytes
	dirs       map[string]map[string]*file
}

// file is what is known of one file: its size and hash, not its bytes.
type file struct {
	format     string
	capacity   core.Bytes // that a guest sees
	allocation core.Bytes // that it takes on the disk
	backing    string     // path; "" for none
	sum        [sha256.Size]byte
	written    bool // by an upload: sum is valid
}

func (d *disk) mkdir(dir string) {
	if d.dirs == nil {
		d.dirs = map[string]map[string]*file{}
	}
	if d.dirs[dir] == nil {
		d.dirs[dir] = map[string]*file{}
	}
}

// find returns a file by its path, or nil.
func (d *disk) find(p string) *file {
	if p == "" {
		return nil
	}
	dir, name := path.Split(p)
	return d.dirs[path.Clean(dir)][name]
}

// readable reports whether QEMU could open p. Outside of the directories that
// the simulation knows everything is taken to exist.
func (d *disk) readable(p string) bool {
	dir, _ := path.Split(p)
	if d.dirs[path.Clean(dir)] == nil {
		return true
	}
	f := d.find(p)
	return f != nil && (f.backing == "" || d.readable(f.backing))
}

// put adds a file. [core.NoSpace] when its allocation does not fit.
func (h *Host) put(dir, name string, f *file) error {
	if err := h.room(f.allocation); err != nil {
		return err
	}
	h.disk.mkdir(dir)
	h.disk.dirs[dir][name] = f
	h.disk.used += f.allocation
	return nil
}

func (h *Host) unlink(dir, name string) {
	if f := h.disk.dirs[dir][name]; f != nil {
		h.disk.used -= f.allocation
		delete(h.disk.dirs[dir], name)
	}
}

// free is how much room the file system has.
func (h *Host) free() core.Bytes {
	if h.fleet.faults.holds(h.name, func(x *Fault) bool { return x.DiskFull }) {
		return 0
	}
	return h.disk.size - h.disk.used
}

// room checks that so many bytes fit.
func (h *Host) room(need core.Bytes) error {
	if free := h.free(); need > free {
		return core.Errorf(core.NoSpace, "no space on the host: %s needed, %s free", need, free).
			WithHint("delete what is not needed, or use another pool")
	}
	return nil
}

// VolumeSHA256 returns, in hexadecimal, the hash of what was uploaded as path;
// "" when there is no such file or it was not uploaded.
func (h *Host) VolumeSHA256(path string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.disk.find(path)
	if f == nil || !f.written {
		return ""
	}
	return hex.EncodeToString(f.sum[:])
}
