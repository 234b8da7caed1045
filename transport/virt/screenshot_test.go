package virt_test

import (
	"context"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/transport/virt/rpccount"
)

const screenVM = `<domain type='qemu'><name>screen</name><memory unit='MiB'>32</memory><vcpu>1</vcpu><os><type machine='q35'>hvm</type></os>
<devices><video><model type='vga'/></video></devices></domain>`

// TestScreenshotsAreCheap holds the price of a wall of thumbnails: one round trip
// a picture, on two connections at most.
func TestScreenshotsAreCheap(t *testing.T) {
	h := newHost(t)
	count := &rpccount.Counter{Delay: 20 * time.Millisecond}
	var dialled, open, most atomic.Int32
	o := h.options(t, "qemu:///system")
	o.Deaf = true
	o.Dial = func(ctx context.Context) (net.Conn, error) {
		dialled.Add(1)
		return count.Dialer(h.dial)(ctx)
	}
	c := h.open(t, o)
	ctx := t.Context()
	uuid, err := c.DefineVM(ctx, screenVM)
	if err == nil {
		err = c.StartVM(ctx, uuid)
	}
	if err != nil {
		t.Fatal(err)
	}
	take := func() {
		r, err := c.Screenshot(ctx, uuid)
		if err != nil {
			t.Errorf("screenshot: %v", err)
			return
		}
		n := open.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		size, err := io.Copy(io.Discard, r)
		if err != nil || size < 1000 {
			t.Errorf("a picture of %d bytes: %v", size, err)
		}
		open.Add(-1)
		r.Close()
	}
	take() // opens a connection
	count.Reset()
	for range 5 {
		take()
	}
	if calls, flights := count.Calls(), count.Flights(); calls != 5 || flights != 5 {
		t.Errorf("five pictures, one after the other: %d calls in %d flights", calls, flights)
	}
	var wg sync.WaitGroup
	for range 30 {
		wg.Go(take)
	}
	wg.Wait()
	if n := dialled.Load() - 1; n > 2 {
		t.Errorf("%d connections for pictures", n)
	}
	if n := most.Load(); n > 2 {
		t.Errorf("%d pictures at once", n)
	}
}
