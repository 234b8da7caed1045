//go:build linux

package guest

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"syscall"

	"github.com/limiquantix/limiquantix/core"
)

// Packages returns the Debian packages that building needs on this machine.
func Packages() []string {
	return []string{
		"apt", "debian-archive-keyring", "dosfstools", "dpkg", "e2fsprogs",
		"grub-common", "grub-pc-bin", "mmdebstrap", "mtools", "qemu-utils",
	}
}

// Missing returns those of [Packages] that are not installed; empty when all are.
func Missing(ctx context.Context) ([]string, error) { return missing(ctx, Packages()) }

func missing(ctx context.Context, packages []string) ([]string, error) {
	argv := append([]string{"-W", "-f", "${Package} ${db:Status-Status}\n"}, packages...)
	// Its status is 1 when it does not know one of them: the output still counts.
	out, err := exec.CommandContext(ctx, "dpkg-query", argv...).Output()
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil && len(out) == 0 {
		return nil, core.Errorf(core.Unsupported, "dpkg does not answer: %w", err).
			WithHint("guests can only be built on Debian")
	}
	installed := strings.Split(string(out), "\n")
	return slices.DeleteFunc(slices.Clone(packages), func(p string) bool {
		return slices.Contains(installed, p+" installed")
	}), nil
}

// requireSpace refuses to begin what would fill the file system of dir.
func requireSpace(dir string, need core.Bytes) error {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return fmt.Errorf("ask for free space: %w", err)
	}
	if free := core.Bytes(fs.Bavail) * core.Bytes(fs.Bsize); free < need {
		return core.Errorf(core.NoSpace, "building a guest needs %s in the cache, where %s is free", need, free)
	}
	return nil
}

func requirePackages(ctx context.Context) error {
	missing, err := Missing(ctx)
	if err != nil || len(missing) == 0 {
		return err
	}
	return core.Errorf(core.NotFound, "building a guest needs Debian packages: %s", strings.Join(missing, " ")).
		WithHint("apt-get install --no-install-recommends %s", strings.Join(missing, " "))
}
