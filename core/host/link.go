// Package host is the managed hosts: how each is reached and trusted, the state
// of its connection, its facts, and whether it is ready to run VMs.
package host

import (
	"context"
	"time"

	"github.com/limiquantix/limiquantix/core"
)

// Facts is what a host says about itself, read once per connection.
type Facts struct {
	Hostname       string
	LibvirtVersion string // "9.0.0"
	QEMUVersion    string // "7.2.22"; "" for another hypervisor
	Arch           string // "x86_64"
	CPUModel       string
	CPUs           int // logical, in use
	Sockets        int // per NUMA node, as libvirt counts
	Cores          int // per socket
	Threads        int // per core
	NUMANodes      int
	MHz            int
	Memory         core.Bytes
	KVM            bool // hardware virtualisation is usable
	UEFI           bool // libvirt can choose a UEFI firmware by itself
	Emulator       string
	Machine        string // newest q35 machine type, or the default one
	MaxVCPUs       int    // the most that a VM of that type can have; 0: not known
	UUID           string // host UUID
}

// Object is a kind of thing that events speak of.
type Object string

// Objects of events.
const (
	ObjectVM       Object = "vm"
	ObjectNetwork  Object = "network"
	ObjectPool     Object = "pool"
	ObjectSecret   Object = "secret"
	ObjectSnapshot Object = "snapshot"
	// ObjectAll: events were lost or coalesced away; list everything again.
	ObjectAll Object = "all"
)

// Event says that an object of a host changed; the receiver reads it anew.
// Events of one object may be merged: the last change is then told.
type Event struct {
	Object Object
	UUID   string
	Name   string
	Change string // "defined", "undefined", "started", "stopped", "paused", "resumed", "suspended", "crashed", "changed", "refreshed"
	Time   time.Time
}

// Link is one live connection to a host. It never reconnects: when it is done,
// the manager makes another.
type Link interface {
	// Facts reads the host's facts.
	Facts(ctx context.Context) (Facts, error)
	// Events returns the channel of changes since the link was made; bounded,
	// merged when the reader is slow, closed when the link is done.
	Events() <-chan Event
	// Done is closed when the link is unusable; Err then says why.
	Done() <-chan struct{}
	Err() error
	Close() error
}

// Hearer is a [Link] that knows when it last heard its host: one that falls
// silent is given up only a while later.
type Hearer interface {
	// Heard returns when anything last came from the host.
	Heard() time.Time
}

// Command is a command to run on a host.
type Command struct {
	Argv  []string
	Stdin []byte
	Sudo  bool // through sudo -n when not root
	// MaxOutput is where Out and ErrOut are cut; 0: at 1 MiB.
	MaxOutput core.Bytes
}

// Output is what a command gave.
type Output struct {
	Out, ErrOut []byte
	Exit        int
}

// Runner runs commands on a host.
type Runner interface {
	// Run runs a command to its end; a non-zero exit is no error.
	Run(ctx context.Context, c Command) (Output, error)
}

// Shell is a host as far as it is reached without libvirt.
type Shell interface {
	Runner
	// Rights says what the user may do: "root", "libvirt" (its group), "sudo", "none".
	Rights(ctx context.Context) (string, error)
	Close() error
}
