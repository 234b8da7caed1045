//go:build linux

package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/limiquantix/limiquantix/core"
)

// bootLimit is how long a guest may take until SSH works: about ten times what
// Debian needs under TCG on two idle cores.
const bootLimit = 8 * time.Minute

// command runs one command line of ours as a part of its own.
func (t *trial) command(ctx context.Context, args ...string) error {
	line, err := core.Quote(append([]string{"limiquantix"}, args...)...)
	if err != nil {
		return err
	}
	return t.part(line, func() (string, error) {
		_, err := t.output(ctx, args...)
		return "", err
	})
}

// process returns this program as a process of its own with the trial's
// inventory. The end of ctx interrupts it, so that it takes back what it began.
func (t *trial) process(ctx context.Context, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, args...)
	c.Env = append(os.Environ(), "LIMIQUANTIX_HOME="+t.home)
	// Ctrl-C reaches it by ctx alone: a second interrupt would leave the work half done.
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 30 * time.Second
	return c
}

// output returns what a command line of ours prints.
func (t *trial) output(ctx context.Context, args ...string) ([]byte, error) {
	var out, errs bytes.Buffer
	c := t.process(ctx, t.exe, args...)
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, core.Errorf(core.Canceled, "interrupted")
		}
		return nil, core.Errorf(core.Internal, "%s: %w: %s", strings.Join(args[:2], " "), err, strings.TrimSpace(errs.String()))
	}
	return out.Bytes(), nil
}

// guestKey makes the key that the VM lets in.
func (t *trial) guestKey(ctx context.Context) error {
	path := filepath.Join(t.home, tryKey)
	out, err := exec.CommandContext(ctx, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "limiquantix lab try", "-f", path).CombinedOutput()
	if err != nil {
		return core.Errorf(core.Internal, "ssh-keygen: %w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}

// logIn waits until SSH into the VM works, and shows its serial console meanwhile.
func (t *trial) logIn(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, bootLimit)
	defer cancel()
	console := t.watchConsole(ctx)
	err := t.part(tryName+" boots", func() (string, error) {
		address, err := t.address(ctx)
		return "address " + address, err
	})
	if err == nil {
		err = t.part("ssh -F "+filepath.Join(t.home, "ssh_config")+" "+tryName, func() (string, error) {
			return t.greet(ctx)
		})
	}
	cancel()
	tail := console()
	if err != nil && ctx.Err() == context.DeadlineExceeded {
		fmt.Fprintf(t.out, "the last lines of its console:\n%s\n", tail)
		return core.Errorf(core.Unreachable, "%s did not come up in %s", tryName, bootLimit)
	}
	return err
}

// watchConsole shows the VM's serial console until ctx ends. The function
// returned waits for that, and returns the last lines.
func (t *trial) watchConsole(ctx context.Context) (last func() string) {
	c := t.process(ctx, t.exe, "vm", "console", tryName, "--serial")
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		return func() string { return err.Error() }
	}
	var lines []string
	var reader sync.WaitGroup
	reader.Go(func() {
		for s := bufio.NewScanner(out); s.Scan(); {
			line := strings.TrimSpace(s.Text())
			if line == "" {
				continue
			}
			t.say(line)
			lines = append(lines[max(0, len(lines)-19):], core.Escape(line))
		}
	})
	return func() string {
		reader.Wait()
		_ = c.Wait() // it was interrupted
		return strings.Join(lines, "\n")
	}
}

// address waits until the host knows the VM's address, and writes the
// ssh_config by which the VM is reached through its host.
func (t *trial) address(ctx context.Context) (string, error) {
	for {
		out, err := t.output(ctx, "vm", "show", tryName, "-o", "json")
		if err != nil {
			return "", err
		}
		var vm struct{ Addresses []struct{ IP string } }
		if err := json.Unmarshal(out, &vm); err != nil {
			return "", core.Errorf(core.Internal, "vm show: %w", err)
		}
		if len(vm.Addresses) > 0 {
			return vm.Addresses[0].IP, t.sshConfig(vm.Addresses[0].IP)
		}
		if err := pause(ctx, 2*time.Second); err != nil {
			return "", err
		}
	}
}

func (t *trial) sshConfig(address string) error {
	h := t.state.Hosts[0]
	ssh := "ssh -F " + t.state.SSHConfig + " -W %h:%p " + h.Name
	text := fmt.Sprintf("Host %s\n\tHostName %s\n\tUser %s\n\tIdentityFile %s\n\tIdentitiesOnly yes\n"+
		"\tUserKnownHostsFile %s\n\tStrictHostKeyChecking accept-new\n\tProxyCommand %s\n",
		tryName, address, tryUser, filepath.Join(t.home, tryKey), filepath.Join(t.home, "guest_known_hosts"), ssh)
	if err := os.WriteFile(filepath.Join(t.home, "ssh_config"), []byte(text), 0o600); err != nil {
		return core.Errorf(core.Internal, "write ssh_config: %w", err)
	}
	return nil
}

// greet logs in with the injected key until that works, and returns the name
// that the guest has, which is the seed's.
func (t *trial) greet(ctx context.Context) (string, error) {
	for {
		out, err := t.process(ctx, "ssh", "-F", filepath.Join(t.home, "ssh_config"), "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", tryName, "hostname").Output()
		if name := strings.TrimSpace(string(out)); err == nil && name == tryName {
			return "the guest says " + name, nil
		}
		if err := pause(ctx, 2*time.Second); err != nil {
			return "", err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return core.Errorf(core.Canceled, "interrupted")
	case <-time.After(d):
		return nil
	}
}
