package host

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// clockSkew is how far a host's clock may be off before leases, certificates
// and logs suffer.
const clockSkew = 5 * time.Second

// Oldest versions that we drive without gaps.
const (
	oldestLibvirt = 6_000_000
	oldestQEMU    = 4_002_000
)

// tool is a program on the host and what it is for.
type tool struct{ name, pkg, use string }

var tools = []tool{
	{"qemu-img", "qemu-utils", "checking and converting disk images"},
	{"ip", "iproute2", "bridges and addresses"},
	{"nft", "nftables", "security groups"},
	{"dnsmasq", "dnsmasq-base", "DHCP on NAT networks"},
}

type findings []*apiv1.Finding

func (f *findings) add(check string, level apiv1.Finding_Level, fix, format string, args ...any) {
	*f = append(*f, &apiv1.Finding{Check: check, Level: level, Text: fmt.Sprintf(format, args...), Fix: fix})
}

const (
	ok   = apiv1.Finding_LEVEL_OK
	warn = apiv1.Finding_LEVEL_WARN
	fail = apiv1.Finding_LEVEL_FAIL
)

// examine looks at a host through its link and changes nothing. Everything is
// asked in one flight.
func examine(ctx context.Context, link Link) []*apiv1.Finding {
	var out findings
	var wg sync.WaitGroup
	var facts Facts
	var factsErr error
	wg.Go(func() { facts, factsErr = link.Facts(ctx) })
	var shell findings
	var rights findings
	if r, is := link.(interface {
		Rights(ctx context.Context) (string, error)
	}); is {
		wg.Go(func() {
			rights.add("ssh", ok, "", "the host answers, and this user may log in")
			rights.rights(r.Rights(ctx))
		})
	}
	if r, is := link.(Runner); is {
		wg.Go(func() { shell = examineShell(ctx, r) })
	}
	wg.Wait()
	if factsErr != nil {
		out.add("libvirt", fail, core.AsError(factsErr).Hint, "libvirt does not answer: %v", factsErr)
	} else {
		out.facts(facts)
	}
	return append(append(out, rights...), shell...)
}

// examineWithoutLibvirt looks at a host whose shell can be reached and whose
// libvirt cannot, for the given reason.
func examineWithoutLibvirt(ctx context.Context, sh Shell, reason *core.Error) []*apiv1.Finding {
	var out findings
	out.add("ssh", ok, "", "the host answers, and this user may log in")
	fix := reason.Hint
	if fix == "" {
		fix = "install libvirt-daemon-system (Debian, Ubuntu) or libvirt (Fedora, RHEL), and start it"
	}
	out.add("libvirt", fail, fix, "%s", reason.Message)
	out.rights(sh.Rights(ctx))
	return append(out, examineShell(ctx, sh)...)
}

func (f *findings) facts(h Facts) {
	const upgrade = "upgrade the host's packages"
	f.version("libvirt", "libvirt", h.LibvirtVersion, oldestLibvirt, upgrade)
	if h.QEMUVersion == "" {
		f.add("qemu", fail, "install qemu-system-x86 (Debian, Ubuntu) or qemu-kvm (Fedora, RHEL)", "QEMU was not found")
	} else {
		f.version("qemu", "QEMU", h.QEMUVersion, oldestQEMU, upgrade)
	}
	if h.KVM {
		f.add("kvm", ok, "", "hardware virtualisation (KVM) is usable")
	} else {
		f.add("kvm", warn, "enable VT-x or AMD-V in the firmware, then: modprobe kvm_intel (or kvm_amd)", "no KVM: guests are emulated and about twenty times slower")
	}
	if h.UEFI {
		f.add("uefi", ok, "", "UEFI firmware for guests is there")
	} else {
		f.add("uefi", warn, "install ovmf (Debian, Ubuntu) or edk2-ovmf (Fedora, RHEL)", "no UEFI firmware: only BIOS guests can be made")
	}
}

// rights says what the user of the connection may do.
func (f *findings) rights(kind string, err error) {
	const fix = "log in as root, or let this user run sudo without a password"
	switch {
	case err != nil:
		f.add("rights", warn, "", "what this user may do cannot be found out: %v", err)
	case kind == "root":
		f.add("rights", ok, "", "logged in as root")
	case kind == "sudo":
		f.add("rights", ok, "", "sudo works without a password")
	case kind == "libvirt":
		f.add("rights", warn, fix, "this user is in libvirt's group: VMs can be managed; uploads are slower, and host settings cannot be changed")
	default:
		f.add("rights", fail, fix, "this user may not manage VMs")
	}
}

func (f *findings) version(check, name, have string, oldest int, fix string) {
	if versionNumber(have) < oldest {
		f.add(check, warn, fix, "%s %s is older than %d.%d: some functions are missing", name, have, oldest/1_000_000, oldest/1000%1000)
		return
	}
	f.add(check, ok, "", "%s %s", name, have)
}

// versionNumber reads "9.0.0" as libvirt counts: 9000000.
func versionNumber(s string) int {
	n := 0
	parts := strings.SplitN(s, ".", 3)
	for i := range 3 {
		v := 0
		if i < len(parts) {
			v, _ = strconv.Atoi(parts[i])
		}
		n = n*1000 + v
	}
	return n
}

func examineShell(ctx context.Context, r Runner) findings {
	var f findings
	before := time.Now()
	out, err := r.Run(ctx, Command{Argv: []string{"date", "+%s"}})
	if err != nil {
		f.add("commands", warn, "allow a shell for this user, or live without storage and network set-up", "commands cannot be run on the host: %v", err)
		return f
	}
	half := time.Since(before) / 2
	if s, err := strconv.ParseInt(strings.TrimSpace(string(out.Out)), 10, 64); err == nil {
		skew := time.Unix(s, 0).Sub(before.Add(half)).Round(time.Second)
		if skew > clockSkew || skew < -clockSkew {
			f.add("time", warn, "let the host keep its clock by NTP: systemctl enable --now systemd-timesyncd (or chronyd)", "the host's clock is %s off", skew)
		} else {
			f.add("time", ok, "", "the clock agrees with this computer's")
		}
	}
	f.tools(ctx, r)
	f.system(ctx, r)
	return f
}

// tools looks for all programs in one command. Its output has a line for each
// that was found.
func (f *findings) tools(ctx context.Context, r Runner) {
	script := `PATH=$PATH:/usr/sbin:/sbin; for t in "$@"; do command -v "$t" >/dev/null && echo "$t"; done; true`
	argv := []string{"sh", "-c", script, "sh"}
	for _, t := range tools {
		argv = append(argv, t.name)
	}
	out, err := r.Run(ctx, Command{Argv: argv})
	if err != nil {
		return
	}
	found := map[string]bool{}
	for _, name := range strings.Fields(string(out.Out)) {
		found[name] = true
	}
	for _, t := range tools {
		if found[t.name] {
			f.add("tool", ok, "", "%s is there", t.name)
		} else {
			f.add("tool", warn, "install "+t.pkg, "%s is missing: it is needed for %s", t.name, t.use)
		}
	}
}
