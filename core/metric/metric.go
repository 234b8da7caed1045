// Package metric is figures: how busy hosts and VMs are. One bulk call for each
// live host and interval feeds all who look at it; nobody looking costs nothing.
package metric

import (
	"context"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/vm"
)

// Conn is what this package needs of a host.
type Conn interface {
	// Counters reads the host's counters and those of the VMs that run, in one
	// round trip, in any order.
	Counters(ctx context.Context) (Counters, error)
}

// Counters is what a host counts, at one time.
type Counters struct {
	Node Node
	VMs  []vm.Summary
}

// Node is the host's own counters; zero where it does not tell.
type Node struct {
	Busy, Total        time.Duration // of all CPUs together, since the host booted
	MemoryUsed, Memory core.Bytes    // caches are not in use
}

// Sample is figures over the time since the sample before. Figures that only
// grow on the host are rates here, per second.
type Sample struct {
	// CPU is in percent: of all CPUs of a host, of a VM's own. Negative: unknown,
	// as with the first sample and after a counter began anew; the rates are then 0.
	CPU                float32
	MemoryUsed, Memory core.Bytes
	Read, Written      core.Bytes // of all its disks
	Reads, Writes      float32
	Received, Sent     core.Bytes // of all its NICs
}
