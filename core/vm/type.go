package vm

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/console"
)

// typingLimit is how long a text may have a VM's keyboard, the wait for others'
// texts included: over a slow way each key waits for the answer to the one before.
const typingLimit = time.Hour

// TypeVM implements the API. It ends with its caller's context: that is how
// typing is cancelled.
func (s *Service) TypeVM(ctx context.Context, req *apiv1.TypeVMRequest) (*apiv1.TypeVMResponse, error) {
	strokes, ends, err := console.Typing(req.Layout, req.Chords, req.Text)
	if err != nil {
		return nil, err
	}
	k, _, link, err := s.resolve(ctx, req.Vm, false)
	if err != nil {
		return nil, err
	}
	if k.State != Running { // of a paused one QEMU would queue keys, and drop what is too many
		return nil, core.Errorf(core.Conflict, "VM %s is %s: nobody reads its keyboard", core.Printable(k.Name, 60), k.State).
			WithHint("start or resume it first")
	}
	c, err := connOf(link)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, typingLimit, core.Errorf(core.Canceled, "it takes more than %s", typingLimit))
	defer cancel()
	done, err := s.typists.take(ctx, k.UUID)
	if err != nil {
		return nil, err
	}
	defer done()
	played, err := play(ctx, c, k.UUID, strokes)
	typed := 0
	for typed < len(ends) && ends[typed] <= played {
		typed++
	}
	if err != nil {
		return nil, fmt.Errorf("type into VM %s, after %d of %d keys: %w", core.Printable(k.Name, 60), typed, len(ends), err)
	}
	return &apiv1.TypeVMResponse{Typed: int32(typed)}, nil
}

// play presses strokes at the speed at which QEMU plays them, so that its queue,
// which drops what is too much without a word, never fills; nor the keyboard's
// own of 16 bytes when the guest is not too slow. They are not sent before the
// one ahead was answered: libvirtd works on several calls of one client at once.
// It returns how many were played.
func play(ctx context.Context, c Consoler, uuid string, strokes []console.Stroke) (int, error) {
	due := time.Now()
	up := due // when all keys are up for sure
	for i, stroke := range strokes {
		if err := sleepUntil(ctx, due); err != nil {
			return i, err
		}
		if now := time.Now(); now.After(due) {
			due = now
		}
		if err := c.PressKeys(ctx, uuid, stroke, console.Hold); err != nil {
			return i, err
		}
		due = due.Add(stroke.Takes())
		up = time.Now().Add(stroke.Takes())
	}
	return len(strokes), sleepUntil(ctx, up)
}

func sleepUntil(ctx context.Context, due time.Time) error {
	wait := time.Until(due)
	if wait <= 0 {
		return context.Cause(ctx)
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// turns lets one caller at a time have a VM's keyboard: two texts at once would
// come out as one salad.
type turns struct {
	mu   sync.Mutex
	busy map[string]chan struct{} // closed when it is free again
}

// take waits for the turn and returns what ends it. Errors: the cause of ctx's end.
func (t *turns) take(ctx context.Context, uuid string) (done func(), err error) {
	for {
		t.mu.Lock()
		busy := t.busy[uuid]
		if busy == nil {
			mine := make(chan struct{})
			if t.busy == nil {
				t.busy = map[string]chan struct{}{}
			}
			t.busy[uuid] = mine
			t.mu.Unlock()
			return func() { t.leave(uuid, mine) }, nil
		}
		t.mu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func (t *turns) leave(uuid string, mine chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.busy, uuid)
	close(mine)
}
