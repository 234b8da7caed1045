package ready

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
)

// family is a sort of distribution: how packages are installed and named.
type family string

const (
	debian family = "debian"
	fedora family = "fedora"
)

// state is what a host has, as far as it matters here.
type state struct {
	OS      string // "Debian GNU/Linux 12 (bookworm)"
	Family  family // "" for one that is not known
	Arch    string // "x86_64"
	Machine string // machine-id: what the ledger calls the host
	User    string // of the connection
	Rights  string // see [host.Shell]
	Systemd bool
	KVM     bool
	CPU     bool // its CPU can virtualise
	Free    core.Bytes
	Have    []string // "tool/qemu-img", "group/libvirt", "network/default", "pool/default", "firmware/uefi"
	Libvirt bool     // it answers
	VMs     int      // that libvirt knows
}

func (s state) has(what string) bool { return slices.Contains(s.Have, what) }

// script tells all of [state] at once, a fact a line. It changes nothing, and
// what a host does not know gives no line.
const script = `PATH=$PATH:/usr/sbin:/sbin; LC_ALL=C; export PATH LC_ALL; ` +
	`grep -E '^(ID|ID_LIKE|PRETTY_NAME)=' /etc/os-release; echo arch=$(uname -m); echo machine=$(cat /etc/machine-id); ` +
	`u=${SUDO_USER:-$(id -un)}; echo user=$u; for g in $(id -Gn "$u"); do echo have=group/$g; done; ` +
	`[ -d /run/systemd/system ] && echo systemd=yes; [ -c /dev/kvm ] && echo kvm=yes; grep -qwE 'vmx|svm' /proc/cpuinfo && echo cpu=yes; ` +
	`for t in virsh libvirtd virtqemud qemu-img qemu-system-x86_64 qemu-system-aarch64 nft dnsmasq ip; do command -v $t >/dev/null && echo have=tool/$t; done; ` +
	`[ -x /usr/libexec/qemu-kvm ] && echo have=tool/qemu-kvm; ` +
	`for d in /usr/share/OVMF /usr/share/AAVMF /usr/share/edk2; do [ -d $d ] && echo have=firmware/uefi; done; ` +
	`echo free=$(df -kP /var | tail -n 1 | awk '{print $4}'); ` +
	`v() { timeout 20 virsh -q -c qemu:///system "$@" 2>/dev/null </dev/null; }; ` +
	`if v uri >/dev/null; then echo libvirt=yes; v net-list --name | sed 's,^,have=network/,'; v pool-list --name | sed 's,^,have=pool/,'; ` +
	`echo vms=$(v list --all --name | grep -c .); fi; exit 0`

// observe looks at a host and changes nothing. [core.Unsupported] when it does
// not say who it is.
func observe(ctx context.Context, sh host.Shell) (state, error) {
	rights, err := sh.Rights(ctx)
	if err != nil {
		return state{}, err
	}
	if rights == "libvirt" { // its members may have sudo as well
		if out, err := sh.Run(ctx, host.Command{Argv: []string{"true"}, Sudo: true}); err == nil && out.Exit == 0 {
			rights = "sudo"
		}
	}
	out, err := sh.Run(ctx, host.Command{Argv: []string{"sh", "-c", script}, Sudo: rights == "sudo", MaxOutput: core.MiB})
	if err != nil {
		return state{}, err
	}
	s := parse(string(out.Out))
	s.Rights = rights
	if s.Machine == "" {
		return s, core.Errorf(core.Unsupported, "the host does not say who it is: it has no /etc/machine-id").WithHint("make one on the host with: systemd-machine-id-setup")
	}
	return s, nil
}

var (
	machineID = regexp.MustCompile(`^[0-9a-f]{32}$`)
	userName  = regexp.MustCompile(`^[a-z_][a-z0-9_.-]{0,31}$`)
)

// parse reads what [script] printed. What makes no sense is left out: the host
// is not trusted, and its words become part of commands.
func parse(text string) state {
	var s state
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		value = strings.Trim(value, `"'`)
		switch key {
		case "ID", "ID_LIKE":
			s.Family = s.Family.or(strings.Fields(value))
		case "PRETTY_NAME":
			s.OS = core.Escape(value[:min(len(value), 100)])
		case "arch":
			s.Arch = core.Escape(value[:min(len(value), 20)])
		case "machine":
			if machineID.MatchString(value) {
				s.Machine = value
			}
		case "user":
			if userName.MatchString(value) {
				s.User = value
			}
		case "have":
			s.Have = append(s.Have, value)
		default:
			s.flag(key, value)
		}
	}
	return s
}

// flag takes the facts that are yes or a number.
func (s *state) flag(key, value string) {
	switch n, _ := strconv.ParseInt(value, 10, 40); key {
	case "systemd":
		s.Systemd = true
	case "kvm":
		s.KVM = true
	case "cpu":
		s.CPU = true
	case "libvirt":
		s.Libvirt = true
	case "free":
		s.Free = core.Bytes(max(n, 0)) * core.KiB
	case "vms":
		s.VMs = int(max(n, 0))
	}
}

// or returns f, else the family that one of ids belongs to. Source: os-release(5).
func (f family) or(ids []string) family {
	for _, id := range ids {
		switch {
		case f != "":
		case id == "debian" || id == "ubuntu":
			f = debian
		case id == "fedora" || id == "rhel" || id == "centos":
			f = fedora
		}
	}
	return f
}
