//go:build linux

package lab

import (
	"log/slog"
	"regexp"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/lab/inside"
)

// DefaultName is the name of the lab that is meant when none is given.
const DefaultName = "default"

const (
	maxSlot  = 250
	maxHosts = 240
	// hosts are numbered from 1 and have the address 10.77.0.(10+number)
	firstAddress    = 10
	defaultDiskSize = 20 * core.GiB
)

// Options describes a lab to [Up]. The zero value is a lab named "default"
// without hosts.
type Options struct {
	// Name: lower-case letters, digits and '-', at most 32; "" is [DefaultName].
	Name string `json:"name"`
	// Hosts is how many hosts named kvm1, kvm2, … to start, all made by Each.
	Hosts int `json:"hosts"`
	// Each applies to the hosts counted by Hosts; its Name is ignored.
	Each HostOptions `json:"each"`
	// More are further hosts, each with its own options.
	More []HostOptions `json:"more,omitempty"`
	// SharedDir gives all hosts one directory /srv/shared, also defined as the
	// libvirt pool "shared".
	SharedDir bool `json:"shared_dir"`
	// Dir holds the hosts' disk images (sparse) and the shared directory, below
	// a directory of the lab's name; "" is /var/lib/limiquantix-lab.
	Dir string `json:"dir"`
	// Bound ends the lab with the process that called Up, however that ends.
	// Tests set it.
	Bound bool `json:"bound"`
	// Log receives what Up does, step by step; nil for silence.
	Log *slog.Logger `json:"-"`
}

// HostOptions describes one host. The zero value is a stock Debian host.
type HostOptions struct {
	// Name: like a lab's; "" takes the first free of kvm1, kvm2, …
	Name string `json:"name"`
	// Inside leaves out the loopback proxy: the host is reached from the other
	// hosts only, as behind a jump host.
	Inside bool `json:"inside,omitempty"`
	// DiskSize is the size of the sparse file system under /var/lib/libvirt;
	// 0 is 20 GiB.
	DiskSize core.Bytes `json:"disk_size,omitempty"`
	// SSHD are lines put before the stock sshd_config; in sshd the first value
	// of a keyword wins.
	SSHD []string `json:"sshd,omitempty"`
	// HostKeyTypes as for ssh-keygen -t; nil is ed25519 and ecdsa.
	HostKeyTypes []string `json:"host_key_types,omitempty"`
	// Users are made beside root. The lab's own key lets into each of them.
	Users []User `json:"users,omitempty"`
}

// User is an account of a host, beside root.
type User = inside.User

func (o Options) complete() (Options, error) {
	if o.Name == "" {
		o.Name = DefaultName
	}
	if o.Dir == "" {
		o.Dir = diskRoot
	}
	if err := checkName("lab", o.Name); err != nil {
		return o, err
	}
	if n := o.Hosts + len(o.More); o.Hosts < 0 || n > maxHosts {
		return o, core.Errorf(core.Invalid, "a lab has 0 to %d hosts, not %d", maxHosts, n)
	}
	return o, nil
}

func (h HostOptions) complete() (HostOptions, error) {
	if h.DiskSize == 0 {
		h.DiskSize = defaultDiskSize
	}
	if h.DiskSize < 8*core.MiB {
		return h, core.Errorf(core.Invalid, "a host's disk needs at least 8 MiB, not %s", h.DiskSize)
	}
	if len(h.HostKeyTypes) == 0 {
		h.HostKeyTypes = []string{"ed25519", "ecdsa"}
	}
	for _, t := range h.HostKeyTypes {
		if t != "ed25519" && t != "ecdsa" && t != "rsa" {
			return h, core.Errorf(core.Invalid, "%s is not a type of host key", core.Printable(t, 20)).
				WithHint("types are ed25519, ecdsa and rsa")
		}
	}
	for _, u := range h.Users {
		if err := checkName("user", u.Name); err != nil {
			return h, err
		}
	}
	return h, checkName("host", h.Name)
}

func checkName(what, name string) error {
	// It becomes a host name, a directory, a cgroup and an account.
	if regexp.MustCompile(`^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$`).MatchString(name) {
		return nil
	}
	return core.Errorf(core.Invalid, "%s cannot be the name of a %s", core.Printable(name, 40), what).
		WithHint("use up to 32 lower-case letters, digits and '-', beginning with a letter")
}
