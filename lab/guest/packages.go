package guest

import (
	"context"
	"os/exec"
	"slices"
	"strings"

	"github.com/limiquantix/limiquantix/core"
)

// Packages returns the Debian packages that building needs on this machine.
func Packages() []string {
	return []string{
		"apt", "debian-archive-keyring", "dosfstools", "dpkg", "e2fsprogs",
		"grub-common", "grub-pc-bin", "mmdebstrap", "mtools", "qemu-utils",
	}
}

// Missing returns those of [Packages] that are not installed; nil when all are.
func Missing(ctx context.Context) ([]string, error) {
	argv := append([]string{"-W", "-f", "${Package} ${db:Status-Status}\n"}, Packages()...)
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
	var missing []string
	for _, p := range Packages() {
		if !slices.Contains(installed, p+" installed") {
			missing = append(missing, p)
		}
	}
	return missing, nil
}

func requirePackages(ctx context.Context) error {
	missing, err := Missing(ctx)
	if err != nil || len(missing) == 0 {
		return err
	}
	return core.Errorf(core.NotFound, "building a guest needs Debian packages: %s", strings.Join(missing, " ")).
		WithHint("apt-get install --no-install-recommends %s", strings.Join(missing, " "))
}
