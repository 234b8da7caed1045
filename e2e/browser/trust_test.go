//go:build linux

package browser

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/limiquantix/limiquantix/lab"
	"github.com/limiquantix/limiquantix/lab/labtest"
)

// passphrase opens the key that the page is to ask about.
const passphrase = "correct horse"

// names are what a host may hold; none of them is ours.
const names = `set -e
cd /
mkdir -p /srv/p
cat > /tmp/pool.xml <<'END'
<pool type="dir"><name>&lt;img src=x onerror=alert(1)&gt;</name><target><path>/srv/p</path></target></pool>
END
cat > /tmp/volume.xml <<'END'
<volume><name>&lt;svg onload=alert(2)&gt; مرحبا.qcow2</name><capacity>1048576</capacity><target><format type="qcow2"/></target></volume>
END
cat > /tmp/network.xml <<'END'
<network><name>&lt;img src=x onerror=alert(3)&gt;</name><bridge name="virbr77"/></network>
END
virsh -q pool-define /tmp/pool.xml
virsh -q pool-start '<img src=x onerror=alert(1)>'
virsh -q vol-create '<img src=x onerror=alert(1)>' /tmp/volume.xml
virsh -q net-define /tmp/network.xml`

// newKey gives a host another key, as one who stands in between would have.
const newKey = `set -e
cd /
rm -f /etc/ssh/ssh_host_ed25519_key*
ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
kill -HUP "$(cat /run/sshd.pid)"
ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`

// TestTrust has the page meet a host whose key has changed, a private key with a
// passphrase, and names that are markup, on real hosts.
func TestTrust(t *testing.T) {
	l := labtest.Up(t, lab.Options{Hosts: 2})
	state, err := l.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	run := func(host string, argv ...string) string {
		t.Helper()
		out, err := l.Exec(t.Context(), host, argv...)
		if err != nil {
			t.Fatalf("%s on %s: %v\n%s", argv[0], host, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	locked := filepath.Join(t.TempDir(), "locked")
	if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", locked).CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen: %v\n%s", err, out)
	}
	public, err := exec.Command("ssh-keygen", "-y", "-P", passphrase, "-f", locked).Output()
	if err != nil {
		t.Fatal(err)
	}
	changed, asks := state.Hosts[0], state.Hosts[1]
	run(asks.Name, "sh", "-c", `mkdir -p /root/.ssh && printf '%s\n' "$1" >> /root/.ssh/authorized_keys`, "sh", strings.TrimSpace(string(public)))
	run(asks.Name, "sh", "-c", names)

	home := t.TempDir()
	command(t, home, "host", "add", changed.Name, "root@"+changed.Address, "--identity", changed.Identity, "--host-key", changed.HostKeys[0].Fingerprint)
	printed := run(changed.Name, "sh", "-c", newKey)
	play(t, "trust.spec.ts", start(t, home, "serve"),
		"LIMIQUANTIX_CHANGED="+changed.Name, "LIMIQUANTIX_PRINTED="+printed,
		"LIMIQUANTIX_HOST=root@"+asks.Address, "LIMIQUANTIX_FINGERPRINT="+asks.HostKeys[0].Fingerprint,
		"LIMIQUANTIX_IDENTITY="+locked, "LIMIQUANTIX_PASSPHRASE="+passphrase)
}
