package sim

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/storage"
)

// blockSize is how much an upload takes at a time.
const blockSize = 256 << 10

// partName is what an upload is called until it is whole.
func partName(token string) string { return ".lqx-" + token + ".part" }

// PutVolume takes Size bytes from r and keeps their hash (see
// [Host.VolumeSHA256]), size and kind as a new volume.
//
// [Fault.AfterBytes] strikes in its middle: dropped, it leaves its .part file.
func (l *Link) PutVolume(ctx context.Context, u storage.Upload, r io.Reader) error {
	return l.call(ctx, call{method: "PutVolume", writes: true}, func(h *Host, x Fault) error {
		up := &upload{link: l, Upload: u, fault: x, hash: sha256.New()}
		if err := up.begin(); err != nil {
			return err
		}
		err := up.copy(ctx, r)
		if err == nil {
			err = up.publish()
		}
		if err != nil && core.CodeOf(err) != core.UnknownOutcome {
			up.discard()
		}
		return err
	})
}

// DiscardUpload removes what an interrupted PutVolume left.
func (l *Link) DiscardUpload(ctx context.Context, u storage.Upload) error {
	return l.tell(ctx, "DiscardUpload", func(h *Host) error {
		p, err := h.pool(u.Pool)
		if err != nil {
			return err
		}
		h.unlink(p.path, partName(u.Token))
		return nil
	})
}

// upload is one PutVolume at work.
type upload struct {
	storage.Upload
	link  *Link
	fault Fault
	pool  *pool
	part  *file
	head  []byte // the first bytes, which tell what the file is
	hash  interface {
		io.Writer
		Sum([]byte) []byte
	}
}

func (u *upload) begin() error {
	h := u.link.host
	h.mu.Lock()
	defer h.mu.Unlock()
	p, err := h.vacant(u.Pool, u.Name)
	if err != nil {
		return err
	}
	if u.Size < 0 || !isToken(u.Token) {
		return core.Errorf(core.Invalid, "an upload needs a size, and a token of letters and digits")
	}
	if err := h.room(u.Size); err != nil {
		return err
	}
	u.pool, u.part = p, &file{format: "raw"}
	h.unlink(p.path, partName(u.Token))
	return h.put(p.path, partName(u.Token), u.part)
}

func (u *upload) copy(ctx context.Context, r io.Reader) error {
	block := make([]byte, min(blockSize, int(u.Size)+1))
	var done core.Bytes
	for done < u.Size {
		n, err := io.ReadFull(r, block[:min(core.Bytes(len(block)), u.Size-done)])
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
			return err
		}
		if werr := u.write(ctx, block[:n]); werr != nil {
			return werr
		}
		done += core.Bytes(n)
		if err != nil {
			return core.Errorf(core.Invalid, "the data ended after %s of %s", done, u.Size)
		}
		if u.Progress != nil {
			u.Progress(done)
		}
	}
	return nil
}

// write puts one block on the host's disk.
func (u *upload) write(ctx context.Context, block []byte) error {
	if err := u.link.pause(ctx, 0); err != nil {
		return u.link.lost(call{writes: true}, err)
	}
	if u.link.Err() != nil {
		return u.link.lost(call{writes: true}, u.link.Err())
	}
	u.hash.Write(block)
	if room := headSize - len(u.head); room > 0 {
		u.head = append(u.head, block[:min(room, len(block))]...)
	}
	if err := u.store(core.Bytes(len(block))); err != nil {
		return err
	}
	if u.fault.AfterBytes == 0 || u.part.allocation < u.fault.AfterBytes {
		return nil
	}
	if u.fault.Drop {
		u.link.fail(core.Errorf(core.Unreachable, "the connection was lost"))
		return u.link.lost(call{writes: true}, u.link.err)
	}
	return u.fault.Err
}

// store takes room for n more bytes.
func (u *upload) store(n core.Bytes) error {
	h := u.link.host
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.room(n); err != nil {
		return err
	}
	u.part.allocation += n
	h.disk.used += n
	return nil
}

// publish gives the file its name.
func (u *upload) publish() error {
	h := u.link.host
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, err := h.vacant(u.Pool, u.Name); err != nil {
		return err // somebody made it meanwhile
	}
	f := *u.part
	f.written = true
	copy(f.sum[:], u.hash.Sum(nil))
	f.format, f.capacity = probe(u.head, u.Size)
	delete(h.disk.dirs[u.pool.path], partName(u.Token))
	h.disk.dirs[u.pool.path][u.Name] = &f
	h.emit(host.ObjectPool, u.pool.uuid, u.pool.name, "refreshed")
	return nil
}

func (u *upload) discard() {
	h := u.link.host
	h.mu.Lock()
	defer h.mu.Unlock()
	h.unlink(u.pool.path, partName(u.Token))
}

// headSize reaches to the end of an ISO's first volume descriptor.
const headSize = 34 << 10

// probe tells format and virtual size by a file's first bytes, as libvirt does
// when it refreshes a pool: names and wishes do not count.
func probe(head []byte, size core.Bytes) (string, core.Bytes) {
	switch {
	case len(head) >= 32 && string(head[:4]) == "QFI\xfb":
		return "qcow2", core.Bytes(binary.BigEndian.Uint64(head[24:32]))
	case len(head) >= 0x8006 && string(head[0x8001:0x8006]) == "CD001":
		return "iso", size
	}
	return "raw", size
}

func isToken(s string) bool {
	for _, r := range s {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9') {
			return false
		}
	}
	return s != ""
}
