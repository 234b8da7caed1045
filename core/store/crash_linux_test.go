package store_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/store"
)

// TestMain lets the test binary be the other process of a test.
func TestMain(m *testing.M) {
	if role := os.Getenv("STORE_TEST_ROLE"); role != "" {
		if err := child(role, os.Getenv("STORE_TEST_DIR")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// child adds notes: for ever ("write", "durable"), saying each that is
// committed, or a hundred ("count").
func child(role, dir string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, dir, note)
	if err != nil {
		return err
	}
	defer db.Close()
	write := db.Write
	if role == "durable" {
		write = db.WriteDurable
	}
	for i := 0; role != "count" || i < 100; i++ {
		err := write(ctx, func(tx *store.Tx) error {
			_, err := tx.ExecContext(ctx, `INSERT INTO note (text) VALUES (?)`, i)
			return err
		})
		if err != nil {
			return err
		}
		fmt.Println(i)
	}
	return nil
}

func start(t *testing.T, role, dir string) (*exec.Cmd, *bufio.Scanner, *bytes.Buffer) {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), "STORE_TEST_ROLE="+role, "STORE_TEST_DIR="+dir)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill() })
	return c, bufio.NewScanner(out), &stderr
}

func TestWhatIsCommittedSurvivesKill9(t *testing.T) {
	for _, role := range []string{"write", "durable"} {
		dir := t.TempDir()
		for round := range 3 {
			c, out, stderr := start(t, role, dir)
			last := ""
			for range 20 + 17*round {
				if !out.Scan() {
					t.Fatalf("%s: %v %s", role, out.Err(), stderr)
				}
				last = out.Text()
			}
			if err := c.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			for out.Scan() { // said before it died
				last = out.Text()
			}
			c.Wait()
			db := open(t, dir, note)
			if got := strings.Fields(texts(t, db)); len(got) == 0 || !slices.Contains(got, last) {
				t.Errorf("%s: note %s was committed and is not there", role, last)
			}
			var report string
			err := db.Read(t.Context(), func(tx *store.Tx) error {
				return tx.QueryRow(`PRAGMA integrity_check`).Scan(&report)
			})
			if err != nil || report != "ok" {
				t.Errorf("%s: %v %s", role, err, report)
			}
			if err := db.Write(t.Context(), statement(`DELETE FROM note`)); err != nil {
				t.Fatal(err)
			}
			db.Close()
		}
	}
}

func TestSeveralProcessesWriteAtOnce(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir, note)
	var children []*exec.Cmd
	for range 2 {
		c, out, stderr := start(t, "count", dir)
		go func() {
			for out.Scan() {
			}
		}()
		children = append(children, c)
		t.Cleanup(func() {
			if t.Failed() {
				t.Log(stderr)
			}
		})
	}
	for range 100 {
		add(t, db, "p")
	}
	for _, c := range children {
		if err := c.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(strings.Fields(texts(t, db))); got != 300 {
		t.Errorf("%d notes, want 300", got)
	}
}

// TestAFullDisk uses a file system of its own, of 2 MiB.
func TestAFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=2m,mode=0700"); err != nil {
		t.Fatalf("mount (as root): %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, 0) })
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 512<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), dir, note)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	kept := 0
	for err == nil {
		err = db.WriteDurable(t.Context(), statement(`INSERT INTO note (text) VALUES (?)`, strings.Repeat("x", 50_000)))
		kept++
	}
	kept--
	wantCode(t, err, core.NoSpace)
	wantCode(t, db.Backup(t.Context(), filepath.Join(dir, "copy")), core.NoSpace)
	if left, _ := filepath.Glob(filepath.Join(dir, "copy*")); len(left) > 0 {
		t.Errorf("a backup that failed left %q", left)
	}
	if got := len(strings.Fields(texts(t, db))); got != kept {
		t.Errorf("%d notes of %d can be read", got, kept)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	add(t, db, "after")
	if got := len(strings.Fields(texts(t, db))); got != kept+1 {
		t.Errorf("%d notes of %d", got, kept+1)
	}
}

// TestAStartOnAFullDisk: what is known can be read though nothing can be written,
// and writing goes on when there is room again.
func TestAStartOnAFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=2m,mode=0700"); err != nil {
		t.Fatalf("mount (as root): %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, 0) })
	db := open(t, dir, note)
	add(t, db, "known")
	db.Close()
	ballast := fill(t, dir)
	db, err := store.Open(t.Context(), dir, note)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if got := texts(t, db); got != "known" {
		t.Errorf("read %q", got)
	}
	wantCode(t, db.Write(t.Context(), statement(`INSERT INTO note (text) VALUES ('lost')`)), core.NoSpace)
	if got := texts(t, db); got != "known" {
		t.Errorf("read %q", got)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	add(t, db, "after")
	if got := texts(t, db); got != "known after" {
		t.Errorf("read %q", got)
	}
	other := open(t, dir, note) // as another process does
	add(t, other, "other")
	if got := texts(t, db); got != "known after other" {
		t.Errorf("read %q", got)
	}
}

// TestAReadOnlyDisk: what is known can be read.
func TestAReadOnlyDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=2m,mode=0700"); err != nil {
		t.Fatalf("mount (as root): %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, 0) })
	db := open(t, dir, note)
	add(t, db, "known")
	db.Close()
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), dir, note)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if got := texts(t, db); got != "known" {
		t.Errorf("read %q", got)
	}
	wantCode(t, db.Write(t.Context(), statement(`INSERT INTO note (text) VALUES ('lost')`)), core.Denied)
}

// fill takes all room that is left, and returns the file that does.
func fill(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "ballast")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, size := range []int{64 << 10, 4 << 10, 1} {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
	}
	return path
}

func TestAnotherWriterIsWaitedFor(t *testing.T) {
	dir := t.TempDir()
	one, two := open(t, dir, note), open(t, dir, note) // two pools are as two processes
	err := one.Write(t.Context(), func(tx *store.Tx) error {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		err := two.Write(ctx, statement(`INSERT INTO note (text) VALUES ('x')`))
		if err == nil {
			t.Error("two wrote at once")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	add(t, two, "x")
}
