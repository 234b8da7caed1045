package ready

import (
	"slices"
	"strings"

	"github.com/limiquantix/limiquantix/core"
)

// act is one change of a host: a command, and the one that takes it back.
type act struct {
	ID, Kind, Text string
	What           string // what is there after it, for the ledger
	Argv           []string
	Stdin          string
	// Unless is a command that succeeds when there is nothing to do; nil: always do.
	Unless []string
	// Undo takes it back; nil when there is nothing to take back.
	Undo     []string
	UndoText string
	// Simulate lists what Argv would install, for Undo to end with; nil where the
	// names that were asked for are enough.
	Simulate []string
}

// need is something that a host must have, and the package that brings it.
type need struct {
	have           []string // any of them will do
	debian, fedora string
}

// needs returns what a hypervisor of an architecture has.
func needs(arch string) []need {
	qemu, firmware := "qemu-system-x86", "ovmf"
	redhat := "edk2-ovmf"
	if arch == "aarch64" {
		qemu, firmware, redhat = "qemu-system-arm", "qemu-efi-aarch64", "edk2-aarch64"
	}
	return []need{
		{[]string{"tool/libvirtd", "tool/virtqemud"}, "libvirt-daemon-system", "libvirt"},
		{[]string{"tool/virsh"}, "libvirt-clients", "libvirt-client"},
		{[]string{"tool/qemu-kvm", "tool/qemu-system-x86_64", "tool/qemu-system-aarch64"}, qemu, "qemu-kvm"},
		{[]string{"tool/qemu-img"}, "qemu-utils", "qemu-img"},
		{[]string{"firmware/uefi"}, firmware, redhat},
		{[]string{"tool/dnsmasq"}, "dnsmasq-base", "dnsmasq"},
		{[]string{"tool/nft"}, "nftables", "nftables"},
		{[]string{"tool/ip"}, "iproute2", "iproute"},
	}
}

// lacking returns the packages that s lacks, in the words of its distribution.
func (s state) lacking() (packages []string) {
	for _, n := range needs(s.Arch) {
		if slices.ContainsFunc(n.have, s.has) {
			continue
		}
		if s.Family == fedora {
			packages = append(packages, n.fedora)
		} else {
			packages = append(packages, n.debian)
		}
	}
	return packages
}

// Names of acts.
const (
	actLists    = "lists"
	actPackages = "packages"
	actLog      = "virtlogd"
	actDaemon   = "libvirtd"
	actGroup    = "group"
)

// acts returns what makes a hypervisor of a host in the state s, in order; nil
// when it lacks nothing.
func (s state) acts() []act {
	var out []act
	packages := s.lacking()
	if len(packages) > 0 {
		out = append(out, s.install(packages)...)
	}
	if !s.Libvirt {
		out = append(out, s.daemons()...)
	}
	if s.User != "" && s.User != "root" && !s.has("group/libvirt") {
		out = append(out, act{
			ID: actGroup, Kind: "group", Text: "Add the user " + s.User + " to the group libvirt", What: "User " + s.User + " in the group libvirt", Argv: []string{"usermod", "-a", "-G", "libvirt", s.User},
			Undo: []string{"gpasswd", "-d", s.User, "libvirt"}, UndoText: "Take the user " + s.User + " from the group libvirt",
		})
	}
	if !s.has("network/default") {
		out = append(out, defaultNetwork()...)
	}
	if !s.has("pool/default") {
		out = append(out, defaultPool()...)
	}
	return out
}

// install is the packages of the distribution's own repositories. Nothing asks,
// configuration that is there stays, keys of repositories are not touched.
func (s state) install(packages []string) []act {
	text := "Install " + strings.Join(packages, ", ")
	if s.Family == fedora {
		return []act{{
			ID: actPackages, Kind: "package", Text: text, Argv: append([]string{"dnf", "-q", "-y", "install"}, packages...),
			// dnf removes what came along, too: it knows what was asked for by name.
			Undo: []string{"dnf", "-q", "-y", "remove"}, UndoText: "Remove the packages that were installed",
		}}
	}
	apt := []string{"env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C", "apt-get", "-q", "-y", "-o", "Dpkg::Options::=--force-confold", "-o", "DPkg::Lock::Timeout=120"}
	with := func(more ...string) []string { return slices.Concat(apt, more) }
	return []act{
		{ID: actLists, Kind: "", Text: "Read the lists of packages anew", Argv: with("update")},
		{
			ID: actPackages, Kind: "package", Text: text, Argv: append(with("--no-install-recommends", "install"), packages...),
			Simulate: append(with("--no-install-recommends", "-s", "install"), packages...),
			Undo:     with("purge"), UndoText: "Remove the packages that were installed",
		},
	}
}

var answersLibvirt = []string{"virsh", "-q", "-c", "qemu:///system", "uri"}

// daemons starts libvirt, now and with the host where something does that.
func (s state) daemons() []act {
	switch {
	case s.Systemd && s.Family == fedora:
		return []act{units("virtqemud.socket", "virtnetworkd.socket", "virtstoraged.socket", "virtnodedevd.socket", "virtsecretd.socket", "virtproxyd.socket")}
	case s.Systemd:
		return []act{units("virtlogd.socket", "libvirtd.socket", "libvirtd.service")}
	}
	start := func(name string, unless []string) act {
		return act{
			ID: name, Kind: "service", Text: "Start " + name, What: name + ", running", Argv: []string{name, "-d"}, Unless: unless,
			Undo: []string{"sh", "-c", `p=$(cat /run/` + name + `.pid) && kill "$p" && while kill -0 "$p" 2>/dev/null; do sleep 0.1; done`}, UndoText: "Stop " + name,
		}
	}
	return []act{start(actLog, []string{"test", "-S", "/run/libvirt/virtlogd-sock"}), start(actDaemon, answersLibvirt)}
}

func units(names ...string) act {
	list := strings.Join(names, ", ")
	return act{
		ID: actDaemon, Kind: "service", Text: "Enable and start " + list, What: list + ", enabled", Argv: append([]string{"systemctl", "enable", "--now"}, names...), Unless: answersLibvirt,
		Undo: append([]string{"systemctl", "disable", "--now"}, names...), UndoText: "Disable and stop " + list,
	}
}

// networkXML is libvirt's own default network; it draws UUID and MAC address.
const networkXML = `<network><name>default</name><bridge name='virbr0'/><forward/>` +
	`<ip address='192.168.122.1' netmask='255.255.255.0'><dhcp><range start='192.168.122.2' end='192.168.122.254'/></dhcp></ip></network>`

func virsh(words ...string) []string {
	return append([]string{"virsh", "-q", "-c", "qemu:///system"}, words...)
}

// defaultNetwork is the NAT network that new VMs are offered. What is defined
// already stays as it is.
func defaultNetwork() []act {
	return []act{
		{
			ID: "net-define", Kind: "network", Text: "Define the network default", What: "Network default", Argv: virsh("net-define", "/dev/stdin"), Stdin: networkXML,
			Unless: virsh("net-info", "default"), Undo: virsh("net-undefine", "default"), UndoText: "Remove the network default",
		},
		{
			ID: "net-autostart", Kind: "network", Text: "Start the network default with the host", What: "Network default, started with the host", Argv: virsh("net-autostart", "default"),
			Unless: []string{"test", "-e", "/etc/libvirt/qemu/networks/autostart/default.xml"},
			Undo:   virsh("net-autostart", "default", "--disable"), UndoText: "Start the network default with the host no more",
		},
		{
			ID: "net-start", Kind: "network", Text: "Start the network default", What: "Network default, running", Argv: virsh("net-start", "default"),
			Unless: []string{"sh", "-c", "virsh -q -c qemu:///system net-list --name | sed 's, *$,,' | grep -qx default"},
			Undo:   virsh("net-destroy", "default"), UndoText: "Stop the network default",
		},
	}
}

// defaultPool is the pool that new disks go to.
func defaultPool() []act {
	return []act{
		{
			ID: "pool-define", Kind: "pool", Text: "Define the pool default in /var/lib/libvirt/images", What: "Pool default in /var/lib/libvirt/images", Argv: virsh("pool-define-as", "default", "dir", "--target", "/var/lib/libvirt/images"),
			Unless: virsh("pool-info", "default"), Undo: virsh("pool-undefine", "default"), UndoText: "Remove the pool default; its folder stays",
		},
		{
			ID: "pool-autostart", Kind: "pool", Text: "Start the pool default with the host", What: "Pool default, started with the host", Argv: virsh("pool-autostart", "default"),
			Unless: []string{"test", "-e", "/etc/libvirt/storage/autostart/default.xml"},
			Undo:   virsh("pool-autostart", "default", "--disable"), UndoText: "Start the pool default with the host no more",
		},
		{
			ID: "pool-start", Kind: "pool", Text: "Start the pool default", What: "Pool default, running", Argv: virsh("pool-start", "default", "--build"),
			Unless: []string{"sh", "-c", "virsh -q -c qemu:///system pool-list --name | sed 's, *$,,' | grep -qx default"},
			Undo:   virsh("pool-destroy", "default"), UndoText: "Stop the pool default; its files stay",
		},
	}
}

// line is a command as it is shown.
func (s state) line(argv []string) string {
	if s.Rights == "sudo" {
		argv = append([]string{"sudo", "-n"}, argv...)
	}
	text, err := core.Quote(argv...)
	if err != nil {
		return "" // names were checked: it cannot be
	}
	return text
}
