// Package netwatch tells when this computer's own network has changed: another
// address or route, as after a change of Wi-Fi or when a VPN comes or goes.
package netwatch

import "time"

// quiet is for how long nothing more must happen before a change is told: one
// brings a dozen messages. patience is when it is told in any case.
const (
	quiet    = 500 * time.Millisecond
	patience = 3 * time.Second
)

// settle passes on what comes from in to out, several close together as one,
// until in is closed; then it closes out.
func settle(in <-chan struct{}, out chan<- struct{}) {
	defer close(out)
	for range in {
		latest := time.After(patience)
	collect:
		for {
			select {
			case _, open := <-in:
				if !open {
					return
				}
			case <-time.After(quiet):
				break collect
			case <-latest:
				break collect
			}
		}
		select {
		case out <- struct{}{}:
		default: // the last one has not been seen yet
		}
	}
}
