package header

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

// readVHD reads a dynamic or differencing VHD, which begins with a copy of its
// footer. Source: Microsoft "Virtual Hard Disk Image Format Specification" 1.0;
// QEMU block/vpc.c.
func readVHD(s source) (Info, error) {
	f, err := s.bytes(0, 512)
	if err != nil {
		return Info{}, err
	}
	if !vhdSum(f, 64) {
		return Info{}, malformed("the checksum of its VHD footer is wrong")
	}
	info := vhdFooter(f)
	kind := binary.BigEndian.Uint32(f[60:])
	if kind != 3 && kind != 4 {
		return Info{}, malformed("its VHD type is not known")
	}
	at := binary.BigEndian.Uint64(f[16:])
	if at > uint64(s.size) {
		return Info{}, malformed("its VHD header lies outside of the file: it is cut off or damaged")
	}
	h, err := s.bytes(int64(at), 1024)
	if err != nil {
		return Info{}, err
	}
	if string(h[:8]) != "cxsparse" || !vhdSum(h, 36) {
		return Info{}, malformed("its VHD header is damaged")
	}
	info.ClusterSize = size(uint64(binary.BigEndian.Uint32(h[32:])))
	info.Subtype = "dynamic"
	if kind == 4 {
		info.Subtype, info.BackingFile = "differencing", "(a VHD parent)"
		if name := utf16Name(h[64:576]); name != "" {
			info.BackingFile = name
		}
	}
	return info, nil
}

// readFixedVHD reads the footer at the end of a fixed VHD; ok is false when
// there is none.
func readFixedVHD(s source) (info Info, ok bool, err error) {
	if s.size < 1024 {
		return Info{}, false, nil
	}
	f, err := s.bytes(s.size-512, 512)
	if err != nil || string(f[:8]) != "conectix" || !vhdSum(f, 64) || binary.BigEndian.Uint32(f[60:]) != 2 {
		return Info{}, false, err
	}
	info = vhdFooter(f)
	info.Subtype = "fixed"
	if int64(info.VirtualSize) > s.size-512 {
		return Info{}, false, malformed("its VHD footer states more than it holds")
	}
	return info, true, nil
}

// vhdFooter reads what both kinds have. Like QEMU it takes the size from the
// geometry unless the creator is known to mean the size field.
func vhdFooter(f []byte) Info {
	be := binary.BigEndian
	const maxGeometry = 65535 * 16 * 255
	chs := uint64(be.Uint16(f[56:])) * uint64(f[58]) * uint64(f[59])
	info := Info{Format: VHD, Version: 1, VirtualSize: sectors(chs)}
	creator := string(f[28:32])
	if chs == maxGeometry || strings.Contains("win |qem2|d2v |tap\x00|CTXS", creator) {
		info.VirtualSize = size(be.Uint64(f[48:]) &^ 511)
	}
	return info
}

// vhdSum checks the ones' complement of the sum of all bytes but its own four.
func vhdSum(b []byte, at int) bool {
	sum := uint32(0)
	for i, x := range b {
		if i < at || i >= at+4 {
			sum += uint32(x)
		}
	}
	return ^sum == binary.BigEndian.Uint32(b[at:])
}

func utf16Name(b []byte) string {
	var units []uint16
	for i := 0; i+1 < len(b); i += 2 {
		u := binary.BigEndian.Uint16(b[i:])
		if u == 0 {
			break
		}
		units = append(units, u)
	}
	return string(utf16.Decode(units))
}
