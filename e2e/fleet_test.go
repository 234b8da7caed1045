//go:build linux

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/lab"
	"github.com/limiquantix/limiquantix/lab/labtest"
)

// fleet is a lab of several hosts; each test takes one for itself.
type fleet struct {
	lab   *lab.Lab
	state lab.State
}

func newFleet(t *testing.T, o lab.Options) *fleet {
	t.Helper()
	l := labtest.Up(t, o)
	state, err := l.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return &fleet{l, state}
}

func (f *fleet) host(t *testing.T, name string) lab.Host {
	t.Helper()
	i := slices.IndexFunc(f.state.Hosts, func(h lab.Host) bool { return h.Name == name })
	if i < 0 {
		t.Fatalf("the lab has no host %s", name)
	}
	return f.state.Hosts[i]
}

// site returns a program with an empty inventory, of a user with an empty home
// directory and no agent, beside a host that it does not know yet.
func (f *fleet) site(t *testing.T, name string) *site {
	t.Helper()
	p := newProgram(t)
	var err error
	if p.home, err = os.MkdirTemp(scratch, "home-"); err != nil { // short: a socket's path has 108 bytes
		t.Fatal(err)
	}
	p.env = []string{"HOME=" + p.home, "SSH_AUTH_SOCK=", "XDG_RUNTIME_DIR=", "XDG_DATA_HOME="}
	return &site{program: p, lab: f.lab, ssh: f.state.SSHConfig, host: f.host(t, name)}
}

// manage is site, with the host added.
func (f *fleet) manage(t *testing.T, name string) *site {
	t.Helper()
	s := f.site(t, name)
	s.run(s.add("root")...)
	return s
}

// add is the command line that adds the site's host, with more flags.
func (s *site) add(user string, more ...string) []string {
	return append([]string{"host", "add", s.host.Name, user + "@" + s.host.Address, "--identity", s.host.Identity,
		"--host-key", s.host.HostKeys[0].Fingerprint}, more...)
}

// picture is all that the product could leave on a host: files, hidden ones
// too, VMs with their states, volumes as libvirt sees them, and processes.
func (s *site) picture() string {
	s.t.Helper()
	const look = `set -e; cd /var/lib/libvirt
volumes=$(virsh vol-list default); vms=$(virsh list --all --name)
find images qemu /etc/libvirt/qemu /run/libvirt/qemu ! -path '*/networks*' | sed 's/domain-[0-9]*-/domain-/' | sort
echo "$volumes" | awk 'NR > 2 && NF { print "volume", $1 }' | sort
echo "$vms" | sort | while read -r vm; do [ -z "$vm" ] || echo "vm $vm $(virsh domstate "$vm")"; done
ps -C qemu-system-x86_64 -o comm= || true`
	return s.inside("sh", "-c", look)
}

// checkInventory fails the test unless vm list and virsh list --all agree on
// the site's host. A running application follows events and may be a moment behind.
func (s *site) checkInventory() {
	s.t.Helper()
	var got, want []string
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if got, want = s.inventories(); slices.Equal(got, want) {
			return
		}
	}
	s.t.Errorf("vm list has %q, the host %q", got, want)
}

// inventories are the VMs of the site's host as vm list and as the host says.
func (s *site) inventories() (got, want []string) {
	s.t.Helper()
	var vms []vm
	s.read(&vms, "vm", "list")
	for _, v := range vms {
		if v.Host == s.host.Name {
			got = append(got, v.Name+" "+v.State)
		}
	}
	for _, line := range strings.Split(s.picture(), "\n") {
		if vm, ok := strings.CutPrefix(line, "vm "); ok {
			want = append(want, strings.Replace(vm, "shut off", "stopped", 1))
		}
	}
	slices.Sort(got)
	return got, want
}

// disk makes a qcow2 image with so much random data, which does not boot.
func disk(t *testing.T, name string, data core.Bytes) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	raw := path + ".raw"
	tool(t, "dd", "if=/dev/urandom", "of="+raw, "bs=64K", "count="+strconv.FormatInt(int64(data/(64*core.KiB)), 10), "status=none")
	tool(t, "qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, path)
	return path
}

// tool runs a program of this machine that must succeed.
func tool(t *testing.T, argv ...string) string {
	t.Helper()
	out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput()
	if err != nil {
		t.Fatalf("%q: %v\n%s", argv, err, out)
	}
	return string(out)
}
