package host

import (
	"context"
	"strconv"
	"strings"

	"github.com/limiquantix/limiquantix/core"
)

// littleRoom is what a host's images should have left at least.
const littleRoom = 5 * core.GiB

// systemScript tells what the kernel offers to VMs, a fact a line; what it does
// not know gives none. It changes nothing.
const systemScript = `d=/var/lib/libvirt/images; [ -d $d ] || d=/var; echo free=$(df -kP $d | tail -n 1 | awk '{print $4}'); ` +
	`[ -d /sys/kernel ] && echo iommu=$(ls /sys/class/iommu 2>/dev/null | wc -l); ` +
	`for f in /sys/module/kvm_*/parameters/nested; do [ -r "$f" ] && echo nested=$(cat "$f"); done; ` +
	`b=; for f in /sys/class/net/*/bridge; do [ -d "$f" ] && f=${f%/bridge} && b="$b ${f##*/}"; done; [ -d /sys/class/net ] && echo "bridges=$b"; ` +
	`[ -r /sys/kernel/security/lsm ] && echo lsm=$(cat /sys/kernel/security/lsm); ` +
	`v() { timeout 20 virsh -q -c qemu:///system "$@" 2>/dev/null </dev/null; }; ` +
	`if v uri >/dev/null; then for k in net pool; do v $k-list --name | sed 's, *$,,' | grep -qx default && echo $k=yes || echo $k=no; done; fi; ` +
	`[ -d /run/systemd/system ] && for u in libvirtd.socket libvirtd.service virtqemud.socket; do [ "$(systemctl is-enabled $u 2>/dev/null)" = enabled ] && e=yes; done; ` +
	`[ -d /run/systemd/system ] && echo boot=${e:-no}; exit 0`

// system adds what the kernel and the service manager say.
func (f *findings) system(ctx context.Context, r Runner) {
	out, err := r.Run(ctx, Command{Argv: []string{"sh", "-c", systemScript}, MaxOutput: 64 * core.KiB})
	if err != nil {
		return
	}
	for line := range strings.Lines(string(out.Out)) {
		key, value, is := strings.Cut(strings.TrimSpace(line), "=")
		if is {
			f.systemFact(key, strings.TrimSpace(value))
		}
	}
}

func (f *findings) systemFact(key, value string) {
	n, err := strconv.ParseInt(value, 10, 40)
	switch {
	case key == "free" && err == nil:
		if room := core.Bytes(max(n, 0)) * core.KiB; room < littleRoom {
			f.add("space", warn, "make room, or add a pool on another file system", "%s is free for images", room)
		} else {
			f.add("space", ok, "", "%s is free for images", room)
		}
	case key == "iommu" && err == nil && n > 0:
		f.add("iommu", ok, "", "the IOMMU is on: PCI devices can be given to VMs")
	case key == "iommu" && err == nil:
		f.add("iommu", warn, "enable VT-d or AMD-Vi in the firmware; with an Intel CPU boot the kernel with intel_iommu=on", "the IOMMU is off: PCI devices cannot be given to VMs")
	case key == "nested" && (value == "Y" || value == "1"):
		f.add("nested", ok, "", "VMs may run VMs (nested virtualisation)")
	case key == "nested":
		f.add("nested", warn, "load kvm_intel or kvm_amd with nested=1", "VMs cannot run VMs: nested virtualisation is off")
	case key == "bridges":
		f.bridges(strings.Fields(value))
	case key == "net" || key == "pool":
		f.standard(map[string]string{"net": "network", "pool": "pool"}[key], value == "yes")
	case key == "boot" && value == "no":
		f.add("boot", warn, "systemctl enable libvirtd.socket (Debian, Ubuntu) or virtqemud.socket (Fedora, RHEL)", "libvirt does not start with the host")
	case key == "boot":
		f.add("boot", ok, "", "libvirt starts with the host")
	case key == "lsm" && strings.Contains(value, "selinux"):
		f.add("security", ok, "", "SELinux guards the VMs: images outside of pools need the label virt_image_t")
	case key == "lsm" && strings.Contains(value, "apparmor"):
		f.add("security", ok, "", "AppArmor guards the VMs")
	}
}

// standard tells whether what new VMs are offered first is there.
func (f *findings) standard(kind string, runs bool) {
	if runs {
		f.add(kind, ok, "", "the %s default runs", kind)
		return
	}
	f.add(kind, warn, "prepare the host, or name another "+kind+" for each new VM", "no %s default runs, which new VMs are offered first", kind)
}

// bridges tells of those that VMs can be on. libvirt's own end in NAT.
func (f *findings) bridges(names []string) {
	var list []string
	for _, name := range names {
		if !strings.HasPrefix(name, "virbr") && core.Escape(name) == name {
			list = append(list, name)
		}
	}
	if len(list) == 0 {
		f.add("bridge", ok, "", "no bridge of its own: VMs are on libvirt's networks")
		return
	}
	f.add("bridge", ok, "", "bridges: %s", strings.Join(list[:min(len(list), 20)], ", "))
}
