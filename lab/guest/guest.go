//go:build linux

package guest

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/limiquantix/limiquantix/core"
)

// recipeVersion goes into every cache key. Raise it when this package's code
// changes what it builds; a change under recipe/ changes the key by itself.
const recipeVersion = "1"

//go:embed recipe
var recipe embed.FS

// Options say where guests are kept and who hears of progress.
type Options struct {
	// Cache is the directory for finished guests; "" is [DefaultCache].
	Cache string
	// Progress is called with one line at the start of each phase of a build,
	// from the calling goroutine; nil is allowed. A guest that is in the cache
	// already has no phase.
	Progress func(line string)
}

// DefaultCache returns ${XDG_CACHE_HOME:-~/.cache}/limiquantix/guest.
func DefaultCache() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the cache directory: %w", err)
	}
	return filepath.Join(dir, "limiquantix", "guest"), nil
}

// TinyFiles are the paths of the tiny guest. They are shared and read-only: boot
// Disk through an overlay.
type TinyFiles struct {
	// Kernel and Initrd boot directly, with Cmdline.
	Kernel, Initrd string
	// Disk is a qcow2 of 64 MiB that boots the same through SeaBIOS and GRUB.
	Disk string
	// Cmdline is the kernel command line to use with Kernel and Initrd.
	Cmdline string
}

// Lines that the tiny guest writes to ttyS0, each followed by the words named.
const (
	// ReadyLine: seconds since the kernel's start, host name. SSH is served.
	ReadyLine = "TINY-READY"
	// SeedLine: device, host name. A NoCloud volume was found and applied.
	SeedLine = "TINY-SEED"
	// NetLine: interface, address/prefix. An address was set.
	NetLine = "TINY-NET"
)

// Tiny returns the tiny guest, built on first use (seconds, plus a download of
// about 35 MB): Debian's cloud kernel, busybox, dropbear and qemu-guest-agent in
// an initramfs, nothing kept across boots.
//
// From a NoCloud ISO on a virtio-blk, virtio-scsi or IDE device it takes the
// host name, the users' names, every SSH public key (each opens root and all
// users) and the network configuration (static or DHCP, versions 1 and 2); all
// else is ignored. The ISO, network cards and the agent's channel may also
// appear after boot. Without a seed every card asks DHCP and nobody can log in
// but on ttyS0 and tty1, where a root shell runs.
//
// It may be called concurrently, also from several processes: one builds, the
// others wait.
//
// Errors: [core.Unsupported] without apt's package lists, or on another system
// than Debian on x86-64; [core.NotFound] when [Missing] packages are needed for
// a build; [core.NoSpace], [core.Unreachable].
func Tiny(ctx context.Context, opt Options) (TinyFiles, error) {
	opt, err := opt.complete()
	if err != nil {
		return TinyFiles{}, err
	}
	debs, err := tinyPackages(ctx)
	if err != nil {
		return TinyFiles{}, fmt.Errorf("tiny guest: %w", err)
	}
	key, err := cacheKey("recipe/tiny", debs)
	if err != nil {
		return TinyFiles{}, err
	}
	b := tinyBuild{opt: opt, debs: debs}
	dir, err := opt.cached(ctx, "tiny", key, b.build)
	if err != nil {
		return TinyFiles{}, fmt.Errorf("tiny guest: %w", err)
	}
	return TinyFiles{
		Kernel:  filepath.Join(dir, "vmlinuz"),
		Initrd:  filepath.Join(dir, "initrd"),
		Disk:    filepath.Join(dir, "tinycloud.qcow2"),
		Cmdline: tinyCmdline,
	}, nil
}

// Cloud returns the path of a Debian cloud image (compressed qcow2, 2 GiB
// virtual), built on first use (about 2 minutes): systemd, cloud-init with
// NoCloud, openssh-server, qemu-guest-agent; boots by BIOS and by UEFI, also with
// secure boot. It is tuned to boot in under a minute with TCG, and is otherwise
// Debian. The file is shared and read-only: boot it through an overlay.
//
// The cloud kernel has no AHCI driver: give the seed ISO as a virtio-scsi CD-ROM
// or as a virtio-blk disk.
//
// Concurrency and errors are as for [Tiny]; also [core.Denied] when it has to be
// built by another user than root.
func Cloud(ctx context.Context, opt Options) (string, error) {
	opt, err := opt.complete()
	if err != nil {
		return "", err
	}
	src, err := sources(ctx)
	if err != nil {
		return "", fmt.Errorf("cloud image: %w", err)
	}
	debs, err := lookup(ctx, cloudPackages()...)
	if err != nil {
		return "", fmt.Errorf("cloud image: %w", err)
	}
	key, err := cacheKey("recipe/cloud", debs)
	if err != nil {
		return "", err
	}
	b := cloudBuild{opt: opt, sources: src}
	dir, err := opt.cached(ctx, "cloud", key, b.build)
	if err != nil {
		return "", fmt.Errorf("cloud image: %w", err)
	}
	return filepath.Join(dir, "debian-cloud.qcow2"), nil
}

func (o Options) complete() (Options, error) {
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	if runtime.GOARCH != "amd64" {
		return o, core.Errorf(core.Unsupported, "the lab's guests are for x86-64 machines")
	}
	if o.Cache != "" {
		return o, nil
	}
	var err error
	o.Cache, err = DefaultCache()
	return o, err
}

// cacheKey names what a build depends on: this package's recipe and the exact
// packages known beforehand.
func cacheKey(dir string, debs []deb) (string, error) {
	h := sha256.New()
	io.WriteString(h, recipeVersion)
	err := fs.WalkDir(recipe, dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := recipe.ReadFile(path)
		fmt.Fprintf(h, "%s %d\n%s", path, len(data), data)
		return err
	})
	for _, d := range debs {
		fmt.Fprintln(h, d.file, d.sum)
	}
	return hex.EncodeToString(h.Sum(nil))[:12], err
}
