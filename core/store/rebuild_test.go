package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/store"
)

var machines = store.Migration{Name: "machine/0001", SQL: `
CREATE TABLE machine (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE job (id TEXT PRIMARY KEY, text TEXT NOT NULL, size INTEGER AS (length(text)) VIRTUAL) STRICT;
CREATE TABLE step (job TEXT NOT NULL REFERENCES job (id), step TEXT NOT NULL, PRIMARY KEY (job, step)) STRICT, WITHOUT ROWID;
CREATE TABLE cache (text TEXT NOT NULL) STRICT;
`}

var kept = store.Kept{Config: []string{"machine"}, Past: []string{"job", "step"}}

const machineCount, jobCount = 300, 400

// house makes a database of some hundred pages with a copy, and closes it.
func house(t *testing.T, dir string) {
	t.Helper()
	db := open(t, dir, machines)
	for i := range machineCount {
		add := statement(`INSERT INTO machine (id, name) VALUES (?, ?)`, fmt.Sprintf("m%d", i), fmt.Sprintf("kvm%d %s", i, strings.Repeat("x", 200)))
		if err := db.Write(t.Context(), add); err != nil {
			t.Fatal(err)
		}
	}
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		for i := range jobCount {
			if _, err := tx.Exec(`INSERT INTO job (id, text) VALUES (?, ?)`, fmt.Sprintf("j%03d", i), strings.Repeat("y", 500)); err != nil {
				return err
			}
			if _, err := tx.Exec(`INSERT INTO step (job, step) VALUES (?, ?)`, fmt.Sprintf("j%03d", i), strings.Repeat("z", 100)); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`INSERT INTO cache (text) VALUES ('of the hosts')`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.CopyConfig(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func number(t *testing.T, db *store.DB, table string) (n int) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *store.Tx) error { return tx.QueryRow(`SELECT count(*) FROM ` + table).Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAWholeFileIsNotRebuilt(t *testing.T) {
	dir := t.TempDir()
	house(t, dir)
	db, told, err := store.OpenOrRebuild(t.Context(), dir, kept, machines)
	if err != nil || told != nil {
		t.Fatalf("%+v, %v", told, err)
	}
	db.Close()
	// A newer program's is not a damaged one.
	db = open(t, dir, machines, note)
	db.Close()
	_, told, err = store.OpenOrRebuild(t.Context(), dir, kept, machines)
	wantCode(t, err, core.Unsupported)
	if told != nil {
		t.Errorf("%+v", told)
	}
}

// TestRebuild damages the file in all the ways that a disk can; no machine is
// lost, and of the past no more than what was hit.
func TestRebuild(t *testing.T) {
	whole := t.TempDir()
	house(t, whole)
	content, err := os.ReadFile(filepath.Join(whole, store.File))
	if err != nil {
		t.Fatal(err)
	}
	flipped := func(page int) []byte {
		b := bytes.Clone(content)
		copy(b[page*4096:], bytes.Repeat([]byte{0xff}, 64))
		return b
	}
	type harm struct {
		name string
		file []byte
		past int // jobs left at least
	}
	all := []harm{
		{"no database", bytes.Repeat([]byte("no database "), 1000), 0},
		{"empty", nil, 0},
		{"a header of zeros", append(make([]byte, 100), content[100:]...), 0},
		{"half of it", content[:len(content)/2/4096*4096], 0},
	}
	for page := 1; page < len(content)/4096; page++ {
		least := jobCount / 2
		if page < 12 { // a root: all of one table
			least = 0
		}
		all = append(all, harm{fmt.Sprintf("page %d", page+1), flipped(page), least})
	}
	for _, d := range all {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			damage(t, whole, dir, d.file)
			told, jobs := rebuilt(t, dir)
			if told == nil {
				return // the damage was where nothing is
			}
			if jobs < d.past {
				t.Errorf("%d jobs are left; lost: %v", jobs, told.Cut)
			}
			if aside, err := os.ReadFile(told.Aside); err != nil || !bytes.Equal(aside, d.file) {
				t.Errorf("the damaged file is not kept: %v", err)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(left) > 0 {
				t.Errorf("left: %q", left)
			}
			if db, told, err := store.OpenOrRebuild(t.Context(), dir, kept, machines); err != nil || told != nil {
				t.Errorf("it is rebuilt once more: %+v, %v", told, err)
			} else {
				db.Close()
			}
		})
	}
}

// damage puts the house with another file, marked for a look, into dir.
func damage(t *testing.T, from, dir string, file []byte) {
	t.Helper()
	kept, err := os.ReadFile(filepath.Join(from, store.Copy))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{store.Copy: kept, store.File: file, store.File + ".damaged": nil} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// rebuilt opens what is in dir: whole, with all machines; it returns how many jobs are left.
func rebuilt(t *testing.T, dir string) (*store.Rebuilt, int) {
	t.Helper()
	db, told, err := store.OpenOrRebuild(t.Context(), dir, kept, machines)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if n := number(t, db, "machine"); n != machineCount {
		t.Errorf("%d machines", n)
	}
	var verdict string
	err = db.Read(t.Context(), func(tx *store.Tx) error { return tx.QueryRow(`PRAGMA integrity_check`).Scan(&verdict) })
	if err != nil || verdict != "ok" {
		t.Errorf("the new file: %s, %v", verdict, err)
	}
	if n := number(t, db, "step WHERE job NOT IN (SELECT id FROM job)"); n > 0 {
		t.Errorf("%d steps of no job", n)
	}
	if err := db.Write(t.Context(), statement(`INSERT INTO job (id, text) VALUES ('new', '')`)); err != nil {
		t.Error(err)
	}
	return told, number(t, db, "job") - 1
}

// TestDamageThatShowsLater is seen by a read, told, and mended by the next start.
func TestDamageThatShowsLater(t *testing.T) {
	whole, dir := t.TempDir(), t.TempDir()
	house(t, whole)
	content, err := os.ReadFile(filepath.Join(whole, store.File))
	if err != nil {
		t.Fatal(err)
	}
	copy(content[len(content)/4096/2*4096:], bytes.Repeat([]byte{0xff}, 64))
	damage(t, whole, dir, content)
	if err := os.Remove(filepath.Join(dir, store.File+".damaged")); err != nil {
		t.Fatal(err)
	}
	db, told, err := store.OpenOrRebuild(t.Context(), dir, kept, machines)
	if err != nil || told != nil {
		t.Fatalf("%+v, %v", told, err)
	}
	var corrupt *store.CorruptError
	err = db.Read(t.Context(), func(tx *store.Tx) error {
		for _, sum := range []string{`length(name)) FROM machine`, `length(text)) FROM job`, `length(step)) FROM step`} {
			var n int
			if err := tx.QueryRow(`SELECT sum(` + sum).Scan(&n); err != nil {
				return err
			}
		}
		return nil
	})
	db.Close()
	if !errors.As(err, &corrupt) || !strings.Contains(core.AsError(err).Hint, "start limiquantix again") {
		t.Fatalf("got %v", err)
	}
	if told, _ := rebuilt(t, dir); told == nil {
		t.Error("the next start did not look")
	}
}

func TestSeveralRebuildAtOnce(t *testing.T) {
	whole, dir := t.TempDir(), t.TempDir()
	house(t, whole)
	damage(t, whole, dir, []byte("no database"))
	var mu sync.Mutex
	times := 0
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			db, told, err := store.OpenOrRebuild(t.Context(), dir, kept, machines)
			if err != nil {
				t.Error(err)
				return
			}
			defer db.Close()
			mu.Lock()
			defer mu.Unlock()
			if told != nil {
				times++
			}
			if n := number(t, db, "machine"); n != machineCount {
				t.Errorf("%d machines", n)
			}
		})
	}
	wg.Wait()
	if times != 1 {
		t.Errorf("rebuilt %d times", times)
	}
}

func TestTheCopyIsReplacedWhole(t *testing.T) {
	dir := t.TempDir()
	house(t, dir)
	path := filepath.Join(dir, store.Copy)
	before, err := os.Stat(path)
	if err != nil || before.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", before, err)
	}
	db := open(t, dir, machines)
	again := func(query string) os.FileInfo {
		t.Helper()
		if err := db.Write(t.Context(), statement(query)); err != nil {
			t.Fatal(err)
		}
		if err := db.CopyConfig(t.Context(), kept); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	if same := again(`INSERT INTO cache (text) VALUES ('no configuration')`); !os.SameFile(before, same) {
		t.Error("written though nothing of it had changed")
	}
	if after := again(`UPDATE machine SET name = 'renamed' WHERE id = 'm7'`); os.SameFile(before, after) {
		t.Error("written in place, or not at all")
	}
	if left, _ := filepath.Glob(path + ".*"); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}
