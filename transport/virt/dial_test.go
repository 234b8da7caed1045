package virt_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/limiquantix/limiquantix/transport/virt"
)

// dialling is a connection with a way to servers on the host, as SSH gives it.
type dialling struct {
	*virt.Conn
	h realHost
}

// DialHost connects as if from the host: sockets through its root, addresses
// from inside its network namespace.
func (w dialling) DialHost(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	if network == "unix" {
		return d.DialContext(ctx, network, w.h.root+address)
	}
	ns, err := os.Open(filepath.Join(filepath.Dir(w.h.root), "ns", "net"))
	if err != nil {
		return nil, err
	}
	defer ns.Close()
	type result struct {
		conn net.Conn
		err  error
	}
	dialled := make(chan result, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
			dialled <- result{nil, err}
			return
		}
		conn, err := d.DialContext(ctx, network, address)
		dialled <- result{conn, err}
	}()
	r := <-dialled
	return r.conn, r.err
}
