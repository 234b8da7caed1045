package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/store"
)

var note = store.Migration{Name: "note/0001", SQL: `
CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
CREATE TABLE remark (note INTEGER NOT NULL REFERENCES note (id)) STRICT;
`}

func open(t testing.TB, dir string, migrations ...store.Migration) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), dir, migrations...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func statement(query string, args ...any) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	}
}

func add(t testing.TB, db *store.DB, text string) {
	t.Helper()
	if err := db.Write(t.Context(), statement(`INSERT INTO note (text) VALUES (?)`, text)); err != nil {
		t.Fatal(err)
	}
}

// texts returns all notes joined.
func texts(t testing.TB, db *store.DB) string {
	t.Helper()
	var all string
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT coalesce(group_concat(text, ' '), '') FROM (SELECT text FROM note ORDER BY id)`).Scan(&all)
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func wantCode(t *testing.T, err error, want core.Code) {
	t.Helper()
	if got := core.CodeOf(err); got != want {
		t.Errorf("got code %q (%v), want %q", got, err, want)
	}
}

func TestWhatIsWrittenIsThereAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a folder with 50 % of 'odd' #characters?")
	db := open(t, dir, note)
	add(t, db, "one")
	if err := db.WriteDurable(t.Context(), statement(`INSERT INTO note (text) VALUES ('two')`)); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if got := texts(t, open(t, dir, note)); got != "one two" {
		t.Errorf("got %q", got)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || !slices.Contains(files, filepath.Join(dir, store.File)) {
		t.Errorf("files %q, %v", files, err)
	}
}

func TestLinkInPlaceOfTheFileIsRefused(t *testing.T) {
	dir, other := t.TempDir(), filepath.Join(t.TempDir(), "other")
	if err := os.WriteFile(other, nil, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(other, filepath.Join(dir, store.File)); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), dir, note); core.CodeOf(err) != core.Denied {
		t.Errorf("got %v, want denied", err)
	}
	if info, err := os.Stat(other); err != nil || info.Mode().Perm() != 0o640 || info.Size() != 0 {
		t.Errorf("the link's target was changed: %v, %v", info, err)
	}
}

func TestFilesAreOfTheUserAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "home")
	db := open(t, dir, note)
	add(t, db, "secret")
	if err := os.Chmod(filepath.Join(dir, store.File), 0o644); err != nil {
		t.Fatal(err)
	}
	open(t, dir, note)
	modes := map[string]string{}
	for _, name := range []string{"", store.File, store.File + "-wal", store.File + "-shm"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		modes[name] = info.Mode().String()
	}
	file := "-rw-------"
	want := map[string]string{"": "drwx------", store.File: file, store.File + "-wal": file, store.File + "-shm": file}
	if d := cmp.Diff(want, modes); d != "" {
		t.Error(d)
	}
}

func TestOpeningWhatExistsWritesNothing(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir, note)
	add(t, db, "one")
	db.Close()
	before, err := os.ReadFile(filepath.Join(dir, store.File))
	if err != nil {
		t.Fatal(err)
	}
	db = open(t, dir, note)
	if info, err := os.Stat(filepath.Join(dir, store.File+"-wal")); err == nil && info.Size() > 0 {
		t.Errorf("%d bytes in the log", info.Size())
	}
	db.Close()
	after, err := os.ReadFile(filepath.Join(dir, store.File))
	if err != nil || string(before) != string(after) {
		t.Errorf("the file changed, %v", err)
	}
}

func TestATransactionThatFailsLeavesNothing(t *testing.T) {
	db := open(t, t.TempDir(), note)
	boom := errors.New("boom")
	for _, write := range []func(context.Context, func(*store.Tx) error) error{db.Write, db.WriteDurable} {
		err := write(t.Context(), func(tx *store.Tx) error {
			if err := statement(`INSERT INTO note (text) VALUES ('x')`)(tx); err != nil {
				return err
			}
			return fmt.Errorf("no: %w", boom)
		})
		if !errors.Is(err, boom) {
			t.Errorf("got %v", err)
		}
		func() {
			defer func() { recover() }()
			write(t.Context(), func(tx *store.Tx) error { panic("boom") })
		}()
	}
	if err := db.Write(t.Context(), statement(`INSERT INTO remark (note) VALUES (77)`)); err == nil {
		t.Error("a foreign key that leads nowhere is taken")
	}
	add(t, db, "after")
	if got := texts(t, db); got != "after" {
		t.Errorf("got %q", got)
	}
}

func TestWhatComesAfterATransaction(t *testing.T) {
	db := open(t, t.TempDir(), note)
	var done []string
	run := func(name string, err error) {
		db.Write(t.Context(), func(tx *store.Tx) error {
			tx.After(func() { done = append(done, name+texts(t, db)) })
			if _, e := tx.Exec(`INSERT INTO note (text) VALUES (?)`, "!"+name); e != nil {
				return e
			}
			return err
		})
	}
	run("one", nil)
	run("two", errors.New("boom"))
	run("three", nil)
	if got, want := fmt.Sprint(done), "[one!one three!one !three]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAReaderCannotWrite(t *testing.T) {
	db := open(t, t.TempDir(), note)
	wantCode(t, db.Read(t.Context(), statement(`INSERT INTO note (text) VALUES ('x')`)), core.Denied)
}

func TestAReaderSeesOneState(t *testing.T) {
	db := open(t, t.TempDir(), note)
	count := func(tx *store.Tx) (n int) {
		if err := tx.QueryRow(`SELECT count(*) FROM note`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		before := count(tx)
		add(t, db, "meanwhile") // a reader does not hold up the writer
		if after := count(tx); after != before {
			t.Errorf("%d notes, then %d", before, after)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWaitingForTheWriterEndsWithTheContext(t *testing.T) {
	db := open(t, t.TempDir(), note)
	inside, leave := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		db.Write(t.Context(), func(*store.Tx) error {
			close(inside)
			<-leave
			return nil
		})
	})
	<-inside
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := db.WriteDurable(ctx, statement(`DELETE FROM note`)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	close(leave)
	wg.Wait()
	add(t, db, "again")
}

func TestManyWriters(t *testing.T) {
	db := open(t, t.TempDir(), note)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if i%4 == 0 {
				texts(t, db)
			}
			if err := db.Write(t.Context(), statement(`INSERT INTO note (text) VALUES ('x')`)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := strings.Count(texts(t, db), "x"); got != 20 {
		t.Errorf("%d notes", got)
	}
}

func TestMigrations(t *testing.T) {
	dir := t.TempDir()
	color := store.Migration{Name: "note/0002", SQL: `ALTER TABLE note ADD COLUMN color TEXT NOT NULL DEFAULT 'red'`}
	db := open(t, dir, note)
	add(t, db, "one")
	db.Close()
	db = open(t, dir, note, color)
	if err := db.Write(t.Context(), statement(`UPDATE note SET text = color`)); err != nil {
		t.Fatal(err)
	}
	if got := texts(t, db); got != "red" {
		t.Errorf("got %q", got)
	}
	db.Close()

	_, err := store.Open(t.Context(), dir, note)
	wantCode(t, err, core.Unsupported)
	if err == nil || !strings.Contains(err.Error(), "newer") || !strings.Contains(err.Error(), "note/0002") {
		t.Errorf("the error says %q", err)
	}
	_, err = store.Open(t.Context(), dir, note, store.Migration{Name: color.Name, SQL: color.SQL + " "})
	wantCode(t, err, core.Internal)
	_, err = store.Open(t.Context(), dir, note, color, color)
	wantCode(t, err, core.Internal)
	_, err = store.Open(t.Context(), dir, note, color, store.Migration{Name: "a", SQL: `CREATE TABLE a (x)`}, store.Migration{Name: "b", SQL: `NONSENSE`})
	if err == nil {
		t.Error("nonsense was applied")
	}
	open(t, dir, note, color) // nothing of the migrations that failed is left
}

func TestManyOpenANewDatabaseAtOnce(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			db, err := store.Open(t.Context(), dir, note)
			if err != nil {
				t.Error(err)
				return
			}
			defer db.Close()
			if err := db.Write(t.Context(), statement(`INSERT INTO note (text) VALUES ('x')`)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := strings.Count(texts(t, open(t, dir, note)), "x"); got != 8 {
		t.Errorf("%d notes", got)
	}
}

func TestDamagedFiles(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, store.File)
	if err := os.WriteFile(path, []byte(strings.Repeat("this is no database ", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := store.Open(t.Context(), dir, note)
	var corrupt *store.CorruptError
	if !errors.As(err, &corrupt) || corrupt.Path != path || core.AsError(err).Hint == "" {
		t.Errorf("no database: got %v", err)
	}

	dir = t.TempDir()
	path = filepath.Join(dir, store.File)
	db := open(t, dir, note)
	for range 200 {
		add(t, db, strings.Repeat("x", 1000))
	}
	db.Close()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		t.Fatal(err)
	}
	for at := int64(4096 * 4); at < size; at += 4096 { // the headers of all pages but the schema's
		if _, err := f.WriteAt([]byte(strings.Repeat("\xff", 64)), at); err != nil {
			t.Fatal(err)
		}
	}
	err = open(t, dir, note).Read(t.Context(), func(tx *store.Tx) error {
		var n int
		return tx.QueryRow(`SELECT sum(length(text)) FROM note`).Scan(&n)
	})
	if !errors.As(err, &corrupt) {
		t.Errorf("flipped bytes: got %v", err)
	}
}

func TestBackup(t *testing.T) {
	db := open(t, t.TempDir(), note)
	add(t, db, "one")
	dir := t.TempDir()
	path := filepath.Join(dir, store.File)
	if err := os.WriteFile(path, []byte("yesterday's"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	add(t, db, "two")
	if got := texts(t, open(t, dir, note)); got != "one" {
		t.Errorf("the copy holds %q", got)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}

	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := db.Backup(canceled, filepath.Join(dir, "other")); err == nil {
		t.Error("a canceled backup succeeded")
	}
	wantCode(t, db.Backup(t.Context(), filepath.Join(dir, "nowhere", "x")), core.Denied)
	if left, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

func TestAFolderThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := store.Open(t.Context(), filepath.Join(file, "home"), note)
	wantCode(t, err, core.Denied)
}

func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	open(b, dir, note).Close()
	for b.Loop() {
		db, err := store.Open(context.Background(), dir, note)
		if err != nil {
			b.Fatal(err)
		}
		db.Close()
	}
}
