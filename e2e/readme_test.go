//go:build linux

package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/lab"
	"github.com/limiquantix/limiquantix/lab/guest"
)

// TestReadme runs the README's examples in one shell. One thing is
// changed: the lab gets a name of its own, so that the user's is not touched.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		lines = append(lines, strings.Split(strings.TrimSpace(block[1]), "\n")...)
	}
	if len(lines) < 5 {
		t.Fatalf("only %d examples found", len(lines))
	}
	name := "t-" + core.NewUUID()[:8]
	verb := regexp.MustCompile(`limiquantix lab (up|fault|down)`)
	env := readmeEnv(t)
	t.Cleanup(func() { lab.Remove(context.Background(), name) }) // gone already when all went well
	for _, line := range lines {
		ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
		cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", verb.ReplaceAllString(line, "$0 --name "+name))
		cmd.Env = env
		out, err := cmd.CombinedOutput()
		cancel()
		if err != nil {
			t.Fatalf("%s\n%v\n%s", line, err, out)
		}
		if strings.HasSuffix(line, "vm list -o json") {
			want(t, line, string(out), `"name": "web1"`, `"state": "running"`)
		}
	}
}

// readmeEnv is a fresh user with a key, who has the program on the path.
func readmeEnv(t *testing.T) []string {
	t.Helper()
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, ".ssh"), 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(home, ".ssh", "id_ed25519")).CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen: %v\n%s", err, out)
	}
	cache, err := guest.DefaultCache()
	if err != nil {
		t.Fatal(err)
	}
	return append(os.Environ(),
		"HOME="+home,
		"XDG_CACHE_HOME="+filepath.Dir(filepath.Dir(cache)), // guests that are built already
		"XDG_DATA_HOME=", "XDG_RUNTIME_DIR=", "LIMIQUANTIX_HOME=", "SSH_AUTH_SOCK=",
		"PATH="+filepath.Dir(build(t))+":"+os.Getenv("PATH"))
}
