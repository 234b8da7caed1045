package header

import (
	"bytes"
	"encoding/binary"
	"regexp"
	"strconv"
	"strings"

	"github.com/limiquantix/limiquantix/core"
)

// Source: VMware "Virtual Disk Format 5.0"; QEMU block/vmdk.c for what QEMU
// does with it.
const (
	vmdkDescriptorAt  = 512     // where QEMU looks for the parent, whatever the header says
	vmdkDescriptorLen = 20 << 9 // and how far
	vmdkAtEnd         = 1<<64 - 1
)

// readSparseVMDK reads a hosted sparse extent (monolithicSparse, streamOptimized).
func readSparseVMDK(s source) (Info, error) {
	h, err := s.bytes(0, 512)
	if err != nil {
		return Info{}, err
	}
	le := binary.LittleEndian
	info := Info{Format: VMDK, Version: int(le.Uint32(h[4:])), VirtualSize: sectors(le.Uint64(h[12:]))}
	grain := le.Uint64(h[20:])
	if info.Version < 1 || info.Version > 3 || grain == 0 || grain > 1<<16 {
		return Info{}, malformed("its VMDK header has a wrong version or grain size")
	}
	info.ClusterSize = sectors(grain)
	if le.Uint16(h[77:]) == 1 {
		info.Compression = "deflate"
	}
	if le.Uint64(h[12:]) == 0 {
		// QEMU then opens the descriptor inside, with whatever files it names.
		info.DataFile = "(a descriptor)"
	}
	if le.Uint64(h[56:]) == vmdkAtEnd {
		if err := checkFooter(s, h); err != nil {
			return Info{}, err
		}
	}
	if err := info.embedded(s, le.Uint64(h[28:]), le.Uint64(h[36:])); err != nil {
		return Info{}, err
	}
	fixed, err := s.upTo(vmdkDescriptorAt, vmdkDescriptorLen)
	if err != nil {
		return Info{}, err
	}
	if info.BackingFile == "" && bytes.Contains(fixed, []byte("parentFileNameHint")) {
		info.BackingFile = "(a VMDK parent)"
	}
	return info, nil
}

// checkFooter compares the header with its second copy, near the end, which
// QEMU believes instead when the grain directory is said to be there.
func checkFooter(s source, h []byte) error {
	f, err := s.bytes(s.size-1024, 512)
	if err != nil {
		return err
	}
	if !bytes.Equal(f[:4], h[:4]) || !bytes.Equal(f[12:28], h[12:28]) || binary.LittleEndian.Uint64(f[56:]) == vmdkAtEnd {
		return malformed("the two headers of its VMDK do not agree: it is cut off or damaged")
	}
	return nil
}

// embedded reads the descriptor inside a sparse extent; it is absent in
// extents of a larger disk, which cannot stand alone.
func (i *Info) embedded(s source, offset, length uint64) error {
	if offset == 0 || length == 0 {
		i.Problems = append(i.Problems, "is one part of a VMDK of several files")
		return nil
	}
	if offset > uint64(s.size)/512 || length > maxRead/512 {
		return malformed("its VMDK descriptor is out of range")
	}
	text, err := s.bytes(int64(offset)*512, int64(length)*512)
	if err != nil {
		return err
	}
	d := parseDescriptor(text)
	i.Subtype, i.BackingFile = d.createType, d.parent
	switch {
	case d.createType != "monolithicSparse" && d.createType != "streamOptimized":
		i.DataFile = "(VMDK of type " + d.createType + ")"
	case len(d.extents) > 1, len(d.extents) == 1 && (d.extents[0].kind != "SPARSE" || strings.ContainsAny(d.extents[0].name, `/\:`)):
		i.DataFile = "(the extent " + d.extents[len(d.extents)-1].name + ")"
	}
	return nil
}

// isDescriptor tells a VMDK that is only text, as QEMU's probe does: comments
// and empty lines, then "version=".
func isDescriptor(start []byte) bool {
	if bytes.HasPrefix(start, []byte("COWD")) {
		return false
	}
	for line := range bytes.Lines(start) {
		line = bytes.TrimSpace(line)
		if bytes.HasPrefix(bytes.ToLower(line), []byte("# disk descriptorfile")) || bytes.HasPrefix(line, []byte("version=")) {
			return true
		}
		if len(line) > 0 && line[0] != '#' {
			return false
		}
	}
	return false
}

// readDescriptorVMDK reads a VMDK that is only text and names its extents; it
// never stands alone.
func readDescriptorVMDK(text []byte) (Info, error) {
	d := parseDescriptor(text)
	info := Info{Format: VMDK, Version: 1, Subtype: d.createType, BackingFile: d.parent, DataFile: "(not named)"}
	total := uint64(0)
	for n, e := range d.extents {
		if total += e.sectors; total < e.sectors {
			total = 1<<64 - 1
		}
		if n == 0 && e.name != "" {
			info.DataFile = e.name
		}
	}
	info.VirtualSize = sectors(total)
	return info, nil
}

type descriptor struct {
	createType string
	parent     string // "" for none
	extents    []extent
}

type extent struct {
	sectors uint64
	kind    string
	name    string
}

// parseDescriptor reads what can be read and leaves the rest: the caller
// refuses what it does not find.
func parseDescriptor(text []byte) descriptor {
	line := regexp.MustCompile(`^(?:RW|RDONLY|NOACCESS)\s+(\d+)\s+(\w+)(?:\s+"([^"]*)")?`)
	var d descriptor
	hint := ""
	if end := bytes.IndexByte(text, 0); end >= 0 {
		text = text[:end]
	}
	for l := range strings.Lines(string(text)) {
		l = strings.TrimSpace(l)
		if m := line.FindStringSubmatch(l); m != nil {
			n, err := strconv.ParseUint(m[1], 10, 64)
			if err != nil {
				n = 1<<64 - 1
			}
			d.extents = append(d.extents, extent{n, m[2], m[3]})
			continue
		}
		key, value, _ := strings.Cut(l, "=")
		value = strings.Trim(strings.TrimSpace(value), `"`)
		switch strings.ToLower(strings.TrimSpace(key)) {
		case "createtype":
			d.createType = value
		case "parentcid":
			if !strings.EqualFold(value, "ffffffff") {
				d.parent = "(the VMDK " + value + ")"
			}
		case "parentfilenamehint":
			hint = value
		}
	}
	if hint != "" {
		d.parent = hint
	}
	return d
}

// unsupported is for formats that are recognised and not accepted.
func unsupported(what string) error {
	return core.Errorf(core.Unsupported, "the file %s", what).
		WithHint("convert it to qcow2 first: qemu-img convert -O qcow2 FILE NEW.qcow2")
}
