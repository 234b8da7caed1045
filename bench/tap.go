//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"sync"

	"github.com/limiquantix/limiquantix/transport/virt/rpccount"
)

// libvirt's procedure numbers of starting a VM: remote_protocol.x.
const procCreate, procCreateWithFlags = 9, 196

// tap is a proxy that stands in for a host's libvirt socket, and counts for each
// client apart.
type tap struct {
	path, moved string
	mu          sync.Mutex
	counter     *rpccount.Counter // of connections to come
	listener    net.Listener
	cancel      context.CancelFunc
	running     sync.WaitGroup
}

// newTap moves the socket at path aside and listens in its place. A socket goes
// on working under another name, so libvirtd does not notice.
func newTap(path string) (*tap, error) {
	t := &tap{counter: &rpccount.Counter{}, path: path, moved: path + ".behind"}
	if err := os.Rename(path, t.moved); err != nil {
		return nil, fmt.Errorf("move libvirt's socket aside: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen in place of libvirt: %w", err)
	}
	t.listener = l
	ctx, cancel := context.WithCancel(context.Background()) // the life of the tap, not of a call
	t.cancel = cancel
	t.running.Go(func() { t.accept(ctx) })
	return t, nil
}

// next returns the counter of the connections that come from now on.
func (t *tap) next() *rpccount.Counter {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counter = &rpccount.Counter{}
	return t.counter
}

func (t *tap) current() *rpccount.Counter {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.counter
}

func (t *tap) accept(ctx context.Context) {
	for {
		c, err := t.listener.Accept()
		if err != nil {
			return // closed
		}
		dial := t.current().Dialer(t.direct)
		t.running.Go(func() { carry(ctx, c, dial) })
	}
}

// direct connects past the tap.
func (t *tap) direct(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "unix", t.moved)
}

// carry joins a client with libvirt until one of them ends.
func carry(ctx context.Context, client net.Conn, dial func(context.Context) (net.Conn, error)) {
	defer client.Close()
	server, err := dial(ctx)
	if err != nil {
		return
	}
	stop := context.AfterFunc(ctx, func() { client.Close(); server.Close() })
	defer stop()
	var both sync.WaitGroup
	both.Go(func() {
		io.Copy(server, client)
		server.Close()
	})
	both.Go(func() {
		io.Copy(client, server)
		client.Close()
	})
	both.Wait()
}

// close gives libvirt its socket back and ends what goes through the tap. It
// may be called again.
func (t *tap) close() error {
	t.cancel()
	if t.listener.Close() != nil { // removes its socket
		return nil // closed before
	}
	t.running.Wait()
	return os.Rename(t.moved, t.path)
}
