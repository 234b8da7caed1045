package virt_test

import (
	"context"
	"testing"

	"github.com/limiquantix/limiquantix/transport/contract"
	"github.com/limiquantix/limiquantix/transport/virt"
)

const pools = "/var/lib/libvirt"

// TestContractQEMU runs the whole suite on libvirtd with QEMU, with uploads
// through the host's file system.
func TestContractQEMU(t *testing.T) {
	h := newHost(t)
	contract.Run(t, func(t *testing.T) contract.Host {
		o := h.options(t, "qemu:///system")
		o.Files = func(context.Context) (virt.Files, error) { return rooted{h.root}, nil }
		return dialling{h.open(t, o), h}
	}, contract.Caps{Backend: "qemu:///system", Type: "qemu", PoolDir: pools})
}

// TestContractWithoutFiles runs it again for a user who may not write into
// pools: uploads go through libvirt.
func TestContractWithoutFiles(t *testing.T) {
	h := newHost(t)
	contract.Run(t, func(t *testing.T) contract.Host {
		return dialling{h.open(t, h.options(t, "qemu:///system")), h}
	}, contract.Caps{Backend: "qemu:///system without files", Type: "qemu", PoolDir: pools})
}

// TestContractTestDriver runs it on libvirt's own test driver, over a real
// libvirtd's socket.
func TestContractTestDriver(t *testing.T) {
	h := newHost(t)
	open := func(t *testing.T) contract.Host { return dialling{h.open(t, h.options(t, "test:///default")), h} }
	keep := open(t) // the driver forgets everything when the last connection closes
	t.Cleanup(func() { keep.Close() })
	contract.Run(t, open, contract.Caps{Backend: "test:///default", Type: "test", PoolDir: "/pools", Missing: map[contract.Feature]string{
		contract.Stats:    "its bulk statistics hold no memory and no CPU time",
		contract.Serial:   "its VMs have no console stream",
		contract.Screens:  "its VMs have no VNC server",
		contract.Uploads:  "its volumes have no data",
		contract.Overlays: "its volumes have no format",
		contract.Networks: "its networks have no leases",
		contract.Hardware: "it invents a host",
		contract.Guarding: "it has no reset",
		contract.Shortage: "it calls it an internal error",
		contract.Refusals: "it calls them internal errors",
	}})
}
