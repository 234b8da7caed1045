// Package header reads the headers of disk images, in Go and on this side of
// the border, before QEMU is let near them.
//
// A disk image is a program for QEMU: a qcow2 of 200 bytes can name any file of
// the host as its backing file, and a guest that boots from it reads that file
// (CVE-2022-47951, CVE-2026-24708). So [Read] says what an image is by its
// bytes alone, never by its name, and [Info.Check] refuses what reaches outside
// of itself. libvirt's page "Secure usage" asks for the same. Reads are bounded
// whatever the image claims; sources are named where a layout is read.
package header

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/limiquantix/limiquantix/core"
)

// Format is a disk image format, by the name that QEMU gives its driver.
type Format string

// The formats that are understood.
const (
	Raw   Format = "raw"
	Qcow2 Format = "qcow2"
	VMDK  Format = "vmdk"
	VDI   Format = "vdi"
	VHD   Format = "vpc"
	VHDX  Format = "vhdx"
	// ISO is a CD or DVD image (ISO 9660, with or without UDF); QEMU reads it
	// as raw.
	ISO Format = "iso"
)

// Info is what an image's header says. It may be a lie where the format cannot
// be checked; Check says whether the image may be used.
type Info struct {
	Format Format
	// Subtype is the format's own kind: "streamOptimized", "dynamic",
	// "differencing"; for Raw the partition table, "gpt" or "mbr"; "" for none.
	Subtype string
	// Version is the format's version: 2 or 3 for qcow2; 0 where there is none.
	Version int
	// VirtualSize is the size of the disk that a guest sees.
	VirtualSize core.Bytes
	// ClusterSize is the unit of allocation; 0 where there is none.
	ClusterSize core.Bytes
	// Compression of clusters: "zlib" or "zstd" for qcow2, "deflate" for VMDK; "".
	Compression string
	// Snapshots counts the internal snapshots of a qcow2.
	Snapshots int
	// BackingFile is the image that this one lies over, as written: a path, a
	// URL, "json:…"; untrusted text. "" for none.
	BackingFile string
	// DataFile is the file that holds the data in place of this one, as written.
	DataFile string
	// Encrypted: the data cannot be read without a key.
	Encrypted bool
	// Problems are other reasons not to use the image, as halves of a sentence
	// that begins with "the image": "uses unknown features (bit 9)".
	Problems []string
}

// Read tells what kind of image r holds, whose size in bytes is size. It reads
// at most about 300 KiB, at the front, and at the end of VHD and VMDK.
//
// Errors: [core.BadImage] when r is no disk image, or one whose header is
// malformed or cut off; [core.Unsupported] when it is compressed or of a format
// that is recognised and not accepted; r's own errors are wrapped.
func Read(r io.ReaderAt, size int64) (Info, error) {
	if size <= 0 {
		return Info{}, core.Errorf(core.BadImage, "the file is empty").WithHint("the download or copy may have failed")
	}
	s := source{r, size}
	start, err := s.upTo(0, sniff)
	if err != nil {
		return Info{}, err
	}
	for _, f := range []struct {
		magic string
		read  func(source) (Info, error)
	}{
		{"QFI\xfb", readQcow2},
		{"KDMV", readSparseVMDK},
		{"vhdxfile", readVHDX},
		{"conectix", readVHD},
	} {
		if bytes.HasPrefix(start, []byte(f.magic)) {
			return f.read(s)
		}
	}
	switch {
	case len(start) >= 68 && binary.LittleEndian.Uint32(start[64:]) == vdiMagic:
		return readVDI(s)
	case isDescriptor(start):
		return readDescriptorVMDK(start)
	}
	if err := otherFormat(start); err != nil {
		return Info{}, err
	}
	if info, ok, err := readISO(s); ok || err != nil {
		return info, err
	}
	if info, ok, err := readFixedVHD(s); ok || err != nil {
		return info, err
	}
	return readRaw(s, start)
}

// sniff is how much of the front decides about the format.
const sniff = 4096

// source is the image; what an image claims never makes it read more than maxRead at once.
type source struct {
	r    io.ReaderAt
	size int64
}

const maxRead = 64 << 10

// bytes returns exactly n bytes at off.
func (s source) bytes(off, n int64) ([]byte, error) {
	if off < 0 || n < 0 || n > maxRead || off > s.size-n {
		return nil, malformed("its header points beyond its end: it is cut off or damaged")
	}
	b := make([]byte, n)
	got, err := s.r.ReadAt(b, off)
	switch {
	case int64(got) == n:
		return b, nil
	case err == nil, errors.Is(err, io.EOF):
		return nil, malformed("it ends before its stated size")
	}
	return nil, fmt.Errorf("read image header: %w", err)
}

// upTo returns n bytes at off, or as many as there are.
func (s source) upTo(off, n int64) ([]byte, error) {
	return s.bytes(off, max(0, min(n, s.size-off)))
}

func malformed(why string) error {
	return core.Errorf(core.BadImage, "the file is not a sound disk image: %s", why).
		WithHint("copy or download it again and compare its checksum")
}

// sectors converts a count of 512-byte sectors; what overflows becomes the
// largest size, which Check refuses.
func sectors(n uint64) core.Bytes {
	if n > 1<<54 {
		return 1<<63 - 1
	}
	return core.Bytes(n * 512)
}

// size converts a size in bytes as sectors does.
func size(n uint64) core.Bytes { return core.Bytes(min(n, 1<<63-1)) }
