//go:build linux

package sshconn

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/transport/sshconn/sshdtest"
)

// askLibvirt makes the first call of libvirt's protocol (AUTH_LIST) and checks
// that a libvirt daemon replies.
func askLibvirt(conn net.Conn) error {
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(30 * time.Second))
	call := binary.BigEndian.AppendUint32(nil, 28)
	for _, v := range []uint32{0x20008086, 1, 66, 0, 7, 0} { // program, version, procedure, type, serial, status
		call = binary.BigEndian.AppendUint32(call, v)
	}
	if _, err := conn.Write(call); err != nil {
		return err
	}
	reply := make([]byte, 28)
	if _, err := io.ReadFull(conn, reply); err != nil {
		return err
	}
	if binary.BigEndian.Uint32(reply[4:]) != 0x20008086 || binary.BigEndian.Uint32(reply[20:]) != 7 {
		return core.Errorf(core.Internal, "no libvirt reply: %x", reply)
	}
	return nil
}

func TestDialLibvirt(t *testing.T) {
	const helper = "/usr/bin/virt-ssh-helper"
	closed := []string{"AllowStreamLocalForwarding no"}
	plain := sshdtest.Start(t, sshdtest.Options{Libvirtd: true})
	noForward := sshdtest.Start(t, sshdtest.Options{Libvirtd: true, Config: closed})
	noHelper := sshdtest.Start(t, sshdtest.Options{Libvirtd: true, Config: closed, Hide: []string{helper}})
	noTools := sshdtest.Start(t, sshdtest.Options{Libvirtd: true, Config: closed, Hide: []string{helper, "/usr/bin/nc", "/bin/nc.openbsd"}})
	noLibvirt := sshdtest.Start(t, sshdtest.Options{})
	for _, c := range []struct {
		server           *sshdtest.Server
		user, uri, route string
		code             core.Code
	}{
		{server: plain, user: "root", route: "socket " + libvirtSocket},
		{server: plain, user: "root", uri: "test:///default", route: "socket " + libvirtSocket},
		{server: plain, user: "virt", route: "socket " + libvirtSocket},
		{server: plain, user: "admin", route: "sudo -n -- virt-ssh-helper qemu:///system"},
		{server: plain, user: "plain", code: core.Denied},
		{server: plain, user: "root", uri: "qemu+ssh://x/system", code: core.Invalid},
		{server: noForward, user: "root", route: "virt-ssh-helper qemu:///system"},
		{server: noForward, user: "virt", route: "virt-ssh-helper qemu:///system"},
		{server: noForward, user: "admin", route: "sudo -n -- virt-ssh-helper qemu:///system"},
		{server: noHelper, user: "root", route: "nc -q 0 -U " + libvirtSocket},
		{server: noHelper, user: "admin", route: "sudo -n -- nc -q 0 -U " + libvirtSocket},
		{server: noTools, user: "root", code: core.Unsupported},
		{server: noTools, user: "admin", code: core.Unsupported},
		{server: noLibvirt, user: "root", code: core.Unreachable},
		{server: noLibvirt, user: "plain", code: core.Unreachable},
	} {
		client := mustDial(t, config(c.server, c.user))
		for range 2 { // the second time by memory
			conn, err := client.DialLibvirt(t.Context(), c.uri)
			if c.code != "" {
				if e := wantError(t, err, c.code); e.Hint == "" {
					t.Errorf("%s: no hint", e.Message)
				}
				continue
			}
			if err != nil {
				t.Fatalf("%s by %s: %s", c.user, c.route, describe(err))
			}
			if err := askLibvirt(conn); err != nil {
				t.Errorf("%s by %s: %s", c.user, c.route, describe(err))
			}
			if got := client.Route(); got != c.route {
				t.Errorf("%s: got route %q, want %q", c.user, got, c.route)
			}
		}
	}
	t.Run("closed helpers end", func(t *testing.T) {
		c := mustDial(t, config(noHelper, "root"))
		for range 100 {
			if out, _ := c.Run(t.Context(), Command{Argv: []string{"pgrep", "-fx", "nc -q 0 -U " + libvirtSocket}}); out.Exit == 1 {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Error("nc still runs")
	})
}

func TestHelperThatFailsSaysWhy(t *testing.T) {
	s := sshdtest.Start(t, sshdtest.Options{Libvirtd: true, Config: []string{"AllowStreamLocalForwarding no"}})
	c := mustDial(t, config(s, "root"))
	conn, err := c.dialCommand(t.Context(), Command{Argv: []string{"sh", "-c", "echo cannot connect: no daemon >&2; exit 3"}}, func() {})
	if err != nil {
		t.Fatal(describe(err))
	}
	e := wantError(t, askLibvirt(conn), core.Unsupported)
	if !strings.Contains(e.Message, "no daemon") || !strings.Contains(e.Message, "status 3") {
		t.Errorf("message %q does not say why", e.Message)
	}
}

// With MaxSessions 1 commands queue, and a file transfer or helper that holds
// the only session gets a second connection beside it.
func TestMaxSessionsOne(t *testing.T) {
	s := sshdtest.Start(t, sshdtest.Options{Libvirtd: true, Config: []string{"MaxSessions 1"}})
	c := mustDial(t, config(s, "root"))
	results := make(chan error, 5)
	for range cap(results) {
		go func() {
			r, err := c.Run(t.Context(), Command{Argv: []string{"sh", "-c", "sleep 0.2; echo ok"}})
			if err == nil && string(r.Stdout) != "ok\n" {
				err = core.Errorf(core.Internal, "got %q", r.Stdout)
			}
			results <- err
		}()
	}
	for range cap(results) {
		if err := <-results; err != nil {
			t.Error(describe(err))
		}
	}
	files, err := c.Files(t.Context())
	if err != nil {
		t.Fatal(describe(err))
	}
	output(t, c, "true")
	if _, err := files.Stat("/"); err != nil {
		t.Error(describe(err))
	}
	conn, err := c.DialLibvirt(t.Context(), "")
	if err != nil {
		t.Fatal(describe(err))
	}
	if err := askLibvirt(conn); err != nil {
		t.Error(describe(err))
	}
	files.Close()
	output(t, c, "true")

	none := mustDial(t, config(sshdtest.Start(t, sshdtest.Options{Config: []string{"MaxSessions 0"}}), "root"))
	_, err = none.Run(t.Context(), Command{Argv: []string{"true"}})
	wantError(t, err, core.Unsupported)
}
