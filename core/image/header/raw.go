package header

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"

	"github.com/limiquantix/limiquantix/core"
)

// otherFormat names what is certainly not a disk image that is accepted; nil
// for what may be raw.
func otherFormat(start []byte) error {
	for _, p := range []struct{ magic, name, command string }{
		{"\x1f\x8b", "gzip", "gunzip"},
		{"\xfd7zXZ\x00", "xz", "unxz"},
		{"\x28\xb5\x2f\xfd", "zstd", "unzstd"},
		{"BZh", "bzip2", "bunzip2"},
		{"\x04\x22\x4d\x18", "lz4", "unlz4"},
		{"PK\x03\x04", "zip", "unzip"},
		{"7z\xbc\xaf\x27\x1c", "7-Zip", "7z x"},
	} {
		if bytes.HasPrefix(start, []byte(p.magic)) {
			return core.Errorf(core.Unsupported, "the file is compressed with %s", p.name).
				WithHint("unpack it first (%s FILE) and give the image that comes out", p.command)
		}
	}
	for _, p := range []struct {
		magic string
		at    int
		what  string
	}{
		{"COWD", 0, "is in VMware's old ESX sparse format"},
		{"QED\x00", 0, "is in QEMU's old QED format"},
		{"WithoutFreeSpace", 0, "is in the Parallels format"},
		{"WithouFreSpacExt", 0, "is in the Parallels format"},
		{"Bochs Virtual HD Image", 0, "is in the Bochs format"},
		{"#!/bin/sh\n#V2.0 Format\n", 0, "is in the cloop format"},
		{"ustar", 257, "is an archive (tar or OVA), which holds the disk image inside,"},
		{"\x7fELF", 0, "is a program"},
		{"MSWIM\x00\x00\x00", 0, "is a Windows installation archive (WIM)"},
	} {
		if len(start) >= p.at && bytes.HasPrefix(start[p.at:], []byte(p.magic)) {
			return unsupported(p.what + " and cannot be used as it is")
		}
	}
	if bytes.HasPrefix(start, []byte("LUKS\xba\xbe")) {
		return core.Errorf(core.BadImage, "the image is encrypted").
			WithHint("decrypt it first: qemu-img convert with its secret to a new qcow2")
	}
	return nil
}

// readISO reads the primary volume descriptor of ISO 9660 (ECMA-119, 8.4); ok
// is false when there is none.
func readISO(s source) (info Info, ok bool, err error) {
	const at, sector = 16 * 2048, 2048
	if s.size < at+sector {
		return Info{}, false, nil
	}
	d, err := s.bytes(at, sector)
	if err != nil || d[0] != 1 || string(d[1:6]) != "CD001" {
		return Info{}, false, err
	}
	if int64(binary.LittleEndian.Uint32(d[80:]))*sector > s.size {
		return Info{}, false, malformed("its CD image is shorter than it states: it is cut off")
	}
	return Info{Format: ISO, VirtualSize: core.Bytes(s.size)}, true, nil
}

// readRaw takes for a raw disk what is nothing else, if it can be one.
func readRaw(s source, start []byte) (Info, error) {
	switch {
	case isText(start) && bytes.Contains(bytes.ToLower(start), []byte("<html")):
		return Info{}, core.Errorf(core.BadImage, "the file is a web page, not a disk image").
			WithHint("the address answers with a page: copy the address of the image itself")
	case isText(start):
		return Info{}, core.Errorf(core.BadImage, "the file is text, not a disk image").
			WithHint("the download may have failed with a message: look into the file")
	case s.size < 512:
		return Info{}, core.Errorf(core.BadImage, "the file is too small for a disk image: %v", core.Bytes(s.size)).
			WithHint("copy or download it again")
	case s.size%512 != 0:
		return Info{}, malformed("it is no format that is known, and as a raw disk it ends within a sector")
	}
	info := Info{Format: Raw, VirtualSize: core.Bytes(s.size)}
	if len(start) >= 512 && start[510] == 0x55 && start[511] == 0xAA {
		info.Subtype = "mbr"
		if len(start) >= 520 && string(start[512:520]) == "EFI PART" {
			info.Subtype = "gpt"
		}
	}
	return info, nil
}

// isText reports whether b is UTF-8 without control characters but those of
// text; a rune may be cut at the end.
func isText(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 && (utf8.FullRune(b) || len(b) >= utf8.UTFMax) {
			return false
		}
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\f' && r != 0x1b {
			return false
		}
		b = b[n:]
	}
	return true
}
