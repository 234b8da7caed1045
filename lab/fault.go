//go:build linux

package lab

import (
	"strings"

	"github.com/limiquantix/limiquantix/core"
)

// Fault is something that can be done to a host; see [Lab.Fault].
type Fault string

// The faults. Each lasts until [Heal]; several may be in force at once.
const (
	// Drop loses the network: no byte passes, connections stay open on both
	// sides, new ones are accepted by the proxy and get no answer.
	Drop Fault = "drop"
	// Mute lets the host hear and never answer.
	Mute Fault = "mute"
	// StopLibvirtd stops libvirtd; running VMs go on.
	StopLibvirtd Fault = "stop-libvirtd"
	// CrashLibvirtd kills libvirtd at once; it is started again right away.
	CrashLibvirtd Fault = "crash-libvirtd"
	// FreezeLibvirtd stops libvirtd's threads: it accepts and never answers.
	FreezeLibvirtd Fault = "freeze-libvirtd"
	// KillSSHD kills sshd and all its sessions: connections are reset, new ones
	// refused.
	KillSSHD Fault = "kill-sshd"
	// FillDisk takes all free space of the file system under /var/lib/libvirt.
	FillDisk Fault = "fill-disk"
	// PowerOff ends everything in the host at once, with no byte sent to
	// anybody. Heal powers it on again: its files are kept, its processes are not.
	PowerOff Fault = "power-off"
	// Heal undoes all of these.
	Heal Fault = "heal"
)

// Faults returns all faults, [Heal] last.
func Faults() []Fault {
	return []Fault{Drop, Mute, StopLibvirtd, CrashLibvirtd, FreezeLibvirtd, KillSSHD, FillDisk, PowerOff, Heal}
}

// ParseFault reads a fault's name.
//
// Errors: [core.Invalid], with the names in the hint.
func ParseFault(s string) (Fault, error) {
	var names []string
	for _, f := range Faults() {
		if s == string(f) {
			return f, nil
		}
		names = append(names, string(f))
	}
	return "", core.Errorf(core.Invalid, "%s is not a fault", core.Printable(s, 30)).
		WithHint("faults are %s", strings.Join(names, ", "))
}
