// Package storage is pools and the volumes in them.
package storage

import (
	"context"
	"io"

	"github.com/limiquantix/limiquantix/core"
)

// PoolState is whether a pool can be used.
type PoolState string

// The states of a pool.
const (
	Active   PoolState = "active"
	Inactive PoolState = "inactive"
	Building PoolState = "building"
	Degraded PoolState = "degraded"
)

// Pool is a place for volumes on one host. Sizes are 0 when it is not active.
type Pool struct {
	UUID, Name string
	Type       string // libvirt's: "dir", "netfs", "logical", "rbd" …
	State      PoolState
	Path       string // target path; "" for pools without one
	Capacity   core.Bytes
	Allocation core.Bytes
	Available  core.Bytes
	Autostart  bool
	Persistent bool
}

// Volume is a disk image or ISO in a pool.
type Volume struct {
	Pool, Name  string
	Path        string // what a <source> names
	Format      string // "qcow2", "raw", "iso" …
	Capacity    core.Bytes
	Allocation  core.Bytes
	BackingPath string // "" for none
}

// Reader reads pools and volumes of one host.
type Reader interface {
	// Pools returns all pools sorted by name, a fixed number of round trips
	// for any number of pools.
	Pools(ctx context.Context) ([]Pool, error)
	// Volumes returns the volumes of an active pool sorted by name, a fixed
	// number of round trips for any number of volumes. [core.NotFound] for an
	// unknown pool, [core.Conflict] for an inactive one.
	Volumes(ctx context.Context, pool string) ([]Volume, error)
	// Volume returns one volume; [core.NotFound] when pool or volume are not there.
	Volume(ctx context.Context, pool, name string) (Volume, error)
}

// PoolWriter makes and removes pools; they are named by name.
type PoolWriter interface {
	// DefinePool stores a pool's persistent XML. [core.Exists] when the name is taken.
	DefinePool(ctx context.Context, xml string) error
	// StartPool activates a pool, making its directory when build is set.
	StartPool(ctx context.Context, pool string, build bool) error
	// StopPool deactivates a pool; its volumes stay.
	StopPool(ctx context.Context, pool string) error
	// RefreshPool makes the host look again at what is in the pool.
	RefreshPool(ctx context.Context, pool string) error
	// UndefinePool forgets an inactive pool; its volumes stay.
	UndefinePool(ctx context.Context, pool string) error
}

// Upload says what PutVolume writes.
type Upload struct {
	Pool, Name string
	Format     string     // "qcow2", "raw", "iso": how the host shall see it
	Size       core.Bytes // of the data that follows, exactly
	Capacity   core.Bytes // virtual size that guests see; 0: Size
	Token      string     // letters and digits; names what an interrupted upload leaves
	Progress   func(done core.Bytes)
}

// VolumeWriter makes and removes volumes.
type VolumeWriter interface {
	// CreateVolume makes an empty volume or overlay from libvirt volume XML.
	// [core.Exists] when the name is taken, [core.NoSpace] when it cannot fit.
	CreateVolume(ctx context.Context, pool, xml string) error
	// DeleteVolume removes a volume with its data; [core.NotFound] when it is not there.
	DeleteVolume(ctx context.Context, pool, name string) error
	// PutVolume streams Size bytes from r into a new volume that appears under
	// its name only when it is whole: written as .lqx-TOKEN.part in the pool's
	// directory, synced, renamed, the pool refreshed. Where the host's rights
	// forbid writing files it goes through libvirt and is removed on failure.
	// On every error but a lost connection nothing is left.
	// [core.Exists], [core.NoSpace], [core.Denied], or r's own error.
	PutVolume(ctx context.Context, u Upload, r io.Reader) error
	// DiscardUpload removes what an interrupted PutVolume with this token (and
	// volume name) left in pool; nothing there is no error.
	DiscardUpload(ctx context.Context, u Upload) error
}

// Conn is what this package needs of a host.
type Conn interface {
	Reader
	PoolWriter
	VolumeWriter
}
