package vm

import (
	"context"
	"sync"
	"time"

	"github.com/limiquantix/limiquantix/core/host"
)

// A started VM's address is looked for at growing intervals: a tiny guest has
// one after seconds, a large one under emulation after minutes.
const (
	huntFirst = time.Second
	huntLast  = time.Minute
	huntLimit = 10 * time.Minute
	hunters   = 8 // at the same time, of all hosts
)

// hunt looks for the addresses of VMs that have just started, so that lists show
// them without asking a host.
type hunt struct {
	wg    sync.WaitGroup
	slots chan struct{}
}

func newHunt() *hunt { return &hunt{slots: make(chan struct{}, hunters)} }

// begin looks for the addresses of one VM until some are found, the VM is not
// running any more, or ctx, which ends with the link, is done.
func (v *Inventory) begin(ctx context.Context, h host.Host, c Conn, uuid string) {
	v.hunt.wg.Go(func() {
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
				v.changed(h, uuid)
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
