package task

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/plan"
	"github.com/limiquantix/limiquantix/core/store"
)

// world is a stateful fake of what steps change: a set of things that exist.
type world struct {
	mu    sync.Mutex
	made  map[string]bool
	calls []string
	fail  map[string]error // by "do NAME" or "undo NAME"
	hold  map[string]chan struct{}
}

func newWorld() *world {
	return &world{made: map[string]bool{}, fail: map[string]error{}, hold: map[string]chan struct{}{}}
}

func (w *world) act(ctx context.Context, call, thing string, exists bool) error {
	w.mu.Lock()
	w.calls = append(w.calls, call+" "+thing)
	err, hold := w.fail[call+" "+thing], w.hold[call+" "+thing]
	w.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.made[thing] = exists; !exists {
		delete(w.made, thing)
	}
	return nil
}

func (w *world) things() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for t := range w.made {
		out = append(out, t)
	}
	slices.Sort(out)
	return out
}

func (w *world) set(call string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fail[call] = err
}

// kind makes the things a, b and c, in that order.
func (w *world) kind() Kind {
	return Define("test.make", func(_ context.Context, req *apiv1.CreateVMRequest, run Run) (*plan.Plan, error) {
		p := &plan.Plan{Title: "Make things", Host: "h", Object: req.Name, Result: map[string]string{"name": req.Name}}
		if req.Name == "blocked" {
			p.Block(core.Exists, "it is there already", "choose another name")
		}
		if err := w.fail["plan"]; err != nil && run.Resumed {
			p.BlockError(err)
		}
		for _, t := range []string{"a", "b", "c"} {
			p.Steps = append(p.Steps, plan.Step{
				ID: t, Text: "Make " + t, Call: "make(" + t + ")", Done: run.Sent(t) && slices.Contains(w.things(), t),
				Do:   func(ctx context.Context, _ plan.Progress) error { return w.act(ctx, "do", t, true) },
				Undo: func(ctx context.Context) error { return w.act(ctx, "undo", t, false) },
			})
		}
		return p, nil
	}, func(req *apiv1.CreateVMRequest) { req.Title = "redacted" })
}

func newRunner(t *testing.T, dir string, w *world) *Runner {
	t.Helper()
	db, err := store.Open(t.Context(), dir, Migrations...)
	if err != nil {
		t.Fatal(err)
	}
	r, err := New(Options{DB: db, Home: dir, Log: slog.Default()}, w.kind())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); db.Close() })
	return r
}

func submit(t *testing.T, r *Runner, name string) Task {
	t.Helper()
	_, task, err := r.Submit(t.Context(), "test.make", &apiv1.CreateVMRequest{Name: name, Title: "secret"}, "")
	if err != nil {
		t.Fatal(err)
	}
	return task
}

func wait(t *testing.T, r *Runner, id string) Task {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	task, err := r.Wait(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return task
}

func TestTaskDoesItsStepsInOrderAndLogsTheCalls(t *testing.T) {
	w := newWorld()
	r := newRunner(t, t.TempDir(), w)
	got := wait(t, r, submit(t, r, "x").ID)
	if got.State != Done || got.Err != nil || got.Result["name"] != "x" {
		t.Fatalf("got %+v, want it done", got)
	}
	if want := []string{"do a", "do b", "do c"}; !slices.Equal(w.calls, want) {
		t.Errorf("got calls %v, want %v", w.calls, want)
	}
	var log []string
	for _, l := range got.Log {
		log = append(log, l.Text)
	}
	if want := []string{"make(a)", "make(b)", "make(c)"}; !slices.Equal(log, want) {
		t.Errorf("got log %v, want %v", log, want)
	}
}

func TestFinishedTaskKeepsNoSecret(t *testing.T) {
	r := newRunner(t, t.TempDir(), newWorld())
	id := wait(t, r, submit(t, r, "x").ID).ID
	rw, err := r.journal.get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(rw.request), "secret") || !strings.Contains(string(rw.request), "redacted") {
		t.Errorf("got request %s, want it redacted", rw.request)
	}
}

func TestFailureTakesBackWhatWasDoneLastFirst(t *testing.T) {
	w := newWorld()
	w.fail["do c"] = core.Errorf(core.NoSpace, "the pool is full")
	r := newRunner(t, t.TempDir(), w)
	got := wait(t, r, submit(t, r, "x").ID)
	if got.State != Failed || got.Err.Code != core.NoSpace {
		t.Fatalf("got %s, %v", got.State, got.Err)
	}
	if want := []string{"do a", "do b", "do c", "undo c", "undo b", "undo a"}; !slices.Equal(w.calls, want) {
		t.Errorf("got calls %v, want %v", w.calls, want)
	}
	if left := w.things(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if want := "make c: the pool is full"; got.Err.Message != want {
		t.Errorf("got %q, want %q", got.Err.Message, want)
	}
}

func TestBlockedPlanIsNotJournaled(t *testing.T) {
	r := newRunner(t, t.TempDir(), newWorld())
	_, _, err := r.Submit(t.Context(), "test.make", &apiv1.CreateVMRequest{Name: "blocked"}, "")
	var blocked *plan.BlockedError
	if !errors.As(err, &blocked) || core.CodeOf(err) != core.Blocked || core.AsError(err).Hint != "choose another name" {
		t.Fatalf("got %v", err)
	}
	if tasks, _ := r.List(t.Context(), false, 10); len(tasks) != 0 {
		t.Errorf("got tasks %v, want none", tasks)
	}
}

func TestLostHostInterruptsAndResumeCarriesOn(t *testing.T) {
	w := newWorld()
	w.fail["do b"] = core.Errorf(core.UnknownOutcome, "the connection was lost")
	r := newRunner(t, t.TempDir(), w)
	got := wait(t, r, submit(t, r, "x").ID)
	if got.State != Interrupted || !strings.Contains(got.Err.Hint, "task resume") {
		t.Fatalf("got %s, %+v", got.State, got.Err)
	}
	if want := []string{"a"}; !slices.Equal(w.things(), want) {
		t.Fatalf("got %v, want %v: nothing may be undone while the outcome is unknown", w.things(), want)
	}
	w.set("do b", nil)
	if _, err := r.Resume(t.Context(), got.ID[:8]); err != nil {
		t.Fatal(err)
	}
	if got = wait(t, r, got.ID); got.State != Done {
		t.Fatalf("got %s, %v", got.State, got.Err)
	}
	if want := []string{"do a", "do b", "do b", "do c"}; !slices.Equal(w.calls, want) {
		t.Errorf("got calls %v, want %v", w.calls, want)
	}
	if _, err := r.Resume(t.Context(), got.ID); core.CodeOf(err) != core.Conflict {
		t.Errorf("got %v, want a conflict: it is done", err)
	}
}

func TestNothingSentBeforeTheHostWasLostIsAFailure(t *testing.T) {
	w := newWorld()
	r := newRunner(t, t.TempDir(), w)
	r.stop(errShutdown) // ends the task before its first step
	got := wait(t, r, submit(t, r, "x").ID)
	if got.State != Failed || len(w.calls) != 0 {
		t.Errorf("got %s after %v", got.State, w.calls)
	}
}

func TestResumeTakesBackWhatIsBlockedNow(t *testing.T) {
	w := newWorld()
	w.fail["do b"] = core.Errorf(core.UnknownOutcome, "lost")
	r := newRunner(t, t.TempDir(), w)
	id := wait(t, r, submit(t, r, "x").ID).ID
	w.set("plan", core.Errorf(core.NotFound, "the image is gone"))
	if _, err := r.Resume(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	got := wait(t, r, id)
	if got.State != Failed || got.Err.Message != "the image is gone" || len(w.things()) != 0 {
		t.Errorf("got %s, %v, left %v", got.State, got.Err, w.things())
	}
}

func TestInterruptedRollBackIsRolledBackFurther(t *testing.T) {
	w := newWorld()
	w.fail["do c"] = core.Errorf(core.NoSpace, "full")
	w.fail["undo a"] = core.Errorf(core.Unreachable, "lost")
	r := newRunner(t, t.TempDir(), w)
	got := wait(t, r, submit(t, r, "x").ID)
	if got.State != Interrupted {
		t.Fatalf("got %s", got.State)
	}
	w.set("do c", nil) // it would work now, but the user was told that it failed
	w.set("undo a", nil)
	if _, err := r.Resume(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if got = wait(t, r, got.ID); got.State != Failed || got.Err.Code != core.NoSpace || len(w.things()) != 0 {
		t.Errorf("got %s, %v, left %v", got.State, got.Err, w.things())
	}
}

func TestCancelTakesBack(t *testing.T) {
	w := newWorld()
	w.hold["do b"] = make(chan struct{})
	r := newRunner(t, t.TempDir(), w)
	task := submit(t, r, "x")
	for {
		now, err := r.Task(t.Context(), task.ID)
		if err != nil {
			t.Fatal(err)
		}
		if now.Step == "Make b" {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if err := r.Cancel(t.Context(), task.ID); err != nil {
		t.Fatal(err)
	}
	if got := wait(t, r, task.ID); got.State != Canceled || len(w.things()) != 0 {
		t.Errorf("got %s, left %v", got.State, w.things())
	}
}

func TestTaskOfADeadProcessIsResumedByAnother(t *testing.T) {
	dir, w := t.TempDir(), newWorld()
	w.hold["do b"] = make(chan struct{})
	first := newRunner(t, dir, w)
	task := submit(t, first, "x")
	second := newRunner(t, dir, w)
	if n := second.Open(t.Context()); n != 0 {
		t.Fatalf("%d tasks may be taken from a live process", n)
	}
	first.owner.f.Close() // its lock ends as with its process
	if n := second.Open(t.Context()); n != 1 {
		t.Fatalf("got %d open tasks, want 1", n)
	}
	w.mu.Lock()
	delete(w.hold, "do b")
	w.mu.Unlock()
	if _, err := second.Resume(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if got := wait(t, second, task.ID); got.State != Done {
		t.Errorf("got %s, %v", got.State, got.Err)
	}
}

func TestTaskIsFoundByTheBeginningOfItsID(t *testing.T) {
	r := newRunner(t, t.TempDir(), newWorld())
	id := wait(t, r, submit(t, r, "x").ID).ID
	if got, err := r.Task(t.Context(), id[:8]); err != nil || got.ID != id {
		t.Errorf("got %v, %v", got.ID, err)
	}
	for _, bad := range []string{"", "zzzz", "%", id[:3], id + "0"} {
		if _, err := r.Task(t.Context(), bad); core.CodeOf(err) != core.NotFound {
			t.Errorf("%q: got %v, want not_found", bad, err)
		}
	}
}

func TestOnlyTheExpectedPlanIsBegun(t *testing.T) {
	w := newWorld()
	r := newRunner(t, t.TempDir(), w)
	op, err := r.Operate(t.Context(), "test.make", &apiv1.CreateVMRequest{Name: "x", PlanOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"y", "blocked"} {
		_, err = r.Operate(t.Context(), "test.make", &apiv1.CreateVMRequest{Name: name, ExpectedPlanDigest: op.Plan.Digest})
		if changed := new(plan.ChangedError); !errors.As(err, &changed) || core.CodeOf(err) != core.Changed || changed.Was == nil || changed.PlanProto().Digest == op.Plan.Digest {
			t.Errorf("%s: got %v, want that it has changed", name, err)
		}
	}
	if tasks, err := r.List(t.Context(), false, 10); err != nil || len(tasks) != 0 || len(w.calls) != 0 {
		t.Errorf("something was begun: %v, %v, %v", tasks, w.calls, err)
	}
	op, err = r.Operate(t.Context(), "test.make", &apiv1.CreateVMRequest{Name: "x", ExpectedPlanDigest: op.Plan.Digest})
	if err != nil {
		t.Fatal(err)
	}
	if got := wait(t, r, op.Task.Id); got.State != Done {
		t.Errorf("got %+v, want it done", got)
	}
}

func TestShownPlansAreForgottenInTheEnd(t *testing.T) {
	s := newShown()
	for i := range 2 * maxShown {
		s.put(&plan.Plan{Title: strings.Repeat("x", i)})
		s.put(&plan.Plan{Title: strings.Repeat("x", i)})
	}
	if len(s.outlines) != maxShown || len(s.order) != maxShown {
		t.Errorf("%d and %d are remembered, want %d", len(s.outlines), len(s.order), maxShown)
	}
	changed := new(plan.ChangedError)
	if err := s.check(&plan.Plan{Title: "y"}, (&plan.Plan{}).Digest()); !errors.As(err, &changed) || changed.Was != nil {
		t.Errorf("got %v, want that it is no more what was shown", err)
	}
}
