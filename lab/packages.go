//go:build linux

package lab

import (
	"os"
	"strings"

	"github.com/limiquantix/limiquantix/core"
)

// Package is a Debian package that the lab runs programs of.
type Package struct {
	// Name as apt knows it.
	Name string
	// Files that show its presence; all must exist.
	Files []string
}

// Packages returns what the lab needs of a Debian 12 machine.
func Packages() []Package {
	return []Package{
		{"libvirt-daemon-system", []string{"/usr/sbin/libvirtd", "/usr/sbin/virtlogd", "/etc/libvirt/qemu.conf"}},
		{"libvirt-clients", []string{"/usr/bin/virsh"}},
		{"qemu-system-x86", []string{"/usr/bin/qemu-system-x86_64"}},
		{"qemu-utils", []string{"/usr/bin/qemu-img"}},
		{"openssh-server", []string{"/usr/sbin/sshd"}},
		{"openssh-client", []string{"/usr/bin/ssh-keygen"}},
		{"dnsmasq-base", []string{"/usr/sbin/dnsmasq"}},
		{"iptables", []string{"/usr/sbin/iptables"}},
		{"iproute2", []string{"/usr/sbin/ip"}},
		{"e2fsprogs", []string{"/usr/sbin/mkfs.ext4"}},
		{"util-linux", []string{"/usr/bin/nsenter"}},
		{"netcat-openbsd", []string{"/usr/bin/nc"}},
		{"sudo", []string{"/usr/bin/sudo"}},
	}
}

// Missing returns the names of [Packages] that this machine lacks, nil when it
// has all. It looks for files and asks no package manager.
func Missing() []string {
	var missing []string
	for _, p := range Packages() {
		for _, f := range p.Files {
			if _, err := os.Stat(f); err != nil {
				missing = append(missing, p.Name)
				break
			}
		}
	}
	return missing
}

func checkMachine() error {
	if os.Geteuid() != 0 {
		return core.Errorf(core.Denied, "a lab needs root: it makes network namespaces and mounts").
			WithHint("run it with sudo")
	}
	if m := Missing(); len(m) > 0 {
		return core.Errorf(core.Unsupported, "this machine lacks programs that a lab runs: %s", strings.Join(m, ", ")).
			WithHint("apt-get install --no-install-recommends %s", strings.Join(m, " "))
	}
	return nil
}
