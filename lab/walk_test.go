//go:build linux

package lab_test

import (
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/lab"
)

func TestWalk(t *testing.T) {
	t0 := time.Now()
	l, err := lab.Up(t.Context(), lab.Options{Name: "walk", Hosts: 2, Bound: true, SharedDir: true, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(t0))
	st, err := l.State(t.Context())
	t.Logf("%+v %v", st, err)
	for _, argv := range [][]string{{"ps", "axf"}, {"mount"}, {"virsh", "list", "--all"}, {"virsh", "net-list", "--all"}, {"virsh", "pool-list", "--all"}, {"virsh", "nwfilter-list"}, {"ip", "a"}, {"ls", "-la", "/", "/etc/libvirt", "/var/lib", "/dev", "/home", "/root", "/var/lib/libvirt"}, {"cat", "/var/log/libvirtd.log", "/var/log/sshd.log", "/etc/passwd","/etc/group"}, {"virsh", "capabilities"}, {"df"}, {"ping", "-c1", "kvm2"}} {
		out, err := l.Exec(t.Context(), "kvm1", argv...)
		t.Logf("%v: %v\n%s", argv, err, out)
	}
	t0 = time.Now()
	if err := l.Down(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(t0))
}
