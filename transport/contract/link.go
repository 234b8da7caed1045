package contract

import (
	"context"
	"regexp"
	"time"

	"github.com/limiquantix/limiquantix/core"
)

func linkCases() []one {
	return []one{
		{"facts", nil, facts},
		{"facts of the hardware", []Feature{Hardware}, hardware},
		{"a closed link refuses at once", nil, closed},
		{"a canceled context", nil, canceled},
	}
}

func facts(e *env) {
	f, err := e.h.Facts(e.ctx)
	e.ok("facts", err)
	if f.Hostname == "" || f.CPUs < 1 || f.Memory < core.MiB || f.Arch == "" {
		e.Errorf("facts lack something: %+v", f)
	}
	if !regexp.MustCompile(`^\d+\.\d+\.\d+$`).MatchString(f.LibvirtVersion) {
		e.Errorf("libvirt version %q", f.LibvirtVersion)
	}
}

func hardware(e *env) {
	f, err := e.h.Facts(e.ctx)
	e.ok("facts", err)
	if _, err := core.ParseUUID(f.UUID); err != nil {
		e.Errorf("host UUID %q: %v", f.UUID, err)
	}
	if f.Emulator == "" || f.Machine == "" || f.QEMUVersion == "" || f.MaxVCPUs < 1 || f.Sockets < 1 || f.Cores < 1 || f.Threads < 1 {
		e.Errorf("facts lack something: %+v", f)
	}
}

func closed(e *env) {
	select {
	case <-e.h.Done():
		e.Fatalf("done before Close: %v", e.h.Err())
	default:
	}
	if err := e.h.Err(); err != nil {
		e.Errorf("Err before the end: %v", err)
	}
	e.ok("close", e.h.Close())
	select {
	case <-e.h.Done():
	case <-time.After(time.Minute):
		e.Fatal("Done is not closed after Close")
	}
	_, err := e.h.VMs(e.ctx)
	e.code("list after Close", err, core.Unreachable)
	e.code("start after Close", e.h.StartVM(e.ctx, core.NewUUID()), core.Unreachable)
	for open := true; open; {
		select {
		case _, open = <-e.h.Events():
		case <-time.After(time.Minute):
			e.Fatal("Events is not closed after Close")
		}
	}
	e.ok("close again", e.h.Close())
}

func canceled(e *env) {
	ctx, cancel := context.WithCancel(e.ctx)
	cancel()
	_, err := e.h.VMs(ctx)
	e.code("list", err, core.Canceled)
	e.code("start", e.h.StartVM(ctx, core.NewUUID()), core.Canceled)
	_, err = e.h.VMs(e.ctx)
	e.ok("the link survives it", err)
}
