//go:build linux

package e2e

import (
	"testing"

	"github.com/limiquantix/limiquantix/lab"
)

// TestCheckWithoutLibvirt: a host whose libvirt does not run is still examined,
// and told what is missing.
func TestCheckWithoutLibvirt(t *testing.T) {
	f := newFleet(t, lab.Options{Hosts: 1})
	s := f.manage(t, "kvm1")
	want(t, "check of a sound host", s.run("host", "check", "kvm1"), "libvirt 9", "logged in as root")
	if err := s.lab.Fault(t.Context(), "kvm1", lab.StopLibvirtd); err != nil {
		t.Fatal(err)
	}
	out, err := s.command(t.Context(), "host", "check", "kvm1").Output()
	if err == nil {
		t.Error("the host is called ready")
	}
	want(t, "check of a host without libvirt", string(out), "fail", "no libvirt runs", "fix:", "logged in as root", "qemu-img is there")
}
