package virt

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
)

// daemon is a fake libvirtd: it answers the calls that open a connection, and
// hands every other to misbehave, which writes whatever it likes.
type daemon struct {
	misbehave func(conn net.Conn, f frame)
}

// dial connects to it by a socket pair, as writes to a pipe would wait.
func (d daemon) dial(t *testing.T) func(context.Context) (net.Conn, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go d.serve(conn)
		}
	}()
	return func(ctx context.Context) (net.Conn, error) {
		var dialer net.Dialer
		return dialer.DialContext(ctx, "tcp", l.Addr().String())
	}
}

func (d daemon) serve(conn net.Conn) {
	defer conn.Close()
	w := newWire(conn)
	for {
		f, err := w.read()
		if err != nil {
			return
		}
		if f.program != programRemote {
			continue
		}
		reply := frame{program: programRemote, proc: f.proc, kind: typeReply, serial: f.serial}
		switch f.proc {
		case procAuthList:
			reply.payload = (&writer{}).uint32(1).uint32(authNone).b
		case procConnectOpen:
		case procDomainEvents, procNetworkEvents, procPoolEvents, procSecretEvents:
			reply.payload = (&writer{}).uint32(7).b
		default:
			d.misbehave(conn, f)
			continue
		}
		if err := w.write(reply.bytes()); err != nil {
			return
		}
	}
}

func openFake(t *testing.T, dial func(context.Context) (net.Conn, error)) (*Conn, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c, err := Open(ctx, Options{Dial: dial, Logger: slog.New(slog.DiscardHandler), CallTimeout: 20 * time.Second})
	if err == nil {
		t.Cleanup(func() { c.Close() })
	}
	return c, err
}

// header is a packet's header with any length.
func header(length uint32, f frame) []byte {
	b := f.bytes()[:headerSize]
	binary.BigEndian.PutUint32(b, length)
	return b
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// heapPeak samples the heap while fn runs.
func heapPeak(fn func()) uint64 {
	var peak uint64
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	})
	fn()
	close(stop)
	wg.Wait()
	return peak
}

// TestHostileReplies: whatever a host answers, the call fails with a clear
// error, the connection ends, and memory stays.
func TestHostileReplies(t *testing.T) {
	reply := func(f frame) frame {
		return frame{program: programRemote, proc: f.proc, kind: typeReply, serial: f.serial}
	}
	with := func(f frame, payload []byte) []byte { f.payload = payload; return f.bytes() }
	raw := func(length uint32) func(frame) []byte {
		return func(f frame) []byte { return header(length, reply(f)) }
	}
	for name, answer := range map[string]func(f frame) []byte{
		"length 0":      raw(0),
		"length 4":      raw(4),
		"length 27":     raw(27),
		"length 2^31":   raw(1 << 31),
		"length 2^32-1": raw(1<<32 - 1),
		"length of 32 MiB and no data": func(f frame) []byte {
			return header(maxFrame, reply(f))
		},
		"text":           func(frame) []byte { return []byte("bash: warning: setlocale: LC_ALL: cannot change locale\n") },
		"unknown serial": func(f frame) []byte { r := reply(f); r.serial = 4242; return r.bytes() },
		"serial -1":      func(f frame) []byte { r := reply(f); r.serial = 1<<32 - 1; return r.bytes() },
		"twice the same": func(f frame) []byte {
			r := with(reply(f), (&writer{}).uint32(0).b)
			return append(r, r...)
		},
		"another procedure": func(f frame) []byte { r := reply(f); r.proc = 999; return r.bytes() },
		"another program":   func(f frame) []byte { r := reply(f); r.program = 0x12345678; return r.bytes() },
		"a call":            func(f frame) []byte { r := reply(f); r.kind = typeCall; return r.bytes() },
		"stream data":       func(f frame) []byte { r := reply(f); r.kind = typeStream; return r.bytes() },
		"status 77":         func(f frame) []byte { r := reply(f); r.status = 77; return r.bytes() },
		"empty":             func(f frame) []byte { return reply(f).bytes() },
		"count 2^31-1":      func(f frame) []byte { return with(reply(f), (&writer{}).uint32(1<<31-1).uint32(0).b) },
		"count 2^28":        func(f frame) []byte { return with(reply(f), (&writer{}).uint32(1<<28).uint32(0).uint32(0).b) },
		"string of 2^31-1":  func(f frame) []byte { return with(reply(f), (&writer{}).uint32(1).uint32(1<<31-1).uint32(0).b) },
		"too much":          func(f frame) []byte { return with(reply(f), make([]byte, 4096)) },
		"an error of 2^31-1": func(f frame) []byte {
			r := reply(f)
			r.status = statusError
			return with(r, (&writer{}).uint32(1).uint32(1).uint32(1).uint32(1<<31-1).b)
		},
		"an error of nothing": func(f frame) []byte { r := reply(f); r.status = statusError; return r.bytes() },
	} {
		t.Run(name, func(t *testing.T) {
			d := daemon{misbehave: func(conn net.Conn, f frame) {
				conn.Write(answer(f))
				if name == "length of 32 MiB and no data" {
					conn.Close()
				}
			}}
			c, err := openFake(t, d.dial(t))
			if err != nil {
				t.Fatal(err)
			}
			before := heap()
			peak := heapPeak(func() {
				if _, err = c.VMs(context.Background()); err == nil {
					<-c.Done() // the reply was right, what follows was not
					_, err = c.VMs(context.Background())
				}
			})
			if code := core.CodeOf(err); code != core.Unreachable {
				t.Errorf("got %v (%s), want unreachable", err, code)
			}
			if name == "text" && !strings.Contains(err.Error(), "bash: warning") {
				t.Errorf("the text is not in %q", err)
			}
			if peak > before+16<<20 {
				t.Errorf("heap grew from %d to %d MiB", before>>20, peak>>20)
			}
			select {
			case <-c.Done():
			case <-time.After(20 * time.Second):
				t.Error("the connection did not end")
			}
		})
	}
}

// TestHostileGreeting: the same before the connection is open.
func TestHostileGreeting(t *testing.T) {
	for name, greeting := range map[string]string{
		"text":     "This account is currently not available.\n",
		"nothing":  "",
		"zeroes":   strings.Repeat("\x00", 64),
		"ones":     strings.Repeat("\xff", 64),
		"a banner": "SSH-2.0-OpenSSH_9.2p1\r\n",
		"shorter":  "ab",
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				for conn, err := l.Accept(); err == nil; conn, err = l.Accept() {
					_, _ = io.ReadFull(conn, make([]byte, headerSize)) // so that the close is no reset
					io.WriteString(conn, greeting)
					conn.Close()
				}
			}()
			_, err = openFake(t, func(ctx context.Context) (net.Conn, error) { return net.Dial("tcp", l.Addr().String()) })
			if code := core.CodeOf(err); code != core.Unreachable {
				t.Errorf("got %v (%s), want unreachable", err, code)
			}
			t.Log(err)
		})
	}
}

// TestAMillionEvents: with nobody reading, they become one "all".
func TestAMillionEvents(t *testing.T) {
	const n = 1_000_000
	d := daemon{misbehave: func(conn net.Conn, f frame) {
		if f.proc != procHostname {
			return
		}
		var batch []byte
		for i := range n {
			var id [16]byte
			binary.BigEndian.PutUint32(id[:], uint32(i))
			e := frame{program: programRemote, proc: 318, kind: typeMessage,
				payload: (&writer{}).uint32(7).string("vm").fixed(id[:]).uint32(1).uint32(2).uint32(0).b}
			batch = append(batch, e.bytes()...)
			if len(batch) > 1<<20 || i == n-1 {
				conn.Write(batch)
				batch = batch[:0]
			}
		}
		r := frame{program: programRemote, proc: f.proc, kind: typeReply, serial: f.serial, payload: (&writer{}).string("h").b}
		conn.Write(r.bytes())
	}}
	c, err := openFake(t, d.dial(t))
	if err != nil {
		t.Fatal(err)
	}
	before := heap()
	peak := heapPeak(func() {
		name, err := ask(context.Background(), c.ears, write, "name", hostname) // libvirtd tells events to this one
		if err != nil || name != "h" {
			t.Errorf("got %q, %v", name, err)
		}
	})
	if peak > before+32<<20 {
		t.Errorf("heap grew from %d to %d MiB", before>>20, peak>>20)
	}
	told, all := 0, false
	for !all {
		select {
		case ev, open := <-c.Events():
			if !open {
				t.Fatalf("the connection ended after %d events: %v", told, c.Err())
			}
			told++
			all = ev.Object == host.ObjectAll
		case <-time.After(20 * time.Second):
			t.Fatalf("no %q among %d events", host.ObjectAll, told)
		}
	}
	if told > maxEvents+2 {
		t.Errorf("%d events were told", told)
	}
}

// TestPolkit: the permission is asked for, and its refusal explained.
func TestPolkit(t *testing.T) {
	for _, allow := range []bool{true, false} {
		t.Run(fmt.Sprint(allow), func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			serve := func(conn net.Conn) {
				w, allowed := newWire(conn), false
				for {
					f, err := w.read()
					if err != nil {
						return
					}
					r := frame{program: programRemote, proc: f.proc, kind: typeReply, serial: f.serial}
					switch {
					case f.proc == procAuthList:
						r.payload = (&writer{}).uint32(1).uint32(authPolkit).b
					case f.proc == procAuthPolkit && allow:
						allowed, r.payload = true, (&writer{}).uint32(1).b
					case f.proc == procConnectOpen && allowed:
					case f.proc == procAuthPolkit, f.proc == procConnectOpen:
						r.status, r.payload = statusError, fault{code: 45, message: "access denied by policy"}.full()
					default:
						r.payload = (&writer{}).uint32(1).b
					}
					w.write(r.bytes())
				}
			}
			go func() {
				for conn, err := l.Accept(); err == nil; conn, err = l.Accept() {
					go serve(conn)
				}
			}()
			_, err = openFake(t, func(context.Context) (net.Conn, error) { return net.Dial("tcp", l.Addr().String()) })
			if allow && err != nil {
				t.Errorf("got %v", err)
			}
			var e *core.Error
			if !allow && (!errors.As(err, &e) || e.Code != core.Denied || e.Hint == "") {
				t.Errorf("got %v (%s)", err, core.CodeOf(err))
			}
		})
	}
}

// full is the error as libvirtd sends it.
func (f fault) full() []byte {
	w := (&writer{}).uint32(uint32(f.code)).uint32(uint32(f.domain)).uint32(1).string(f.message).uint32(2).uint32(0)
	return w.uint32(0).uint32(0).uint32(0).uint32(uint32(f.errno)).uint32(0).uint32(0).b
}
