package virt

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/digitalocean/go-libvirt"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/storage"
)

// emptyVolume is the XML of a raw volume that holds nothing yet. libvirt sees
// by itself, at the next refresh, what format was written into it.
func emptyVolume(name string, capacity core.Bytes) (string, error) {
	x := volumeXML{Name: name, Capacity: size{Unit: "bytes", Value: capacity}, Allocation: size{Unit: "bytes"}}
	x.Target.Format.Type = "raw"
	b, err := xml.Marshal(x)
	return string(b), err
}

// putByLibvirt uploads through libvirt's own stream, for users who may not
// write into the pool. libvirt cannot rename volumes, so an empty one beside it
// marks the upload as unfinished until the end.
func (c *Conn) putByLibvirt(ctx context.Context, what string, u storage.Upload, r io.Reader) (err error) {
	mark, err := emptyVolume(partName(u.Token), 0)
	if err != nil {
		return core.Errorf(core.Internal, "%s: %w", what, err)
	}
	volume, err := emptyVolume(u.Name, u.Size)
	if err != nil {
		return core.Errorf(core.Internal, "%s: %w", what, err)
	}
	if err := c.CreateVolume(ctx, u.Pool, mark); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	defer func() { err = errors.Join(err, c.dropMark(u, err)) }()
	if err := c.CreateVolume(ctx, u.Pool, volume); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	defer func() {
		if err != nil {
			c.dropVolume(u, u.Name)
		}
	}()
	if err := c.streamVolume(ctx, what, u, r); err != nil {
		return err
	}
	return c.RefreshPool(ctx, u.Pool)
}

// dropMark ends the upload; when that fails after success, the volume is whole
// all the same, but would be discarded later, so it is an error.
func (c *Conn) dropMark(u storage.Upload, failed error) error {
	err := c.dropVolume(u, partName(u.Token))
	if failed != nil {
		return nil // one reason is enough
	}
	return err
}

// dropVolume deletes a volume even when the upload's context has ended.
func (c *Conn) dropVolume(u storage.Upload, name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), c.o.CallTimeout)
	defer cancel()
	err := c.DeleteVolume(ctx, u.Pool, name)
	if core.CodeOf(err) == core.NotFound {
		return nil
	}
	return err
}

// streamVolume fills the volume.
func (c *Conn) streamVolume(ctx context.Context, what string, u storage.Upload, r io.Reader) error {
	args := (&writer{}).string(u.Pool).string(u.Name).string("").uint64(0).uint64(uint64(u.Size)).uint32(0).b
	s, err := c.openStream(ctx, what, procVolUpload, args)
	if err != nil {
		return err
	}
	defer s.Close()
	answer := make(chan error, 1)
	go func() { // ends with s: libvirtd says at any time that it cannot go on
		_, err := io.Copy(io.Discard, s)
		answer <- err
	}()
	watched := newWatchdog(c.o.CallTimeout, func() { s.Close() })
	defer watched.stop()
	stop := context.AfterFunc(ctx, func() { s.Close() })
	defer stop()
	err = copyUpload(ctx, watched.writer(s), u, r)
	if err == nil {
		err = s.finish()
	}
	var source *sourceError
	if errors.As(err, &source) {
		s.Close()
		<-answer
		return fmt.Errorf("%s: %w", what, err)
	}
	if err != nil {
		s.Close()
	}
	reply := <-answer // libvirtd's own reason is the better one
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", what, ctx.Err())
	case reply != nil && (err == nil || core.CodeOf(reply) != core.Unreachable):
		return reply
	}
	return err
}

// watchdog ends what did not move for a time.
type watchdog struct {
	timer *time.Timer
	limit time.Duration
}

func newWatchdog(limit time.Duration, bite func()) *watchdog {
	return &watchdog{timer: time.AfterFunc(limit, bite), limit: limit}
}

func (d *watchdog) stop() { d.timer.Stop() }

// writer is w, with every write seen as a move. Waiting for the source does
// not count.
func (d *watchdog) writer(w io.Writer) io.Writer {
	return writerFunc(func(p []byte) (int, error) {
		d.timer.Reset(d.limit)
		n, err := w.Write(p)
		d.timer.Reset(d.limit)
		return n, err
	})
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// discardByLibvirt removes a volume that its mark says is unfinished.
func (c *Conn) discardByLibvirt(ctx context.Context, u storage.Upload) error {
	_, err := c.Volume(ctx, u.Pool, partName(u.Token))
	switch core.CodeOf(err) {
	case core.NotFound:
		return nil
	case "":
	default:
		return err
	}
	if err := c.dropVolume(u, u.Name); err != nil {
		return err
	}
	return c.dropVolume(u, partName(u.Token))
}

// findPool returns the pool of that name.
func (c *Conn) findPool(ctx context.Context, name string) (libvirt.StoragePool, error) {
	return withPool(ctx, c, name, func(p libvirt.StoragePool) (libvirt.StoragePool, error) { return p, nil })
}
