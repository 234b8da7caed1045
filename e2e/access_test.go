//go:build linux

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/lab"
)

// TestAccess goes the whole way, from adding a host to deleting a VM, over
// every sort of SSH server and login that there is.
func TestAccess(t *testing.T) {
	f := newFleet(t, lab.Options{More: []lab.HostOptions{
		{Name: "noforward", SSHD: []string{"AllowStreamLocalForwarding no"}},
		{Name: "onesession", SSHD: []string{"MaxSessions 1"}},
		{Name: "rsa", HostKeyTypes: []string{"rsa"}},
		{Name: "users", Users: []lab.User{{Name: "operator", Groups: []string{"libvirt"}}, {Name: "admin", Sudo: true}, {Name: "guest"}}},
		{Name: "keys"},
		{Name: "outer"}, {Name: "middle", Inside: true}, {Name: "inner", Inside: true},
	}})
	image := disk(t, "base.qcow2", 3*core.MiB)
	run := func(name, host string, test func(s *site)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(f.site(t, host))
		})
	}
	for _, host := range []string{"noforward", "onesession", "rsa"} {
		run(host, host, func(s *site) {
			s.run(s.add("root")...)
			s.wholeWay(image)
		})
	}
	run("users", "users", func(s *site) { testUsers(s, image) }) // one after the other: they share a host
	run("two jumps named", "outer", func(s *site) { testJumps(f, s, image) })
	run("keys", "keys", func(s *site) {
		testEncryptedKey(s, image)
		testFullAgent(s)
	})
}

// wholeWay adds an image, makes a VM, lists it, deletes it and looks whether
// anything is left.
func (s *site) wholeWay(image string) {
	s.t.Helper()
	before := s.picture()
	s.run("host", "check", s.host.Name)
	s.run("image", "add", image, "--host", s.host.Name)
	if here, there := digest(s.t, image), digest(s.t, filepath.Join(s.host.Images, "base.qcow2")); here != there {
		s.t.Errorf("the image on the host is %s, ours %s", there, here)
	}
	s.run(s.create("web")...)
	// A running application follows events: it may be a moment behind.
	s.await("web shown as running", 10*time.Second, func() bool {
		list := s.run("vm", "list")
		return strings.Contains(list, "web") && strings.Contains(list, "running")
	})
	s.checkInventory()
	s.run("vm", "delete", "web", "--yes", "--stop")
	s.run("image", "remove", s.host.Name+"/default/base.qcow2", "--yes")
	s.settled(before)
}

func digest(t *testing.T, path string) string {
	t.Helper()
	sum, _, _ := strings.Cut(tool(t, "sha256sum", path), " ")
	return sum
}

func testUsers(s *site, image string) {
	for _, user := range []string{"operator", "admin"} {
		s.run(s.add(user)...)
		s.wholeWay(image)
		s.run("host", "remove", s.host.Name)
	}
	before := s.picture()
	s.refused(1, "hint: ", s.add("guest")...)
	if got := s.picture(); got != before {
		s.t.Errorf("a user without rights left %s, before %s", got, before)
	}
}

// refused runs a command line that must fail with one sentence and a hint.
func (p *program) refused(status int, says string, args ...string) {
	p.t.Helper()
	out, errs, got := p.try(args...)
	lines := strings.Split(strings.TrimSpace(errs), "\n")
	// Further blockers of a plan stand between the two.
	others := slices.ContainsFunc(lines[1:max(1, len(lines)-1)], func(l string) bool { return !strings.HasPrefix(l, "  ") })
	if got != status || !strings.Contains(errs, says) || out != "" || others || len(lines) < 2 ||
		!strings.HasPrefix(lines[0], "limiquantix: ") || !strings.HasPrefix(lines[len(lines)-1], "hint: ") {
		p.t.Errorf("limiquantix %s:\nexit status %d, want %d; want one sentence with %q, and a hint:\n%s%s", short(args), got, status, says, out, errs)
		return
	}
	p.t.Logf("%s:\n%s", short(args), errs)
}

// short is a command line as it stands in a log.
func short(args []string) string {
	line := strings.Join(args, " ")
	if len(line) > 160 {
		line = line[:160] + "…"
	}
	return fmt.Sprintf("%q", line)
}

// testJumps reaches a host through two others: named on the command line, and
// by the user's ssh_config.
func testJumps(f *fleet, s *site, image string) {
	t := s.t
	outer, middle, inner := f.host(t, "outer"), f.host(t, "middle"), f.host(t, "inner")
	ssh := filepath.Join(s.home, ".ssh")
	if err := os.MkdirAll(ssh, 0o700); err != nil {
		t.Fatal(err)
	}
	outerHost, outerPort, _ := strings.Cut(outer.Address, ":")
	config := fmt.Sprintf("Host *\n User root\n IdentityFile %s\nHost outer\n HostName %s\n Port %s\nHost middle\n HostName %s\n ProxyJump outer\nHost inner\n HostName %s\n ProxyJump middle\n",
		outer.Identity, outerHost, outerPort, middle.Inside, inner.Inside)
	known := fmt.Sprintf("[%s]:%s %s\n%[1]s %[3]s\n", outerHost, outerPort, outer.HostKeys[0].Line)
	for _, h := range []lab.Host{middle, inner} {
		known += h.Inside + " " + h.HostKeys[0].Line + "\n"
	}
	for name, text := range map[string]string{"config": config, "known_hosts": known} {
		if err := os.WriteFile(filepath.Join(ssh, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.host = inner
	s.run("host", "add", "inner", "inner")
	s.wholeWay(image)
	s.run("host", "remove", "inner")

	if err := os.RemoveAll(ssh); err != nil {
		t.Fatal(err)
	}
	named := []string{"host", "add", "inner", "root@" + inner.Inside, "--identity", inner.Identity,
		"--jump", "root@" + outer.Address, "--jump", "root@" + middle.Inside}
	s.fails(5, outer.HostKeys[0].Fingerprint, append(named, "--home", filepath.Join(s.home, "fresh"))...)
	s.run(append(named, "--home", filepath.Join(s.home, "fresh"), "--accept-new")...)
	want(t, "host list", s.run("host", "list", "--home", filepath.Join(s.home, "fresh")), "inner", "9.0.0")
}

// newKey makes a key with a passphrase, which may be empty, that lets root in.
func (s *site) newKey(name, passphrase string, accepted bool) string {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), name)
	tool(s.t, "ssh-keygen", "-q", "-t", "ed25519", "-a", "1", "-N", passphrase, "-C", name, "-f", path)
	if accepted {
		public, err := os.ReadFile(path + ".pub")
		if err != nil {
			s.t.Fatal(err)
		}
		s.inside("sh", "-c", "echo '"+strings.TrimSpace(string(public))+"' >>/root/.ssh/authorized_keys")
	}
	return path
}

func testEncryptedKey(s *site, image string) {
	const passphrase = "correct horse"
	s.host.Identity = s.newKey("locked", passphrase, true)
	s.refused(1, "passphrase", s.add("root")...)
	app := s.serve() // which keeps the secret in its memory
	shown, status := s.answers(s.add("root"), "Passphrase for ", "wrong", passphrase)
	if status != 0 || strings.Contains(shown, passphrase) {
		s.t.Fatalf("with the passphrase: exit status %d\n%s", status, shown)
	}
	s.wholeWay(image)
	app.stop()
	// The secret is in no file.
	if out, err := exec.Command("grep", "-rl", passphrase, s.home).Output(); err == nil {
		s.t.Errorf("the passphrase is in %s", out)
	}
	s.run("host", "remove", s.host.Name)
}

// testFullAgent: an agent with more keys than sshd lets one try.
func testFullAgent(s *site) {
	right := s.newKey("right", "", true)
	socket := filepath.Join(s.home, "agent")
	agent := exec.Command("ssh-agent", "-D", "-a", socket)
	if err := agent.Start(); err != nil {
		s.t.Fatal(err)
	}
	defer func() {
		agent.Process.Kill()
		_ = agent.Wait() // it was killed
	}()
	s.await("the agent", 20*time.Second, func() bool { _, err := os.Stat(socket); return err == nil })
	add := func(key string) {
		c := exec.Command("ssh-add", "-q", key)
		c.Env = append(os.Environ(), "SSH_AUTH_SOCK="+socket)
		if out, err := c.CombinedOutput(); err != nil {
			s.t.Fatalf("ssh-add: %v\n%s", err, out)
		}
	}
	for i := range 9 {
		add(s.newKey(fmt.Sprintf("other%d", i), "", false))
	}
	add(right)
	if err := os.Remove(right); err != nil { // only the agent has it now
		s.t.Fatal(err)
	}
	s.env = append(s.env, "SSH_AUTH_SOCK="+socket)
	all := []string{"host", "add", s.host.Name, "root@" + s.host.Address, "--host-key", s.host.HostKeys[0].Fingerprint}
	s.refused(1, "does not accept", all...)
	s.run(append(all, "--identity", right+".pub")...)
	want(s.t, "vm list", s.run("host", "check", s.host.Name), "logged in as root")
}
