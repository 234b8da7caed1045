package contract

import (
	"io"
	"time"

	"github.com/limiquantix/limiquantix/core"
)

func serialCases() []one {
	return []one{
		{"a serial console", []Feature{Serial}, serialConsole},
		{"a serial console is taken over", []Feature{Serial}, serialTakenOver},
		{"a serial console of nothing", []Feature{Serial}, serialOfNothing},
	}
}

func serialConsole(e *env) {
	uuid := e.diskVM()
	console := e.hears(uuid)
	defer console.Close()
	if _, err := console.Write([]byte("hello\r")); err != nil {
		e.Errorf("write: %v", err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, console)
		ended <- err
	}()
	e.ok("stop", e.h.StopVM(e.ctx, uuid))
	select {
	case err := <-ended:
		if err != nil {
			e.Errorf("want io.EOF when the VM stops, got %v", err)
		}
	case <-e.ctx.Done():
		e.Fatal("the console does not end with its VM")
	}
}

// hears starts a VM and returns its console once something was read from it.
// The firmware speaks once, so it is started again when it spoke too early to
// be heard. (A reset would be quicker, but SeaBIOS under TCG may hang for ever
// when it is reset in its first moments.)
func (e *env) hears(uuid string) io.ReadWriteCloser {
	e.Helper()
	for {
		e.ok("start", e.h.StartVM(e.ctx, uuid))
		console, err := e.h.OpenSerial(e.ctx, uuid)
		e.ok("open", err)
		spoke := make(chan error, 1)
		go func() {
			_, err := io.ReadAtLeast(console, make([]byte, 512), 1)
			spoke <- err
		}()
		select {
		case err := <-spoke:
			e.ok("read", err)
			return console
		case <-time.After(10 * time.Second):
			e.ok("stop", e.h.StopVM(e.ctx, uuid))
			e.ok("close", console.Close())
			<-spoke
		case <-e.ctx.Done():
			e.Fatal("the console is silent")
		}
	}
}

func serialTakenOver(e *env) {
	uuid := e.running("")
	first, err := e.h.OpenSerial(e.ctx, uuid)
	e.ok("open", err)
	defer first.Close()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, first)
	}()
	second, err := e.h.OpenSerial(e.ctx, uuid)
	e.ok("open again", err)
	defer second.Close()
	select {
	case <-ended:
	case <-e.ctx.Done():
		e.Fatal("the first session did not end")
	}
	if _, err := second.Write([]byte("x")); err != nil {
		e.Errorf("write to the second: %v", err)
	}
}

func serialOfNothing(e *env) {
	_, err := e.h.OpenSerial(e.ctx, core.NewUUID())
	e.code("open of an unknown VM", err, core.NotFound)
	_, err = e.h.OpenSerial(e.ctx, e.define(e.name("vm"), ""))
	e.code("open of a stopped VM", err, core.Conflict)
}
