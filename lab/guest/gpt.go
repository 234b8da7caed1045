//go:build linux

package guest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"unicode/utf16"

	"github.com/limiquantix/limiquantix/core"
)

const sectorSize = 512

// Partition types of GPT.
const (
	typeBIOSBoot = "21686148-6449-6E6F-744E-656564454649"
	typeESP      = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
	typeLinux    = "0FC63DAF-8483-4772-8E79-3D69D8477DE4"
)

// partition is an entry of a GPT, in sectors of 512 bytes.
type partition struct {
	kind           string // type UUID
	name           string // at most 36 characters
	first, sectors int64
}

func (p partition) offset() int64 { return p.first * sectorSize }

// The shape of a GPT with 128 entries of 128 bytes.
const (
	gptEntries      = 128
	gptEntrySize    = 128
	gptTableSectors = gptEntries * gptEntrySize / sectorSize
)

// writeGPT writes a protective MBR and both copies of the partition table to a
// disk of the given number of sectors. The machine's kernel is not asked to
// partition anything: it may know no partition tables at all.
//
// Source: UEFI Specification 2.10, chapter 5.
func writeGPT(w io.WriterAt, sectors int64, parts []partition) error {
	table, err := gptTable(sectors, parts)
	if err != nil {
		return err
	}
	disk, err := guid(core.NewUUID())
	if err != nil {
		return err
	}
	header := func(own, other, tableAt int64) []byte {
		return gptHeader(own, other, tableAt, sectors, disk, crc32.ChecksumIEEE(table))
	}
	last := sectors - 1
	for _, block := range []struct {
		lba  int64
		data []byte
	}{
		{0, protectiveMBR(sectors)},
		{1, header(1, last, 2)},
		{2, table},
		{last - gptTableSectors, table},
		{last, header(last, 1, last-gptTableSectors)},
	} {
		if _, err := w.WriteAt(block.data, block.lba*sectorSize); err != nil {
			return err
		}
	}
	return nil
}

func gptTable(sectors int64, parts []partition) ([]byte, error) {
	free, end := int64(2+gptTableSectors), sectors-1-gptTableSectors
	var b bytes.Buffer
	for _, p := range parts {
		if p.first < free || p.sectors <= 0 || p.first+p.sectors > end {
			return nil, fmt.Errorf("partition %s does not fit", p.name)
		}
		free = p.first + p.sectors
		kind, err := guid(p.kind)
		if err != nil {
			return nil, err
		}
		own, err := guid(core.NewUUID())
		if err != nil {
			return nil, err
		}
		b.Write(kind)
		b.Write(own)
		for _, v := range []int64{p.first, free - 1, 0} {
			binary.Write(&b, binary.LittleEndian, v) // to a buffer: never fails
		}
		var name [36]uint16
		copy(name[:], utf16.Encode([]rune(p.name)))
		binary.Write(&b, binary.LittleEndian, name)
	}
	table := make([]byte, gptEntries*gptEntrySize)
	copy(table, b.Bytes())
	return table, nil
}

func gptHeader(own, other, table, sectors int64, disk []byte, tableSum uint32) []byte {
	h := make([]byte, sectorSize)
	le := binary.LittleEndian
	copy(h, "EFI PART")
	le.PutUint32(h[8:], 0x00010000) // revision 1.0
	le.PutUint32(h[12:], 92)        // header size
	le.PutUint64(h[24:], uint64(own))
	le.PutUint64(h[32:], uint64(other))
	le.PutUint64(h[40:], 2+gptTableSectors)                 // first usable
	le.PutUint64(h[48:], uint64(sectors-2-gptTableSectors)) // last usable
	copy(h[56:72], disk)
	le.PutUint64(h[72:], uint64(table))
	le.PutUint32(h[80:], gptEntries)
	le.PutUint32(h[84:], gptEntrySize)
	le.PutUint32(h[88:], tableSum)
	le.PutUint32(h[16:], crc32.ChecksumIEEE(h[:92])) // while the field itself is zero
	return h
}

func protectiveMBR(sectors int64) []byte {
	mbr := make([]byte, sectorSize)
	e := mbr[446:462]
	copy(e[1:4], []byte{0x00, 0x02, 0x00}) // first sector, cylinder-head-sector
	e[4] = 0xEE
	copy(e[5:8], []byte{0xFF, 0xFF, 0xFF})
	binary.LittleEndian.PutUint32(e[8:], 1)
	binary.LittleEndian.PutUint32(e[12:], uint32(min(sectors-1, 0xFFFFFFFF)))
	mbr[510], mbr[511] = 0x55, 0xAA
	return mbr
}

// guid returns a UUID in GPT's byte order: the first three groups little-endian.
func guid(uuid string) ([]byte, error) {
	b, err := core.ParseUUID(strings.ToLower(uuid))
	g := b[:]
	for _, r := range [][2]int{{0, 3}, {1, 2}, {4, 5}, {6, 7}} {
		g[r[0]], g[r[1]] = g[r[1]], g[r[0]]
	}
	return g, err
}

// Where GRUB keeps block addresses, in bytes.
//
// Source: GRUB 2.06, include/grub/i386/pc/boot.h and grub-core/boot/i386/pc/diskboot.S.
const (
	grubKernelSector  = 0x5c  // in boot.img: the sector of core.img
	grubCodeEnd       = 0x1b8 // in boot.img: disk signature and partitions follow
	grubFirstListLBA  = 0x1f4 // in core.img: the sector where its rest begins
	grubBootImageSize = 512
)

// writeGRUB makes a disk with a BIOS boot partition bootable, as grub-install
// would if the machine's kernel could read the disk's partitions: boot.img into
// the MBR, core.img into the partition, each pointed at what it loads.
func writeGRUB(w io.WriterAt, bootImage, coreImage []byte, p partition) error {
	if len(bootImage) != grubBootImageSize || len(coreImage) < sectorSize {
		return fmt.Errorf("GRUB's images have %d and %d bytes", len(bootImage), len(coreImage))
	}
	if int64(len(coreImage)) > p.sectors*sectorSize {
		return fmt.Errorf("GRUB needs %d bytes, more than its partition has", len(coreImage))
	}
	code, rest := bytes.Clone(bootImage[:grubCodeEnd]), bytes.Clone(coreImage)
	binary.LittleEndian.PutUint64(code[grubKernelSector:], uint64(p.first))
	binary.LittleEndian.PutUint64(rest[grubFirstListLBA:], uint64(p.first+1))
	if _, err := w.WriteAt(code, 0); err != nil {
		return err
	}
	_, err := w.WriteAt(rest, p.offset())
	return err
}
