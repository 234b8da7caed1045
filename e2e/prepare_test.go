//go:build linux

package e2e

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/limiquantix/limiquantix/lab"
)

// lackSome takes from a lab host what it needs to run VMs: a package, which
// the host's only repository then has, the network, the pool, and libvirt itself.
// The package is a small one that we make: its maintainer's one is not on this
// machine, and a lab host has no way to the Internet.
const lackSome = `set -e; export DEBIAN_FRONTEND=noninteractive
virsh -q net-destroy default || true; virsh -q net-undefine default
virsh -q pool-destroy default || true; virsh -q pool-undefine default
dpkg --force-depends --purge nftables >/dev/null 2>&1 || true; rm -f /usr/sbin/nft
mkdir -p /opt/repo /var/lib/apt/lists/partial /var/cache/apt/archives/partial /var/log/apt /tmp/deb/DEBIAN /tmp/deb/usr/sbin
printf 'Package: nftables\nVersion: 99\nArchitecture: all\nMaintainer: lab <lab@example.org>\nDescription: stands in\n' >/tmp/deb/DEBIAN/control
printf '#!/bin/sh\n' >/tmp/deb/usr/sbin/nft; chmod 755 /tmp/deb/usr/sbin/nft
dpkg-deb -b /tmp/deb /opt/repo/nftables.deb >/dev/null
cd /opt/repo; { cat /tmp/deb/DEBIAN/control; echo "Filename: ./nftables.deb"; echo "Size: $(stat -c %s nftables.deb)"; echo "SHA256: $(sha256sum nftables.deb | cut -d' ' -f1)"; echo; } >Packages
rm -rf /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/apt/preferences.d; mkdir -p /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/apt/preferences.d
echo 'deb [trusted=yes] file:/opt/repo ./' >/etc/apt/sources.list
printf 'APT::Sandbox::User "root";\n' >/etc/apt/apt.conf.d/lab
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d
apt-get -q update >/dev/null`

// tree is each file of a host that outlives a boot, with its checksum. What
// tools rewrite at each call is left out: backups of account files, apt's caches
// and logs, dpkg's backups and its log.
const tree = `find /etc /usr/sbin /usr/local /opt /srv /root /home /var/lib/libvirt /var/lib/dpkg/info /var/lib/dpkg/alternatives -xdev \
	\( -name '*-' -path '/etc/*' -o -path '/var/lib/libvirt/dnsmasq/*' \) -prune -o \( -type f -o -type l -o -type d \) -print | sort | while read -r f; do
	if [ -f "$f" ]; then sha256sum "$f"; else echo "$f"; fi; done`

// script runs a shell script in the site's host.
func (s *site) script(text string) string {
	s.t.Helper()
	return s.inside("sh", "-c", fmt.Sprintf("echo %s | base64 -d | sh", base64.StdEncoding.EncodeToString([]byte(text))))
}

// TestPrepare: a host that lacks a package, the network, the pool and a running
// libvirt becomes a hypervisor by one plan, over a user with sudo; afterwards all
// of it is taken away, and the host's files are what they were.
func TestPrepare(t *testing.T) {
	f := newFleet(t, lab.Options{More: []lab.HostOptions{{Name: "kvm1", Users: []lab.User{{Name: "ops", Sudo: true}}}}})
	s := f.site(t, "kvm1")
	s.script(lackSome)
	if err := f.lab.Fault(t.Context(), "kvm1", lab.StopLibvirtd); err != nil {
		t.Fatal(err)
	}
	before := s.script(tree)

	at := []string{"ops@" + s.host.Address, "--identity", s.host.Identity, "--host-key", s.host.HostKeys[0].Fingerprint}
	out, err := s.command(t.Context(), s.add("ops")...).CombinedOutput()
	if err == nil {
		t.Fatal("a host without libvirt was added")
	}
	want(t, "host add of a host without libvirt", string(out), "host prepare")
	plan := s.run(append([]string{"host", "prepare", "--plan"}, at...)...)
	want(t, "the plan", plan, "Install nftables", "Start libvirtd", "group libvirt", "Define the network default", "Define the pool default", "sudo -n")
	if again := s.script(tree); again != before {
		t.Error("a plan changed the host")
	}
	prepare := append([]string{"host", "prepare"}, at...)

	s.script("mv /var/lib/libvirt/images /var/lib/libvirt/kept; touch /var/lib/libvirt/images") // the pool's folder cannot be made
	broken := s.script(tree)
	if out, err := s.command(t.Context(), prepare...).CombinedOutput(); err == nil {
		t.Errorf("the pool was made in a file:\n%s", out)
	}
	if after := s.script(tree); after != broken {
		t.Errorf("not all was taken back:\n%s", differing(broken, after))
	}
	s.script("rm /var/lib/libvirt/images; mv /var/lib/libvirt/kept /var/lib/libvirt/images")

	const installed = 8 // the packages are there, and that is not on record as seen
	if killed, status, talk := s.dies(installed, prepare...); !killed {
		t.Errorf("it ended with %d before it was killed\n%s", status, talk)
	}
	s.run("task", "resume")
	want(t, "the host", s.script("virsh net-list --name; virsh pool-list; nft; id ops; dpkg -s nftables"), "default", "libvirt", "install ok installed")

	s.run(s.add("ops")...)
	again, err := s.command(t.Context(), "host", "prepare", "kvm1").CombinedOutput()
	if err != nil {
		t.Errorf("a second preparation: %v", err)
	}
	want(t, "a second preparation", string(again), "nothing to do")
	want(t, "check", s.run("host", "check", "kvm1"), "libvirt 9", "nft is there", "the network default runs", "the pool default runs", "free for images")
	want(t, "footprint", s.run("host", "footprint", "kvm1"), "nftables", "network", "pool", "group", "libvirtd")
	s.script("virsh -q define /dev/stdin <<'E'\n<domain type='qemu'><name>guest</name><memory>65536</memory><os><type>hvm</type></os></domain>\nE")
	if out, err := s.command(t.Context(), "host", "footprint", "kvm1", "--remove", "--yes").CombinedOutput(); err == nil || !strings.Contains(string(out), "VMs are defined") {
		t.Errorf("a VM is not in the way: %v\n%s", err, out)
	}
	s.script("virsh -q undefine guest; rm -f /var/lib/libvirt/qemu/nvram/*")
	s.run("host", "footprint", "kvm1", "--remove", "--yes")
	if left := s.run("host", "footprint", "kvm1"); strings.Contains(left, "nftables") {
		t.Errorf("the ledger still has\n%s", left)
	}
	if after := s.script(tree); after != before {
		t.Errorf("the host is not what it was:\n%s", differing(before, after))
	}
}

// differing returns the lines that are in one text only.
func differing(before, after string) string {
	var b strings.Builder
	for _, side := range []struct{ mark, of, other string }{{"-", before, after}, {"+", after, before}} {
		for line := range strings.Lines(side.of) {
			if !strings.Contains(side.other, line) {
				b.WriteString(side.mark + line)
			}
		}
	}
	return b.String()
}
