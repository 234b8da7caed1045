package virt

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/digitalocean/go-libvirt"
	"github.com/google/go-cmp/cmp"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
)

func hostname(l *libvirt.Libvirt) (string, error) { return l.ConnectGetHostname() }

// readOnly is a connection that gives data and takes anything.
type readOnly struct {
	net.Conn
	io.Reader
}

func (r readOnly) Read(p []byte) (int, error)  { return r.Reader.Read(p) }
func (r readOnly) Write(p []byte) (int, error) { return len(p), nil }
func (r readOnly) Close() error                { return nil }

// FuzzGuard: whatever comes, what passes the guard is a whole reply to a call
// that waits, of its shape; go-libvirt's decoders make sense of it.
func FuzzGuard(f *testing.F) {
	ok := frame{program: programRemote, proc: procHostname, kind: typeReply, serial: 1, payload: (&writer{}).string("host").b}
	stats := (&writer{}).uint32(1).string("vm").fixed(make([]byte, 16)).uint32(1).uint32(1).string("state.state").uint32(1).uint32(5).b
	f.Add(uint32(procHostname), ok.bytes())
	f.Add(uint32(procAllStats), frame{program: programRemote, proc: procAllStats, kind: typeReply, serial: 1, payload: stats}.bytes())
	f.Add(uint32(procHostname), frame{program: programRemote, proc: procHostname, kind: typeReply, serial: 1, status: statusError, payload: fault{code: 42, message: "no"}.full()}.bytes())
	f.Add(uint32(procHostname), frame{program: programRemote, proc: 318, kind: typeMessage, payload: make([]byte, 40)}.bytes())
	f.Add(uint32(procHostname), frame{program: programKeepAlive, proc: pongProc, kind: typeMessage}.bytes())
	f.Add(uint32(procListPools), []byte("bash: warning: no\n"))
	f.Add(uint32(procListPools), []byte{0, 0, 0, 27})
	f.Fuzz(func(t *testing.T, proc uint32, data []byte) {
		if replyShape(proc) == nil || proc == procAuthList || proc == procConnectOpen {
			return
		}
		e := newEvents()
		defer e.close()
		g := newGuard(newWire(readOnly{Reader: bytes.NewReader(data)}), e.take)
		if err := g.send(call(1, proc, nil).bytes()); err != nil {
			t.Fatal(err)
		}
		g.pump() // ends with the data
		select {
		case packet := <-g.replies:
			got := parseFrame(packet)
			if got.serial != 1 || got.proc != proc || got.kind != typeReply || len(packet) > maxFrame {
				t.Fatalf("passed: %+v", got)
			}
			if got.status == statusOK && !fits(replyShape(proc), got.payload) {
				t.Fatalf("a malformed reply passed: %x", got.payload)
			}
		default:
		}
		if len(g.replies) != 0 {
			t.Fatal("one call got two replies")
		}
	})
}

// FuzzShapes: walking over a payload neither panics nor reads past its end,
// and what fits has no count beyond its data.
func FuzzShapes(f *testing.F) {
	f.Add(uint32(procLeases), []byte{0, 0, 0, 0, 0, 0, 0, 0})
	f.Add(uint32(procAllStats), (&writer{}).uint32(1<<31-1).b)
	f.Fuzz(func(t *testing.T, proc uint32, payload []byte) {
		if s := replyShape(proc); s != nil {
			fits(s, payload)
		}
	})
}

func TestFaultTravelsThroughGoLibvirt(t *testing.T) {
	for _, want := range []fault{
		{code: 42, domain: 10, message: "Domain not found"},
		{code: 38, domain: 18, message: "cannot write: No space left on device", errno: 28},
		{code: 1, domain: 0, message: ""},
		{code: 55, message: "VM 'unknown procedure' is running"},
	} {
		got, err := parseFault(want.full())
		if err != nil || got != want {
			t.Errorf("got %+v, %v; want %+v", got, err, want)
		}
		d := daemon{misbehave: func(conn net.Conn, f frame) {
			r := frame{program: programRemote, proc: f.proc, kind: typeReply, serial: f.serial, status: statusError, payload: want.full()}
			conn.Write(r.bytes())
		}}
		c, err := openFake(t, d.dial(t))
		if err != nil {
			t.Fatal(err)
		}
		_, err = ask(context.Background(), c.s, read, "name", hostname)
		var e libvirt.Error
		if !errors.As(err, &e) || int(e.Code) != want.code || e.Message != want.message || strings.Contains(err.Error(), "\x00") {
			t.Errorf("got %q, want %+v", err, want)
		}
		if want.errno == 28 && core.CodeOf(err) != core.NoSpace {
			t.Errorf("no space is %s", core.CodeOf(err))
		}
	}
}

// TestStatsInSlices: a host with too many VMs for one message.
func TestStatsInSlices(t *testing.T) {
	const n = 1200
	doms := (&writer{}).uint32(n)
	for i := range n {
		doms.string("vm").fixed(append([]byte{byte(i >> 8), byte(i)}, make([]byte, 14)...)).uint32(1)
	}
	doms.uint32(n)
	var mu sync.Mutex
	var asked []int
	d := daemon{misbehave: func(conn net.Conn, f frame) {
		r := frame{program: programRemote, proc: f.proc, kind: typeReply, serial: f.serial, payload: doms.b}
		if f.proc == procAllStats {
			args := &reader{rest: f.payload}
			wanted := args.uint32()
			mu.Lock()
			asked = append(asked, int(wanted))
			mu.Unlock()
			w := (&writer{}).uint32(wanted)
			for range wanted {
				w.string(args.string()).fixed(args.take(16)).uint32(args.uint32()).uint32(0)
			}
			r.payload = w.b
			if wanted == 0 {
				r.status, r.payload = statusError, fault{code: errRPC, message: "Unable to encode message payload"}.full()
			}
		}
		conn.Write(r.bytes())
	}}
	c, err := openFake(t, d.dial(t))
	if err != nil {
		t.Fatal(err)
	}
	all, err := c.VMs(context.Background())
	if err != nil || len(all) != n {
		t.Errorf("got %d VMs, %v; want %d", len(all), err, n)
	}
	slices.Sort(asked)
	if want := []int{0, 200, 500, 500}; !slices.Equal(asked, want) {
		t.Errorf("asked for %v, want %v", asked, want)
	}
}

func TestLanesKeepOrder(t *testing.T) {
	var l lanes
	leave, err := l.enter(context.Background(), "vm")
	if err != nil {
		t.Fatal(err)
	}
	var order []int
	var wg sync.WaitGroup
	for i := range 10 {
		ctx, cancel := context.WithCancel(context.Background())
		wg.Go(func() {
			leave, err := l.enter(ctx, "vm")
			if err != nil {
				return
			}
			order = append(order, i) // the lane itself guards it
			leave()
		})
		for queued := 0; queued < i+2; { // so that the next comes after it
			l.mu.Lock()
			queued = len(l.m["vm"])
			l.mu.Unlock()
			time.Sleep(time.Millisecond)
		}
		if i == 9 {
			cancel() // the last gives up
			for queued := 11; queued > 10; {
				l.mu.Lock()
				queued = len(l.m["vm"])
				l.mu.Unlock()
				time.Sleep(time.Millisecond)
			}
		}
		defer cancel()
	}
	other, err := l.enter(context.Background(), "another")
	if err != nil {
		t.Fatal(err)
	}
	other()
	leave()
	wg.Wait()
	if diff := cmp.Diff([]int{0, 1, 2, 3, 4, 5, 6, 7, 8}, order); diff != "" {
		t.Error(diff)
	}
	if len(l.m) != 0 {
		t.Errorf("lanes are left: %v", l.m)
	}
}

func TestEventsMerge(t *testing.T) {
	e := newEvents()
	defer e.close()
	e.add(host.Event{Object: host.ObjectVM, UUID: "first", Change: "started"})
	for e.waiting() > 0 { // in the hands of deliver
		time.Sleep(time.Millisecond)
	}
	e.add(host.Event{Object: host.ObjectVM, UUID: "a", Change: "started"})
	e.add(host.Event{Object: host.ObjectVM, UUID: "b", Change: "defined"})
	e.add(host.Event{Object: host.ObjectVM, UUID: "a", Change: "stopped"})
	var got []string
	for range 3 {
		ev := <-e.out
		got = append(got, ev.UUID+" "+ev.Change)
	}
	if diff := cmp.Diff([]string{"first started", "a stopped", "b defined"}, got); diff != "" {
		t.Error(diff)
	}
}

func (e *events) waiting() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.order)
}
