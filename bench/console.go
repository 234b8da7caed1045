//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/limiquantix/limiquantix/app/compose"
	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
)

// What passes through the consoles that are measured.
const (
	echoes     = 2000
	echoSize   = 10
	bulk       = 256 << 20 // a minute of a busy full screen
	frameBytes = 1920 * 1080 * 4
)

// measureConsole compares our console relay (WebSocket at the TCP listener, SSH,
// a server on the host) with ssh -L to the same servers, without any delay: what
// is measured is what each adds.
func (s *site) measureConsole(ctx context.Context, t *table) (err error) {
	if err := s.lab.SetRTT(ctx, 0); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.lab.SetRTT(ctx, s.rtt)) }()
	echo, err := s.listen(func(c net.Conn) { io.Copy(c, c) })
	if err != nil {
		return err
	}
	defer echo.Close()
	source, err := s.listen(func(c net.Conn) { io.Copy(c, io.LimitReader(zeroes{}, bulk)) })
	if err != nil {
		return err
	}
	defer source.Close()
	relay, closeRelay, err := s.relay(ctx)
	if err != nil {
		return err
	}
	defer closeRelay()
	forward, closeForward, err := s.forward(ctx, echo.Addr().String(), source.Addr().String())
	if err != nil {
		return err
	}
	defer closeForward()
	if err := s.compareEcho(t, relay, forward, echo.Addr().String()); err != nil {
		return fmt.Errorf("echo: %w", err)
	}
	return s.compareBulk(t, relay, forward, source.Addr().String())
}

// dialFunc opens a stream to a server on the host.
type dialFunc func(address string) (io.ReadWriteCloser, error)

func (s *site) compareEcho(t *table, relay, forward dialFunc, address string) error {
	var ours, theirs sample
	a, err := relay(address)
	if err != nil {
		return err
	}
	defer a.Close()
	b, err := forward(address)
	if err != nil {
		return err
	}
	defer b.Close()
	for i := range echoes + 100 { // in turn, so that both see the same machine
		for _, side := range []struct {
			conn io.ReadWriter
			to   *sample
		}{{a, &ours}, {b, &theirs}} {
			began := time.Now()
			if err := exchange(side.conn); err != nil {
				return err
			}
			if i >= 100 { // both are warm
				*side.to = append(*side.to, time.Since(began))
			}
		}
	}
	ratio := quotient(ours.median(), theirs.median())
	t.add(row{"console: echo of a key", fmt.Sprintf("p50 %s, p99 %s", us(ours.median()), us(ours.quantile(0.99))),
		fmt.Sprintf("`ssh -L` p50 %s, p99 %s", us(theirs.median()), us(theirs.quantile(0.99))),
		fmt.Sprintf("%.2f of ssh -L", ratio), "p50 ≤ 1.3 of ssh -L", met(ratio <= 1.3)})
	return nil
}

func exchange(c io.ReadWriter) error {
	var key, back [echoSize]byte
	if _, err := c.Write(key[:]); err != nil {
		return err
	}
	_, err := io.ReadFull(c, back[:])
	return err
}

func (s *site) compareBulk(t *table, relay, forward dialFunc, address string) error {
	var ours, theirs sample
	for range s.runs {
		if err := ours.add(func() error { return drain(relay, address) }); err != nil {
			return fmt.Errorf("through the relay: %w", err)
		}
		if err := theirs.add(func() error { return drain(forward, address) }); err != nil {
			return fmt.Errorf("through ssh -L: %w", err)
		}
	}
	// Of each pair, which saw the same machine: that is busy with other work.
	var ratios []float64
	for i := range ours {
		ratios = append(ratios, quotient(theirs[i], ours[i]))
	}
	slices.Sort(ratios)
	ratio := ratios[len(ratios)/2]
	t.add(row{"console: throughput", rate(ours.median()), "`ssh -L` " + rate(theirs.median()),
		fmt.Sprintf("%.2f×", ratio), "≥ 1.0×", met(ratio >= 1)})
	return nil
}

// drain reads everything that a source sends.
func drain(dial dialFunc, address string) error {
	c, err := dial(address)
	if err != nil {
		return err
	}
	defer c.Close()
	n, err := io.CopyBuffer(io.Discard, struct{ io.Reader }{c}, make([]byte, 64<<10))
	if n != bulk {
		return fmt.Errorf("%d of %d bytes came: %w", n, bulk, err)
	}
	return nil
}

func rate(took time.Duration) string {
	per := float64(bulk) / took.Seconds()
	return fmt.Sprintf("%.0f MiB/s, %.1f full frames of 1920 × 1080 a second", per/(1<<20), per/frameBytes)
}

func us(d time.Duration) string { return fmt.Sprintf("%.0f µs", float64(d)/1e3) }

// zeroes never ends.
type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// relay serves consoles at a TCP listener whose tickets are addresses on the host.
func (s *site) relay(ctx context.Context) (dialFunc, func(), error) {
	l, err := s.dial(ctx)
	if err != nil {
		return nil, nil, err
	}
	h := server.Handler(server.Services{Console: func(ctx context.Context, address string) (io.ReadWriteCloser, error) {
		return l.ssh.DialHost(ctx, "tcp", address)
	}}, compose.Discard())
	srv, err := server.ServeTCP(h, server.TCPOptions{}, compose.Discard())
	if err != nil {
		l.close()
		return nil, nil, err
	}
	dial := func(address string) (io.ReadWriteCloser, error) {
		return server.DialConsole(ctx, srv.Client(), srv.URL, address)
	}
	return dial, func() { srv.Close(); l.close() }, nil
}

// forward runs ssh -L to servers on the host.
func (s *site) forward(ctx context.Context, addresses ...string) (dialFunc, func(), error) {
	ports := map[string]string{}
	args := []string{"-F", s.state.SSHConfig, "-N", "-o", "ExitOnForwardFailure=yes"}
	for _, a := range addresses {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, nil, err
		}
		ports[a] = ln.Addr().String()
		ln.Close()
		args = append(args, "-L", ports[a]+":"+a)
	}
	var errs bytes.Buffer
	c := exec.CommandContext(ctx, "ssh", append(args, s.host.Name)...)
	c.Env, c.Stderr = environment(s.tmp), &errs
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		return nil, nil, err
	}
	stop := func() {
		c.Process.Kill()
		c.Wait()
	}
	dial := func(address string) (io.ReadWriteCloser, error) { return net.Dial("tcp", ports[address]) }
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		conn, err := dial(addresses[0])
		if err == nil {
			conn.Close()
			return dial, stop, nil
		}
		if time.Now().After(end) {
			stop()
			return nil, nil, core.Errorf(core.Unreachable, "ssh -L does not listen: %s", errs.String())
		}
	}
}

// listen serves connections on the loopback address of the host.
func (s *site) listen(serve func(net.Conn)) (net.Listener, error) {
	ns, err := os.Open("/proc/" + strconv.Itoa(s.host.PID) + "/ns/net")
	if err != nil {
		return nil, err
	}
	defer ns.Close()
	type result struct {
		ln  net.Listener
		err error
	}
	made := make(chan result, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
			made <- result{nil, err}
			return
		}
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		made <- result{ln, err}
	}()
	r := <-made
	if r.err != nil {
		return nil, r.err
	}
	go func() { // ends with the listener
		for {
			c, err := r.ln.Accept()
			if err != nil {
				return
			}
			go func() { // ends with the connection
				serve(c)
				c.Close()
			}()
		}
	}()
	return r.ln, nil
}
