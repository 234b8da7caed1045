package compose

import "context"

// dialsAtOnce is how many hosts are dialed at the same time, all jump hosts
// together: a laptop with hundreds of hosts is no port scanner to a firewall.
const dialsAtOnce = 40

// turns bounds how much is done at once: first come, first served.
type turns chan struct{}

// take waits for a turn and returns what ends it; the error is ctx's.
func (t turns) take(ctx context.Context) (done func(), err error) {
	select {
	case t <- struct{}{}:
		return func() { <-t }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
