package task

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/plan"
	"github.com/limiquantix/limiquantix/core/store"
)

// unmake is a kind that takes back what [world.kind] made; a thing that
// somebody else removed meanwhile is a conflict.
func (w *world) unmake() Kind {
	return Define("test.unmake", func(_ context.Context, req *apiv1.DeleteVMRequest, _ Run) (*plan.Plan, error) {
		p := &plan.Plan{Title: "Unmake things", Host: "h", Object: req.Vm}
		if len(w.things()) == 0 {
			return p, nil
		}
		p.Steps = []plan.Step{{ID: "all", Text: "Unmake all", Call: "unmake()", Do: func(ctx context.Context, _ plan.Progress) error {
			for _, thing := range w.things() {
				if err := w.act(ctx, "unmake", thing, false); err != nil {
					return err
				}
			}
			return nil
		}}}
		return p, nil
	}, nil)
}

func (w *world) reversible() Kind {
	return Reversible(w.kind(), func(req *apiv1.CreateVMRequest, t Task) *Inverse {
		if req.Name == "for good" {
			return nil
		}
		return &Inverse{Text: "Unmake " + t.Result["name"], Kind: "test.unmake", Request: &apiv1.DeleteVMRequest{Vm: req.Name},
			Prepare: func(context.Context) error {
				w.mu.Lock()
				defer w.mu.Unlock()
				return w.fail["prepare"]
			}}
	})
}

func newUndoRunner(t *testing.T, dir string, w *world) *Runner {
	t.Helper()
	db, err := store.Open(t.Context(), dir, Migrations...)
	if err != nil {
		t.Fatal(err)
	}
	r, err := New(Options{DB: db, Home: dir, Log: slog.Default()}, w.reversible(), w.unmake())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); db.Close() })
	return r
}

func TestUndoIsAChangeOfItsOwn(t *testing.T) {
	w, dir := newWorld(), t.TempDir()
	r := newUndoRunner(t, dir, w)
	first := wait(t, r, submit(t, r, "x").ID)
	if first.Undo != "Unmake x" {
		t.Fatalf("got undo %q of a task that was just done", first.Undo)
	}
	op, err := r.Undo(t.Context(), &apiv1.UndoTaskRequest{Id: first.ID[:8], PlanOnly: true})
	if err != nil || op.Task != nil || op.Plan.Title != "Undo: Make things" || len(w.things()) != 3 {
		t.Fatalf("the plan alone: got %v, %v, left %v", op, err, w.things())
	}
	if want := "limiquantix undo " + first.ID[:8]; op.Plan.CommandLine != want || op.Plan.Undo != "" {
		t.Errorf("got command %q and undo %q, want %q and none", op.Plan.CommandLine, op.Plan.Undo, want)
	}
	if op, err = r.Undo(t.Context(), &apiv1.UndoTaskRequest{Id: first.ID}); err != nil {
		t.Fatal(err)
	}
	second := wait(t, r, op.Task.Id)
	if second.State != Done || second.Kind != "test.unmake" || second.Undoes != first.ID || len(w.things()) != 0 {
		t.Fatalf("got %+v, left %v", second, w.things())
	}
	// Neither again, nor back: also for the next process.
	for name, r := range map[string]*Runner{"same": r, "next": newUndoRunner(t, dir, w)} {
		list, err := r.List(t.Context(), false, 10)
		if err != nil || len(list) != 2 || list[0].Undo != "" || list[1].Undo != "" {
			t.Errorf("%s process: got %+v, %v, want two tasks that cannot be undone", name, list, err)
		}
		for id, says := range map[string]string{first.ID: "undone already", second.ID: "it undid another"} {
			if _, err := r.Undo(t.Context(), &apiv1.UndoTaskRequest{Id: id}); core.CodeOf(err) != core.Unsupported || !strings.Contains(err.Error(), says) {
				t.Errorf("%s process: got %v, want that it says %q", name, err, says)
			}
		}
	}
}

// TestUndoIsDoneOnce: of several at once, as from a double click or two
// windows, one is begun.
func TestUndoIsDoneOnce(t *testing.T) {
	w, dir := newWorld(), t.TempDir()
	r, other := newUndoRunner(t, dir, w), newUndoRunner(t, dir, w)
	first := wait(t, r, submit(t, r, "x").ID)
	var all sync.WaitGroup
	var begun atomic.Int32
	for i := range 16 {
		all.Go(func() {
			op, err := []*Runner{r, other}[i%2].Undo(t.Context(), &apiv1.UndoTaskRequest{Id: first.ID})
			if err == nil && op.Task != nil { // without: it was planned when nothing was left to take back
				begun.Add(1)
			} else if err != nil && (core.CodeOf(err) != core.Unsupported || !strings.Contains(err.Error(), "undone already")) {
				t.Errorf("got %v, want that it says so", err)
			}
		})
	}
	all.Wait()
	list, err := r.List(t.Context(), false, 50)
	if begun.Load() != 1 || err != nil || len(list) != 2 {
		t.Errorf("%d were begun, %d tasks, %v", begun.Load(), len(list), err)
	}
}

func TestUndoThatDoesNotFitChangesNothing(t *testing.T) {
	w := newWorld()
	r := newUndoRunner(t, t.TempDir(), w)
	done := wait(t, r, submit(t, r, "x").ID)
	w.set("prepare", core.Errorf(core.Conflict, "it was changed since"))
	if _, err := r.Undo(t.Context(), &apiv1.UndoTaskRequest{Id: done.ID}); core.CodeOf(err) != core.Conflict {
		t.Errorf("got %v, want the conflict", err)
	}
	w.set("prepare", nil)
	w.set("unmake a", core.Errorf(core.NoSpace, "no"))
	op, err := r.Undo(t.Context(), &apiv1.UndoTaskRequest{Id: done.ID})
	if err != nil {
		t.Fatal(err)
	}
	if got := wait(t, r, op.Task.Id); got.State != Failed {
		t.Errorf("got %s", got.State)
	}
	if got, err := r.Task(t.Context(), done.ID); err != nil || got.Undo == "" {
		t.Errorf("after an undo that failed it cannot be tried again: %q, %v", got.Undo, err)
	}
}

func TestWhatCannotBeUndoneSaysSo(t *testing.T) {
	w := newWorld()
	r := newUndoRunner(t, t.TempDir(), w)
	w.fail["do c"] = core.Errorf(core.NoSpace, "full")
	failed := wait(t, r, submit(t, r, "x").ID)
	w.set("do c", nil)
	forGood := wait(t, r, submit(t, r, "for good").ID)
	for id, says := range map[string]string{failed.ID: "it is failed", forGood.ID: "cannot be undone"} {
		if _, err := r.Undo(t.Context(), &apiv1.UndoTaskRequest{Id: id, PlanOnly: true}); core.CodeOf(err) != core.Unsupported || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want that it says %q", err, says)
		}
	}
	if _, err := r.Undo(t.Context(), &apiv1.UndoTaskRequest{Id: "ffff", PlanOnly: true}); core.CodeOf(err) != core.NotFound {
		t.Errorf("got %v, want not_found", err)
	}
}

func TestPlanWithoutStepsIsNoTask(t *testing.T) {
	r := newUndoRunner(t, t.TempDir(), newWorld())
	op, err := r.Operate(t.Context(), "test.unmake", &apiv1.DeleteVMRequest{Vm: "x"})
	if err != nil || op.Task != nil || op.Plan.Title != "Unmake things" {
		t.Fatalf("got %v, %v", op, err)
	}
	if list, err := r.List(t.Context(), false, 10); err != nil || len(list) != 0 {
		t.Errorf("got tasks %v, %v", list, err)
	}
}

func TestStepsMayAddToTheResult(t *testing.T) {
	dir := t.TempDir()
	db, err := store.Open(t.Context(), dir, Migrations...)
	if err != nil {
		t.Fatal(err)
	}
	learn := Define("test.learn", func(context.Context, *apiv1.GetVMRequest, Run) (*plan.Plan, error) {
		p := &plan.Plan{Title: "Learn", Result: map[string]string{"name": "x"}}
		p.Steps = []plan.Step{{ID: "learn", Do: func(context.Context, plan.Progress) error { p.Result["hash"] = "1"; return nil }}}
		return p, nil
	}, nil)
	r, err := New(Options{DB: db, Home: dir, Log: slog.Default()}, learn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); db.Close() })
	_, task, err := r.Submit(t.Context(), "test.learn", &apiv1.GetVMRequest{}, "")
	if err != nil {
		t.Fatal(err)
	}
	wait(t, r, task.ID)
	rows, err := r.journal.list(t.Context(), false, 1)
	if err != nil || len(rows) != 1 {
		t.Fatal(rows, err)
	}
	got := []string{rows[0].Result["name"], rows[0].Result["hash"]}
	if want := []string{"x", "1"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
