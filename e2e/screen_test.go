//go:build linux

package e2e

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/lab/guest"
)

// TestScreenAndKeyboard types into a real guest and reads what it heard, and
// takes pictures of its screen.
func TestScreenAndKeyboard(t *testing.T) {
	files, err := guest.Tiny(t.Context(), guest.Options{Progress: func(line string) { t.Log(line) }})
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t)
	s.run("image", "add", files.Disk, "--host", "kvm1", "--name", "tiny.qcow2")
	key := key(t)
	s.run("vm", "create", "web1", "--host", "kvm1", "--image", "tiny.qcow2", "--memory", "256MiB", "--user", "admin", "--ssh-key", key+".pub", "--start")
	address := s.address("web1", 2*time.Minute)
	s.logIn(address, "admin", key, 2*time.Minute, "true")

	t.Run("screenshot", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "web1.png")
		s.run("vm", "screenshot", "web1", "-o", file)
		s.fails(1, "exists", "vm", "screenshot", "web1", "-o", file)
		s.run("vm", "screenshot", "web1", "-o", file, "--force", "--width", "320")
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil || img.Bounds().Dx() != 320 {
			t.Errorf("a picture of %v: %v", img.Bounds(), err)
		}
		s.fails(2, "no file is named after", "vm", "screenshot", "kvm1/../x")
	})
	t.Run("type", func(t *testing.T) {
		var all strings.Builder
		for r := ' '; r < 0x7f; r++ {
			all.WriteRune(r)
		}
		text := all.String() + "\n" + all.String() + "\n"
		before := s.run("vm", "screenshot", "web1", "-o", "-")
		s.run("vm", "type", "web1", "cat >/run/heard; echo `cat /run/heard | wc -c` > /run/size", "--enter")
		cmd := s.command(t.Context(), "vm", "type", "web1", "-")
		cmd.Stdin = strings.NewReader(text)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		s.run("vm", "type", "web1", "--key", "ctrl+d")
		heard := ""
		for end := time.Now().Add(time.Minute); time.Now().Before(end) && heard != text; time.Sleep(time.Second) {
			heard = s.logIn(address, "admin", key, time.Minute, "cat", "/run/heard") + "\n"
			heard = " " + strings.TrimPrefix(heard, " ") // logIn trims
		}
		if heard != text {
			t.Errorf("the guest heard\n%q, want\n%q", heard, text)
		}
		if s.run("vm", "screenshot", "web1", "-o", "-") == before {
			t.Error("nothing of it is on the screen")
		}
		s.fails(2, `no key for "ü"`, "vm", "type", "web1", "für")
	})
	t.Run("a paused or stopped VM", func(t *testing.T) {
		s.run("vm", "pause", "web1")
		s.fails(1, "nobody reads its keyboard", "vm", "type", "web1", "x")
		s.run("vm", "screenshot", "web1", "-o", filepath.Join(t.TempDir(), "paused.png"))
		s.run("vm", "stop", "web1")
		s.fails(1, "has no console", "vm", "screenshot", "web1", "-o", filepath.Join(t.TempDir(), "off.png"))
	})
}
