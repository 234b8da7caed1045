package netwatch

import (
	"testing"
	"testing/synctest"
	"time"
)

// A burst of messages is one change, and one that does not end is told all the same.
func TestChangesAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, out := make(chan struct{}), make(chan struct{}, 1)
		go settle(in, out)
		told := func() (n int) {
			synctest.Wait()
			for len(out) > 0 {
				<-out
				n++
			}
			return n
		}
		for range 10 {
			in <- struct{}{}
			time.Sleep(10 * time.Millisecond)
		}
		if told() != 0 {
			t.Error("told before it was over")
		}
		time.Sleep(time.Second)
		if n := told(); n != 1 {
			t.Errorf("told %d times, want 1", n)
		}
		for range 50 {
			in <- struct{}{}
			time.Sleep(100 * time.Millisecond)
		}
		if n := told(); n != 1 {
			t.Errorf("a storm is told %d times in its first 5 s, want 1", n)
		}
		close(in)
		synctest.Wait()
		for range out { // ends
		}
	})
}
