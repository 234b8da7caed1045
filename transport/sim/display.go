package sim

import (
	"context"
	"io"
	"net"
	"time"

	"github.com/limiquantix/limiquantix/core"
)

// Screenshot takes a picture of the VM's screen.
func (l *Link) Screenshot(ctx context.Context, uuid string) (io.ReadCloser, error) {
	return nil, core.Errorf(core.Unsupported, "no screens yet")
}

// PressKeys presses keys on the VM's keyboard.
func (l *Link) PressKeys(ctx context.Context, uuid string, keys []uint32, hold time.Duration) error {
	return nil
}

// DialHost connects to a VM's VNC server.
func (l *Link) DialHost(ctx context.Context, network, address string) (net.Conn, error) {
	return nil, core.Errorf(core.Unreachable, "nothing listens on %s", address)
}
