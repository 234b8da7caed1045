package header

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"github.com/limiquantix/limiquantix/core"
)

// Incompatible features of qcow2 and types of its header extensions.
// Source: docs/interop/qcow2.txt of QEMU.
const (
	qcowCorrupt  = 1 << 1
	qcowDataFile = 1 << 2
	qcowZstd     = 1 << 3
	qcowKnown    = 1<<5 - 1 // also dirty (0), which is repaired on opening, and extended L2 (4)

	extEnd      = 0
	extCrypto   = 0x0537be77
	extDataFile = 0x44415441
)

func readQcow2(s source) (Info, error) {
	h, err := s.upTo(0, 112)
	if err != nil {
		return Info{}, err
	}
	if len(h) < 72 {
		return Info{}, malformed("its qcow2 header is cut off")
	}
	be := binary.BigEndian
	info := Info{Format: Qcow2, Version: int(be.Uint32(h[4:])), VirtualSize: size(be.Uint64(h[24:])), Compression: "zlib"}
	length := int64(72)
	switch {
	case info.Version == 1:
		return Info{}, unsupported("is in the old qcow format, version 1")
	case info.Version == 3 && len(h) >= 104:
		length = int64(be.Uint32(h[100:]))
	case info.Version != 2:
		return Info{}, malformed(fmt.Sprintf("its qcow2 version is %d", uint32(info.Version)))
	}
	clusterBits := be.Uint32(h[20:])
	if clusterBits < 9 || clusterBits > 21 {
		return Info{}, malformed("its qcow2 cluster size is out of range")
	}
	info.ClusterSize = 1 << clusterBits
	if length < 72 || info.Version == 3 && length < 104 || length > int64(info.ClusterSize) || length%8 != 0 {
		return Info{}, malformed("its qcow2 header has a wrong length")
	}
	info.Encrypted = be.Uint32(h[32:]) != 0
	info.Snapshots = int(min(be.Uint32(h[60:]), 1<<16))
	if info.Version == 3 {
		info.features(be.Uint64(h[72:]), h, length)
	}
	if err := info.backing(s, be.Uint64(h[8:]), be.Uint32(h[16:])); err != nil {
		return Info{}, err
	}
	if err := info.extensions(s, length); err != nil {
		return Info{}, err
	}
	return info, checkTables(s, h, info)
}

func (i *Info) features(incompatible uint64, h []byte, length int64) {
	if incompatible&qcowDataFile != 0 {
		i.DataFile = "(not named)"
	}
	if incompatible&qcowCorrupt != 0 {
		i.Problems = append(i.Problems, "is marked as corrupt by QEMU")
	}
	if unknown := incompatible &^ qcowKnown; unknown != 0 {
		i.Problems = append(i.Problems, fmt.Sprintf("uses features that are not known (bit %d)", bits.TrailingZeros64(unknown)))
	}
	method := byte(0)
	if length > 104 && len(h) > 104 {
		method = h[104]
	}
	switch {
	case method == 1 && incompatible&qcowZstd != 0:
		i.Compression = "zstd"
	case method != 0 || incompatible&qcowZstd != 0:
		i.Problems = append(i.Problems, "uses a compression that is not known")
	}
}

func (i *Info) backing(s source, offset uint64, length uint32) error {
	if offset == 0 {
		return nil
	}
	if length > 1023 || offset > uint64(i.ClusterSize) {
		return malformed("the name of its backing file is out of range")
	}
	name, err := s.bytes(int64(offset), int64(length))
	if err != nil {
		return err
	}
	i.BackingFile = string(name)
	if len(name) == 0 {
		i.BackingFile = "(not named)"
	}
	return nil
}

// extensions walks the header extensions, which end with type 0 or with the
// first cluster.
func (i *Info) extensions(s source, at int64) error {
	end := int64(i.ClusterSize)
	for range 64 {
		if at+8 > min(end, s.size) {
			return nil
		}
		h, err := s.bytes(at, 8)
		if err != nil {
			return err
		}
		kind, length := binary.BigEndian.Uint32(h), int64(binary.BigEndian.Uint32(h[4:]))
		at += 8
		switch {
		case kind == extEnd:
			return nil
		case length > end-at:
			return malformed("a qcow2 header extension is out of range")
		case kind == extCrypto:
			i.Encrypted = true
		case kind == extDataFile:
			name, err := s.bytes(at, min(length, 1023))
			if err != nil {
				return err
			}
			i.DataFile = "(not named)"
			if len(name) > 0 {
				i.DataFile = string(name)
			}
		}
		at += (length + 7) &^ 7
	}
	return malformed("it has too many qcow2 header extensions")
}

// checkTables refuses tables that do not lie in the file, or do not span the
// disk: most often a download that was cut off.
func checkTables(s source, h []byte, info Info) error {
	be := binary.BigEndian
	l1Size, l1 := int64(be.Uint32(h[36:])), be.Uint64(h[40:])
	refcount, refClusters := be.Uint64(h[48:]), int64(be.Uint32(h[56:]))
	cluster := int64(info.ClusterSize)
	within := func(offset uint64, length int64) bool {
		return offset%uint64(cluster) == 0 && length <= s.size && offset <= uint64(s.size-length)
	}
	if !within(l1, l1Size*8) || !within(refcount, refClusters*cluster) || refClusters == 0 {
		return malformed("its qcow2 tables lie outside of the file: it is cut off or damaged")
	}
	// An L1 entry spans cluster/8 clusters, or cluster/16 with extended L2 entries.
	entry := int64(8)
	if info.Version == 3 && be.Uint64(h[72:])&(1<<4) != 0 {
		entry = 16
	}
	if span := core.Bytes(cluster / entry * cluster); info.VirtualSize <= MaxVirtualSize && info.VirtualSize > 0 &&
		int64((info.VirtualSize-1)/span) >= l1Size {
		return malformed("its qcow2 tables do not span its disk")
	}
	return nil
}
