//go:build linux

package lab_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/lab"
	"github.com/limiquantix/limiquantix/lab/labtest"
)

// ssh runs a command on a host with the machine's own ssh client.
func ssh(t *testing.T, l *lab.Lab, args ...string) (string, error) {
	t.Helper()
	st, err := l.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "ssh", append([]string{"-F", st.SSHConfig, "-o", "BatchMode=yes", "-o", "LogLevel=ERROR"}, args...)...)
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

func mustSSH(t *testing.T, l *lab.Lab, args ...string) string {
	t.Helper()
	out, err := ssh(t, l, args...)
	if err != nil {
		t.Fatalf("ssh %q: %v: %s", args, err, out)
	}
	return out
}

func in(t *testing.T, l *lab.Lab, host string, argv ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := l.Exec(ctx, host, argv...)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func host(t *testing.T, l *lab.Lab, name string) lab.Host {
	t.Helper()
	h, err := l.Host(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestTwoHosts(t *testing.T) {
	l := pair{labtest.Up(t, lab.Options{Hosts: 2, SharedDir: true})}
	t.Run("ssh with known host keys", l.testSshWithKnownHostKeys)
	t.Run("libvirt over ssh", l.testLibvirtOverSsh)
	t.Run("hosts reach each other by name", l.testHostsReachEachOtherByName)
	t.Run("shared directory", l.testSharedDirectory)
	t.Run("the machine sees the image directory", l.testTheMachineSeesTheImageDirectory)
	t.Run("each is a host of its own", l.testEachIsAHostOfItsOwn)
	t.Run("no /dev/kvm, own /etc", l.testNoDevKvmOwnEtc)
	t.Run("libvirt's state is the host's own", l.testLibvirtsStateIsTheHostsOwn)
	t.Run("only known things are mounted", l.testOnlyKnownThingsAreMounted)
	t.Run("traffic is counted", l.testTrafficIsCounted)
	t.Run("add and remove a host", l.testAddAndRemoveAHost)
}

// pair is a lab of two hosts.
type pair struct{ *lab.Lab }

func (l pair) testSshWithKnownHostKeys(t *testing.T) {
	for _, name := range []string{"kvm1", "kvm2"} {
		if got := mustSSH(t, l.Lab, "-o", "StrictHostKeyChecking=yes", name, "hostname"); got != name {
			t.Errorf("hostname of %s is %q", name, got)
		}
	}
}

func (l pair) testLibvirtOverSsh(t *testing.T) {
	st, _ := l.State(t.Context())
	uri := fmt.Sprintf("qemu+ssh://root@%s/system?keyfile=%s&no_tty=1&no_verify=1", // it takes no known_hosts file
		host(t, l.Lab, "kvm1").Address, st.Identity)
	for _, args := range [][]string{{"list", "--all"}, {"net-info", "default"}, {"pool-info", "default"}, {"pool-info", "shared"}} {
		out, err := exec.CommandContext(t.Context(), "virsh", append([]string{"-c", uri}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("virsh %q: %v: %s", args, err, out)
		}
		if args[0] != "list" && !strings.Contains(strings.ReplaceAll(string(out), " ", ""), "Autostart:yes") {
			t.Errorf("virsh %q: %s", args, out)
		}
	}
}

func (l pair) testHostsReachEachOtherByName(t *testing.T) {
	banner := in(t, l.Lab, "kvm1", "bash", "-c", "exec 3<>/dev/tcp/kvm2/22; head -n1 <&3")
	if !strings.HasPrefix(banner, "SSH-2.0-") {
		t.Errorf("kvm2 says %q", banner)
	}
}

func (l pair) testSharedDirectory(t *testing.T) {
	in(t, l.Lab, "kvm1", "bash", "-c", "echo both > /srv/shared/file")
	if got := in(t, l.Lab, "kvm2", "cat", "/srv/shared/file"); got != "both" {
		t.Errorf("kvm2 reads %q", got)
	}
}

func (l pair) testTheMachineSeesTheImageDirectory(t *testing.T) {
	if err := os.WriteFile(filepath.Join(host(t, l.Lab, "kvm1").Images, "a.raw"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	in(t, l.Lab, "kvm1", "virsh", "pool-refresh", "default")
	in(t, l.Lab, "kvm1", "virsh", "vol-info", "--pool", "default", "a.raw")
}

func (l pair) testEachIsAHostOfItsOwn(t *testing.T) {
	for _, what := range []string{"cat /etc/machine-id", "virsh capabilities | grep -m1 uuid", "cat /etc/ssh/ssh_host_ed25519_key.pub || ssh-keygen -yf /etc/ssh/ssh_host_ed25519_key"} {
		one, two := in(t, l.Lab, "kvm1", "bash", "-c", what), in(t, l.Lab, "kvm2", "bash", "-c", what)
		if one == two || one == "" {
			t.Errorf("%s: %q and %q", what, one, two)
		}
	}
}

func (l pair) testNoDevKvmOwnEtc(t *testing.T) {
	in(t, l.Lab, "kvm1", "bash", "-c", "! test -e /dev/kvm && touch /etc/limiquantix-lab-leak /usr/limiquantix-lab-leak /root/limiquantix-lab-leak")
	for _, dir := range []string{"/etc", "/usr", "/root"} {
		if _, err := os.Stat(dir + "/limiquantix-lab-leak"); err == nil {
			t.Errorf("a host's file shows in the machine's %s", dir)
		}
	}
}

func (l pair) testLibvirtsStateIsTheHostsOwn(t *testing.T) {
	name := "leak-" + core.NewUUID()
	in(t, l.Lab, "kvm1", "bash", "-c", "virsh net-define /dev/stdin <<< '<network><name>"+name+"</name></network>' && virsh vol-create-as default "+name+" 1M")
	for _, dir := range []string{"/etc/libvirt", "/var/lib/libvirt", "/run/libvirt", "/var/log/libvirt"} {
		filepath.WalkDir(dir, func(path string, _ fs.DirEntry, _ error) error {
			if strings.Contains(path, name) {
				t.Errorf("a host's object shows on the machine: %s", path)
			}
			return nil
		})
	}
	if out := in(t, l.Lab, "kvm2", "bash", "-c", "virsh net-list --all --name; virsh vol-list default; virsh list --all --name; virsh secret-list"); strings.Contains(out, name) {
		t.Errorf("a host's object shows in another: %s", out)
	}
}

func (l pair) testOnlyKnownThingsAreMounted(t *testing.T) {
	for line := range strings.Lines(in(t, l.Lab, "kvm1", "cat", "/proc/mounts")) {
		at := strings.Fields(line)[1]
		if !regexp.MustCompile(`^/($|usr$|etc$|var/lib/(dpkg|libvirt)$|proc|sys|dev|run$|tmp$|srv/shared$)`).MatchString(at) {
			t.Errorf("mounted in a host: %s", line)
		}
	}
}

func (l pair) testTrafficIsCounted(t *testing.T) {
	mustSSH(t, l.Lab, "kvm1", "head -c 1000000 /dev/zero")
	if tr := host(t, l.Lab, "kvm1").Traffic; tr.FromHost < 1_000_000 || tr.ToHost == 0 || tr.Connections == 0 {
		t.Errorf("traffic is %+v", tr)
	}
}

func (l pair) testAddAndRemoveAHost(t *testing.T) {
	h, err := l.AddHost(t.Context(), lab.HostOptions{DiskSize: 64 * core.MiB})
	if err != nil {
		t.Fatal(err)
	}
	if h.Name != "kvm3" || mustSSH(t, l.Lab, "kvm3", "hostname") != "kvm3" {
		t.Errorf("the third host is %+v", h)
	}
	if !strings.Contains(in(t, l.Lab, "kvm1", "cat", "/etc/hosts"), "kvm3") {
		t.Error("kvm1 was not told of kvm3")
	}
	if _, err := l.AddHost(t.Context(), lab.HostOptions{Name: "kvm3"}); core.CodeOf(err) != core.Exists {
		t.Errorf("adding it again: %v", err)
	}
	if err := l.RemoveHost(t.Context(), "kvm3"); err != nil {
		t.Fatal(err)
	}
	if err := l.RemoveHost(t.Context(), "kvm3"); core.CodeOf(err) != core.NotFound {
		t.Errorf("removing it again: %v", err)
	}
}

func TestHostOptions(t *testing.T) {
	l := labtest.Up(t, lab.Options{
		Hosts: 1,
		Each: lab.HostOptions{
			SSHD:         []string{"AllowStreamLocalForwarding no", "MaxSessions 1", "PasswordAuthentication yes"},
			HostKeyTypes: []string{"rsa"},
			Users: []lab.User{
				{Name: "admin", Groups: []string{"libvirt"}, Password: "a'b \"c"},
				{Name: "ops", Sudo: true},
				{Name: "nobodyelse"},
			},
		},
		More: []lab.HostOptions{{Name: "hidden", Inside: true}},
	})
	t.Run("sshd settings", func(t *testing.T) {
		got := in(t, l, "kvm1", "sshd", "-T")
		for _, want := range []string{"allowstreamlocalforwarding no", "maxsessions 1", "hostkey /etc/ssh/ssh_host_rsa_key"} {
			if !strings.Contains(got, want) {
				t.Errorf("sshd -T lacks %q", want)
			}
		}
		keys := host(t, l, "kvm1").HostKeys
		if len(keys) != 1 || !strings.HasPrefix(keys[0].Line, "ssh-rsa ") || !strings.HasPrefix(keys[0].Fingerprint, "SHA256:") {
			t.Errorf("host keys are %+v", keys)
		}
	})
	t.Run("users", func(t *testing.T) {
		if out, err := ssh(t, l, "-l", "admin", "kvm1", "virsh -c qemu:///system list"); err != nil {
			t.Errorf("admin, in group libvirt: %v: %s", err, out)
		}
		if got := mustSSH(t, l, "-l", "ops", "kvm1", "sudo -n id -u"); got != "0" {
			t.Errorf("ops by sudo is %q", got)
		}
		if out, err := ssh(t, l, "-l", "nobodyelse", "kvm1", "virsh -c qemu:///system list || sudo -n true"); err == nil {
			t.Errorf("nobodyelse has rights: %s", out)
		}
		shadow := in(t, l, "kvm1", "grep", "^admin:", "/etc/shadow")
		if !strings.HasPrefix(shadow, "admin:$6$") {
			t.Errorf("admin's password is %q", shadow)
		}
	})
	t.Run("a host behind a jump host", func(t *testing.T) {
		hidden := host(t, l, "hidden")
		if hidden.Address != "" {
			t.Errorf("hidden is reached at %s", hidden.Address)
		}
		st, _ := l.State(t.Context())
		if got := mustSSH(t, l, "-J", "kvm1", "-F", st.SSHConfig, "-o", "StrictHostKeyChecking=no",
			"-o", "UserKnownHostsFile=/dev/null", "root@"+hidden.Inside, "hostname"); got != "hidden" {
			t.Errorf("hostname is %q", got)
		}
	})
}

func TestBadOptionsAreRefused(t *testing.T) {
	for name, o := range map[string]lab.Options{
		"slash in name":  {Name: "a/b"},
		"dots":           {Name: ".."},
		"too many hosts": {Hosts: 1000},
		"less than none": {Hosts: -1},
		"newline":        {Name: "a\nb"},
	} {
		t.Run(name, func(t *testing.T) {
			if l, err := lab.Up(t.Context(), o); core.CodeOf(err) != core.Invalid {
				if err == nil {
					l.Down(context.Background())
				}
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("a host that cannot be made leaves nothing", func(t *testing.T) {
		o := lab.Options{Name: "t-bad", Hosts: 1, More: []lab.HostOptions{{Name: "x", Users: []lab.User{{Name: "u", Groups: []string{"nosuchgroup"}}}}}}
		l, err := lab.Up(t.Context(), o)
		if err == nil {
			l.Down(context.Background())
			t.Fatal("a user in a group that does not exist was made")
		}
		if !strings.Contains(err.Error(), "nosuchgroup") {
			t.Errorf("the error does not say why: %v", err)
		}
		traces{name: "t-bad"}.gone(t)
	})
}
