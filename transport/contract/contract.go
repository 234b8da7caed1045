// Package contract is what every kind of host must do, as one test suite: it
// runs on the simulator, on libvirt's test driver and on libvirtd with QEMU.
// Where two of them differ, the real one is right.
package contract

import (
	"context"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/metric"
	"github.com/limiquantix/limiquantix/core/network"
	"github.com/limiquantix/limiquantix/core/snapshot"
	"github.com/limiquantix/limiquantix/core/storage"
	"github.com/limiquantix/limiquantix/core/vm"
)

// Host is one link to a host: everything that the nouns of core ask of it.
type Host interface {
	vm.Conn
	vm.Dialer
	storage.Conn
	network.Conn
	snapshot.Conn
	metric.Conn
	host.Link
}

// Feature is a part of the contract that a backend may lack.
type Feature string

// Features. A backend that lacks one says why in [Caps.Missing].
const (
	Stats      Feature = "stats"      // memory and vCPUs in VMs(), disk and NIC counters
	Serial     Feature = "serial"     // OpenSerial
	Screens    Feature = "screens"    // VNC servers
	Pictures   Feature = "pictures"   // Screenshot
	Keys       Feature = "keys"       // PressKeys
	Uploads    Feature = "uploads"    // PutVolume, DiscardUpload
	Overlays   Feature = "overlays"   // volumes with a backing file
	Snapshots  Feature = "snapshots"  // the snapshot tree
	Networks   Feature = "networks"   // bridges and addresses of started networks, leases
	Shortage   Feature = "shortage"   // NoSpace
	MetaEvents Feature = "metaevents" // events for networks and pools
	Guarding   Feature = "guarding"   // refusals that only a complete driver makes
	Refusals   Feature = "refusals"   // the code Conflict for what a state forbids; any error otherwise
	Hardware   Feature = "hardware"   // host facts: UUID, CPU, emulator
)

// Caps says what the backend under test is and cannot do.
type Caps struct {
	Backend string             // for messages: "sim", "test:///default", "qemu:///system"
	Type    string             // of a <domain>: "qemu" or "test"
	PoolDir string             // an existing directory of the host; pools are made below it
	Missing map[Feature]string // feature → why it is left out
}

// Run runs the whole contract. Every call of open gives a new link to the same
// host; links are closed by the test that opened them. What caps lacks is
// logged, never silent.
func Run(t *testing.T, open func(t *testing.T) Host, caps Caps) {
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			for _, f := range c.needs {
				if why, missing := caps.Missing[f]; missing {
					t.Logf("left out on %s: no %s: %s", caps.Backend, f, why)
					return
				}
			}
			e := &env{T: t, caps: caps, open: open}
			e.ctx, e.h = e.context(), e.link()
			c.run(e)
		})
	}
}

// one is one clause of the contract.
type one struct {
	name  string
	needs []Feature
	run   func(e *env)
}

// env is what a clause works with: a link, a deadline, and clean-up.
type env struct {
	*testing.T
	ctx  context.Context
	h    Host
	caps Caps
	open func(t *testing.T) Host
}

// context returns a deadline that only a hang reaches, on a slow machine too.
func (e *env) context() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	e.Cleanup(cancel)
	return ctx
}

// link opens another link to the same host.
func (e *env) link() Host {
	e.Helper()
	h := e.open(e.T)
	e.Cleanup(func() { h.Close() })
	return h
}

func cases() []one {
	var all []one
	for _, group := range [][]one{linkCases(), vmCases(), noteCases(), metricCases(), powerCases(), storageCases(), uploadCases(), networkCases(), snapshotCases(), serialCases(), screenCases(), eventCases()} {
		all = append(all, group...)
	}
	return all
}
