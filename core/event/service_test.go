package event

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// TestWatchersAreToldThatWeAreThere: a watcher whose connection stands, though
// nobody is behind it any more, can find out.
func TestWatchersAreToldThatWeAreThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		b := NewBus()
		defer b.Close()
		begun := time.Now()
		type sent struct {
			Object string
			At     time.Duration
		}
		var got []sent
		done := make(chan error)
		go func() {
			done <- follow(ctx, b.Subscribe(ctx, nil), func(m *apiv1.WatchResponse) error {
				got = append(got, sent{m.Object, time.Since(begun)})
				return nil
			})
		}()
		time.Sleep(20 * time.Second)
		b.Publish(vm("a", "started"))
		time.Sleep(20 * time.Second)
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("it ends with %v", err)
		}
		want := []sent{{"hello", 0}, {"hello", 15 * time.Second}, {"vm", 20 * time.Second}, {"hello", 35 * time.Second}}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	})
}
