//go:build linux

package browser

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/lab"
)

// scratch is the directory of what all tests share; TestMain makes and removes it.
var scratch string

func TestMain(m *testing.M) {
	lab.Reexec()
	var err error
	if scratch, err = os.MkdirTemp("", "browser-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := m.Run()
	os.RemoveAll(scratch)
	os.Exit(status)
}

// built is the program with the page in it, built once.
var built = sync.OnceValues(func() (string, error) {
	if _, err := os.Stat("../../app/server/dist/index.html"); err != nil {
		return "", fmt.Errorf("the page is not built: type make ui")
	}
	exe := filepath.Join(scratch, "limiquantix")
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", exe, "../..")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return exe, nil
})

// start runs the program until the test ends and returns the first line that it
// prints: the address for a browser.
func start(t *testing.T, home string, args ...string) (url string) {
	t.Helper()
	exe, err := built()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(exe, args...)
	c.Env = append(os.Environ(), "LIMIQUANTIX_HOME="+home)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(os.Interrupt)
		late := time.AfterFunc(20*time.Second, func() { c.Process.Kill() })
		_ = c.Wait() // it was interrupted
		late.Stop()
	})
	url, err = bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(url, "http://127.0.0.1:") {
		t.Fatalf("limiquantix %s says %q, %v", strings.Join(args, " "), url, err)
	}
	return strings.TrimSpace(url)
}

// play runs the tests of one file of frontend/e2e against a page. With
// LIMIQUANTIX_PICTURES set to a directory, they leave their pictures there; with
// LIMIQUANTIX_RESULTS, what the page looked like when one failed.
func play(t *testing.T, spec, url string, env ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "node", "node_modules/@playwright/test/cli.js", "test", "/e2e/"+regexp.QuoteMeta(spec)+"$")
	c.Dir = "../../frontend"
	c.Env = append([]string{"LIMIQUANTIX_RESULTS=" + t.TempDir()}, os.Environ()...)
	c.Env = append(c.Env, "LIMIQUANTIX_URL="+url, "CI=1", "NO_COLOR=1")
	c.Env = append(c.Env, env...)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the browser with it
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	c.WaitDelay = 10 * time.Second
	out, err := c.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", spec, err, out)
	} else {
		t.Logf("%s\n%s", spec, out)
	}
}

func TestDemo(t *testing.T) {
	play(t, "demo.spec.ts", start(t, t.TempDir(), "demo", "--calm", "--hosts", "6", "--vms", "30"))
}
