//go:build linux

package compose

import (
	"bytes"
	"context"
	"image/png"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/lab"
	"github.com/limiquantix/limiquantix/lab/labtest"
	"github.com/limiquantix/limiquantix/transport/contract/vncview"
	"github.com/limiquantix/limiquantix/transport/sim"
	"github.com/limiquantix/limiquantix/transport/virt"
)

func TestMain(m *testing.M) {
	lab.Reexec() // the lab's own processes are this program started again
	os.Exit(m.Run())
}

// pipe is a console's stream as a connection for a viewer. What is behind it is
// bound by a context, so deadlines may be ignored.
type pipe struct {
	io.ReadWriteCloser
	net.Conn
}

func (p pipe) Read(b []byte) (int, error)      { return p.ReadWriteCloser.Read(b) }
func (p pipe) Write(b []byte) (int, error)     { return p.ReadWriteCloser.Write(b) }
func (p pipe) Close() error                    { return p.ReadWriteCloser.Close() }
func (p pipe) SetReadDeadline(time.Time) error { return nil }

// console redeems a new ticket for a VM's screen.
func (r *rig) console(t *testing.T, vm string) (io.ReadWriteCloser, string, error) {
	t.Helper()
	res, err := r.vms.OpenConsole(t.Context(), &apiv1.OpenConsoleRequest{Vm: vm, Console: apiv1.OpenConsoleRequest_CONSOLE_GRAPHICAL})
	if err != nil {
		return nil, "", server.FromConnect(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	stream, err := server.DialConsole(ctx, r.http, server.LocalURL, res.Ticket)
	if err == nil {
		t.Cleanup(func() { stream.Close() })
	}
	return stream, res.Password, err
}

// watch opens a VM's screen and fails unless there is a picture.
func (r *rig) watch(t *testing.T, vm string) *vncview.View {
	t.Helper()
	stream, password, err := r.console(t, vm)
	if err != nil {
		t.Fatalf("open the screen of %s: %v", vm, err)
	}
	v, err := vncview.Open(pipe{ReadWriteCloser: stream}, password)
	if err != nil {
		t.Fatalf("view the screen of %s: %v", vm, err)
	}
	for end := time.Now().Add(time.Minute); v.Lit() < 100; {
		if err := v.Update(false, end); err != nil {
			t.Fatalf("update the screen of %s: %v", vm, err)
		}
		if time.Now().After(end) {
			t.Fatalf("the screen of %s stays black", vm)
		}
	}
	return v
}

const screenXML = `<domain type='qemu'><name>NAME</name><memory unit='MiB'>32</memory><vcpu>1</vcpu><os><type machine='q35'>hvm</type></os>
<devices>GRAPHICS<video><model type='vga'/></video></devices></domain>`

// screens are the ways in which a VM may offer its screen.
var screens = map[string]string{
	"port":     `<graphics type='vnc' port='-1' listen='127.0.0.1'/>`,
	"any":      `<graphics type='vnc' port='-1' listen='0.0.0.0'/>`,
	"socket":   `<graphics type='vnc'><listen type='socket'/></graphics>`,
	"password": `<graphics type='vnc' port='-1' passwd='hush-1'/>`,
}

// oddScreens cannot be shown.
var oddScreens = map[string]string{
	"none":    "",
	"nowhere": `<graphics type='vnc'><listen type='none'/></graphics>`,
}

// TestScreensOverSSH views real screens through the WebSocket and SSH: as root,
// where sshd forwards nothing, and as a user who may sudo.
func TestScreensOverSSH(t *testing.T) {
	closed := []string{"AllowTcpForwarding no", "AllowStreamLocalForwarding no"}
	l := labtest.Up(t, lab.Options{More: []lab.HostOptions{
		{Name: "open"}, {Name: "closed", SSHD: closed}, {Name: "sudo", Users: []lab.User{{Name: "admin", Sudo: true}}},
	}})
	r := newRig(t, t.TempDir(), nil, false)
	for _, h := range []struct{ name, user string }{{"open", "root"}, {"closed", "root"}, {"sudo", "admin"}} {
		t.Run(h.name, func(t *testing.T) {
			defineScreens(t, l, h.name)
			r.addReal(t, l, h.name, h.user)
			for way := range screens {
				t.Run(way, func(t *testing.T) {
					v := r.watch(t, h.name+"/"+way)
					if !strings.Contains(v.Name, way) {
						t.Errorf("it is the screen of %q", v.Name)
					}
				})
			}
		})
	}
	t.Run("cannot be shown", func(t *testing.T) {
		for way, says := range map[string]string{"none": "has no screen", "nowhere": "listens nowhere"} {
			if _, _, err := r.console(t, "open/"+way); core.CodeOf(err) != core.Unsupported || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v", way, err)
			}
		}
	})
	t.Run("screenshot", func(t *testing.T) {
		res, err := r.vms.ScreenshotVM(t.Context(), &apiv1.ScreenshotVMRequest{Vm: "open/port", MaxWidth: 200})
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(res.Image))
		if err != nil || img.Bounds().Dx() != 200 || res.Width < 320 {
			t.Errorf("a picture of %v of a screen of %d × %d: %v", img.Bounds(), res.Width, res.Height, err)
		}
	})
}

// addReal adds a lab host as a user.
func (r *rig) addReal(t *testing.T, l *lab.Lab, name, user string) {
	t.Helper()
	h, err := l.Host(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	spec := &apiv1.HostSpec{Address: user + "@" + h.Address, Identities: []string{h.Identity}, Uri: host.DefaultURI, HostKey: h.HostKeys[0].Fingerprint}
	if _, err := r.hosts.AddHost(t.Context(), &apiv1.AddHostRequest{Name: name, Spec: spec}); err != nil {
		t.Fatal(err)
	}
}

// defineScreens starts a VM for each kind of screen, past the product.
func defineScreens(t *testing.T, l *lab.Lab, name string) {
	t.Helper()
	h, err := l.Host(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join("/proc", strconv.Itoa(h.PID), "root/run/libvirt/libvirt-sock")
	dial := func(ctx context.Context) (net.Conn, error) { return new(net.Dialer).DialContext(ctx, "unix", socket) }
	c, err := virt.Open(t.Context(), virt.Options{Dial: dial, Deaf: true, Logger: Discard()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	start := func(name, graphics string) {
		uuid, err := c.DefineVM(t.Context(), strings.NewReplacer("NAME", name, "GRAPHICS", graphics).Replace(screenXML))
		if err == nil {
			err = c.StartVM(t.Context(), uuid)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, kind := range []map[string]string{screens, oddScreens} {
		for name, graphics := range kind {
			start(name, graphics)
		}
	}
}

// TestSimulatedScreen views a simulated VM's screen, types into it and reboots it.
func TestSimulatedScreen(t *testing.T) {
	fleet := sim.NewFleet(sim.Model{Hosts: 1, VMsPerHost: 4})
	t.Cleanup(fleet.Close)
	r := newRig(t, t.TempDir(), fleet, true)
	r.add(t, "host1")
	vm := r.running(t)
	v := r.watch(t, vm)
	before := v.Lit()
	for _, key := range "hello" {
		if err := v.Press(uint32(key)); err != nil {
			t.Fatal(err)
		}
	}
	grown := func() bool {
		if err := v.Update(true, time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		return v.Lit() > before+60
	}
	for end := time.Now().Add(time.Minute); !grown(); {
		if time.Now().After(end) {
			t.Fatal("what was typed does not show")
		}
	}
	res, err := r.vms.TypeVM(t.Context(), &apiv1.TypeVMRequest{Vm: vm, Text: "world\n"})
	if err != nil || res.Typed != 6 {
		t.Errorf("typed %v, %v", res, err)
	}
	op, err := r.vms.PowerVM(t.Context(), &apiv1.PowerVMRequest{Vm: vm, Action: apiv1.PowerVMRequest_ACTION_RESET})
	if task := r.done(t, op, err); task.State != apiv1.Task_STATE_DONE {
		t.Fatalf("reset: %v", task)
	}
	if err := v.Update(false, time.Now().Add(time.Minute)); err != nil {
		t.Errorf("the screen does not outlive a reset: %v", err)
	}
}

// TestAbsurdScreen: what claims to be huge is refused without harm.
func TestAbsurdScreen(t *testing.T) {
	r := oneHost(t, 4)
	defer r.fleet.Fault(sim.Fault{HugeScreen: true})()
	_, err := r.vms.ScreenshotVM(t.Context(), &apiv1.ScreenshotVMRequest{Vm: r.running(t)})
	if err = server.FromConnect(err); core.CodeOf(err) != core.Unsupported || !strings.Contains(err.Error(), "65535 × 65535") {
		t.Errorf("got %v", err)
	}
}

// running returns the reference of a running VM.
func (r *rig) running(t *testing.T) string {
	t.Helper()
	res, err := r.vms.ListVMs(t.Context(), &apiv1.ListVMsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range res.Vms {
		if v.State == apiv1.VM_STATE_RUNNING {
			return v.Uuid
		}
	}
	t.Fatal("none runs")
	return ""
}

// TestTickets: one VM, one kind, once.
func TestTickets(t *testing.T) {
	r := oneHost(t, 4)
	res, err := r.vms.OpenConsole(t.Context(), &apiv1.OpenConsoleRequest{Vm: r.running(t), Console: apiv1.OpenConsoleRequest_CONSOLE_GRAPHICAL})
	if err != nil {
		t.Fatal(err)
	}
	stream, err := server.DialConsole(t.Context(), r.http, server.LocalURL, res.Ticket)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	head := make([]byte, 12)
	if _, err := io.ReadFull(stream, head); err != nil || string(head) != "RFB 003.008\n" {
		t.Errorf("it says %q, %v", head, err)
	}
	if _, err := server.DialConsole(t.Context(), r.http, server.LocalURL, res.Ticket); core.CodeOf(err) != core.Denied {
		t.Errorf("a second time: %v", err)
	}
}
