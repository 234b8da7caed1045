package sim

import (
	"slices"
	"sync"
	"time"

	"github.com/limiquantix/limiquantix/core"
)

// Fault is something that goes wrong. Which calls it meets is said by Host,
// Method and Times, what they meet by the rest; several may be set together
// (a slow error). Faults that match one call add up.
type Fault struct {
	Host   string // "": every host
	Method string // of a Link ("VMs", "StartVM", "PutVolume" …), or "Dial"; "": every one
	Times  int    // so many calls are met, then the fault is spent; 0: until it is cleared

	// Latency is added to the way to the host.
	Latency time.Duration
	// Err is the answer.
	Err error
	// Hang leaves the call without an answer until its context ends, the link is
	// dropped, or [Model.CallTimeout] is over, which ends the link.
	Hang bool
	// Drop cuts the link: a call that writes gives [core.UnknownOutcome], one
	// that reads [core.Unreachable].
	Drop bool
	// After lets Err, Hang and Drop come after the host did what was asked.
	// Without it, nothing was done.
	After bool
	// AfterBytes lets Drop, or Err, strike in the middle of a PutVolume, when so
	// many bytes are on the host's disk. A dropped one leaves its .part file.
	AfterBytes core.Bytes

	// DiskFull lets the host's file system have no room, and LoseEvents loses
	// every event; both hold as long as the fault does, whatever the method.
	DiskFull, LoseEvents bool
	// HugeScreen lets screens claim to be 65,535 pixels wide and high, over VNC
	// and in screenshots; it holds as long as the fault does.
	HugeScreen bool
}

func (x Fault) matches(hostName, method string) bool {
	return (x.Host == "" || x.Host == hostName) && (x.Method == "" || x.Method == method)
}

// faults is the list of what is set.
type faults struct {
	mu   sync.Mutex
	list []*Fault
}

// Fault sets a fault and returns a function that clears it.
func (f *Fleet) Fault(x Fault) (clear func()) {
	f.faults.mu.Lock()
	defer f.faults.mu.Unlock()
	p := &x
	f.faults.list = append(f.faults.list, p)
	return func() {
		f.faults.mu.Lock()
		defer f.faults.mu.Unlock()
		f.faults.list = slices.DeleteFunc(f.faults.list, func(q *Fault) bool { return q == p })
	}
}

// hit returns the sum of the faults that meet a call, and takes them as met.
func (f *faults) hit(hostName, method string) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	var sum Fault
	f.list = slices.DeleteFunc(f.list, func(x *Fault) bool {
		if !x.matches(hostName, method) || x.state() {
			return false
		}
		sum.add(*x)
		x.Times--
		return x.Times == 0
	})
	return sum
}

// state reports whether x is a state of the host and meets no calls.
func (x *Fault) state() bool { return x.DiskFull || x.LoseEvents || x.HugeScreen }

func (x *Fault) add(y Fault) {
	x.Latency += y.Latency
	x.Hang = x.Hang || y.Hang
	x.Drop = x.Drop || y.Drop
	x.After = x.After || y.After
	x.AfterBytes = max(x.AfterBytes, y.AfterBytes)
	if y.Err != nil {
		x.Err = y.Err
	}
}

// holds reports whether a fault that is a state of the host is set.
func (f *faults) holds(hostName string, what func(*Fault) bool) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.ContainsFunc(f.list, func(x *Fault) bool {
		return (x.Host == "" || x.Host == hostName) && what(x)
	})
}
