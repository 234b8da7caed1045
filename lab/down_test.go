//go:build linux

package lab_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/lab"
	"github.com/limiquantix/limiquantix/lab/labtest"
)

// busy brings up a lab in which things go on: a VM, an ssh session, faults.
func busy(t *testing.T) *lab.Lab {
	t.Helper()
	l := labtest.Up(t, lab.Options{Hosts: 2, SharedDir: true})
	in(t, l, "kvm1", "bash", "-c", `virsh create --paused /dev/stdin <<< "<domain type='qemu'><name>vm</name>
		<memory unit='MiB'>32</memory><os><type arch='x86_64' machine='q35'>hvm</type></os>
		<devices><interface type='network'><source network='default'/></interface></devices></domain>"`)
	for _, f := range []lab.Fault{lab.FillDisk, lab.FreezeLibvirtd, lab.Drop} {
		if err := l.Fault(t.Context(), "kvm2", f); err != nil {
			t.Fatal(err)
		}
	}
	dial(t, l, "kvm1")
	dial(t, l, "kvm2")
	return l
}

func TestDownLeavesNothing(t *testing.T) {
	l := busy(t)
	tr := trace(t, l)
	if err := l.Down(t.Context()); err != nil {
		t.Fatal(err)
	}
	tr.gone(t)
	if err := l.Down(t.Context()); core.CodeOf(err) != core.NotFound {
		t.Errorf("down again: %v", err)
	}
	if _, err := lab.Open(t.Context(), l.Name()); core.CodeOf(err) != core.NotFound {
		t.Errorf("open afterwards: %v", err)
	}
}

func TestDownLeavesNothingOfAKilledLab(t *testing.T) {
	for _, victim := range []string{"supervisor", "hosts", "all"} {
		t.Run(victim, func(t *testing.T) {
			l := busy(t)
			tr := trace(t, l)
			st, err := l.State(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if victim != "supervisor" {
				for _, h := range st.Hosts {
					unix.Kill(h.PID, unix.SIGKILL)
				}
			}
			if victim != "hosts" {
				unix.Kill(st.Supervisor, unix.SIGKILL)
			}
			if err := l.Down(t.Context()); err != nil {
				t.Fatal(err)
			}
			tr.gone(t)
		})
	}
}

func TestDownEndsAFrozenSupervisor(t *testing.T) {
	l := labtest.Up(t, lab.Options{Hosts: 1})
	tr := trace(t, l)
	st, _ := l.State(t.Context())
	unix.Kill(st.Supervisor, unix.SIGSTOP)
	if err := l.Down(t.Context()); err != nil {
		t.Fatal(err)
	}
	tr.gone(t)
}

func TestKilledSupervisorTakesTheHostsAlong(t *testing.T) {
	l := labtest.Up(t, lab.Options{Hosts: 1})
	st, _ := l.State(t.Context())
	unix.Kill(st.Supervisor, unix.SIGKILL)
	eventually(t, func() error {
		if unix.Kill(st.Hosts[0].PID, 0) == nil {
			return errors.New("the host lives on")
		}
		return nil
	})
	if _, err := lab.Open(t.Context(), l.Name()); core.CodeOf(err) != core.Conflict {
		t.Errorf("open a dead lab: %v", err)
	}
	labs, err := lab.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, other := range labs {
		found = found || other.Name == l.Name() && !other.Running
	}
	if !found {
		t.Errorf("the dead lab is not listed: %+v", labs)
	}
	// The next of the same name clears it away.
	again, err := lab.Up(t.Context(), lab.Options{Name: l.Name(), Hosts: 1, Bound: true})
	if err != nil {
		t.Fatal(err)
	}
	tr := trace(t, again)
	if err := again.Down(t.Context()); err != nil {
		t.Fatal(err)
	}
	tr.gone(t)
}

func TestBoundLabEndsWithItsProcess(t *testing.T) {
	owner := exec.Command("/proc/self/exe")
	owner.Env = append(os.Environ(), ownerEnv+"=t-bound")
	out, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	owner.Stderr = os.Stderr
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "up\n" {
		t.Fatalf("the owner says %q, %v", line, err)
	}
	l, err := lab.Open(t.Context(), "t-bound")
	if err != nil {
		t.Fatal(err)
	}
	tr := trace(t, l)
	owner.Process.Kill()
	owner.Wait()
	tr.gone(t)
}

// ownerEnv makes the test's program bring up a bound lab of that name and wait
// to be killed.
const ownerEnv = "LAB_TEST_OWNER"

func runOwner(name string) {
	if _, err := lab.Up(context.Background(), lab.Options{Name: name, Hosts: 1, Bound: true}); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("up")
	time.Sleep(5 * time.Minute)
}

func TestLabsLiveSideBySide(t *testing.T) {
	const labs = 4
	var wait sync.WaitGroup
	got := make([]*lab.Lab, labs)
	for i := range labs {
		wait.Go(func() {
			// Two names for four labs: two of them must be told so.
			l, err := lab.Up(t.Context(), lab.Options{Name: fmt.Sprintf("t-side-%d", i%2), Hosts: 1, Bound: true})
			if err != nil && core.CodeOf(err) != core.Exists {
				t.Error(err)
			}
			got[i] = l
		})
	}
	wait.Wait()
	addresses := map[string]bool{}
	for _, l := range got {
		if l == nil {
			continue
		}
		h := host(t, l, "kvm1")
		addresses[h.Address] = true
		if _, err := banner(dial(t, l, "kvm1"), 10*time.Second); err != nil {
			t.Error(err)
		}
		if !strings.HasPrefix(h.Address, "127.77.") {
			t.Errorf("address is %s", h.Address)
		}
		if err := l.Down(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if len(addresses) != 2 {
		t.Errorf("addresses are %v, want 2", addresses)
	}
}
