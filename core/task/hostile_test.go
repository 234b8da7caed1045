package task

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"

	"github.com/limiquantix/limiquantix/core"
)

// Two administrators make the same thing at once: the second must not take
// back what is the first one's.
func TestWhatSomebodyElseMadeIsNotTakenBack(t *testing.T) {
	w := newWorld()
	w.made["b"] = true // made by another between our plan and our deed
	w.fail["do b"] = core.Errorf(core.Exists, "there is a b already")
	r := newRunner(t, t.TempDir(), w)
	got := wait(t, r, submit(t, r, "x").ID)
	if got.State != Failed || got.Err.Code != core.Exists {
		t.Fatalf("got %s, %v", got.State, got.Err)
	}
	if left := w.things(); !slices.Equal(left, []string{"b"}) {
		t.Errorf("left %v, want the other's b alone", left)
	}
	if want := []string{"do a", "do b", "undo a"}; !slices.Equal(w.calls, want) {
		t.Errorf("got calls %v, want %v", w.calls, want)
	}
}

// Two windows of one program resume the same task at once.
func TestTaskIsResumedOnce(t *testing.T) {
	for range 20 {
		w := newWorld()
		w.fail["do b"] = core.Errorf(core.UnknownOutcome, "lost")
		r := newRunner(t, t.TempDir(), w)
		id := wait(t, r, submit(t, r, "x").ID).ID
		w.set("do b", nil)
		rows, err := r.open(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		var mu sync.Mutex
		claims := 0
		for range 4 {
			all.Go(func() {
				if ok, err := r.journal.claim(t.Context(), rows[0], r.owner.id); err == nil && ok {
					mu.Lock()
					claims++
					mu.Unlock()
				}
			})
		}
		if all.Wait(); claims != 1 {
			t.Fatalf("%d callers got the task", claims)
		}
	}
}

// A process that cannot look at another's lock does not know that it is dead.
func TestOwnerIsAliveUnlessItIsKnownToBeDead(t *testing.T) {
	dir := t.TempDir()
	o, err := claimOwner(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer o.release()
	if o.alive("11111111-1111-4111-8111-111111111111") {
		t.Error("an owner without a lock file is alive")
	}
	other := "22222222-2222-4222-8222-222222222222"
	if err := os.Symlink(other, filepath.Join(dir, "owners", other)); err != nil { // ELOOP, as good as EMFILE
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "owners", other)); err == nil || os.IsNotExist(err) {
		t.Fatalf("got %v, want %v", err, syscall.ELOOP)
	}
	if !o.alive(other) {
		t.Error("an owner that could not be looked at is taken for dead")
	}
}

// The disk is full when the end of a task is to be written.
func TestEndThatCannotBeWrittenIsTold(t *testing.T) {
	dir, w := t.TempDir(), newWorld()
	r := newRunner(t, dir, w)
	if err := r.journal.exec(t.Context(), "break", `CREATE TRIGGER full BEFORE UPDATE OF finished ON task BEGIN SELECT RAISE(ABORT, 'full'); END`); err != nil {
		t.Fatal(err)
	}
	id := submit(t, r, "x").ID
	if got := wait(t, r, id); got.State != Done {
		t.Errorf("got %s, want done", got.State)
	}
	if err := r.journal.exec(t.Context(), "mend", `DROP TRIGGER full`); err != nil {
		t.Fatal(err)
	}
	r.owner.f.Close() // its process ends
	next := newRunner(t, dir, w)
	if _, err := next.Resume(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if got := wait(t, next, id); got.State != Done || len(w.things()) != 3 {
		t.Errorf("got %s with %v, want it done", got.State, w.things())
	}
}
