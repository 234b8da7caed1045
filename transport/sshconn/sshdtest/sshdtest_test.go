//go:build linux

package sshdtest

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// The servers must be usable by an ssh that is not ours.
func TestOpenSSHLogsInAsEveryUser(t *testing.T) {
	s := Start(t, Options{Libvirtd: true})
	for user, want := range map[string]string{
		"root": "0 no", "plain": "61001 no", "virt": "61002 yes", "admin": "61003 no",
	} {
		out, err := exec.Command("ssh", "-F", "none", "-i", s.Key, "-p", strconv.Itoa(s.Port), "-o", "BatchMode=yes",
			"-o", "UserKnownHostsFile="+s.KnownHosts, user+"@127.0.0.1",
			"id -u; id -Gn | grep -qw libvirt && echo yes || echo no; [ -S /run/libvirt/libvirt-sock ]").CombinedOutput()
		if got := strings.Join(strings.Fields(string(out)), " "); err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", user, got, err, want)
		}
	}
}
