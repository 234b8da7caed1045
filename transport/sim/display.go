package sim

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"time"

	"github.com/limiquantix/limiquantix/core"
	keyboard "github.com/limiquantix/limiquantix/core/console"
)

// lookAt returns the screen of a running VM. The host is locked.
func (h *Host) lookAt(d *domain) *screen {
	if d.run.screen == nil {
		d.run.screen = newScreen(d.name)
	}
	return d.run.screen
}

// Screenshot takes a picture of the VM's screen: PPM, as QEMU before 7.1 writes it.
func (l *Link) Screenshot(ctx context.Context, uuid string) (io.ReadCloser, error) {
	f, err := ask(ctx, l, "Screenshot", func(h *Host) (*frame, error) {
		d, err := h.running(uuid)
		if err != nil {
			return nil, err
		}
		if !d.run.config.card {
			return nil, core.Errorf(core.Unsupported, "VM %s has no screen", core.Printable(d.name, 60))
		}
		return h.lookAt(d).frame(d.run.moment(h.fleet.now(), h.fleet.model.Delays.Boot)), nil
	})
	if err != nil {
		return nil, err
	}
	if l.host.fleet.faults.holds(l.host.name, func(x *Fault) bool { return x.HugeScreen }) {
		return io.NopCloser(bytes.NewReader(fmt.Appendf(nil, "P6\n%d %d\n255\n", hugeSide, hugeSide))), nil
	}
	img := f.paint(0, f.rows)
	out := fmt.Appendf(nil, "P6\n%d %d\n255\n", f.width(), f.height())
	for i := 0; i < len(img.Pix); i += 4 {
		out = append(out, img.Pix[i:i+3]...)
	}
	return io.NopCloser(bytes.NewReader(out)), nil
}

// PressKeys presses keys on the VM's keyboard. The guest is set to the layout us.
func (l *Link) PressKeys(ctx context.Context, uuid string, keys []uint32, _ time.Duration) error {
	return l.tell(ctx, "PressKeys", func(h *Host) error {
		d, err := h.running(uuid)
		if err != nil {
			return err
		}
		if len(keys) == 0 || len(keys) > keyboard.MaxKeys {
			return core.Errorf(core.Invalid, "%d keys cannot be pressed at once", len(keys))
		}
		if slices.Equal(keys, []uint32{29, 56, 111}) { // Ctrl+Alt+Delete
			h.reboot(d)
			return nil
		}
		if r, ok := keyboard.Heard("us", keys); ok && !d.run.paused && d.run.up(h.fleet.now()) {
			h.lookAt(d).press(r)
		}
		return nil
	})
}

// DialHost connects to the VNC server of a VM; nothing else listens on a host.
func (l *Link) DialHost(ctx context.Context, network, address string) (net.Conn, error) {
	client, server := net.Pipe()
	v := newViewer(server)
	err := l.call(ctx, call{method: "DialHost"}, func(h *Host, _ Fault) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		d := h.listener(network, address)
		if d == nil {
			return core.Errorf(core.Unreachable, "%s refuses the connection: nothing listens there", core.Printable(address, 80))
		}
		h.view(d, v)
		return nil
	})
	if err != nil {
		client.Close()
		return nil, err
	}
	l.start(v)
	return client, nil
}

// listener returns the running VM whose VNC server has the address; nil for none.
func (h *Host) listener(network, address string) *domain {
	for _, d := range h.domains {
		if d.run == nil || d.run.config.vnc == nil {
			continue
		}
		if n, a := d.run.listens(); n == network && a == address {
			return d
		}
	}
	return nil
}

// start lets a viewer run until the link ends, or does at once when it has ended.
func (l *Link) start(v *viewer) {
	l.attach(v)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.Err() == nil { // Close waits, and does not begin to before it had the lock
		l.wg.Go(v.serve)
	}
}

// view connects a viewer to the screen of a running VM. The host is locked.
func (h *Host) view(d *domain, v *viewer) {
	r, s := d.run, h.lookAt(d)
	s.admit(v)
	v.title, v.leave = "QEMU ("+d.name+")", func() { s.leave(v) }
	v.huge = h.fleet.faults.holds(h.name, func(x *Fault) bool { return x.HugeScreen })
	v.shows = func() (*frame, error) {
		h.mu.Lock()
		if d.run != r {
			h.mu.Unlock()
			return nil, io.EOF
		}
		m := r.moment(h.fleet.now(), h.fleet.model.Delays.Boot)
		h.mu.Unlock()
		return s.frame(m), nil
	}
	held := map[uint32]bool{}
	v.press = func(keysym uint32) { h.keysym(d, r, held, keysym) }
}

// released marks the keysym of a key that goes up.
const released = 1 << 31

// Keysyms that are no characters.
//
// Source: X11/keysymdef.h.
const (
	symBackspace, symReturn, symKeypadEnter, symDelete = 0xff08, 0xff0d, 0xff8d, 0xffff
	symControlL, symControlR, symAltL                  = 0xffe3, 0xffe4, 0xffe9
	symUnicode                                         = 0x01000000
)

// keysym takes a key of a VNC viewer; held are the modifiers that it holds.
func (h *Host) keysym(d *domain, r *run, held map[uint32]bool, sym uint32) {
	down := sym&released == 0
	sym &^= released
	if sym == symControlL || sym == symControlR || sym == symAltL {
		held[sym] = down
		return
	}
	if !down {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	control := held[symControlL] || held[symControlR]
	switch {
	case d.run != r || r.paused:
	case control && held[symAltL] && sym == symDelete:
		h.reboot(d)
	case control || held[symAltL] || !r.up(h.fleet.now()):
	default:
		if key, ok := character(sym); ok {
			h.lookAt(d).press(key)
		}
	}
}

// character returns what a keysym types.
func character(sym uint32) (rune, bool) {
	switch sym {
	case symReturn, symKeypadEnter:
		return '\n', true
	case symBackspace:
		return '\b', true
	}
	switch {
	case sym >= ' ' && sym < 0x7f, sym >= 0xa0 && sym <= 0xff:
		return rune(sym), true
	case sym&symUnicode != 0 && sym&^symUnicode <= 0x10ffff:
		return rune(sym &^ symUnicode), true
	}
	return 0, false
}
