package audit

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/failpoint"
	"github.com/limiquantix/limiquantix/core/plan"
	"github.com/limiquantix/limiquantix/core/store"
	"github.com/limiquantix/limiquantix/core/task"
)

// This binary is also the process that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("AUDIT_TEST_DIR"); dir != "" {
		if err := child(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func migrations() []store.Migration { return append(Migrations, task.Migrations...) }

func open(t testing.TB, dir string) *Trail {
	t.Helper()
	db, err := store.Open(context.Background(), dir, migrations()...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	trail, err := openTrail(db, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	return trail
}

func openTrail(db *store.DB, dir string, points *failpoint.Points) (*Trail, error) {
	return Open(context.Background(), Options{
		DB: db, Home: dir, User: "admin", Points: points, Log: slog.New(slog.DiscardHandler),
		Key: func(host string) string { return "SHA256:key-of-" + host },
	})
}

// runner carries out test.make, which has two steps and fails for a VM "fail".
func runner(trail *Trail, dir string) (*task.Runner, error) {
	kind := task.Define("test.make", func(_ context.Context, req *apiv1.PowerVMRequest, _ task.Run) (*plan.Plan, error) {
		p := &plan.Plan{Title: "Make " + req.Vm, Host: "kvm1", Object: req.Vm, Command: []string{"make", req.Vm}, Result: map[string]string{"hash": "after"}}
		for _, id := range []string{"one", "two"} {
			p.Steps = append(p.Steps, plan.Step{ID: id, Text: "Do " + id, Call: "call(" + id + ")", Do: func(context.Context, plan.Progress) error {
				if req.Vm == "fail" && id == "two" {
					return core.Errorf(core.NoSpace, "the disk is full")
				}
				return nil
			}})
		}
		return p, nil
	}, func(req *apiv1.PowerVMRequest) { req.ExpectedPlanDigest = "" })
	return task.New(task.Options{DB: trail.o.DB, Home: dir, Points: trail.o.Points, Log: trail.o.Log, Changed: func(task.Task) {}, Witness: trail.Witness}, kind)
}

func do(ctx context.Context, r *task.Runner, name string) (task.Task, error) {
	ctx = core.WithActor(ctx, core.Actor{User: "admin", Door: "cli"})
	_, tk, err := r.Submit(ctx, "test.make", &apiv1.PowerVMRequest{Vm: name}, "")
	if err != nil {
		return tk, err
	}
	for {
		list, err := r.List(ctx, false, 1000)
		if err != nil {
			return tk, err
		}
		for _, l := range list {
			if l.ID == tk.ID && l.State.Ended() {
				return l, nil
			}
		}
		time.Sleep(time.Millisecond)
	}
}

func verdict(t *testing.T, trail *Trail, expect Head) Verdict {
	t.Helper()
	v, err := trail.Verify(t.Context(), expect)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func note(t *testing.T, trail *Trail, n int) {
	t.Helper()
	for i := range n {
		if err := trail.Note(t.Context(), Record{Event: "done", Act: core.NewUUID(), Kind: "test", Title: fmt.Sprint("Act ", i)}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestATaskIsToldOf(t *testing.T) {
	dir := t.TempDir()
	trail := open(t, dir)
	r, err := runner(trail, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, name := range []string{"web1", "fail"} {
		if _, err := do(t.Context(), r, name); err != nil {
			t.Fatal(err)
		}
	}
	found, err := trail.List(t.Context(), Query{Host: "kvm1", Limit: 10})
	if err != nil || len(found) != 4 {
		t.Fatalf("%d records, %v", len(found), err)
	}
	failed, done, begun := found[0], found[2], found[3]
	if failed.Event != "failed" || !strings.Contains(failed.Error, "the disk is full") {
		t.Errorf("%+v", failed)
	}
	if done.Event != "done" || done.After != "after" || done.Act != begun.Act {
		t.Errorf("%+v", done)
	}
	if begun.Event != "begin" || begun.Actor != (Actor{"admin", "cli", "SHA256:key-of-kvm1"}) || begun.Command != "limiquantix make web1" ||
		strings.Join(begun.Steps, "; ") != "Do one [call(one)]; Do two [call(two)]" || len(begun.Digest) < 32 || string(begun.Request) != `{"vm":"web1"}` {
		t.Errorf("%+v", begun)
	}
	for _, ref := range []string{begun.Act, begun.Act[:8], "2"} {
		if show, err := trail.Show(t.Context(), ref); err != nil || len(show) != 2 {
			t.Errorf("%s: %d, %v", ref, len(show), err)
		}
	}
	for _, ref := range []string{"", "zz", "zzzz", "99"} {
		if _, err := trail.Show(t.Context(), ref); core.CodeOf(err) != core.NotFound {
			t.Errorf("%q: %v", ref, err)
		}
	}
	if v := verdict(t, trail, Head{}); v.Broken != 0 || v.Records != 4 || v.Heads != 4 {
		t.Errorf("%+v", v)
	}
}

func TestWhatIsWrongWithAChainIsNamed(t *testing.T) {
	type state struct {
		t     *testing.T
		trail *Trail
		dir   string
	}
	sql := func(query string) func(state) {
		return func(s state) {
			err := s.trail.o.DB.Write(t.Context(), func(tx *store.Tx) error { _, err := tx.Exec(query); return err })
			if err != nil {
				s.t.Fatal(err)
			}
		}
	}
	forge := func(from int64) func(state) { // as one who knows how, and has the database only
		return func(s state) {
			err := s.trail.o.DB.Write(t.Context(), func(tx *store.Tx) error {
				var before string
				if err := tx.QueryRow(`SELECT hash FROM audit WHERE number = ?`, from-1).Scan(&before); err != nil {
					return err
				}
				for n := from; n <= 9; n++ {
					var content string
					if err := tx.QueryRow(`SELECT content FROM audit WHERE number = ?`, n).Scan(&content); err != nil {
						return err
					}
					content = strings.Replace(content, "Act", "Tat", 1)
					before = next(before, content)
					if _, err := tx.Exec(`UPDATE audit SET content = ?, hash = ? WHERE number = ?`, content, before, n); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				s.t.Fatal(err)
			}
		}
	}
	remove := func(s state) {
		if err := os.Remove(filepath.Join(s.dir, HeadsFile)); err != nil {
			s.t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		harm   func(state)
		broken int64
		reason string
	}{
		"nothing":                {func(state) {}, 0, ""},
		"changed":                {sql(`UPDATE audit SET content = replace(content, 'Act 3', 'Act 7') WHERE number = 4`), 4, "record 4 is not what was written"},
		"changed to no record":   {sql(`UPDATE audit SET content = '{}' WHERE number = 4`), 4, "record 4 is not what"},
		"hash changed":           {sql(`UPDATE audit SET hash = '0' WHERE number = 4`), 4, "record 4 is not what"},
		"removed":                {sql(`DELETE FROM audit WHERE number = 4`), 4, "record 4 is missing"},
		"first removed":          {sql(`DELETE FROM audit WHERE number = 1`), 1, "record 1 is missing"},
		"removed and renumbered": {sql(`DELETE FROM audit WHERE number = 4; UPDATE audit SET number = -number WHERE number > 4; UPDATE audit SET number = -number - 1 WHERE number < 0`), 4, "record 4 is not what"},
		"inserted":               {sql(`INSERT INTO audit SELECT 10, content, hash FROM audit WHERE number = 9`), 10, "record 10 is not what"},
		"inserted in between":    {sql(`UPDATE audit SET number = -number WHERE number > 4; UPDATE audit SET number = 1 - number WHERE number < 0; INSERT INTO audit SELECT 5, content, hash FROM audit WHERE number = 4`), 5, "record 5 is not what"},
		"tail removed":           {sql(`DELETE FROM audit WHERE number > 6`), 7, "records 7 to 9 were removed"},
		"all removed":            {sql(`DELETE FROM audit`), 1, "records 1 to 9 were removed"},
		"forged":                 {forge(5), 5, "record 5 is not the one that audit.heads knows"},
		"second file missing":    {remove, 10, "audit.heads is missing"},
		"tail removed, and more written": {func(s state) {
			sql(`DELETE FROM audit WHERE number > 6`)(s)
			note(s.t, s.trail, 5)
		}, 7, "record 7 is not the one that audit.heads knows"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			trail := open(t, dir)
			note(t, trail, 9)
			c.harm(state{t, trail, dir})
			v := verdict(t, trail, Head{})
			if v.Broken != c.broken || !strings.HasPrefix(v.Reason, c.reason) && !strings.Contains(v.Reason, c.reason) || (c.reason == "") != (v.Reason == "") {
				t.Errorf("got %d: %s, want %d: %s", v.Broken, v.Reason, c.broken, c.reason)
			}
		})
	}
}

func TestAHeadNotedElsewhere(t *testing.T) {
	dir := t.TempDir()
	trail := open(t, dir)
	note(t, trail, 5)
	noted := verdict(t, trail, Head{}).Head
	note(t, trail, 2)
	if v := verdict(t, trail, noted); v.Broken != 0 {
		t.Errorf("%+v", v)
	}
	parsed, err := ParseHead(noted.String())
	if err != nil || parsed != noted {
		t.Errorf("%v, %v", parsed, err)
	}
	for _, bad := range []string{"", "5", ":", "0:" + noted.Hash, "5:zz", noted.String() + "0", "-1:" + noted.Hash} {
		if _, err := ParseHead(bad); core.CodeOf(err) != core.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
	other := Head{5, strings.Repeat("0", 64)}
	if v := verdict(t, trail, other); v.Broken != 5 {
		t.Errorf("%+v", v)
	}
	// Both files cut: only the head that was noted elsewhere tells.
	err = trail.o.DB.Write(t.Context(), func(tx *store.Tx) error { _, err := tx.Exec(`DELETE FROM audit WHERE number > 3`); return err })
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(dir, HeadsFile), 3*86); err != nil {
		t.Fatal(err)
	}
	if v := verdict(t, trail, Head{}); v.Broken != 0 || v.Heads != 3 {
		t.Errorf("%+v", v)
	}
	if v := verdict(t, trail, noted); v.Broken != 4 {
		t.Errorf("%+v", v)
	}
}

func TestSeveralProcessesWriteOneChain(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range 4 { // four pools are as four processes
		trail := open(t, dir)
		wg.Go(func() { note(t, trail, 25) })
	}
	wg.Wait()
	if v := verdict(t, open(t, dir), Head{}); v.Broken != 0 || v.Records != 100 || v.Heads != 100 {
		t.Errorf("%+v", v)
	}
}

func TestALinkInPlaceOfTheSecondFileIsRefused(t *testing.T) {
	dir, other := t.TempDir(), filepath.Join(t.TempDir(), "other")
	if err := os.Symlink(other, filepath.Join(dir, HeadsFile)); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), dir, migrations()...)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := openTrail(db, dir, nil); core.CodeOf(err) != core.Denied {
		t.Errorf("got %v", err)
	}
}

func TestAnActThatCannotBeWrittenIsNotBegun(t *testing.T) {
	dir := t.TempDir()
	trail := open(t, dir)
	r, err := runner(trail, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	err = trail.o.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := do(t.Context(), r, "web1"); err == nil {
		t.Error("it was begun")
	}
	if list, err := r.List(t.Context(), false, 10); err != nil || len(list) != 0 {
		t.Errorf("%d tasks, %v", len(list), err)
	}
}

// child does tasks and tells of each that has ended, until it is killed.
func child(dir string) error {
	db, err := store.Open(context.Background(), dir, migrations()...)
	if err != nil {
		return err
	}
	defer db.Close()
	trail, err := openTrail(db, dir, failpoint.New())
	if err != nil {
		return err
	}
	r, err := runner(trail, dir)
	if err != nil {
		return err
	}
	defer r.Close()
	ctx := core.WithActor(context.Background(), core.Actor{User: "admin", Door: "cli"})
	if _, err := r.Resume(ctx, ""); err != nil {
		return err
	}
	for i := range 3 {
		tk, err := do(context.Background(), r, fmt.Sprint("vm", i))
		if err != nil {
			return err
		}
		fmt.Println(tk.ID)
	}
	return nil
}

// TestNoActIsLostToKill9 kills the program at each failpoint in turn, the others
// of the same inventory still alive.
func TestNoActIsLostToKill9(t *testing.T) {
	dir := t.TempDir()
	trail := open(t, dir)
	told := map[string]bool{}
	for n := 1; ; n++ {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), "AUDIT_TEST_DIR="+dir, fmt.Sprintf("%s=%d", failpoint.Env, n))
		out, err := c.Output()
		for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
			told[lines.Text()] = true
		}
		note(t, trail, 1) // another process goes on with the chain
		if err == nil {
			break
		}
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != -1 {
			t.Fatalf("point %d: %v %s", n, err, exit.Stderr)
		}
		if v := verdict(t, trail, Head{}); v.Broken != 0 {
			t.Fatalf("killed at %d: %+v", n, v)
		}
		if n > 100 {
			t.Fatal("it never ends by itself")
		}
	}
	type count struct{ begun, ended int }
	acts := map[string]*count{}
	all, err := trail.query(t.Context(), `1 ORDER BY number`)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		if acts[l.Act] == nil {
			acts[l.Act] = &count{}
		}
		switch l.Event {
		case "begin":
			acts[l.Act].begun++
		case "done":
			acts[l.Act].ended++
		}
	}
	r, err := runner(trail, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	list, err := r.List(t.Context(), false, 1000)
	if err != nil || len(list) < 3 {
		t.Fatal(len(list), err)
	}
	for _, l := range list {
		a := acts[l.ID]
		if a == nil || a.begun != 1 || (a.ended == 1) != (l.State == task.Done) {
			t.Errorf("task %s is %s and has %+v", l.ID, l.State, a)
		}
		delete(told, l.ID)
	}
	if len(told) > 0 {
		t.Errorf("told to be done, and not on record: %v", told)
	}
}

func TestACallThatIsNoTaskIsToldOfWithoutSecrets(t *testing.T) {
	trail := open(t, t.TempDir())
	for procedure, m := range map[string]proto.Message{
		"HostService/AddHost": &apiv1.AddHostRequest{Name: "kvm1", Spec: &apiv1.HostSpec{Address: "root@kvm1", Secret: "hunter2"}},
		"VMService/TypeVM":    &apiv1.TypeVMRequest{Vm: "web1", Text: "hunter2"},
	} {
		c, is := callOf("/limiquantix.v1." + procedure)
		if !is {
			t.Fatal(procedure)
		}
		if err := trail.Note(t.Context(), c.record(m)); err != nil {
			t.Fatal(err)
		}
	}
	found, err := trail.List(t.Context(), Query{Limit: 9})
	if err != nil || len(found) != 2 {
		t.Fatal(len(found), err)
	}
	for _, l := range found {
		if strings.Contains(l.Content, "hunter2") {
			t.Errorf("a secret is on record: %s", l.Content)
		}
	}
	host, err := trail.List(t.Context(), Query{Object: "kvm1", Limit: 9})
	if err != nil || len(host) != 1 || host[0].Title != "Add host kvm1" || !strings.Contains(string(host[0].Request), "root@kvm1") {
		t.Errorf("%+v, %v", host, err)
	}
}
