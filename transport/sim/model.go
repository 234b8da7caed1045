package sim

import (
	"time"

	"github.com/limiquantix/limiquantix/core"
)

// defaultCallTimeout is that of a Model that says none.
const defaultCallTimeout = 10 * time.Second

// Model says in numbers what a fleet is. The zero value has no hosts.
type Model struct {
	Hosts      int
	VMsPerHost int
	Seed       uint64 // another seed gives other UUIDs, loads and states

	// Lively makes a data centre to be shown: hosts of several clusters, VMs with
	// names by what they do, more pools, images and networks. It is the same for
	// the same numbers, too.
	Lively bool
	// Incidents is how often something happens by itself: a host is lost for a
	// while, a VM crashes, reboots, is paused. 0: never, so that two runs look alike.
	Incidents time.Duration

	// RTT is the round-trip time to every host: each call costs one, and
	// [Fleet.Dial] costs nine, as over SSH (TCP, SSH, libvirt's open).
	RTT    time.Duration
	Delays Delays
	// CallTimeout is after how long a link gives up a host that does not answer
	// (a [Fault] with Hang); 0 means 10 seconds.
	CallTimeout time.Duration

	// DiskSize is the size of each host's file system; 0 gives room for the
	// seeded VMs and 1 TiB more.
	DiskSize core.Bytes
	// NoKVM makes hosts without hardware virtualisation: only domains of type
	// "qemu" can be defined, and the seeded ones are.
	NoKVM bool

	// Now is the clock that figures move with; nil means [time.Now]. Delays
	// pass in real time (or that of a testing/synctest bubble) in either case.
	Now func() time.Time
}

// Delays is how long things take inside a host. All zero: they take no time.
type Delays struct {
	Start    time.Duration // StartVM, until QEMU answers
	Stop     time.Duration // StopVM
	Boot     time.Duration // from start until the guest is up: login prompt, agent, address
	Shutdown time.Duration // from ShutdownVM until the guest is off
}

// Realistic returns delays as a small host with KVM has them.
func Realistic() Delays {
	return Delays{
		Start:    400 * time.Millisecond,
		Stop:     200 * time.Millisecond,
		Boot:     8 * time.Second,
		Shutdown: 3 * time.Second,
	}
}
