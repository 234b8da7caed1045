package vm

import (
	"context"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/console"
)

// keyboard is a QEMU as far as it takes keys: it plays each event for [console.Hold]
// and has room for so many.
type keyboard struct {
	rtt    time.Duration
	busy   time.Time // until when it plays what it has
	lag    time.Duration
	played []console.Stroke
	fail   int // the number of the stroke that is refused; 0: none
}

func (k *keyboard) PressKeys(ctx context.Context, _ string, keys []uint32, hold time.Duration) error {
	time.Sleep(k.rtt / 2)
	if len(k.played)+1 == k.fail {
		return core.Errorf(core.Conflict, "the VM is not running")
	}
	now := time.Now()
	if k.busy.Before(now) {
		k.busy = now
	}
	k.lag = max(k.lag, k.busy.Sub(now))
	k.busy = k.busy.Add(2 * time.Duration(len(keys)) * hold)
	k.played = append(k.played, slices.Clone(keys))
	time.Sleep(k.rtt / 2)
	return ctx.Err()
}

func (*keyboard) OpenSerial(context.Context, string) (io.ReadWriteCloser, error) { panic("no") }
func (*keyboard) Screenshot(context.Context, string) (io.ReadCloser, error)      { panic("no") }

// TestPlayKeepsQEMUsQueueShort types a long text over links of all speeds: what
// QEMU has not played yet is never more than one stroke.
func TestPlayKeepsQEMUsQueueShort(t *testing.T) {
	strokes, _, err := console.Typing("us", []string{"ctrl+alt+f2"}, "Echo \"A long line\"; Second | third && 4th\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, rtt := range []time.Duration{0, 5 * time.Millisecond, 50 * time.Millisecond, 300 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			k := &keyboard{rtt: rtt}
			n, err := play(t.Context(), k, "", strokes)
			if err != nil || n != len(strokes) || !slices.EqualFunc(k.played, strokes, slices.Equal) {
				t.Errorf("rtt %s: played %d, %v", rtt, n, err)
			}
			if k.lag > 0 {
				t.Errorf("rtt %s: a stroke waited for %s in QEMU's queue", rtt, k.lag)
			}
			if left := time.Until(k.busy); left > 0 {
				t.Errorf("rtt %s: it returned %s before the last key was up", rtt, left)
			}
		})
	}
}

func TestPlayStops(t *testing.T) {
	strokes := []console.Stroke{{30}, {48}, {46}}
	synctest.Test(t, func(t *testing.T) {
		k := &keyboard{fail: 3}
		if n, err := play(t.Context(), k, "", strokes); n != 2 || core.CodeOf(err) != core.Conflict {
			t.Errorf("played %d, %v", n, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
		defer cancel()
		if n, err := play(ctx, &keyboard{}, "", strokes); n != 1 || err == nil {
			t.Errorf("played %d, %v", n, err)
		}
	})
}

// TestTypingEnds: over a way on which a key takes seconds, a text of thousands
// ends after [typingLimit] and says why; one who waits for the keyboard likewise.
func TestTypingEnds(t *testing.T) {
	strokes := slices.Repeat([]console.Stroke{{30}}, 10_000)
	tooLong := core.Errorf(core.Canceled, "too long")
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), typingLimit, tooLong)
		defer cancel()
		begun := time.Now()
		n, err := play(ctx, &keyboard{rtt: 2 * time.Second}, "", strokes)
		if n < 1700 || n > 1801 || err != error(tooLong) && err != context.DeadlineExceeded {
			t.Errorf("played %d, %v", n, err)
		}
		if took := time.Since(begun); took > typingLimit+3*time.Second {
			t.Errorf("it took %s", took)
		}
		var ts turns
		if _, err := ts.take(ctx, "a"); err != nil {
			t.Fatal(err) // it is free: whoever has no time left finds out with the first key
		}
		if _, err := ts.take(ctx, "a"); err != error(tooLong) {
			t.Errorf("got %v", err)
		}
	})
}

func TestTurnsAreTakenOneByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ts turns
		first, err := ts.take(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		other, err := ts.take(t.Context(), "b")
		if err != nil {
			t.Fatal(err)
		}
		other()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := ts.take(ctx, "a"); err == nil {
			t.Error("two have the same keyboard")
		}
		go first()
		second, err := ts.take(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		second()
		if len(ts.busy) != 0 {
			t.Errorf("%d are still taken", len(ts.busy))
		}
	})
}
