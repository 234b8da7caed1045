//go:build linux

package sshconn

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/transport/sshconn/sshdtest"
)

func secrets(have map[string]string) func(string, string) (string, bool) {
	return func(kind, _ string) (string, bool) { s, ok := have[kind]; return s, ok }
}

func TestEncryptedKey(t *testing.T) {
	s := sshdtest.Start(t, sshdtest.Options{})
	for _, format := range [][]string{{"-t", "ed25519"}, {"-t", "rsa", "-b", "2048"}, {"-t", "rsa", "-b", "2048", "-m", "PEM"}} {
		t.Run(strings.Join(format, ""), func(t *testing.T) {
			key := filepath.Join(t.TempDir(), "locked")
			sshdtest.KeyGen(t, key, append(format, "-N", "open sesame")...)
			appendFile(t, filepath.Join(s.Dir, "authorized_keys"), read(t, key+".pub"))
			cfg := config(s, "plain")
			cfg.Identity = []string{key}
			_, err := dial(t, cfg)
			wantError(t, err, core.SecretNeeded, "secret=passphrase", "for="+key)
			cfg.Secrets = secrets(map[string]string{"passphrase": "wrong"})
			_, err = dial(t, cfg)
			wantError(t, err, core.SecretNeeded, "secret=passphrase", "wrong=yes")
			cfg.Secrets = secrets(map[string]string{"passphrase": "open sesame"})
			wantLogin(t, mustDial(t, cfg), key)
		})
	}
	t.Run("not asked for when the host does not know the key", func(t *testing.T) {
		key := filepath.Join(t.TempDir(), "stranger")
		sshdtest.KeyGen(t, key, "-t", "ed25519", "-N", "open sesame")
		cfg := config(s, "plain")
		cfg.Identity = []string{key}
		_, err := dial(t, cfg)
		wantError(t, err, core.AuthFailed, "offered=stranger SHA256:")
	})
}

// wantLogin checks which key a connection says that it was opened by.
func wantLogin(t *testing.T, c *Client, key string) {
	t.Helper()
	out, err := exec.Command("ssh-keygen", "-lf", key+".pub").Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := c.LoginKey(); got == "" || !strings.Contains(string(out), got) {
		t.Errorf("it was opened by %q, ssh-keygen says %s", got, out)
	}
}

func TestUserCertificate(t *testing.T) {
	dir := t.TempDir()
	ca, key := filepath.Join(dir, "ca"), filepath.Join(dir, "certified")
	sshdtest.KeyGen(t, ca, "-t", "ed25519")
	sshdtest.KeyGen(t, key, "-t", "rsa", "-b", "2048")
	sshdtest.Run(t, "ssh-keygen", "-q", "-s", ca, "-I", "someone", "-n", "plain", key+".pub")
	s := sshdtest.Start(t, sshdtest.Options{Config: []string{"TrustedUserCAKeys " + ca + ".pub"}})
	cfg := config(s, "plain")
	cfg.Identity = []string{key}
	wantLogin(t, mustDial(t, cfg), key)
	cfg.User = "virt"
	_, err := dial(t, cfg)
	wantError(t, err, core.AuthFailed, "offered=(certificate)")

	// CertificateFile of ssh_config, under another name.
	os.Rename(key+"-cert.pub", filepath.Join(dir, "elsewhere"))
	cfg = config(s, "plain")
	cfg.Identity = nil
	cfg.SSHConfig = s.Write(t, "config", "IdentityFile "+key+"\nCertificateFile "+dir+"/elsewhere\n")
	mustDial(t, cfg)
}

func TestWrongKeyIsTriedOnce(t *testing.T) {
	s := sshdtest.Start(t, sshdtest.Options{Config: []string{"PasswordAuthentication yes"}})
	key := filepath.Join(t.TempDir(), "stranger")
	sshdtest.KeyGen(t, key, "-t", "ed25519")
	cfg := config(s, "root")
	cfg.Identity = []string{key}
	_, err := dial(t, cfg)
	e := wantError(t, err, core.AuthFailed, "offered=stranger SHA256:", "user=root", "methods=publickey,password")
	if !strings.Contains(e.Hint, "stranger") {
		t.Errorf("hint %q does not say what was offered", e.Hint)
	}
	if n := strings.Count(s.WaitLog(t, "Failed publickey"), "Failed publickey"); n != 1 {
		t.Errorf("the key was tried %d times, want once:\n%s", n, s.Log())
	}
	cfg.Identity = []string{filepath.Join(t.TempDir(), "missing")}
	_, err = dial(t, cfg)
	wantError(t, err, core.Invalid)
	cfg.Identity = []string{s.KnownHosts}
	_, err = dial(t, cfg)
	wantError(t, err, core.Invalid)
}

func TestPassword(t *testing.T) {
	s := sshdtest.Start(t, sshdtest.Options{Config: []string{"PasswordAuthentication yes", "PubkeyAuthentication no"}})
	testPassword(t, s, "password")
	t.Run("after a key", func(t *testing.T) {
		s := sshdtest.Start(t, sshdtest.Options{Config: []string{"PasswordAuthentication yes", "AuthenticationMethods publickey,password"}})
		cfg := config(s, "plain")
		_, err := dial(t, cfg)
		wantError(t, err, core.SecretNeeded, "secret=password")
		cfg.Secrets = secrets(map[string]string{"password": sshdtest.Password})
		mustDial(t, cfg)
	})
}

// Debian's real PAM asks, with keyboard-interactive as the only method.
func TestKeyboardInteractive(t *testing.T) {
	s := sshdtest.Start(t, sshdtest.Options{Config: []string{"UsePAM yes", "KbdInteractiveAuthentication yes", "PubkeyAuthentication no"}})
	testPassword(t, s, "keyboard-interactive")
	cfg := config(s, "plain")
	cfg.Identity, cfg.Home = nil, t.TempDir()
	cfg.Secrets = secrets(map[string]string{"prompt": sshdtest.Password, "password": "not this"})
	mustDial(t, cfg)
}

func testPassword(t *testing.T, s *sshdtest.Server, method string) {
	cfg := config(s, "plain")
	cfg.Identity, cfg.Home = nil, t.TempDir()
	_, err := dial(t, cfg)
	wantError(t, err, core.SecretNeeded, "secret=password", "for=plain@127.0.0.1:")
	cfg.Secrets = secrets(map[string]string{"password": "wrong"})
	_, err = dial(t, cfg)
	wantError(t, err, core.AuthFailed, "methods="+method)
	s.WaitLog(t, "Failed "+method, "authentication failure")
	cfg.Secrets = secrets(map[string]string{"password": sshdtest.Password})
	mustDial(t, cfg)
}

// agent starts a real ssh-agent with keys and returns its socket.
func startAgent(t *testing.T, keys ...string) string {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "a")
	cmd := exec.Command("ssh-agent", "-D", "-a", socket)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if c, err := net.Dial("unix", socket); err == nil {
			c.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("ssh-agent does not answer")
		}
	}
	for _, key := range keys {
		add := exec.Command("ssh-add", "-q", key)
		add.Env = append(os.Environ(), "SSH_AUTH_SOCK="+socket)
		if out, err := add.CombinedOutput(); err != nil {
			t.Fatalf("ssh-add: %v %s", err, out)
		}
	}
	return socket
}

func TestAgentWithTenKeys(t *testing.T) {
	s := sshdtest.Start(t, sshdtest.Options{}) // MaxAuthTries is 6
	dir := t.TempDir()
	var keys []string
	for i := range 9 {
		keys = append(keys, filepath.Join(dir, "key"+itoa(i)))
		sshdtest.KeyGen(t, keys[i], "-t", "ed25519")
	}
	cfg := config(s, "plain")
	cfg.Identity, cfg.Home = nil, t.TempDir()
	cfg.Agent = startAgent(t, append(keys, s.Key)...)
	_, err := dial(t, cfg)
	wantError(t, err, core.AuthFailed, "offered=agent: key0 SHA256:")

	public := filepath.Join(dir, "chosen.pub")
	os.WriteFile(public, []byte(read(t, s.Key+".pub")), 0o600)
	cfg.Identity = []string{public}
	c := mustDial(t, cfg)
	if got := output(t, c, "sh", "-c", "echo agent: $SSH_AUTH_SOCK"); got != "agent:" {
		t.Errorf("the agent was forwarded: %q", got)
	}
	cfg.Identity = nil
	cfg.SSHConfig = s.Write(t, "config", "IdentityFile "+public+"\nIdentitiesOnly yes\nForwardAgent yes\n")
	c = mustDial(t, cfg)
	if got := output(t, c, "sh", "-c", "echo agent: $SSH_AUTH_SOCK"); got != "agent:" {
		t.Errorf("the agent was forwarded: %q", got)
	}
	// The file's key first, the agent's others after it.
	cfg.SSHConfig = s.Write(t, "config", "IdentityFile "+public+"\n")
	wantLogin(t, mustDial(t, cfg), s.Key)

	cfg.Identity = []string{keys[0]}
	cfg.SSHConfig = "none"
	_, err = dial(t, cfg)
	e := wantError(t, err, core.AuthFailed)
	if strings.Contains(e.Detail["offered"], ",") {
		t.Errorf("more than the chosen key was offered: %s", e.Detail["offered"])
	}
	os.Remove(public)
	os.WriteFile(public, []byte(read(t, s.Dir+"/ssh_host_ed25519_key.pub")), 0o600)
	cfg.Identity = []string{public}
	_, err = dial(t, cfg)
	wantError(t, err, core.Invalid)
}

func appendFile(t testing.TB, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}
