//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/limiquantix/limiquantix/app/compose"
	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/lab"
	"github.com/limiquantix/limiquantix/transport/sshconn"
	"github.com/limiquantix/limiquantix/transport/virt"
	"github.com/limiquantix/limiquantix/transport/virt/rpccount"
)

// site is a lab host with VMs, and the ways to it that are compared.
type site struct {
	options
	tmp   string
	lab   *lab.Lab
	state lab.State
	host  lab.Host
	tap   *tap
	uri   string // for virsh, over SSH

	admin *virt.Conn // somebody else on the host itself, past the tap
	app   *compose.App
	asked *rpccount.Counter // by app
	api   *http.Client
	url   string // of api

	uuids, names []string
	undo         []func() error
}

// newSite brings up a lab of one host. What it made before an error is gone.
func newSite(ctx context.Context, o options, tmp string) (_ *site, err error) {
	s := &site{options: o, tmp: tmp}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	name := "bench-" + core.NewUUID()[:8]
	if s.lab, err = lab.Up(ctx, lab.Options{Name: name, Hosts: 1, Bound: true}); err != nil {
		return nil, err
	}
	s.onClose(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		return s.lab.Down(ctx)
	})
	if s.state, err = s.lab.State(ctx); err != nil {
		return nil, err
	}
	s.host = s.state.Hosts[0]
	if s.tap, err = newTap(s.socket()); err != nil {
		return nil, err
	}
	s.onClose(func() error { return s.tap.close() })
	if s.admin, err = virt.Open(ctx, virt.Options{Dial: s.tap.direct, Logger: compose.Discard()}); err != nil {
		return nil, err
	}
	s.onClose(s.admin.Close)
	if err := s.define(ctx); err != nil {
		return nil, err
	}
	if err := s.sshWrapper(); err != nil {
		return nil, err
	}
	if err := s.openApp(ctx); err != nil {
		return nil, err
	}
	return s, s.lab.SetRTT(ctx, o.rtt)
}

func (s *site) onClose(f func() error) { s.undo = append(s.undo, f) }

func (s *site) close() error {
	var errs []error
	for i := len(s.undo) - 1; i >= 0; i-- {
		errs = append(errs, s.undo[i]())
	}
	s.undo = nil
	return errors.Join(errs...)
}

// socket is the host's libvirt socket as seen from here.
func (s *site) socket() string {
	return filepath.Join("/proc", strconv.Itoa(s.host.PID), "root/run/libvirt/libvirt-sock")
}

// localURI is for virsh as if it ran on the host.
func (s *site) localURI() string { return "qemu:///system?socket=" + s.socket() }

// define makes the VMs: a small disk and a network card each.
func (s *site) define(ctx context.Context) error {
	if err := os.WriteFile(filepath.Join(s.host.Images, "halt.rom"), haltROM(), 0o644); err != nil {
		return err
	}
	for i := range s.vms {
		name := fmt.Sprintf("vm%03d", i)
		disk := name + ".img"
		if err := os.WriteFile(filepath.Join(s.host.Images, disk), nil, 0o600); err != nil {
			return err
		}
		if err := os.Truncate(filepath.Join(s.host.Images, disk), 1<<20); err != nil {
			return err
		}
		uuid, err := s.admin.DefineVM(ctx, fmt.Sprintf(domain, name, disk))
		if err != nil {
			return err
		}
		s.uuids, s.names = append(s.uuids, uuid), append(s.names, name)
	}
	return nil
}

const domain = `<domain type='qemu'>
<name>%s</name><memory unit='MiB'>32</memory><vcpu>1</vcpu>
<os><type machine='pc'>hvm</type><loader readonly='yes' type='rom'>/var/lib/libvirt/images/halt.rom</loader></os>
<devices>
<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/var/lib/libvirt/images/%s'/><target dev='vda' bus='virtio'/></disk>
<interface type='user'><model type='virtio'/><rom enabled='no'/></interface>
<memballoon model='none'/>
</devices>
</domain>`

// haltROM is firmware that halts the CPU at once: under TCG a BIOS would take the
// CPU from what is measured.
func haltROM() []byte {
	rom := make([]byte, 64<<10)
	copy(rom[len(rom)-16:], []byte{0xfa, 0xf4, 0xeb, 0xfd}) // at the reset vector: cli; hlt; jmp to the hlt
	return rom
}

// sshWrapper makes virsh's ssh read the lab's configuration: its own would
// write to the user's known_hosts.
func (s *site) sshWrapper() error {
	wrapper := filepath.Join(s.tmp, "ssh")
	command, err := core.Quote("ssh", "-F", s.state.SSHConfig)
	if err != nil {
		return err
	}
	script := "#!/bin/sh\nexec " + command + " \"$@\"\n"
	s.uri = "qemu+ssh://" + s.host.Name + "/system?command=" + wrapper
	return os.WriteFile(wrapper, []byte(script), 0o700)
}

func (s *site) spec() host.Spec {
	return host.Spec{
		Address: "root@" + s.host.Address, Identities: []string{s.host.Identity},
		URI: host.DefaultURI, HostKey: s.host.HostKeys[0].Fingerprint,
	}
}

// openApp runs the whole application in this process, connected to the host.
func (s *site) openApp(ctx context.Context) (err error) {
	s.app, err = compose.New(ctx, compose.Config{Home: filepath.Join(s.tmp, "inner"), Log: compose.Discard(), Keep: true, SSHHome: s.tmp})
	if err != nil {
		return err
	}
	s.onClose(s.app.Close)
	s.asked = s.tap.next()
	if _, _, err := s.app.Hosts.Add(ctx, host.Host{Name: s.host.Name, Spec: s.spec()}, false); err != nil {
		return err
	}
	mem := server.InMemory(s.app.Handler, compose.Discard())
	s.onClose(mem.Close)
	s.api, s.url = mem.Client(), mem.URL
	return nil
}

// dial makes a link to the host as the application does.
func (s *site) dial(ctx context.Context) (*link, error) {
	ssh, err := new(sshconn.Dialer).Dial(ctx, sshconn.Config{
		Address: "root@" + s.host.Address, Identity: []string{s.host.Identity}, SSHConfig: "none", Agent: "none",
		KnownHosts: []string{s.state.KnownHosts}, Home: s.tmp, Logger: compose.Discard(),
	})
	if err != nil {
		return nil, err
	}
	c, err := virt.Open(ctx, virt.Options{
		Dial:   func(ctx context.Context) (net.Conn, error) { return ssh.DialLibvirt(ctx, host.DefaultURI) },
		Logger: compose.Discard(),
	})
	if err != nil {
		ssh.Close()
		return nil, err
	}
	return &link{c, ssh}, nil
}

// link is libvirt over SSH.
type link struct {
	*virt.Conn
	ssh *sshconn.Client
}

func (l *link) close() {
	l.Conn.Close()
	l.ssh.Close()
}
