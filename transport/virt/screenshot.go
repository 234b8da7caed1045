package virt

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/digitalocean/go-libvirt"

	"github.com/limiquantix/limiquantix/core"
)

const (
	// maxCameras is how many screenshots a host makes at once. One may be 25 MiB,
	// and a wall of thumbnails asks for dozens.
	maxCameras = 2
	// cameraIdle is how long a connection is kept for the next one.
	cameraIdle = 20 * time.Second
)

// cameras are the connections for screenshots. A picture is a stream, which has
// to itself the connection that it comes on; making one costs two round trips, so
// they are kept for a while. Then a picture costs one round trip.
type cameras struct {
	slots chan struct{} // who takes a picture
	mu    sync.Mutex
	idle  []*camera
}

func newCameras() *cameras { return &cameras{slots: make(chan struct{}, maxCameras)} }

// camera is one of the connections.
type camera struct {
	w      *wire
	serial uint32 // of the last call
	used   bool   // it has carried a picture
	remove func() // from what ends with the main connection
	expiry *time.Timer
}

func (k *camera) close() {
	k.remove()
	k.w.conn.Close()
}

// take returns a connection that waits for work; nil when there is none.
func (cs *cameras) take() *camera {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if len(cs.idle) == 0 {
		return nil
	}
	k := cs.idle[len(cs.idle)-1]
	cs.idle = cs.idle[:len(cs.idle)-1]
	k.expiry.Stop()
	return k
}

// put keeps a connection for the next picture.
func (cs *cameras) put(k *camera) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.idle = append(cs.idle, k)
	k.expiry = time.AfterFunc(cameraIdle, func() {
		if cs.drop(k) {
			k.close()
		}
	})
}

// drop forgets a connection; false when somebody has just taken it.
func (cs *cameras) drop(k *camera) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for i := range cs.idle {
		if cs.idle[i] == k {
			cs.idle = append(cs.idle[:i], cs.idle[i+1:]...)
			return true
		}
	}
	return false
}

// close ends the connections that wait. Those under way end with the main one.
func (cs *cameras) close() {
	for k := cs.take(); k != nil; k = cs.take() {
		k.close()
	}
}

// Screenshot takes a picture of the VM's first screen. At most two are taken at
// once; ctx bounds the waiting and the reading.
func (c *Conn) Screenshot(ctx context.Context, uuid string) (io.ReadCloser, error) {
	const what = "take a picture of the VM's screen"
	d, err := domain(uuid)
	if err != nil {
		return nil, err
	}
	args := (&writer{}).string("").fixed(d.UUID[:]).uint32(uint32(d.ID)).uint32(0).uint32(0).b // of screen 0, no flags
	select {
	case c.cameras.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("%s: %w", what, ctx.Err())
	}
	p, err := c.shoot(ctx, what, args)
	if err != nil {
		<-c.cameras.slots
		return nil, err
	}
	return p, nil
}

// shoot makes the call on a connection that waits, or on a new one.
func (c *Conn) shoot(ctx context.Context, what string, args []byte) (*picture, error) {
	if err := c.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	k := c.cameras.take()
	if k == nil {
		w, err := open(ctx, c.o.Dial, c.o.URI)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
		k = &camera{w: w, serial: streamSerial}
		k.remove = c.streams.add(func() { w.conn.Close() })
	}
	k.serial++
	p := &picture{stream: stream{w: k.w, proc: procScreenshot, serial: k.serial, what: what}, c: c, k: k}
	p.stop = context.AfterFunc(ctx, func() { k.w.conn.Close() })
	err := p.begin(args)
	if err == nil {
		k.used = true
		return p, nil
	}
	alive := p.stop()
	switch code := core.CodeOf(err); {
	case !alive:
		k.close()
		return nil, fmt.Errorf("%s: %w", what, ctx.Err())
	case code == core.Unreachable && k.used: // it was closed while it waited
		k.close()
		return c.shoot(ctx, what, args)
	case code == core.Unreachable:
		k.close()
	default: // libvirt's own answer
		c.cameras.put(k)
	}
	return nil, err
}

// picture is a screenshot on its way.
type picture struct {
	stream
	c    *Conn
	k    *camera
	stop func() bool // watching the context
	once sync.Once
}

// trailing is how much may follow a picture that was read to its own end.
const trailing = 64 << 10

// Close ends the stream and keeps its connection when all was read.
func (p *picture) Close() error {
	p.once.Do(func() {
		defer func() { <-p.c.cameras.slots }()
		if p.stop() && p.ended() {
			p.c.cameras.put(p.k)
			return
		}
		p.k.close()
	})
	return nil
}

// ended reads the end of the stream and acknowledges it. libvirtd's answer to
// that is read with the next call's.
func (p *picture) ended() bool {
	if err := p.w.conn.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
		return false
	}
	left, err := io.Copy(io.Discard, io.LimitReader(&p.stream, trailing))
	return err == nil && left < trailing && p.finish() == nil && p.w.conn.SetReadDeadline(time.Time{}) == nil
}

// PressKeys presses keys together and lets them go.
func (c *Conn) PressKeys(ctx context.Context, uuid string, keys []uint32, hold time.Duration) error {
	return c.writeVM(ctx, "press keys in VM", uuid, func(l *libvirt.Libvirt, d libvirt.Domain) error {
		return l.DomainSendKey(d, uint32(libvirt.KeycodeSetLinux), uint32(hold.Milliseconds()), keys, 0)
	})
}
