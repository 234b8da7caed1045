package netwatch

import (
	"os/exec"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// In a network namespace of its own, an address that comes is told, and Close ends
// everything.
func TestARealAddressIsTold(t *testing.T) {
	before := runtime.NumGoroutine()
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends with its namespace
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			t.Error(err)
			return
		}
		w, err := Open()
		if err != nil {
			t.Error(err)
			return
		}
		defer w.Close()
		for _, argv := range [][]string{{"ip", "link", "set", "lo", "up"}, {"ip", "address", "add", "127.1.2.3/32", "dev", "lo"}} {
			if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
				t.Errorf("%v: %v, %s", argv, err, out)
				return
			}
		}
		select {
		case <-w.Changes():
		case <-time.After(30 * time.Second):
			t.Error("nothing was told")
		}
	}()
	<-done
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}
