// Package snapshot is the saved states of VMs.
package snapshot

import (
	"context"
	"time"
)

// Snapshot is one saved state of a VM.
type Snapshot struct {
	Name    string
	Parent  string // "" for a root
	State   string // of the VM when it was made: "running", "stopped", "disk-only" …
	Created time.Time
	Current bool
}

// Conn is what this package needs of a host.
type Conn interface {
	// Snapshots returns a VM's snapshots, parents before children.
	Snapshots(ctx context.Context, vmUUID string) ([]Snapshot, error)
	// CreateSnapshot makes one from libvirt domainsnapshot XML and returns its name.
	CreateSnapshot(ctx context.Context, vmUUID, xml string) (name string, err error)
	// RevertSnapshot puts the VM back to it.
	RevertSnapshot(ctx context.Context, vmUUID, name string) error
	// DeleteSnapshot removes it; its children move to its parent.
	DeleteSnapshot(ctx context.Context, vmUUID, name string) error
}
