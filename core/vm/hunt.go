package vm

import (
	"context"
	"sync"
	"time"

	"github.com/limiquantix/limiquantix/core/host"
)

// A started VM's address is looked for at growing intervals: a tiny guest has
// one after seconds, a large one under emulation after minutes. Somebody may be
// waiting for it on a screen, so the longest is short.
const (
	huntFirst = time.Second
	huntLast  = 8 * time.Second
	huntLimit = 10 * time.Minute
	hunters   = 8 // at the same time, of all hosts
)

// hunt looks for the addresses of VMs that have just started, so that lists show
// them without asking a host.
type hunt struct {
	wg    sync.WaitGroup
	slots chan struct{}

	mu     sync.Mutex
	latest map[string]*context.CancelFunc // by host and VM: ends the search that is under way
}

func newHunt() *hunt {
	return &hunt{slots: make(chan struct{}, hunters), latest: map[string]*context.CancelFunc{}}
}

// take lets a new search for a VM replace the one before: a VM that changes all
// the time must not gather them. release is called when the search has ended.
func (x *hunt) take(ctx context.Context, key string) (own context.Context, release func()) {
	own, cancel := context.WithCancel(ctx)
	x.mu.Lock()
	defer x.mu.Unlock()
	if before := x.latest[key]; before != nil {
		(*before)()
	}
	x.latest[key] = &cancel
	return own, func() {
		x.mu.Lock()
		defer x.mu.Unlock()
		if x.latest[key] == &cancel { // else another has taken its place
			delete(x.latest, key)
		}
		cancel()
	}
}

// begin looks for the addresses of one VM until some are found, the VM is not
// running any more, or ctx, which ends with the link, is done.
func (v *Inventory) begin(ctx context.Context, h host.Host, c Conn, uuid string) {
	ctx, release := v.hunt.take(ctx, h.ID+"/"+uuid)
	v.hunt.wg.Go(func() {
		defer release()
		until := time.Now().Add(huntLimit)
		for wait := huntFirst; time.Now().Before(until); wait = min(2*wait, huntLast) {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return
			}
			select {
			case v.hunt.slots <- struct{}{}:
			case <-ctx.Done():
				return
			}
			found, err := c.Addresses(ctx, uuid)
			<-v.hunt.slots
			if err != nil {
				return // it stopped, or the link is done
			}
			if len(found) == 0 {
				continue
			}
			if err := saveAddresses(ctx, v.db, h.ID, uuid, found); err != nil {
				v.log.Warn("save addresses", "host", h.Name, "err", err)
			} else if v.changed != nil {
				v.changed(h, Change{UUID: uuid, Kind: "address"})
			}
			return
		}
	})
}

// Close waits until nothing is looked for any more; the links must be closed.
func (v *Inventory) Close() error {
	v.hunt.wg.Wait()
	return nil
}
