package header

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/limiquantix/limiquantix/core"
)

// Where things are in a VHDX, and what they are called. Source: Microsoft
// [MS-VHDX] 2.2 to 2.6.
const (
	vhdxHeader1 = 64 << 10
	vhdxHeader2 = 128 << 10
	vhdxRegions = 192 << 10

	vhdxMetadata = "8b7ca206-4790-4b9a-b8fe-575f050f886e"
	vhdxFile     = "caa16737-fa36-4d43-b3b6-33f0aa44e76b"
	vhdxSize     = "2fa54224-cd1b-4876-b211-5dbed83bf4b8"
	vhdxParent   = "a8d35f2d-b30b-454d-abf7-d3d84834ab0c"
)

func readVHDX(s source) (Info, error) {
	info := Info{Format: VHDX, Version: 1, Subtype: "dynamic"}
	if err := info.vhdxLog(s); err != nil {
		return Info{}, err
	}
	regions, err := s.bytes(vhdxRegions, 64<<10)
	if err != nil {
		return Info{}, err
	}
	if string(regions[:4]) != "regi" || !crcOK(regions) {
		return Info{}, malformed("its VHDX region table is damaged")
	}
	at := uint64(0)
	for i := range min(binary.LittleEndian.Uint32(regions[8:]), 2047) {
		e := regions[16+32*i:]
		if guid(e) == vhdxMetadata {
			if at != 0 {
				return Info{}, malformed("its VHDX has two metadata regions")
			}
			at = binary.LittleEndian.Uint64(e[16:])
		}
	}
	if at < 1<<20 || at > uint64(s.size) {
		return Info{}, malformed("its VHDX metadata lie outside of the file: it is cut off or damaged")
	}
	return info, info.vhdxItems(s, int64(at))
}

// vhdxLog refuses an image whose log must be replayed: replay can change
// everything that is read here.
func (i *Info) vhdxLog(s source) error {
	var current []byte
	for _, at := range []int64{vhdxHeader1, vhdxHeader2} {
		h, err := s.bytes(at, 4096)
		if err != nil {
			return err
		}
		if string(h[:4]) != "head" || !crcOK(h) {
			continue
		}
		if current == nil || binary.LittleEndian.Uint64(h[8:]) > binary.LittleEndian.Uint64(current[8:]) {
			current = h
		}
	}
	if current == nil {
		return malformed("both VHDX headers are damaged")
	}
	if !isZero(current[48:64]) {
		i.Problems = append(i.Problems, "was not closed cleanly: its VHDX log must be replayed first")
	}
	return nil
}

func (i *Info) vhdxItems(s source, at int64) error {
	table, err := s.bytes(at, 64<<10)
	if err != nil {
		return err
	}
	if string(table[:8]) != "metadata" {
		return malformed("its VHDX metadata are damaged")
	}
	le := binary.LittleEndian
	sized := false
	for n := range min(le.Uint16(table[10:]), 2047) {
		e := table[32+32*int(n):]
		switch guid(e) {
		case vhdxParent:
			i.Subtype, i.BackingFile = "differencing", "(a VHDX parent)"
		case vhdxFile, vhdxSize:
			b, err := s.bytes(at+int64(le.Uint32(e[16:])), 8)
			if err != nil {
				return err
			}
			if guid(e) == vhdxSize {
				i.VirtualSize, sized = size(le.Uint64(b)), true
				continue
			}
			i.ClusterSize = core.Bytes(le.Uint32(b))
			if le.Uint32(b[4:])&2 != 0 {
				i.Subtype, i.BackingFile = "differencing", "(a VHDX parent)"
			}
		}
	}
	if !sized {
		return malformed("its VHDX metadata state no size")
	}
	return nil
}

// crcOK checks the CRC-32C at offset 4, computed with those bytes as zero.
func crcOK(b []byte) bool {
	table := crc32.MakeTable(crc32.Castagnoli)
	sum := crc32.Update(0, table, b[:4])
	sum = crc32.Update(sum, table, make([]byte, 4))
	sum = crc32.Update(sum, table, b[8:])
	return sum == binary.LittleEndian.Uint32(b[4:])
}

// guid prints Microsoft's byte order, where the first three groups are little-endian.
func guid(b []byte) string {
	return core.FormatUUID([16]byte{b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6],
		b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]})
}
