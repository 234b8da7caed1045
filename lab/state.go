//go:build linux

package lab

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Kind is how a host is made.
type Kind string

// Namespace is a host of Linux namespaces on the machine's own kernel.
const Namespace Kind = "namespace"

// State is a lab at one moment.
type State struct {
	Name string `json:"name"`
	// Slot is the third number of the loopback addresses; -1 when dead.
	Slot int `json:"slot"`
	// Running is false when the supervisor is dead and only [Lab.Down] helps.
	Running bool `json:"running"`
	// Supervisor is its process id; 0 when dead.
	Supervisor int           `json:"supervisor"`
	RTT        time.Duration `json:"rtt_ns"`
	// Identity is the private key that lets root (and the users) of every host in.
	Identity string `json:"identity"`
	// KnownHosts is a known_hosts file with the keys of all hosts.
	KnownHosts string `json:"known_hosts"`
	// SSHConfig is an ssh_config by which ssh -F FILE kvm1 works.
	SSHConfig string `json:"ssh_config"`
	// Shared is the shared directory on the machine; "" without one.
	Shared string `json:"shared,omitempty"`
	// Hosts in the order of their numbers.
	Hosts []Host `json:"hosts"`
}

// Host is a host of a lab at one moment.
type Host struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
	// Address is where the machine reaches its sshd: "127.77.0.11:22", with
	// port 2222 where the machine's own sshd listens on every address; "" for
	// a host that is reached from inside only.
	Address string `json:"address"`
	// Inside is its address among the hosts: "10.77.0.11".
	Inside string `json:"inside"`
	// Identity is a private key that its root and its users accept.
	Identity string    `json:"identity"`
	HostKeys []HostKey `json:"host_keys"`
	// PID of its first process as the machine counts; 0 without power.
	PID int `json:"pid"`
	// Images is the directory of its "default" pool as the machine reaches it.
	// It exists without power too, and ends with the lab.
	Images string `json:"images"`
	// Faults in force, in the order they came.
	Faults  []Fault `json:"faults"`
	Traffic Traffic `json:"traffic"`
}

// HostKey is one public key of a host's sshd.
type HostKey struct {
	// Line as in known_hosts, without the name: "ssh-ed25519 AAAA…".
	Line string `json:"line"`
	// Fingerprint is "SHA256:…", as ssh shows it.
	Fingerprint string `json:"fingerprint"`
}

// Traffic counts what passed a host's loopback address since the lab came up.
type Traffic struct {
	// Connections accepted, and how many of them are open.
	Connections int64 `json:"connections"`
	Open        int64 `json:"open"`
	// ToHost and FromHost are bytes delivered.
	ToHost   int64 `json:"to_host_bytes"`
	FromHost int64 `json:"from_host_bytes"`
}

// record is what a lab leaves for those who must clear it away.
type record struct {
	Options Options `json:"options"`
	Slot    int     `json:"slot"`
	// Cgroups are the bases of [cgroupBases] as the maker of the lab saw them.
	Cgroups []string `json:"cgroups"`
}

func recordFile(name string) string { return filepath.Join(runDir(name), "lab.json") }

func (r record) save() error {
	b, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(recordFile(r.Options.Name), b, 0o600)
}

func loadRecord(name string) (record, error) {
	var r record
	b, err := os.ReadFile(recordFile(name))
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return r, fmt.Errorf("read the lab's record: %w", err)
	}
	return r, nil
}

func (r record) diskDir() string { return filepath.Join(r.Options.Dir, r.Options.Name) }

func (r record) sharedDir() string {
	if !r.Options.SharedDir {
		return ""
	}
	return filepath.Join(r.diskDir(), "shared")
}
