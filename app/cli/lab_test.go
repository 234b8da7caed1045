//go:build linux

package cli_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/lab"
)

// TestLabCommand runs the command as processes of their own, since the lab
// goes on after "lab up" has ended.
func TestLabCommand(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "lab")
	if out, err := exec.Command("go", "build", "-o", bin, "./testdata/lab").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	name := "t-" + core.NewUUID()[:8]
	run := func(t *testing.T, status int, args ...string) (stdout, stderr string) {
		t.Helper()
		var out, errs bytes.Buffer
		cmd := exec.Command(bin, append(args[:1:1], append([]string{"--name", name}, args[1:]...)...)...)
		cmd.Stdout, cmd.Stderr = &out, &errs
		cmd.Run()
		if got := cmd.ProcessState.ExitCode(); got != status {
			t.Errorf("%q: status %d, want %d: %s%s", args, got, status, &out, &errs)
		}
		return out.String(), errs.String()
	}
	t.Cleanup(func() { exec.Command(bin, "down", "--name", name).Run() })

	out, _ := run(t, 0, "up", "--hosts", "1", "--disk", "256MiB")
	if !strings.Contains(out, "limiquantix host add kvm1 root@127.77.") || !strings.Contains(out, "--host-key SHA256:") {
		t.Errorf("up prints:\n%s", out)
	}
	// The first line that it prints works as it stands.
	line := strings.Fields(strings.Split(out, "\n")[1])
	if got, err := exec.Command(line[0], append(line[1:], "hostname")...).Output(); err != nil || string(got) != "kvm1\n" {
		t.Errorf("%q: %q, %v", line, got, err)
	}
	if _, msg := run(t, 1, "up"); !strings.Contains(msg, "lab down --name "+name) {
		t.Errorf("up again says %q", msg)
	}
	if out, _ := run(t, 0, "exec", "kvm1", "--", "echo", "a b"); out != "a b\n" {
		t.Errorf("exec prints %q", out)
	}
	run(t, 7, "exec", "kvm1", "--", "sh", "-c", "exit 7")
	run(t, 4, "exec", "kvm9", "--", "true")
	run(t, 0, "rtt", "20ms")
	run(t, 2, "rtt", "20")
	run(t, 0, "fault", "kvm1", "drop")
	run(t, 2, "fault", "kvm1", "fire")

	out, _ = run(t, 0, "list", "-o", "json")
	var labs []lab.State
	if err := json.Unmarshal([]byte(out), &labs); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	found := false
	for _, l := range labs {
		found = found || l.Name == name && l.Running && l.RTT.String() == "20ms" && l.Hosts[0].Faults[0] == lab.Drop
	}
	if !found {
		t.Errorf("list -o json: %s", out)
	}
	if out, _ := run(t, 0, "list"); !strings.Contains(out, "drop") {
		t.Errorf("list: %s", out)
	}
	run(t, 0, "fault", "kvm1", "heal")
	run(t, 0, "down")
	run(t, 4, "down")
}
