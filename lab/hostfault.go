//go:build linux

package lab

import (
	"context"
	"fmt"
	"slices"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/lab/inside"
	"github.com/limiquantix/limiquantix/lab/wire"
)

func (h *host) fault(ctx context.Context, f Fault) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var err error
	switch {
	case f == Heal:
		err = h.heal(ctx)
	case !h.alive():
		return core.Errorf(core.Conflict, "the host %s has no power", h.Name).
			WithHint("limiquantix lab fault %s heal powers it on", h.Name)
	default:
		err = h.inflict(ctx, f)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", f, err)
	}
	return nil
}

func (h *host) inflict(ctx context.Context, f Fault) error {
	var err error
	switch f {
	case Drop:
		h.cable.Worsen(wire.Broken)
		err = cut(ctx, h.number, true)
	case Mute:
		h.cable.Worsen(wire.Mute)
	case PowerOff:
		h.cable.Worsen(wire.Broken)
		err = h.powerOff(ctx)
	case FillDisk:
		err = h.disk.fill()
	case StopLibvirtd:
		err = h.machine.talk.Ask(ctx, inside.Request{Op: "stop", Service: "libvirtd"})
	case CrashLibvirtd:
		return h.machine.talk.Ask(ctx, inside.Request{Op: "crash", Service: "libvirtd"})
	case FreezeLibvirtd:
		err = h.machine.talk.Ask(ctx, inside.Request{Op: "freeze", Service: "libvirtd"})
	case KillSSHD:
		err = h.machine.talk.Ask(ctx, inside.Request{Op: "stop", Service: "sshd"})
	default:
		_, err = ParseFault(string(f))
		return err
	}
	if !slices.Contains(h.faults, f) {
		h.faults = append(h.faults, f)
	}
	return err
}

// heal undoes every fault, also one that was inflicted by halves.
func (h *host) heal(ctx context.Context) error {
	if err := h.disk.heal(); err != nil {
		return err
	}
	if !h.alive() {
		if err := h.powerOff(ctx); err != nil { // clear away what an outsider killed
			return err
		}
		if err := h.powerOn(ctx); err != nil {
			return err
		}
		if h.proxy != nil {
			h.proxy.Reset()
		}
	} else {
		if err := cut(ctx, h.number, false); err != nil {
			return err
		}
		if err := h.machine.talk.Ask(ctx, inside.Request{Op: "heal"}); err != nil {
			return err
		}
		if err := h.machine.waitReady(ctx, h.inside()); err != nil {
			return err
		}
	}
	h.cable.Set(wire.Whole)
	h.faults = nil
	return nil
}
