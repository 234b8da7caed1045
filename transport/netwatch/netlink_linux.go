package netwatch

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// Watch is a subscription to changes. Close it.
type Watch struct {
	file    *os.File
	changes chan struct{}
	wg      sync.WaitGroup
}

// Open begins to watch addresses and routes.
//
// Source: rtnetlink(7), netlink(7).
func Open() (*Watch, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("open netlink socket: %w", err)
	}
	groups := unix.RTMGRP_IPV4_IFADDR | unix.RTMGRP_IPV6_IFADDR | unix.RTMGRP_IPV4_ROUTE
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: uint32(groups)}); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("subscribe to netlink: %w", err)
	}
	w := &Watch{file: os.NewFile(uintptr(fd), "netlink"), changes: make(chan struct{}, 1)}
	seen := make(chan struct{})
	w.wg.Go(func() { w.read(seen) })
	w.wg.Go(func() { settle(seen, w.changes) })
	return w, nil
}

// read tells of each message; what it says does not matter.
func (w *Watch) read(seen chan<- struct{}) {
	defer close(seen)
	buf := make([]byte, 64<<10)
	for {
		_, err := w.file.Read(buf)
		if err != nil && !overrun(err) {
			return
		}
		seen <- struct{}{}
	}
}

// Changes returns what receives a value after each change; it is closed by Close.
func (w *Watch) Changes() <-chan struct{} { return w.changes }

// Close ends the watch and waits for its goroutines.
func (w *Watch) Close() error {
	err := w.file.Close()
	w.wg.Wait()
	return err
}

// overrun reports whether messages were lost: changes all the same.
func overrun(err error) bool { return errors.Is(err, unix.ENOBUFS) }
