//go:build !linux

package netwatch

import "errors"

// Watch is a subscription to changes.
type Watch struct{}

// Open fails: on this system changes are noticed by the heartbeats of connections.
func Open() (*Watch, error) {
	return nil, errors.New("this system is not asked for changes of its network")
}

// Changes returns nil.
func (*Watch) Changes() <-chan struct{} { return nil }

// Close does nothing.
func (*Watch) Close() error { return nil }
