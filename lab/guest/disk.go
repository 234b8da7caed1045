//go:build linux

package guest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"

	"github.com/limiquantix/limiquantix/core"
)

// disk is a raw disk image under construction: a GPT whose first partition is
// GRUB's and whose second is a FAT file system.
type disk struct {
	file    *os.File
	work    string // scratch directory
	parts   []partition
	sectors int64
}

// newDisk creates WORK/disk.raw, of size bytes, with the partitions.
func newDisk(work string, size core.Bytes, parts ...partition) (*disk, error) {
	f, err := os.Create(filepath.Join(work, "disk.raw"))
	if err != nil {
		return nil, err
	}
	d := &disk{file: f, work: work, parts: parts, sectors: int64(size) / sectorSize}
	err = f.Truncate(int64(size))
	if err == nil {
		err = writeGPT(f, d.sectors, parts)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("partition the disk: %w", err)
	}
	return d, nil
}

// bootBIOS installs GRUB with the modules for SeaBIOS; early is its built-in
// configuration, or "" to read prefix/grub.cfg.
func (d *disk) bootBIOS(ctx context.Context, prefix, early string, modules ...string) error {
	out := filepath.Join(d.work, "core.img")
	argv := []string{"grub-mkimage", "-O", "i386-pc", "-o", out, "-p", prefix}
	if early != "" {
		argv = append(argv, "-c", early)
	}
	if err := run(ctx, append(argv, modules...)...); err != nil {
		return err
	}
	coreImage, err := os.ReadFile(out)
	if err != nil {
		return err
	}
	bootImage, err := os.ReadFile("/usr/lib/grub/i386-pc/boot.img")
	if err != nil {
		return err
	}
	return writeGRUB(d.file, bootImage, coreImage, d.parts[0])
}

// fatFile is a file to put on the FAT partition.
type fatFile struct {
	name string // "EFI/BOOT/BOOTX64.EFI"
	src  string
}

// fillFAT makes the second partition a FAT file system with the files.
func (d *disk) fillFAT(ctx context.Context, label string, files ...fatFile) error {
	img, p := filepath.Join(d.work, "fat.img"), d.parts[1]
	kib := fmt.Sprint(p.sectors * sectorSize / 1024)
	if err := run(ctx, "mkfs.vfat", "-C", "-n", label, img, kib); err != nil {
		return err
	}
	made := map[string]bool{".": true}
	for _, f := range files {
		if err := fatDir(ctx, img, path.Dir(f.name), made); err != nil {
			return err
		}
		if err := run(ctx, "mcopy", "-i", img, f.src, "::/"+f.name); err != nil {
			return err
		}
	}
	src, err := os.Open(img)
	if err != nil {
		return err
	}
	defer src.Close()
	_, err = io.Copy(io.NewOffsetWriter(d.file, p.offset()), src)
	return err
}

// fatDir makes dir and its parents on the FAT image, unless they are in made.
func fatDir(ctx context.Context, img, dir string, made map[string]bool) error {
	if made[dir] {
		return nil
	}
	if err := fatDir(ctx, img, path.Dir(dir), made); err != nil {
		return err
	}
	made[dir] = true
	return run(ctx, "mmd", "-i", img, "::/"+dir)
}

// fillExt4 makes the third partition an ext4 file system labelled root with the
// files of tree. It has no journal: that saves seconds of every boot, and a lab
// guest's disk lives as long as its test.
func (d *disk) fillExt4(ctx context.Context, tree string) error {
	p := d.parts[2]
	return run(ctx, "mke2fs", "-q", "-F", "-b", "4096", "-t", "ext4", "-L", "root", "-O", "^has_journal",
		"-E", fmt.Sprintf("offset=%d", p.offset()), "-d", tree,
		d.file.Name(), fmt.Sprint(p.sectors*sectorSize/4096))
}

// convert writes the disk as qcow2 to out and removes the raw file.
func (d *disk) convert(ctx context.Context, out string, compress bool) error {
	argv := []string{"qemu-img", "convert", "-f", "raw", "-O", "qcow2"}
	if compress {
		argv = append(argv, "-c", "-W")
	}
	if err := run(ctx, append(argv, d.file.Name(), out)...); err != nil {
		return err
	}
	return errors.Join(d.file.Close(), os.Remove(d.file.Name()))
}
