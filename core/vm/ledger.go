package vm

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/limiquantix/limiquantix/core/host"
)

// ledger orders what is learned of the VMs of one host. Lists are asked for by
// events, by tasks and by new links, several at once, and their answers may
// overtake one another. Each look at the host has a number, given before it is
// sent: what an older look saw never replaces what a newer one did.
type ledger struct {
	given atomic.Uint64 // number of the latest look
	turn  chan struct{} // who has it lists for a task that has ended

	mu     sync.Mutex        // held while something is written to the cache
	kept   uint64            // number of the newest list in the cache
	told   map[string]uint64 // VMs whose state a call's answer told after kept was sent, by UUID
	woken  []string          // VMs that were found to run, and whose addresses nobody looks for yet
	failed bool              // the last list could not be had, so that the cache may be behind
	gone   bool              // the host is forgotten
}

// ledgers are those of all hosts, by id.
type ledgers struct {
	mu sync.Mutex
	of map[string]*ledger
}

func (l *ledgers) get(hostID string) *ledger {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.of == nil {
		l.of = map[string]*ledger{}
	}
	b := l.of[hostID]
	if b == nil {
		b = &ledger{turn: make(chan struct{}, 1), told: map[string]uint64{}}
		l.of[hostID] = b
	}
	return b
}

// since reports whether a list is in the cache that was sent for after a look.
func (b *ledger) since(look uint64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.kept > look
}

// take returns the VMs that were found to run since it was called last.
func (b *ledger) take() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	woken := b.woken
	b.woken = nil
	return woken
}

// refresh lists the VMs of a host anew: one round trip.
func (v *Inventory) refresh(ctx context.Context, h host.Host, l host.Link) error {
	_, err := v.relist(ctx, h, l)
	return err
}

// relist is refresh, and returns the VMs that were told of to have changed.
func (v *Inventory) relist(ctx context.Context, h host.Host, l host.Link) (told map[string]bool, err error) {
	c, err := connOf(l)
	if err != nil {
		return nil, err
	}
	b := v.ledgers.get(h.ID)
	told = map[string]bool{}
	for again := true; again; {
		look := b.given.Add(1)
		list, err := c.VMs(ctx)
		var changed []Change
		if changed, again, err = v.keep(ctx, h, b, look, list, err); err != nil {
			return told, err
		}
		for _, c := range changed {
			told[c.UUID] = true
		}
	}
	return told, nil
}

// keep makes a list the host's, unless a newer one is, and tells what it changed.
// again: the list is older than what is known of one of its VMs, and does not agree.
func (v *Inventory) keep(ctx context.Context, h host.Host, b *ledger, look uint64, list []Summary, err error) (changed []Change, again bool, _ error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.gone || look < b.kept {
		return nil, false, nil // whoever sent this one is served by the newer one as well
	}
	if err == nil {
		changed, again, err = replace(ctx, v.db, h.ID, list, func(uuid string) bool { return b.told[uuid] > look })
	}
	if b.failed = err != nil; err != nil {
		return nil, false, err
	}
	b.kept = look
	for uuid, at := range b.told {
		if at < look {
			delete(b.told, uuid)
		}
	}
	running := make(map[string]bool, len(list))
	for _, s := range list {
		running[s.UUID] = s.State == Running
	}
	for _, c := range changed {
		if running[c.UUID] {
			b.woken = append(b.woken, c.UUID)
		}
		v.tell(h, c)
	}
	return changed, again, nil
}

func (v *Inventory) tell(h host.Host, c Change) {
	if v.changed != nil {
		v.changed(h, c)
	}
}

// catchUp brings the list of a host up to date with a change that has just been
// made there: one round trip. Of many who come at once, few go.
func (v *Inventory) catchUp(ctx context.Context, h host.Host, l host.Link) error {
	b := v.ledgers.get(h.ID)
	now := b.given.Load()
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if b.since(now) {
		return nil
	}
	return v.refresh(ctx, h, l)
}

// look returns the number of the latest look at a host, for [Inventory.learn].
func (v *Inventory) look(h host.Host) uint64 { return v.ledgers.get(h.ID).given.Load() }

// learn notes the state that a VM is in by a host's own answer to a call that
// was sent after a look. The host is asked nothing, unless a list that came
// meanwhile says otherwise: which of the two is newer, only another can tell.
func (v *Inventory) learn(ctx context.Context, h host.Host, l host.Link, look uint64, uuid string, state State) error {
	sure, err := v.note(ctx, h, look, uuid, state)
	if err != nil || sure {
		return err
	}
	return v.catchUp(ctx, h, l)
}

func (v *Inventory) note(ctx context.Context, h host.Host, look uint64, uuid string, state State) (sure bool, err error) {
	b := v.ledgers.get(h.ID)
	b.mu.Lock()
	defer b.mu.Unlock()
	known, err := query(ctx, v.db, `WHERE vm.host = ? AND uuid = ?`, h.ID, uuid)
	if err != nil || b.gone {
		return b.gone, err
	}
	shown := len(known) == 1 && known[0].State == state
	if !shown && (len(known) != 1 || b.kept > look) {
		return false, nil
	}
	b.told[uuid] = b.given.Add(1) // lists that are under way were sent before
	if shown {
		return true, nil
	}
	was, now := known[0].Summary, known[0].Summary
	now.State = state
	if err := setState(ctx, v.db, h.ID, uuid, state); err != nil {
		return false, err
	}
	if state == Running {
		b.woken = append(b.woken, uuid)
	}
	v.tell(h, changeOf(was, now, true, false))
	return true, nil
}

// shows reports whether what is known of a VM, nil for nothing, is as is says.
func (v *Inventory) shows(ctx context.Context, h host.Host, uuid string, is func(k *Known) bool) bool {
	known, err := query(ctx, v.db, `WHERE vm.host = ? AND uuid = ?`, h.ID, uuid)
	if err != nil || len(known) == 0 {
		return err == nil && is(nil)
	}
	return is(&known[0])
}

// settle is catchUp, unless what is known of a VM is as is says.
func (v *Inventory) settle(ctx context.Context, h host.Host, l host.Link, uuid string, is func(k *Known) bool) error {
	if v.shows(ctx, h, uuid, is) {
		return nil
	}
	return v.catchUp(ctx, h, l)
}

// Heard notes that events told all that became of a host's VMs until h.Seen: so
// old, and no older, is the list once the host is lost.
func (v *Inventory) Heard(ctx context.Context, h host.Host) {
	b := v.ledgers.get(h.ID)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.gone || b.failed {
		return
	}
	if err := heard(ctx, v.db, h.ID, h.Seen.Truncate(time.Millisecond)); err != nil {
		v.log.Warn("save the age of VMs", "host", h.Name, "err", err)
	}
}

// Forget drops what is known of a host's VMs, and what is still on its way.
func (v *Inventory) Forget(ctx context.Context, hostID string) error {
	b := v.ledgers.get(hostID)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gone = true
	return forget(ctx, v.db, hostID)
}
