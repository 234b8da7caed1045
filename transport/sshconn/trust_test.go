//go:build linux

package sshconn

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/transport/sshconn/sshdtest"
	"golang.org/x/crypto/ssh"
)

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The five outcomes of a first look at a host: unknown, changed, another
// algorithm than the one we would prefer, revoked, certificate.
func TestHostKeyOutcomes(t *testing.T) {
	s := sshdtest.Start(t, sshdtest.Options{HostKeys: []string{"ed25519", "rsa", "ecdsa"}})
	name := "[127.0.0.1]:" + itoa(s.Port)
	other := filepath.Join(t.TempDir(), "other")
	sshdtest.KeyGen(t, other, "-t", "ed25519")
	otherLine := strings.Join(strings.Fields(read(t, other+".pub"))[:2], " ")
	ed, rsa, ecdsa := s.HostKeyLine(t, "ed25519"), s.HostKeyLine(t, "rsa"), s.HostKeyLine(t, "ecdsa")
	edFingerprint := ssh.FingerprintSHA256(s.HostKey(t, "ed25519"))
	hashed := filepath.Join(s.Dir, "hashed")
	s.Write(t, "hashed", name+" "+ed+"\n")
	sshdtest.Run(t, "ssh-keygen", "-q", "-H", "-f", hashed)
	for _, c := range []struct {
		name, known string
		code        core.Code
		keyType     string
		details     []string
	}{
		{name: "unknown", known: "", code: core.HostKeyUnknown, details: []string{"fingerprint=" + edFingerprint, "key_type=ssh-ed25519", "address=127.0.0.1:"}},
		{name: "known", known: name + " " + ed, keyType: "ssh-ed25519"},
		{name: "known by RSA only", known: name + " " + rsa, keyType: "ssh-rsa"},
		{name: "known by ECDSA only", known: name + " " + ecdsa, keyType: "ecdsa-sha2-nistp256"},
		{name: "hashed", known: read(t, hashed), keyType: "ssh-ed25519"},
		{name: "wildcard", known: "[127.*]:* " + ed, keyType: "ssh-ed25519"},
		{name: "negated wildcard", known: "[127.*]:*,!" + name + " " + ed, code: core.HostKeyUnknown},
		{name: "without the port", known: "127.0.0.1 " + ed, keyType: "ssh-ed25519"},
		{name: "other key without the port", known: "127.0.0.1 " + otherLine, code: core.HostKeyUnknown},
		{name: "broken lines around it", known: "rubbish\n" + name + " ssh-ed25519 AAAA\n@odd " + name + " " + ed + "\n" + name + " " + ed, keyType: "ssh-ed25519"},
		{name: "changed", known: "# first\n" + name + " " + otherLine, code: core.HostKeyChanged,
			details: []string{"fingerprint=" + edFingerprint, "old_fingerprint=SHA256:", "known_hosts=known_hosts:2", "old_key_type=ssh-ed25519"}},
		{name: "changed for one, right for another", known: name + " " + otherLine + "\n" + name + " " + ed, keyType: "ssh-ed25519"},
		{name: "revoked", known: name + " " + ed + "\n@revoked * " + ed, code: core.HostKeyRevoked, details: []string{"known_hosts=known_hosts:2", "fingerprint=" + edFingerprint}},
		{name: "authority of somebody else", known: "@cert-authority " + name + " " + otherLine, code: core.HostKeyUnknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := config(s, "plain")
			cfg.KnownHosts = []string{filepath.Join(t.TempDir(), "known_hosts")}
			if err := os.WriteFile(cfg.KnownHosts[0], []byte(c.known+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			client, err := dial(t, cfg)
			if c.code != "" {
				wantError(t, err, c.code, c.details...)
				return
			}
			if err != nil {
				t.Fatal(describe(err))
			}
			if got := client.HostKey().Type; got != c.keyType {
				t.Errorf("got a key of type %s, want %s", got, c.keyType)
			}
		})
	}
}

func TestHostCertificate(t *testing.T) {
	for _, authority := range []string{"ed25519", "rsa"} { // the authority's type need not be the host's
		t.Run(authority, func(t *testing.T) {
			dir := t.TempDir()
			ca := filepath.Join(dir, "ca")
			sshdtest.KeyGen(t, ca, "-t", authority)
			hostKey := filepath.Join(dir, "host")
			sshdtest.KeyGen(t, hostKey, "-t", "ed25519")
			sign := func(principal string) {
				sshdtest.Run(t, "ssh-keygen", "-q", "-s", ca, "-I", "host", "-h", "-n", principal, hostKey+".pub")
			}
			sign("127.0.0.1")
			s := sshdtest.Start(t, sshdtest.Options{Config: []string{"HostKey " + hostKey, "HostCertificate " + hostKey + "-cert.pub"}})
			line := "@cert-authority [127.*]:* " + strings.Join(strings.Fields(read(t, ca+".pub"))[:2], " ") + "\n"
			s.Write(t, "known_hosts", line)
			c := mustDial(t, config(s, "plain"))
			if got, want := c.HostKey().Fingerprint, strings.Fields(sshdtest.Run(t, "ssh-keygen", "-lf", hostKey))[1]; got != want {
				t.Errorf("got %s, want the key inside the certificate, %s", got, want)
			}
			s.Write(t, "known_hosts", line+"@revoked * "+strings.Join(strings.Fields(read(t, ca+".pub"))[:2], " ")+"\n")
			_, err := dial(t, config(s, "plain"))
			wantError(t, err, core.HostKeyUnknown)

			sign("another.example") // sshd reads it at its start
			s2 := sshdtest.Start(t, sshdtest.Options{Config: []string{"HostKey " + hostKey, "HostCertificate " + hostKey + "-cert.pub"}})
			s2.Write(t, "known_hosts", line)
			_, err = dial(t, config(s2, "plain"))
			wantError(t, err, core.HostKeyUnknown)
		})
	}
}

func TestTrustOnFirstUseAndAfterAChange(t *testing.T) {
	s := sshdtest.Start(t, sshdtest.Options{})
	own := filepath.Join(t.TempDir(), "sub", "known_hosts")
	cfg := config(s, "plain")
	cfg.KnownHosts, cfg.TrustFile = []string{}, own
	_, err := dial(t, cfg)
	e := wantError(t, err, core.HostKeyUnknown)
	if _, err := os.Stat(own); err == nil {
		t.Error("an unknown key was stored without an answer")
	}

	cfg.Pins = map[string]string{e.Detail["address"]: e.Detail["fingerprint"]}
	mustDial(t, cfg)
	if info, err := os.Stat(own); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("trust file: %v, %v; want mode 0600", info, err)
	}
	cfg.Pins = nil
	mustDial(t, cfg)

	// The host is installed anew: another key at the same address.
	other := filepath.Join(t.TempDir(), "other")
	sshdtest.KeyGen(t, other, "-t", "ed25519")
	name := "[127.0.0.1]:" + itoa(s.Port)
	oldLine := name + " " + strings.Join(strings.Fields(read(t, other+".pub"))[:2], " ")
	os.WriteFile(own, []byte("# ours\nelse "+s.HostKeyLine(t, "ed25519")+"\n"+oldLine), 0o600)
	_, err = dial(t, cfg)
	e = wantError(t, err, core.HostKeyChanged, "known_hosts=known_hosts:3")
	// A right line in another file does not help: our own file decides.
	cfg.KnownHosts = []string{s.KnownHosts}
	_, err = dial(t, cfg)
	wantError(t, err, core.HostKeyChanged)
	cfg.AcceptNew = true
	_, err = dial(t, cfg)
	wantError(t, err, core.HostKeyChanged)

	cfg.Pins = map[string]string{e.Detail["address"]: e.Detail["fingerprint"]}
	mustDial(t, cfg)
	mustDial(t, cfg)
	want := "# ours\nelse " + s.HostKeyLine(t, "ed25519") + "\n" + name + " " + s.HostKeyLine(t, "ed25519") + "\n"
	if got := read(t, own); got != want {
		t.Errorf("trust file: got\n%swant\n%s", got, want)
	}

	cfg.Pins = map[string]string{e.Detail["address"]: "SHA256:not this one"}
	_, err = dial(t, cfg)
	wantError(t, err, core.HostKeyChanged, "old_fingerprint=SHA256:not this one")
}

func TestAcceptNewStoresTheKey(t *testing.T) {
	s := sshdtest.Start(t, sshdtest.Options{})
	cfg := config(s, "plain")
	cfg.KnownHosts, cfg.TrustFile, cfg.AcceptNew = []string{}, filepath.Join(t.TempDir(), "known_hosts"), true
	mustDial(t, cfg)
	if got, want := read(t, cfg.TrustFile), "[127.0.0.1]:"+itoa(s.Port)+" "+s.HostKeyLine(t, "ed25519")+"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOldAlgorithmsAreNotOffered(t *testing.T) {
	old := []string{"Ciphers aes128-cbc", "MACs hmac-sha1"}
	_, err := dial(t, config(sshdtest.Start(t, sshdtest.Options{Config: old}), "plain"))
	wantError(t, err, core.Unsupported, "theirs=aes128-cbc")

	s := sshdtest.Start(t, sshdtest.Options{Config: []string{"KexAlgorithms diffie-hellman-group14-sha1"}})
	_, err = dial(t, config(s, "plain"))
	wantError(t, err, core.Unsupported)
	cfg := config(s, "plain")
	cfg.LegacyAlgorithms = true
	mustDial(t, cfg)
}

// A fingerprint does not say which of a host's keys it is of.
func TestPinOfAnyKeyOfTheHost(t *testing.T) {
	s := sshdtest.Start(t, sshdtest.Options{HostKeys: []string{"ed25519", "ecdsa", "rsa"}})
	for _, kind := range []string{"ed25519", "ecdsa", "rsa"} {
		cfg := config(s, "plain")
		cfg.KnownHosts, cfg.TrustFile = []string{}, filepath.Join(t.TempDir(), "known_hosts")
		cfg.Pins = map[string]string{s.Addr: ssh.FingerprintSHA256(s.HostKey(t, kind))}
		mustDial(t, cfg)
		cfg.Pins = nil
		if got := mustDial(t, cfg).HostKey().Type; got != s.HostKey(t, kind).Type() {
			t.Errorf("%s: got %s afterwards", kind, got)
		}
	}
}
