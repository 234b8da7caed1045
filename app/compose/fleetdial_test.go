package compose

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/transport/sim"
)

// TestAHundredHostsAreDialedFewAtATime: whoever asks for a hundred simulated hosts
// at once gets all of them, and never more than [dialsAtOnce] are being dialed.
func TestAHundredHostsAreDialedFewAtATime(t *testing.T) {
	fleet := sim.NewFleet(sim.Model{Hosts: 100, VMsPerHost: 1, RTT: time.Millisecond})
	defer fleet.Close()
	atOnce := make(turns, dialsAtOnce)
	d := &dialer{turns: atOnce, fleet: fleet, log: Discard()}
	var most atomic.Int64
	ctx, cancel := context.WithCancel(t.Context())
	var watch, dials sync.WaitGroup
	watch.Go(func() {
		for ctx.Err() == nil {
			most.Store(max(most.Load(), int64(len(atOnce))))
			time.Sleep(200 * time.Microsecond)
		}
	})
	for _, name := range fleet.Hosts() {
		dials.Go(func() {
			// The wait for a turn does not count against the limit of an attempt.
			l, err := d.dial(t.Context(), host.Spec{Address: simScheme + name, Limit: time.Minute})
			if err != nil {
				t.Error(err)
				return
			}
			l.Close()
		})
	}
	dials.Wait()
	cancel()
	watch.Wait()
	if n := most.Load(); n > dialsAtOnce || n < 2 {
		t.Errorf("%d dials at once, want 2 to %d", n, dialsAtOnce)
	}
	if got := fleet.Calls("", "Dial"); got != 100 {
		t.Errorf("%d dials, want 100", got)
	}
}
