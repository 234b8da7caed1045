package virt_test

import (
	"context"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/lab"
	"github.com/limiquantix/limiquantix/transport/virt"
)

// within fails the test when fn does not return in time; the limit is far from
// what is due, so that only a hang reaches it.
func within(t *testing.T, limit time.Duration, what string, fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		fn()
	}()
	select {
	case <-done:
	case <-time.After(limit):
		t.Fatalf("%s hangs", what)
	}
}

// over checks that a connection is over and says so at once.
func over(t *testing.T, c *virt.Conn) {
	t.Helper()
	within(t, time.Minute, "the end", func() { <-c.Done() })
	if code := core.CodeOf(c.Err()); code != core.Unreachable {
		t.Errorf("Err is %v (%s)", c.Err(), code)
	}
	within(t, 5*time.Second, "a call after the end", func() {
		if _, err := c.VMs(context.Background()); core.CodeOf(err) != core.Unreachable {
			t.Errorf("list: %v (%s)", err, core.CodeOf(err))
		}
		if err := c.StartVM(context.Background(), core.NewUUID()); core.CodeOf(err) != core.Unreachable {
			t.Errorf("start: %v (%s)", err, core.CodeOf(err))
		}
		if _, err := c.OpenSerial(context.Background(), core.NewUUID()); core.CodeOf(err) != core.Unreachable {
			t.Errorf("serial: %v (%s)", err, core.CodeOf(err))
		}
	})
	within(t, time.Minute, "the events' end", func() {
		for range c.Events() {
		}
	})
	within(t, time.Minute, "Close", func() { c.Close() })
}

func fault(t *testing.T, h realHost, f lab.Fault) {
	t.Helper()
	if err := h.lab.Fault(context.Background(), "kvm1", f); err != nil {
		t.Fatal(err)
	}
}

func TestKilledDaemon(t *testing.T) {
	h := newHost(t)
	c := h.open(t, h.options(t, "qemu:///system"))
	fault(t, h, lab.CrashLibvirtd)
	over(t, c)
}

// TestFrozenDaemon: a write under way has an unknown outcome, a read none, and
// both end soon though their deadline is far.
func TestFrozenDaemon(t *testing.T) {
	h := newHost(t)
	o := h.options(t, "qemu:///system")
	o.CallTimeout = 10 * time.Minute
	c := h.open(t, o)
	uuid := defineMany(t, c, 1)[0]
	fault(t, h, lab.FreezeLibvirtd)
	defer fault(t, h, lab.Heal)
	started := make(chan error, 1)
	go func() { started <- c.StartVM(context.Background(), uuid) }()
	within(t, time.Minute, "a read", func() {
		if _, err := c.VMs(context.Background()); core.CodeOf(err) != core.Unreachable {
			t.Errorf("list: %v (%s)", err, core.CodeOf(err))
		}
	})
	within(t, time.Minute, "a write", func() {
		if err := <-started; core.CodeOf(err) != core.UnknownOutcome {
			t.Errorf("start: %v (%s)", err, core.CodeOf(err))
		}
	})
	over(t, c)
}

// TestDeadline: what one call waits for too long ends the connection.
func TestDeadline(t *testing.T) {
	h := newHost(t)
	o := h.options(t, "qemu:///system")
	o.CallTimeout = time.Second
	c := h.open(t, o)
	fault(t, h, lab.FreezeLibvirtd)
	defer fault(t, h, lab.Heal)
	within(t, time.Minute, "a read", func() {
		if _, err := c.VMs(context.Background()); core.CodeOf(err) != core.Unreachable {
			t.Errorf("list: %v (%s)", err, core.CodeOf(err))
		}
	})
	over(t, c)
}

// TestGivenUpCall: a caller that gives up leaves the connection alive.
func TestGivenUpCall(t *testing.T) {
	h := newHost(t)
	c := h.open(t, h.options(t, "qemu:///system"))
	fault(t, h, lab.FreezeLibvirtd)
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	_, err := c.VMs(ctx)
	if core.CodeOf(err) != core.Unreachable {
		t.Errorf("list: %v (%s)", err, core.CodeOf(err))
	}
	fault(t, h, lab.Heal)
	if _, err := c.VMs(context.Background()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestSilentPeer: a socket that takes everything and never answers.
func TestSilentPeer(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	within(t, time.Minute, "open", func() {
		_, err := virt.Open(ctx, virt.Options{Logger: testLog(t), Dial: func(context.Context) (net.Conn, error) {
			client, server := net.Pipe()
			go func() {
				for b := make([]byte, 512); ; {
					if _, err := server.Read(b); err != nil {
						return
					}
				}
			}()
			return client, nil
		}})
		if core.CodeOf(err) != core.Unreachable {
			t.Errorf("got %v (%s)", err, core.CodeOf(err))
		}
	})
}

// TestNothingIsLeft opens and closes many connections, some by a dying peer.
func TestNothingIsLeft(t *testing.T) {
	h := newHost(t)
	h.open(t, h.options(t, "qemu:///system")).Close()
	before := runtime.NumGoroutine()
	for i := range 100 {
		var conn atomic.Pointer[net.Conn]
		o := h.options(t, "qemu:///system")
		o.Dial = func(ctx context.Context) (net.Conn, error) {
			nc, err := h.dial(ctx)
			conn.Store(&nc)
			return nc, err
		}
		c := h.open(t, o)
		if i%2 == 0 {
			(*conn.Load()).Close()
			<-c.Done()
		}
		c.Close()
	}
	for deadline := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(deadline); {
		time.Sleep(50 * time.Millisecond)
	}
	if after := runtime.NumGoroutine(); after > before {
		buf := make([]byte, 1<<16)
		t.Errorf("%d goroutines before, %d after:\n%s", before, after, buf[:runtime.Stack(buf, true)])
	}
}

// TestUnknownDriver: libvirt's own words reach the user.
func TestUnknownDriver(t *testing.T) {
	h := newHost(t)
	_, err := virt.Open(context.Background(), h.options(t, "nosuch:///system"))
	if code := core.CodeOf(err); code != core.Unsupported || !strings.Contains(err.Error(), "nosuch") {
		t.Errorf("got %v (%s)", err, code)
	}
}

// TestEventsOfOthers: what another client does is told, and merged while
// nobody reads.
func TestEventsOfOthers(t *testing.T) {
	h := newHost(t)
	c, other := h.open(t, h.options(t, "qemu:///system")), h.open(t, h.options(t, "qemu:///system"))
	for range 3 {
		uuid := defineMany(t, other, 1)[0]
		if err := other.SetAutostart(context.Background(), uuid, true); err != nil {
			t.Fatal(err)
		}
		if _, err := h.lab.Exec(context.Background(), "kvm1", "virsh", "desc", "many-000", "--config", "seen"); err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for !seen["changed"] {
			select {
			case ev := <-c.Events():
				if ev.Object == host.ObjectVM && ev.UUID == uuid {
					seen[ev.Change] = true
				}
			case <-time.After(time.Minute):
				t.Fatalf("a metadata change was not told; seen: %v", seen)
			}
		}
		if _, err := h.lab.Exec(context.Background(), "kvm1", "virsh", "undefine", "many-000"); err != nil {
			t.Fatal(err)
		}
	}
}
