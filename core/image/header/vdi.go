package header

import "encoding/binary"

const vdiMagic = 0xbeda107f

// readVDI reads VirtualBox's format. Source: the header in QEMU's block/vdi.c.
func readVDI(s source) (Info, error) {
	h, err := s.bytes(0, 512)
	if err != nil {
		return Info{}, err
	}
	le := binary.LittleEndian
	if v := le.Uint32(h[68:]); v != 0x00010001 {
		return Info{}, malformed("its VDI version is not 1.1")
	}
	info := Info{Format: VDI, Version: 1, VirtualSize: size(le.Uint64(h[368:])), ClusterSize: size(uint64(le.Uint32(h[376:])))}
	blocks := le.Uint32(h[384:])
	switch le.Uint32(h[76:]) {
	case 1:
		info.Subtype = "dynamic"
	case 2:
		info.Subtype = "static"
	case 3, 4:
		info.Subtype, info.BackingFile = "differencing", "(a VDI parent)"
	default:
		return Info{}, malformed("its VDI type is not known")
	}
	if !isZero(h[424:456]) {
		info.BackingFile = "(a VDI parent)"
	}
	if uint64(info.VirtualSize) > uint64(blocks)*uint64(info.ClusterSize) {
		return Info{}, malformed("its VDI blocks do not span its disk")
	}
	if bitmap := uint64(le.Uint32(h[340:])) + 4*uint64(blocks); bitmap > uint64(s.size) {
		return Info{}, malformed("its VDI block map lies outside of the file: it is cut off or damaged")
	}
	return info, nil
}

func isZero(b []byte) bool {
	for _, x := range b {
		if x != 0 {
			return false
		}
	}
	return true
}
