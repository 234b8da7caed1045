package sim_test

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core/console"
	"github.com/limiquantix/limiquantix/core/vm"
	"github.com/limiquantix/limiquantix/transport/contract/vncview"
	"github.com/limiquantix/limiquantix/transport/sim"
)

// screenOf returns a running VM of a new fleet, and what connects to its screen.
func screenOf(t *testing.T, m sim.Model) (*sim.Fleet, *sim.Link, string, func() (net.Conn, error)) {
	t.Helper()
	m.Hosts, m.VMsPerHost, m.Seed = 1, 6, 1
	f := sim.NewFleet(m)
	t.Cleanup(f.Close)
	l, err := f.Dial(t.Context(), f.Hosts()[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	all, err := l.VMs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	uuid := ""
	for _, v := range all {
		if v.State == vm.Running {
			uuid = v.UUID
		}
	}
	return f, l, uuid, func() (net.Conn, error) {
		xml, err := l.VMXML(t.Context(), uuid, true)
		if err != nil {
			return nil, err
		}
		d, err := console.FindDisplay(xml)
		if err != nil {
			return nil, err
		}
		return l.DialHost(t.Context(), d.Network, d.Address)
	}
}

func look(t *testing.T, dial func() (net.Conn, error)) *vncview.View {
	t.Helper()
	conn, err := dial()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	v, err := vncview.Open(conn, "")
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func update(t *testing.T, v *vncview.View, incremental bool) {
	t.Helper()
	if err := v.Update(incremental, time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
}

// TestScreenBootsAndResizes resets a guest and watches it come up again, on one
// connection.
func TestScreenBootsAndResizes(t *testing.T) {
	_, l, uuid, dial := screenOf(t, sim.Model{Delays: sim.Delays{Boot: 2 * time.Second}})
	v := look(t, dial)
	update(t, v, false)
	up := v.Screen.Bounds()
	if err := l.ResetVM(t.Context(), uuid); err != nil {
		t.Fatal(err)
	}
	for v.Resized < 2 {
		update(t, v, true)
		if v.Resized == 1 && v.Screen.Bounds() == up {
			t.Fatalf("the size while it boots is %v", up)
		}
	}
	if v.Screen.Bounds() != up {
		t.Errorf("it was %v and is %v", up, v.Screen.Bounds())
	}
}

// TestScreenIsThatOfTheScreenshot compares pixels.
func TestScreenIsThatOfTheScreenshot(t *testing.T) {
	_, l, uuid, dial := screenOf(t, sim.Model{})
	if err := l.PauseVM(t.Context(), uuid); err != nil { // so that nothing moves
		t.Fatal(err)
	}
	v := look(t, dial)
	update(t, v, false)
	raw, err := l.Screenshot(t.Context(), uuid)
	if err != nil {
		t.Fatal(err)
	}
	img, err := console.Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	b := img.Bounds()
	if b != v.Screen.Bounds() {
		t.Fatalf("%v and %v", b, v.Screen.Bounds())
	}
	for y := range b.Dy() {
		for x := range b.Dx() {
			r1, g1, b1, _ := img.At(x, y).RGBA()
			r2, g2, b2, _ := v.Screen.At(x, y).RGBA()
			if r1 != r2 || g1 != g2 || b1 != b2 {
				t.Fatalf("they differ at %d, %d", x, y)
			}
		}
	}
}

// TestScreenCtrlAltDelete reboots by the keyboard, over VNC and over libvirt.
func TestScreenCtrlAltDelete(t *testing.T) {
	_, l, uuid, dial := screenOf(t, sim.Model{Delays: sim.Delays{Boot: 500 * time.Millisecond}})
	v := look(t, dial)
	update(t, v, false)
	if err := l.PressKeys(t.Context(), uuid, []uint32{29, 56, 111}, time.Millisecond); err != nil {
		t.Fatal(err)
	}
	for v.Resized < 2 {
		update(t, v, true)
	}
	for _, key := range []uint32{0xffe3, 0xffe9} {
		if err := v.Hold(key, true); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.Press(0xffff); err != nil {
		t.Fatal(err)
	}
	for v.Resized < 4 {
		update(t, v, true)
	}
}

// TestScreenEndsWithItsLink: Close returns only when every server has ended.
func TestScreenEndsWithItsLink(t *testing.T) {
	_, l, _, dial := screenOf(t, sim.Model{})
	v := look(t, dial)
	silent, err := dial() // does not even shake hands
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if err := v.Update(false, time.Now().Add(time.Minute)); err == nil {
		t.Error("the screen lives on")
	}
	if _, err := io.ReadAll(silent); err == nil {
		t.Log("the other ended")
	}
	if _, err := dial(); err == nil {
		t.Error("a dead link still connects")
	}
}

// TestScreenOfHostileViewers: none of them ends the fleet, or anybody else's view.
func TestScreenOfHostileViewers(t *testing.T) {
	_, _, _, dial := screenOf(t, sim.Model{})
	v := look(t, dial)
	for _, words := range []string{
		"GET / HTTP/1.1\r\n\r\n", "RFB 003.008\n\x02", "RFB 003.008\n\x01\x01\xff", "RFB 003.008\n\x01\x01\x06\x00\x00\x00\xff\xff\xff\xff",
		"RFB 003.008\n\x01\x01\x00\x00\x00\x00\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
	} {
		conn, err := dial()
		if err != nil {
			t.Fatal(err)
		}
		go io.Copy(io.Discard, conn) // ends with conn
		conn.SetWriteDeadline(time.Now().Add(2 * time.Second))
		io.WriteString(conn, words)
		conn.Close()
	}
	update(t, v, false)
}

// TestHugeScreen claims what no viewer may believe.
func TestHugeScreen(t *testing.T) {
	f, _, _, dial := screenOf(t, sim.Model{})
	defer f.Fault(sim.Fault{HugeScreen: true})()
	conn, err := dial()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	head := make([]byte, 12+2+4+4)
	for i, say := range []string{"RFB 003.008\n", "\x01", "\x01"} {
		n := []int{12, 2, 4}[i]
		if _, err := io.ReadFull(conn, head[:n]); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, say); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := io.ReadFull(conn, head[:4]); err != nil || string(head[:4]) != "\xff\xff\xff\xff" {
		t.Errorf("the size is % x, %v", head[:4], err)
	}
}
