package virt

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/limiquantix/limiquantix/core"
)

// Ways in that libvirtd may ask for: remote_auth_type.
const authNone, authSASL, authPolkit = 0, 1, 2

// answerLimit is how long libvirtd may take for its first word, which a live one
// says at once. What comes after may take a minute: a host that has just been
// started finds out first what its QEMUs can do.
const answerLimit = 10 * time.Second

// open dials and opens libvirt's driver for uri. The question how to
// authenticate and the opening travel together, which makes it one round trip
// where nothing is asked for (root, or a socket whose file mode decides).
//
// ctx bounds all of it; afterwards the connection does not depend on it.
func open(ctx context.Context, dial func(context.Context) (net.Conn, error), uri string) (*wire, error) {
	conn, err := dial(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to libvirt: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	w := newWire(conn)
	if err = conn.SetReadDeadline(time.Now().Add(answerLimit)); err == nil {
		err = greet(w, uri)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = core.Errorf(core.Unreachable, "libvirt on the host does not answer").
			WithHint("it may hang: restart it on the host with systemctl restart libvirtd; running VMs go on")
	}
	if !stop() { // ctx ended, and its end is why
		err = fmt.Errorf("open libvirt: %w", core.Errorf(core.CodeOf(ctx.Err()), "libvirt did not answer in time: %w", ctx.Err()))
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return w, nil
}

// greet asks and opens in one flight, and once more when polkit stands between.
func greet(w *wire, uri string) error {
	openArgs := (&writer{}).uint32(1).string(uri).uint32(0).b
	auth, opened, err := exchange(w, call(1, procAuthList, nil), call(2, procConnectOpen, openArgs))
	if err != nil {
		return err
	}
	if auth.status == statusOK && asks(auth.payload, authPolkit) {
		var polkit frame
		if polkit, opened, err = exchange(w, call(3, procAuthPolkit, nil), call(4, procConnectOpen, openArgs)); err != nil {
			return err
		}
		if polkit.status != statusOK {
			return denied(polkit)
		}
		if opened.status != statusOK { // it overtook the permission
			if _, opened, err = exchange(w, call(5, procAuthList, nil), call(6, procConnectOpen, openArgs)); err != nil {
				return err
			}
		}
	} else if auth.status == statusOK && asks(auth.payload, authSASL) {
		return core.Errorf(core.Unsupported, "libvirt on the host asks for a SASL password").
			WithHint(`set auth_unix_rw to "none" or "polkit" in the host's libvirtd.conf`)
	}
	if opened.status != statusOK {
		return faultError("open libvirt's driver "+uri, opened)
	}
	return nil
}

func denied(reply frame) error {
	f, err := parseFault(reply.payload)
	if err != nil {
		return err
	}
	return core.Errorf(core.Denied, "libvirt on the host does not let this user in: %s", core.Escape(f.message)).
		WithHint("log in as root, or make the user a member of the group libvirt on the host")
}

func call(serial, proc uint32, args []byte) frame {
	return frame{program: programRemote, proc: proc, kind: typeCall, serial: serial, payload: args}
}

// asks reports whether a reply to AuthList holds the type.
func asks(payload []byte, kind uint32) bool {
	r := &reader{rest: payload}
	for n := r.uint32(); n > 0 && !r.bad; n-- {
		if r.uint32() == kind {
			return true
		}
	}
	return false
}

// exchange sends two calls in one write and returns their replies, which may
// come in either order.
func exchange(w *wire, a, b frame) (ra, rb frame, err error) {
	if err := w.write(append(a.bytes(), b.bytes()...)); err != nil {
		return ra, rb, lost(err)
	}
	for ra.kind != typeReply || rb.kind != typeReply {
		f, err := w.read()
		if err == nil {
			err = w.conn.SetReadDeadline(time.Time{})
		}
		if err != nil {
			return ra, rb, lost(err)
		}
		switch {
		case f.kind == typeReply && f.serial == a.serial && f.proc == a.proc:
			ra = f
		case f.kind == typeReply && f.serial == b.serial && f.proc == b.proc:
			rb = f
		default:
			return ra, rb, violation("an unasked packet while connecting")
		}
		if f.status == statusOK && !fits(replyShape(f.proc), f.payload) {
			return ra, rb, violation("a malformed reply while connecting")
		}
	}
	return ra, rb, nil
}
