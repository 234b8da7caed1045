//go:build linux

package guest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/limiquantix/limiquantix/core"
)

// cloudPackages are what is installed beyond Debian's essential packages and apt.
func cloudPackages() []string {
	return []string{
		"busybox-static", "cloud-guest-utils", "cloud-init", "dbus", "e2fsprogs", "fdisk",
		"grub-efi-amd64-bin", "grub-efi-amd64-signed", "iproute2", "iputils-ping", "kmod",
		"libnss-myhostname", "linux-image-cloud-amd64", "netbase", "openssh-server", "procps",
		"qemu-guest-agent", "shim-signed", "sudo", "systemd-resolved", "systemd-sysv", "udev",
	}
}

type cloudBuild struct {
	opt     Options
	sources aptSources
}

func (b cloudBuild) build(ctx context.Context, work, out string) error {
	if os.Geteuid() != 0 {
		return core.Errorf(core.Denied, "building it needs root")
	}
	if err := requireSpace(work, 2*core.GiB); err != nil {
		return err
	}
	tree := filepath.Join(work, "tree")
	b.opt.Progress("cloud: installing Debian " + b.sources.codename + " into a directory (a minute or two)")
	if err := b.install(ctx, tree); err != nil {
		return downloadError(ctx, err)
	}
	b.opt.Progress("cloud: configuring it")
	version, err := configureCloud(tree)
	if err != nil {
		return fmt.Errorf("configure Debian: %w", err)
	}
	if err := cloudInitrd(tree, version); err != nil {
		return fmt.Errorf("pack the initramfs: %w", err)
	}
	b.opt.Progress("cloud: writing the disk")
	if err := cloudDisk(ctx, work, tree, version, filepath.Join(out, "debian-cloud.qcow2")); err != nil {
		return fmt.Errorf("write the disk: %w", err)
	}
	manifest, err := output(ctx, "", "dpkg-query", "--admindir", filepath.Join(tree, "var/lib/dpkg"), "-W")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, "packages"), manifest, 0o644)
}

// install unpacks and configures Debian in tree.
func (b cloudBuild) install(ctx context.Context, tree string) error {
	argv := []string{
		"mmdebstrap", "--quiet", "--mode=root", "--variant=apt", "--components=main",
		"--include=" + strings.Join(cloudPackages(), ","),
		`--aptopt=APT::Install-Recommends "false"`,
		`--aptopt=Acquire::Languages "none"`,
	}
	for _, dir := range []string{"man", "locale", "doc"} {
		argv = append(argv, "--dpkgopt=path-exclude=/usr/share/"+dir+"/*")
	}
	for _, p := range b.sources.proxies {
		argv = append(argv, "--aptopt="+p)
	}
	argv = append(argv, b.sources.codename, tree)
	return runIsolated(ctx, append(argv, b.sources.lines...)...)
}

// configureCloud makes tree a cloud image's and returns its kernel's version.
func configureCloud(tree string) (version string, err error) {
	kernel, _, err := findKernel(tree)
	if err != nil {
		return "", err
	}
	files := map[string]string{
		"etc/fstab":                            "LABEL=root / ext4 rw,noatime 0 0\n",
		"etc/machine-id":                       "", // made at first boot
		"etc/hostname":                         "debian\n",
		"etc/systemd/journald.conf.d/lab.conf": "[Journal]\nStorage=volatile\n",
	}
	for name, text := range files {
		path := filepath.Join(tree, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return "", err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return "", err
		}
	}
	if _, err := writeRecipe(tree, "etc/cloud/cloud.cfg.d/90_lab.cfg", "cloud/cloud.cfg"); err != nil {
		return "", err
	}
	if err := cloudLinks(tree); err != nil {
		return "", err
	}
	return strings.TrimPrefix(filepath.Base(kernel), "vmlinuz-"), cleanCloud(tree)
}

// cloudLinks masks units that only cost time in a lab, and turns on
// systemd-networkd and the name servers that it learns.
func cloudLinks(tree string) error {
	masked, err := recipe.ReadFile("recipe/cloud/masked")
	if err != nil {
		return err
	}
	const units = "etc/systemd/system/"
	links := map[string]string{
		"etc/resolv.conf": "../run/systemd/resolve/stub-resolv.conf",
		units + "multi-user.target.wants/systemd-networkd.service": "/lib/systemd/system/systemd-networkd.service",
	}
	for unit := range bytes.FieldsSeq(masked) {
		links[units+string(unit)] = "/dev/null"
	}
	for name, target := range links {
		path := filepath.Join(tree, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.RemoveAll(path); err != nil {
			return err
		}
		if err := os.Symlink(target, path); err != nil {
			return err
		}
	}
	return nil
}

// cleanCloud removes traces of this machine and what each guest makes for
// itself at its first boot, SSH host keys above all.
func cleanCloud(tree string) error {
	for _, pattern := range []string{
		"etc/ssh/ssh_host_*", "boot/initrd.img*", "var/lib/apt/lists/*",
		"etc/apt/apt.conf.d/99mmdebstrap", "var/lib/dbus/machine-id", "var/log/*.log",
	} {
		found, err := filepath.Glob(filepath.Join(tree, pattern))
		if err != nil {
			return err
		}
		for _, path := range found {
			if err := os.RemoveAll(path); err != nil {
				return err
			}
		}
	}
	return nil
}

func cloudInitrd(tree, version string) error {
	return writeInitrd(filepath.Join(tree, "boot/initrd.img-"+version), func(a *archive) error {
		for _, d := range []string{"dev", "proc", "sys", "root"} {
			a.dir(d)
		}
		a.char("dev/console", 5, 1)
		a.copy("bin/busybox", 0o755, filepath.Join(tree, "bin/busybox"))
		a.recipe("init", 0o755, "cloud/init")
		return addModules(a, filepath.Join(tree, "lib/modules", version),
			"virtio_pci", "virtio_blk", "virtio_scsi", "sd_mod", "sr_mod", "isofs", "virtio_net")
	})
}

// cloudDisk writes tree as a disk that boots by BIOS and by UEFI.
func cloudDisk(ctx context.Context, work, tree, version, out string) error {
	const mib, size = int64(core.MiB) / sectorSize, 2 * core.GiB
	rest := int64(size)/sectorSize - 18*mib - mib
	d, err := newDisk(work, size,
		partition{kind: typeBIOSBoot, name: "grub", first: 1 * mib, sectors: 1 * mib},
		partition{kind: typeESP, name: "esp", first: 2 * mib, sectors: 16 * mib},
		partition{kind: typeLinux, name: "root", first: 18 * mib, sectors: rest})
	if err != nil {
		return err
	}
	defer d.file.Close()
	config, err := writeRecipe(tree, "boot/grub/grub.cfg", "cloud/grub.cfg", "@KERNEL@", version)
	if err != nil {
		return err
	}
	err = d.bootBIOS(ctx, "(hd0,gpt3)/boot/grub", "",
		"biosdisk", "part_gpt", "ext2", "normal", "linux", "search", "search_label", "boot", "configfile", "echo")
	if err != nil {
		return err
	}
	lib := filepath.Join(tree, "usr/lib")
	err = d.fillFAT(ctx, "ESP",
		fatFile{"EFI/BOOT/BOOTX64.EFI", filepath.Join(lib, "shim/shimx64.efi.signed")},
		fatFile{"EFI/BOOT/grubx64.efi", filepath.Join(lib, "grub/x86_64-efi-signed/grubx64.efi.signed")},
		fatFile{"EFI/debian/grub.cfg", config})
	if err != nil {
		return err
	}
	if err := d.fillExt4(ctx, tree); err != nil {
		return err
	}
	return d.convert(ctx, out, true)
}
