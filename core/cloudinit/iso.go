package cloudinit

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"

	"github.com/limiquantix/limiquantix/core"
)

// Label is the volume label by which NoCloud finds its disk.
const Label = "cidata"

// maxISO bounds the files of an image, in bytes.
const maxISO = 4 << 20

// ISO returns the CD image that carries a seed: ISO 9660 with Rock Ridge (the
// exact names for Linux) and Joliet (for Windows), label [Label]. The same
// seed gives the same bytes; no time or place of making is in them.
//
// Errors: [core.Invalid] when the seed is over 4 MiB.
//
// Sources: ECMA-119; IEEE P1281 and P1282 (SUSP, Rock Ridge); Microsoft
// "Joliet Specification". Why our own: docs/decisions/0004-seed-iso.md.
func ISO(s Seed) ([]byte, error) {
	files := []isoFile{{short: "META_DAT.;1", name: "meta-data", data: s.MetaData}}
	if s.NetworkConfig != nil {
		files = append(files, isoFile{short: "NETWORK_.;1", name: "network-config", data: s.NetworkConfig})
	}
	files = append(files, isoFile{short: "USER_DAT.;1", name: "user-data", data: s.UserData})
	if len(s.MetaData)+len(s.UserData)+len(s.NetworkConfig) > maxISO {
		return nil, core.Errorf(core.Invalid, "the cloud-init seed is larger than %v", core.Bytes(maxISO))
	}
	return writeISO(files), nil
}

// isoFile is a file in the root directory; files are in the order of their names.
type isoFile struct {
	short, name string
	data        []byte
	extent      uint32 // its first sector
}

// Where things are, in sectors.
const (
	sectorSize = 2048

	primaryAt     = 16
	jolietAt      = 17
	endAt         = 18
	primaryPathAt = 19 // and the next: little-endian, big-endian
	jolietPathAt  = 21
	primaryRootAt = 23
	jolietRootAt  = 24
	filesAt       = 25

	// padding is what mkisofs adds by default: small readers look for other file
	// systems at up to 128 KiB, and take the end of the disk for an error
	// (busybox's findfs and blkid, which Alpine's and CirrOS's cloud images use).
	padding = 150
)

func writeISO(files []isoFile) []byte {
	next := uint32(filesAt)
	for i := range files {
		files[i].extent = next
		next += uint32((len(files[i].data) + sectorSize - 1) / sectorSize)
	}
	next += padding
	out := make([]byte, int(next)*sectorSize)
	put := func(sector int, b []byte) { copy(out[sector*sectorSize:], b) }

	put(primaryAt, volumeDescriptor(1, next))
	put(jolietAt, volumeDescriptor(2, next))
	put(endAt, []byte("\xffCD001\x01"))
	put(primaryPathAt, pathTable(binary.LittleEndian, primaryRootAt))
	put(primaryPathAt+1, pathTable(binary.BigEndian, primaryRootAt))
	put(jolietPathAt, pathTable(binary.LittleEndian, jolietRootAt))
	put(jolietPathAt+1, pathTable(binary.BigEndian, jolietRootAt))
	put(primaryRootAt, directory(primaryRootAt, files, false))
	put(jolietRootAt, directory(jolietRootAt, files, true))
	for _, f := range files {
		put(int(f.extent), f.data)
	}
	return out
}

// volumeDescriptor returns the primary (kind 1) or the Joliet (kind 2) one
// (ECMA-119, 8.4 and 8.5).
func volumeDescriptor(kind byte, sectors uint32) []byte {
	b := make([]byte, sectorSize)
	blank, label := []byte(" "), []byte(Label)
	root, path := uint32(primaryRootAt), uint32(primaryPathAt)
	if kind == 2 {
		blank, label = ucs2(" "), ucs2(Label)
		root, path = jolietRootAt, jolietPathAt
	}
	fill := func(from, to int) { copy(b[from:to], bytes.Repeat(blank, to-from)) }
	b[0] = kind
	copy(b[1:], "CD001\x01")
	fill(8, 40) // system
	fill(40, 72)
	copy(b[40:72], label)
	copy(b[80:], both32(sectors))
	if kind == 2 {
		copy(b[88:], "%/E") // UCS-2, level 3
	}
	copy(b[120:], both16(1)) // volumes in the set
	copy(b[124:], both16(1)) // number of this one
	copy(b[128:], both16(sectorSize))
	copy(b[132:], both32(10)) // length of the path table
	binary.LittleEndian.PutUint32(b[140:], path)
	binary.BigEndian.PutUint32(b[148:], path+1)
	copy(b[156:], record([]byte{0}, root, sectorSize, true, nil))
	fill(190, 813) // set, publisher, preparer, application, files about them
	for at := 813; at < 881; at += 17 {
		copy(b[at:], "0000000000000000\x00") // created, changed, expires, effective: not said
	}
	b[881] = 1
	return b
}

// pathTable lists the root directory alone (ECMA-119, 9.4).
func pathTable(order binary.AppendByteOrder, root uint32) []byte {
	b := order.AppendUint32([]byte{1, 0}, root)
	return append(order.AppendUint16(b, 1), 0, 0)
}

// directory returns the root directory; it fits one sector.
func directory(at uint32, files []isoFile, joliet bool) []byte {
	var own, up []byte
	if !joliet {
		own = bytes.Join([][]byte{suspStart(), attributes(0o040555, 2), suspExtension()}, nil)
		up = attributes(0o040555, 2)
	}
	b := append(record([]byte{0}, at, sectorSize, true, own), record([]byte{1}, at, sectorSize, true, up)...)
	for _, f := range files {
		name, more := []byte(f.short), append(attributes(0o100400, 1), alternateName(f.name)...)
		if joliet {
			name, more = ucs2(f.name), nil
		}
		b = append(b, record(name, f.extent, uint32(len(f.data)), false, more)...)
	}
	return b
}

// record returns a directory record (ECMA-119, 9.1) with a system use area.
func record(name []byte, extent, size uint32, dir bool, systemUse []byte) []byte {
	b := []byte{0, 0}
	b = append(b, both32(extent)...)
	b = append(b, both32(size)...)
	b = append(b, 100, 1, 1, 0, 0, 0, 0) // 2000-01-01, always
	flags := byte(0)
	if dir {
		flags = 2
	}
	b = append(b, flags, 0, 0)
	b = append(b, both16(1)...)
	b = append(b, byte(len(name)))
	b = append(b, name...)
	if len(b)%2 != 0 {
		b = append(b, 0)
	}
	b = append(b, systemUse...)
	if len(b)%2 != 0 {
		b = append(b, 0)
	}
	b[0] = byte(len(b))
	return b
}

// suspStart says that system use entries follow (SUSP, 5.3).
func suspStart() []byte { return []byte{'S', 'P', 7, 1, 0xBE, 0xEF, 0} }

// suspExtension names Rock Ridge as the extension in use (SUSP, 5.5).
func suspExtension() []byte {
	const id, what = "RRIP_1991A", "THE ROCK RIDGE INTERCHANGE PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS"
	b := []byte{'E', 'R', byte(8 + len(id) + len(what)), 1, byte(len(id)), byte(len(what)), 0, 1}
	return append(b, id+what...)
}

// attributes returns mode and links; the owner is root (Rock Ridge, PX).
func attributes(mode, links uint32) []byte {
	b := []byte{'P', 'X', 36, 1}
	for _, v := range []uint32{mode, links, 0, 0} {
		b = append(b, both32(v)...)
	}
	return b
}

// alternateName returns the name that Linux shows (Rock Ridge, NM).
func alternateName(name string) []byte {
	return append([]byte{'N', 'M', byte(5 + len(name)), 1, 0}, name...)
}

// both32 and both16 write a number little-endian, then big-endian (ECMA-119, 7).
func both32(v uint32) []byte {
	return binary.BigEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, v), v)
}

func both16(v uint16) []byte {
	return binary.BigEndian.AppendUint16(binary.LittleEndian.AppendUint16(nil, v), v)
}

func ucs2(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.BigEndian.AppendUint16(b, u)
	}
	return b
}
