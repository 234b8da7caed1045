//go:build linux

package lab_test

import (
	"net"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/lab"
	"github.com/limiquantix/limiquantix/lab/labtest"
)

// Debian's sshd listens at 0.0.0.0:22, and Linux then lets nobody listen at
// port 22 of any other address.
func TestTheMachinesOwnSSHDIsInTheWay(t *testing.T) {
	// A network of its own stands for the machine. Not unlocked: the thread
	// cannot come back and ends with this goroutine.
	runtime.LockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	own, err := net.Listen("tcp4", "0.0.0.0:22")
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	l := labtest.Up(t, lab.Options{Hosts: 1})
	h := host(t, l, "kvm1")
	if !strings.HasSuffix(h.Address, ":2222") {
		t.Errorf("the host is at %s", h.Address)
	}
	if got := mustSSH(t, l, "-o", "StrictHostKeyChecking=yes", "kvm1", "hostname"); got != "kvm1" {
		t.Errorf("hostname is %q", got)
	}
}

// A lab's claims are files that its supervisor got from its maker and never
// reads: they must not be garbage to it.
func TestClaimsLastAsLongAsTheLab(t *testing.T) {
	l := labtest.Up(t, lab.Options{Hosts: 1})
	for range 2000 { // some garbage
		if _, err := l.State(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	trace(t, l) // sees the slot's socket, or fails
	if _, err := lab.Up(t.Context(), lab.Options{Name: l.Name()}); core.CodeOf(err) != core.Exists {
		t.Errorf("a second lab of that name: %v", err)
	}
}
