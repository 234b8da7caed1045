//go:build linux

package guest

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/limiquantix/limiquantix/core"
)

// Options that save TCG time: no mitigations, no relocation, no timer test (it
// can fail when the machine is busy), no wait for entropy.
const (
	tinyCmdline     = "console=ttyS0 quiet mitigations=off nokaslr no_timer_check random.trust_cpu=on"
	tinyDiskCmdline = "console=tty0 " + tinyCmdline
)

// tinyPackages returns the kernel, the programs and the libraries they need.
func tinyPackages(ctx context.Context) ([]deb, error) {
	kernel, err := kernelPackage(ctx)
	if err != nil {
		return nil, err
	}
	return lookup(ctx, kernel, "busybox-static", "dropbear-bin", "qemu-guest-agent",
		"libc6", "libcrypt1", "libglib2.0-0", "libgmp10", "libnuma1", "libpcre2-8-0",
		"libtomcrypt1", "libtommath1", "libudev1", "liburing2", "zlib1g")
}

// tinyModules are the drivers of the tiny guest: virtio, and IDE for a CD-ROM on
// the old "pc" machine type.
func tinyModules() []string {
	return []string{
		"virtio_pci", "virtio_blk", "virtio_net", "virtio_console", "virtio_balloon",
		"virtio-rng", "virtio_mem", "virtio_scsi", "ata_piix", "sd_mod", "sr_mod", "isofs",
		"button", "evdev",
	}
}

type tinyBuild struct {
	opt  Options
	debs []deb
}

func (b tinyBuild) build(ctx context.Context, work, out string) error {
	if err := requireSpace(work, 512*core.MiB); err != nil {
		return err
	}
	tree := filepath.Join(work, "tree")
	b.opt.Progress("tiny: downloading kernel, busybox, dropbear and guest agent")
	if err := fetch(ctx, b.debs, work, tree); err != nil {
		return err
	}
	b.opt.Progress("tiny: packing the initramfs")
	kernel, modules, err := findKernel(tree)
	if err != nil {
		return err
	}
	initrd := filepath.Join(out, "initrd")
	if err := tinyInitrd(tree, modules, initrd); err != nil {
		return fmt.Errorf("pack the initramfs: %w", err)
	}
	if err := os.Rename(kernel, filepath.Join(out, "vmlinuz")); err != nil {
		return err
	}
	b.opt.Progress("tiny: writing the disk")
	if err := tinyDisk(ctx, work, out); err != nil {
		return fmt.Errorf("write the disk: %w", err)
	}
	var manifest strings.Builder
	for _, d := range b.debs {
		fmt.Fprintln(&manifest, d.file, d.sum)
	}
	return os.WriteFile(filepath.Join(out, "packages"), []byte(manifest.String()), 0o644)
}

// findKernel returns the paths of the one kernel in tree and of its modules.
func findKernel(tree string) (kernel, modules string, err error) {
	found, err := filepath.Glob(filepath.Join(tree, "boot/vmlinuz-*"))
	if err != nil {
		return "", "", err
	}
	if len(found) != 1 {
		return "", "", fmt.Errorf("%d kernels where there should be one", len(found))
	}
	version := strings.TrimPrefix(filepath.Base(found[0]), "vmlinuz-")
	modules = filepath.Join(tree, "lib/modules", version)
	if !isDir(modules) {
		modules = filepath.Join(tree, "usr/lib/modules", version)
	}
	return found[0], modules, nil
}

// tinyInitrd writes the whole user space of the tiny guest.
func tinyInitrd(tree, modules, out string) error {
	agent, dropbear := filepath.Join(tree, "usr/sbin/qemu-ga"), filepath.Join(tree, "usr/sbin/dropbear")
	libs, err := libraries(tree, agent, dropbear)
	if err != nil {
		return err
	}
	return writeInitrd(out, func(a *archive) error {
		for _, d := range []string{"dev", "proc", "sys", "run", "tmp", "root", "mnt", "home", "sbin", "etc/dropbear"} {
			a.dir(d)
		}
		a.char("dev/console", 5, 1) // the first process has no output without it
		a.copy("bin/busybox", 0o755, filepath.Join(tree, "bin/busybox"))
		a.link("bin/sh", "busybox")
		a.copy("usr/sbin/qemu-ga", 0o755, agent)
		a.copy("usr/sbin/dropbear", 0o755, dropbear)
		a.copy("usr/bin/dropbearkey", 0o755, filepath.Join(tree, "usr/bin/dropbearkey"))
		for _, guest := range slices.Sorted(maps.Keys(libs)) {
			a.copy(strings.TrimPrefix(guest, "/"), 0o755, libs[guest])
		}
		a.recipe("init", 0o755, "tiny/init")
		a.recipe("sbin/shutdown", 0o755, "tiny/shutdown")
		a.recipe("lib/udhcpc.sh", 0o755, "tiny/udhcpc.sh")
		for _, name := range []string{"users.awk", "network.awk", "pick.awk"} {
			a.recipe("lib/"+name, 0o644, "tiny/"+name)
		}
		a.file("etc/acpi/PWRF/00000080", 0o755, []byte("#!/bin/sh\npoweroff -f\n"))
		a.file("etc/shells", 0o644, []byte("/bin/sh\n"))
		a.file("etc/passwd", 0o644, []byte("root:x:0:0:root:/root:/bin/sh\n"))
		a.file("etc/group", 0o644, []byte("root:x:0:\n"))
		a.file("etc/profile", 0o644, []byte("PS1='\\u@\\h:\\w\\$ '\n"))
		a.file("etc/os-release", 0o644, []byte("ID=limiquantix-tiny\nPRETTY_NAME=\"limiquantix tiny guest\"\n"))
		return addModules(a, modules, tinyModules()...)
	})
}

// tinyDisk writes OUT/tinycloud.qcow2 from the kernel and initramfs in out.
func tinyDisk(ctx context.Context, work, out string) error {
	const mib = int64(core.MiB) / sectorSize
	d, err := newDisk(work, 64*core.MiB,
		partition{kind: typeBIOSBoot, name: "grub", first: 1 * mib, sectors: 1 * mib},
		partition{kind: typeESP, name: "boot", first: 2 * mib, sectors: 61 * mib})
	if err != nil {
		return err
	}
	defer d.file.Close()
	early, err := writeRecipe(work, "early.cfg", "tiny/early.cfg")
	if err != nil {
		return err
	}
	config, err := writeRecipe(work, "grub.cfg", "tiny/grub.cfg", "@CMDLINE@", tinyDiskCmdline)
	if err != nil {
		return err
	}
	err = d.bootBIOS(ctx, "(hd0,gpt2)/", early,
		"biosdisk", "part_gpt", "fat", "normal", "linux", "search", "search_fs_file", "boot", "configfile", "echo")
	if err != nil {
		return err
	}
	err = d.fillFAT(ctx, "TINY",
		fatFile{"vmlinuz", filepath.Join(out, "vmlinuz")},
		fatFile{"initrd", filepath.Join(out, "initrd")},
		fatFile{"grub.cfg", config})
	if err != nil {
		return err
	}
	return d.convert(ctx, filepath.Join(out, "tinycloud.qcow2"), false)
}
