package virt

import (
	"context"
	"net"

	"github.com/digitalocean/go-libvirt"
)

// firstOwn is where the serials of our own calls begin: go-libvirt counts from
// 1, and libvirtd only gives a serial back.
const firstOwn = 1 << 31

// askOwn is [ask] for a call whose arguments we write and whose reply we read
// ourselves: the lists, which are read for every host again and again.
// go-libvirt decodes by reflection, a third of a list's whole cost.
//
// decode reads exactly the whole reply and makes nothing by a count that it
// reads: what it leaves or misses ends the connection.
func askOwn[T any](ctx context.Context, s *session, what string, proc uint32, args []byte, decode func(*reader) T) (T, error) {
	return ask(ctx, s, read, what, func(*libvirt.Libvirt) (T, error) { return own(s.guard, proc, args, decode) })
}

// own makes the call. Errors: like go-libvirt's, see [session.callError].
func own[T any](g *guard, proc uint32, args []byte, decode func(*reader) T) (T, error) {
	var none T
	reply := make(chan frame, 1)
	if err := g.sendOwn(proc, args, reply); err != nil {
		return none, err
	}
	var f frame
	select {
	case f = <-reply:
	case <-g.done:
		return none, libvirt.ErrInterrupted
	}
	if f.status == statusError {
		e, err := parseFault(f.payload)
		if err != nil {
			g.end(err)
			return none, libvirt.ErrInterrupted
		}
		return none, libvirt.Error{Code: uint32(e.code), Message: e.marked()}
	}
	r := &reader{rest: f.payload}
	value := decode(r)
	if f.status != statusOK || r.bad || len(r.rest) != 0 {
		g.end(violation("a malformed reply of procedure %d", proc))
		return none, libvirt.ErrInterrupted
	}
	return value, nil
}

// sendOwn notes a call and puts it on the wire; its reply comes by the channel,
// which has room for it.
func (g *guard) sendOwn(proc uint32, args []byte, reply chan<- frame) error {
	select {
	case <-g.done:
		return net.ErrClosed
	default:
	}
	g.mu.Lock()
	serial := firstOwn + g.owned
	g.owned = (g.owned + 1) % firstOwn
	g.pending[serial] = awaited{proc: proc, own: reply}
	g.mu.Unlock()
	g.calls.Add(1)
	err := g.wire.write(call(serial, proc, args).bytes())
	if err != nil {
		g.end(err)
	}
	return err
}
