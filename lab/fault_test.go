//go:build linux

package lab_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/lab"
	"github.com/limiquantix/limiquantix/lab/labtest"
)

// silence is how long nothing must come for a test to believe that nothing will.
const silence = 700 * time.Millisecond

// dial connects to a host's loopback address and reads sshd's banner.
func dial(t *testing.T, l *lab.Lab, name string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", host(t, l, name).Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func banner(c net.Conn, within time.Duration) (string, error) {
	c.SetReadDeadline(time.Now().Add(within))
	return bufio.NewReader(c).ReadString('\n')
}

func TestFaults(t *testing.T) {
	l := patient{labtest.Up(t, lab.Options{Hosts: 2})}
	t.Run("drop", l.testDrop)
	t.Run("mute", l.testMute)
	t.Run("stop-libvirtd", l.testStopLibvirtd)
	t.Run("crash-libvirtd", l.testCrashLibvirtd)
	t.Run("freeze-libvirtd", l.testFreezeLibvirtd)
	t.Run("kill-sshd", l.testKillSshd)
	t.Run("fill-disk", l.testFillDisk)
	t.Run("power-off", l.testPowerOff)
	t.Run("killed from outside is off too", l.testKilledFromOutsideIsOffToo)
	t.Run("unknown", l.testUnknown)
}

// patient is a lab whose kvm1 is maltreated.
type patient struct{ *lab.Lab }

func (l patient) inflict(t *testing.T, f lab.Fault) {
	t.Helper()
	if err := l.Fault(t.Context(), "kvm1", f); err != nil {
		t.Fatal(err)
	}
}

// heal heals kvm1 and looks whether it is well.
func (l patient) heal(t *testing.T) {
	t.Helper()
	l.inflict(t, lab.Heal)
	if h := host(t, l.Lab, "kvm1"); len(h.Faults) != 0 {
		t.Errorf("after heal: %v", h.Faults)
	}
	if got := mustSSH(t, l.Lab, "kvm1", "hostname"); got != "kvm1" {
		t.Errorf("after heal: %q", got)
	}
}

func (l patient) testDrop(t *testing.T) {
	open := dial(t, l.Lab, "kvm1")
	if _, err := banner(open, 10*time.Second); err != nil {
		t.Fatal(err)
	}
	l.inflict(t, lab.Drop)
	fmt.Fprint(open, "SSH-2.0-test\r\n")
	if line, err := banner(open, silence); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("an open connection says %q, %v", line, err)
	}
	if line, err := banner(dial(t, l.Lab, "kvm1"), silence); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a new connection says %q, %v", line, err)
	}
	if err := reach(t, l.Lab, "kvm2", "kvm1"); err == nil {
		t.Error("another host still reaches it")
	}
	l.heal(t)
	if n, err := readSome(open, 20*time.Second); err != nil || n == 0 { // its key exchange
		t.Errorf("the open connection after heal: %d bytes, %v", n, err)
	}
	if err := reach(t, l.Lab, "kvm2", "kvm1"); err != nil {
		t.Errorf("another host after heal: %v", err)
	}
}

func (l patient) testMute(t *testing.T) {
	l.inflict(t, lab.Mute)
	if line, err := banner(dial(t, l.Lab, "kvm1"), silence); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %q, %v", line, err)
	}
	l.heal(t)
}

func (l patient) testStopLibvirtd(t *testing.T) {
	l.inflict(t, lab.StopLibvirtd)
	if out, err := ssh(t, l.Lab, "kvm1", "virsh list"); err == nil {
		t.Errorf("virsh works: %s", out)
	}
	l.heal(t)
	mustSSH(t, l.Lab, "kvm1", "virsh list")
}

func (l patient) testCrashLibvirtd(t *testing.T) {
	before := in(t, l.Lab, "kvm1", "pidof", "libvirtd")
	l.inflict(t, lab.CrashLibvirtd)
	eventually(t, func() error {
		out, err := l.Exec(t.Context(), "kvm1", "pidof", "libvirtd")
		if err == nil && strings.TrimSpace(string(out)) == before {
			err = errors.New("still the old one")
		}
		return err
	})
	l.heal(t)
	mustSSH(t, l.Lab, "kvm1", "virsh list")
}

func (l patient) testFreezeLibvirtd(t *testing.T) {
	l.inflict(t, lab.FreezeLibvirtd)
	if out, err := ssh(t, l.Lab, "kvm1", "timeout 1 virsh list"); err == nil {
		t.Errorf("virsh works: %s", out)
	}
	l.heal(t)
	mustSSH(t, l.Lab, "kvm1", "virsh list")
}

func (l patient) testKillSshd(t *testing.T) {
	open := dial(t, l.Lab, "kvm1")
	if _, err := banner(open, 10*time.Second); err != nil {
		t.Fatal(err)
	}
	l.inflict(t, lab.KillSSHD)
	if _, err := readSome(open, 10*time.Second); !errors.Is(err, io.EOF) && !errors.Is(err, unix.ECONNRESET) {
		t.Errorf("an open connection: %v", err)
	}
	if out, err := ssh(t, l.Lab, "kvm1", "true"); err == nil {
		t.Errorf("a new connection: %s", out)
	}
	l.heal(t)
}

func (l patient) testFillDisk(t *testing.T) {
	l.inflict(t, lab.FillDisk)
	if out, err := l.Exec(t.Context(), "kvm1", "dd", "if=/dev/zero", "of=/var/lib/libvirt/images/x", "bs=64k", "count=1"); err == nil || !strings.Contains(err.Error(), "No space left") {
		t.Errorf("writing: %s, %v", out, err)
	}
	l.heal(t)
	in(t, l.Lab, "kvm1", "dd", "if=/dev/zero", "of=/var/lib/libvirt/images/x", "bs=64k", "count=1")
}

func (l patient) testPowerOff(t *testing.T) {
	open := dial(t, l.Lab, "kvm1")
	if _, err := banner(open, 10*time.Second); err != nil {
		t.Fatal(err)
	}
	in(t, l.Lab, "kvm1", "bash", "-c", "echo kept > /etc/kept; virsh net-define /dev/stdin <<< '<network><name>kept</name></network>'")
	keys := host(t, l.Lab, "kvm1").HostKeys
	l.inflict(t, lab.PowerOff)
	if line, err := banner(open, silence); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("an open connection says %q, %v", line, err)
	}
	if h := host(t, l.Lab, "kvm1"); h.PID != 0 || len(h.Faults) != 1 {
		t.Errorf("without power it is %+v", h)
	}
	if _, err := l.Exec(t.Context(), "kvm1", "true"); core.CodeOf(err) != core.Conflict {
		t.Errorf("exec without power: %v", err)
	}
	if err := l.Fault(t.Context(), "kvm1", lab.FillDisk); core.CodeOf(err) != core.Conflict {
		t.Errorf("a fault without power: %v", err)
	}
	l.heal(t)
	if _, err := readSome(open, 20*time.Second); !errors.Is(err, unix.ECONNRESET) {
		t.Errorf("the old connection after power came back: %v", err)
	}
	if got := in(t, l.Lab, "kvm1", "cat", "/etc/kept"); got != "kept" {
		t.Errorf("its file is %q", got)
	}
	in(t, l.Lab, "kvm1", "virsh", "net-info", "kept")
	if got := host(t, l.Lab, "kvm1").HostKeys; got[0] != keys[0] {
		t.Error("its host key has changed")
	}
}

func (l patient) testKilledFromOutsideIsOffToo(t *testing.T) {
	unix.Kill(host(t, l.Lab, "kvm1").PID, unix.SIGKILL)
	eventually(t, func() error {
		if host(t, l.Lab, "kvm1").PID != 0 {
			return errors.New("still has power")
		}
		return nil
	})
	l.heal(t)
}

func (l patient) testUnknown(t *testing.T) {
	if err := l.Fault(t.Context(), "kvm1", "fire"); core.CodeOf(err) != core.Invalid {
		t.Errorf("got %v", err)
	}
	if err := l.Fault(t.Context(), "kvm9", lab.Drop); core.CodeOf(err) != core.NotFound {
		t.Errorf("got %v", err)
	}
}

// reach opens a TCP connection between two hosts.
func reach(t *testing.T, l *lab.Lab, from, to string) error {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, err := l.Exec(ctx, from, "timeout", "3", "bash", "-c", "exec 3<>/dev/tcp/"+to+"/22; head -n1 <&3 | grep SSH")
	return err
}

func readSome(c net.Conn, within time.Duration) (int, error) {
	c.SetReadDeadline(time.Now().Add(within))
	return c.Read(make([]byte, 4096))
}

func eventually(t *testing.T, check func() error) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func TestRoundTripTime(t *testing.T) {
	l := labtest.Up(t, lab.Options{Hosts: 1})
	bannerAfter := func() time.Duration {
		began := time.Now()
		if _, err := banner(dial(t, l, "kvm1"), 30*time.Second); err != nil {
			t.Fatal(err)
		}
		return time.Since(began)
	}
	bannerAfter() // the first may pay for something else
	const rtt = 300 * time.Millisecond
	if err := l.SetRTT(t.Context(), rtt); err != nil {
		t.Fatal(err)
	}
	// A TCP handshake and half a round trip for the banner to be asked for and
	// half for it to come: 2 in all.
	if got := bannerAfter(); got < 2*rtt {
		t.Errorf("the banner came after %s, sooner than two round trips of %s", got, rtt)
	}
	if err := l.SetRTT(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if got := bannerAfter(); got > 2*rtt {
		t.Errorf("without delay the banner came after %s", got)
	}
	if err := l.SetRTT(t.Context(), -1); core.CodeOf(err) != core.Invalid {
		t.Errorf("a negative round trip: %v", err)
	}
}
