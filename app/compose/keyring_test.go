//go:build linux

package compose

import (
	"bufio"
	"bytes"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core/host"
)

// secretService is a real gnome-keyring in a session of its own, unlocked.
func secretService(t *testing.T) {
	t.Helper()
	home, run := t.TempDir(), t.TempDir()
	bus := exec.Command("dbus-daemon", "--session", "--nofork", "--print-address=1", "--address=unix:path="+filepath.Join(run, "b"))
	bus.Env = append(os.Environ(), "HOME="+home, "XDG_RUNTIME_DIR="+run, "XDG_DATA_HOME="+home)
	out, err := bus.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := bus.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { bus.Process.Kill(); bus.Wait() })
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", strings.TrimSpace(address))
	ring := exec.Command("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
	ring.Env = append(bus.Env, "DBUS_SESSION_BUS_ADDRESS="+strings.TrimSpace(address))
	ring.Stdin = strings.NewReader("login\n")
	var said bytes.Buffer
	ring.Stderr = &said
	if err := ring.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ring.Process.Kill(); ring.Wait() })
	for range 300 { // not by asking it: the bus would begin another, which is locked
		out, err := exec.Command("dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/",
			"org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets").Output()
		if err == nil && bytes.Contains(out, []byte("boolean true")) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("gnome-keyring does not come: %s", said.String())
}

// TestSecretsAreInTheKeyringOnly: a real Secret Service keeps what is to be
// remembered; neither our database nor our log has it. One process tests both: the
// D-Bus library keeps its first connection.
func TestSecretsAreInTheKeyringOnly(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	ring := systemKeyring{}
	if err := ring.Set(t.Context(), "x", "y"); err == nil {
		t.Error("a secret was kept without a session")
	}
	secretService(t)
	if got, err := ring.Get(t.Context(), "x"); got != "" || err != nil {
		t.Errorf("what is not there: %q, %v", got, err)
	}
	const secret = "t0p-s3cret-phrase"
	home, logged := t.TempDir(), filepath.Join(t.TempDir(), "log")
	app := keyringApp(t, home, logged)
	_, notice, err := app.Hosts.AddGroup(t.Context(), host.GroupChange{Group: host.Group{Path: "eu", User: "admin"}, Secret: secret, Remember: true})
	if err != nil || notice != "" {
		t.Fatalf("%v, notice %q", err, notice)
	}
	groups, _ := app.Hosts.Groups()
	id := groups[0].ID
	if got, err := ring.Get(t.Context(), id); got != secret || err != nil || !groups[0].Remembered {
		t.Errorf("the keyring has %q, %v; remembered %v", got, err, groups[0].Remembered)
	}
	app.Close()
	for _, dir := range []string{home, filepath.Dir(logged)} {
		if file := grep(t, dir, secret); file != "" {
			t.Errorf("the secret is in %s", file)
		}
	}
	app = keyringApp(t, home, logged)
	if _, _, err := app.Hosts.SetGroup(t.Context(), host.GroupChange{Group: host.Group{Path: "eu"}, Forget: true}); err != nil {
		t.Fatal(err)
	}
	if got, err := ring.Get(t.Context(), id); got != "" || err != nil {
		t.Errorf("after it was forgotten the keyring has %q, %v", got, err)
	}
}

func keyringApp(t *testing.T, home, logged string) *App {
	t.Helper()
	f, err := os.OpenFile(logged, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	app, err := New(t.Context(), Config{Home: home, Log: slog.New(slog.NewTextHandler(f, &slog.HandlerOptions{Level: slog.LevelDebug})), Keep: true, Keyring: systemKeyring{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { app.Close() })
	return app
}
