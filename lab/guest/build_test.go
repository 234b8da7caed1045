//go:build linux

package guest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core"
)

func TestConcurrentCallersBuildOnce(t *testing.T) {
	opt := Options{Cache: filepath.Join(t.TempDir(), "new"), Progress: func(string) {}}
	var mu sync.Mutex
	builds := 0
	build := func(_ context.Context, _, out string) error {
		mu.Lock()
		defer mu.Unlock()
		builds++
		return os.WriteFile(filepath.Join(out, "disk"), []byte("x"), 0o644)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			dir, err := opt.cached(t.Context(), "test", "key", build)
			if err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(filepath.Join(dir, "disk")); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if builds != 1 {
		t.Errorf("%d builds, want 1", builds)
	}
	wantEntries(t, opt.Cache, "test-key", "test.lock")
}

func TestFailedBuildLeavesNothing(t *testing.T) {
	opt := Options{Cache: t.TempDir(), Progress: func(string) {}}
	broken := errors.New("broken")
	_, err := opt.cached(t.Context(), "test", "key", func(_ context.Context, _, out string) error {
		os.WriteFile(filepath.Join(out, "half"), nil, 0o644)
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
	wantEntries(t, opt.Cache, "test.lock")
}

func TestNextBuilderSweepsAfterAKilledOne(t *testing.T) {
	opt := Options{Cache: t.TempDir(), Progress: func(string) {}}
	left := filepath.Join(opt.Cache, ".build-test-123", "tree", "dev")
	if err := os.MkdirAll(left, 0o755); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(opt.Cache, ".build-other-123") // another guest's builder may be at work
	if err := os.Mkdir(other, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := opt.cached(t.Context(), "test", "key", func(context.Context, string, string) error { return nil }); err != nil {
		t.Fatal(err)
	}
	wantEntries(t, opt.Cache, ".build-other-123", "test-key", "test.lock")
}

func TestWaitingForTheLockEndsWithTheContext(t *testing.T) {
	opt := Options{Cache: t.TempDir(), Progress: func(string) {}}
	unlock, err := opt.lock(t.Context(), filepath.Join(opt.Cache, "test.lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithCancel(t.Context())
	opt.Progress = func(string) { cancel() } // it says that it waits
	_, err = opt.cached(ctx, "test", "key", nil)
	if core.CodeOf(err) != core.Canceled {
		t.Errorf("error %v, want canceled", err)
	}
}

func TestFullFileSystemIsFoundBefore(t *testing.T) {
	if err := requireSpace(t.TempDir(), core.KiB); err != nil {
		t.Error(err)
	}
	if err := requireSpace(t.TempDir(), 1000*core.PiB); core.CodeOf(err) != core.NoSpace {
		t.Errorf("got %v, want no space", err)
	}
}

func TestRemoveTreeRefusesMounts(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "with space")
	point := filepath.Join(dir, "tree", "dev")
	if err := os.MkdirAll(point, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", point, "tmpfs", 0, ""); err != nil {
		t.Fatal(err)
	}
	keep := filepath.Join(point, "null")
	os.WriteFile(keep, nil, 0o644)
	err := removeTree(dir)
	_, still := os.Stat(keep)
	if err := syscall.Unmount(point, 0); err != nil {
		t.Fatal(err)
	}
	if err == nil || still != nil {
		t.Errorf("removed through a mount: %v, %v", err, still)
	}
	if err := removeTree(dir); err != nil {
		t.Error(err)
	}
}

func TestIsolatedCommandLeavesNoProcessAndNoMount(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() {
		// A child in a session of its own would survive a kill of the group.
		done <- runIsolated(ctx, "sh", "-c", `mount -t tmpfs t "$1"; setsid sleep 1234.5 & touch "$2"; wait`, "sh", dir, dir+".up")
	}()
	for {
		if _, err := os.Stat(dir + ".up"); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if found, err := mountsBelow(dir); err != nil || len(found) != 0 {
		t.Errorf("mounts %v, %v", found, err)
	}
	cancel()
	if err := <-done; core.CodeOf(err) != core.Canceled {
		t.Errorf("error %v, want canceled", err)
	}
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range lines {
		if text, _ := os.ReadFile(file); bytes.Contains(text, []byte("sleep\x001234.5")) {
			t.Errorf("%s still runs", file)
		}
	}
}

func TestCommandErrorTellsWhatItSaid(t *testing.T) {
	err := run(t.Context(), "sh", "-c", "yes noise | head -c 100000 >&2; echo the reason >&2; exit 3")
	if err == nil || !strings.HasSuffix(err.Error(), "the reason") || len(err.Error()) > 3000 {
		t.Errorf("got %v", err)
	}
}

func TestArchiveIsReadByBusybox(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "initrd")
	err := writeInitrd(out, func(a *archive) error {
		a.dir("proc")
		a.char("dev/console", 5, 1)
		a.file("etc/one/two", 0o640, []byte("12345"))
		a.link("bin/sh", "busybox")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	tree := filepath.Join(dir, "tree")
	os.Mkdir(tree, 0o755)
	cmd := exec.Command("busybox", "sh", "-c", `zcat "$1" | busybox cpio -idm`, "sh", out)
	cmd.Dir = tree
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("cpio: %v: %s", err, out)
	}
	if data, err := os.ReadFile(filepath.Join(tree, "etc/one/two")); string(data) != "12345" {
		t.Errorf("file holds %q, %v", data, err)
	}
	if to, err := os.Readlink(filepath.Join(tree, "bin/sh")); to != "busybox" {
		t.Errorf("link to %q, %v", to, err)
	}
	var st syscall.Stat_t
	if err := syscall.Stat(filepath.Join(tree, "dev/console"), &st); err != nil || st.Mode&syscall.S_IFMT != syscall.S_IFCHR || st.Rdev != 5<<8|1 {
		t.Errorf("console is %o %x, %v", st.Mode, st.Rdev, err)
	}
}

func TestSfdiskAcceptsTheGPT(t *testing.T) {
	d, err := newDisk(t.TempDir(), 64*core.MiB,
		partition{kind: typeBIOSBoot, name: "grub", first: 2048, sectors: 2048},
		partition{kind: typeESP, name: "böot", first: 4096, sectors: 61 * 2048})
	if err != nil {
		t.Fatal(err)
	}
	defer d.file.Close()
	out, err := exec.Command("sfdisk", "--verify", d.file.Name()).CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("No errors detected")) {
		t.Errorf("sfdisk --verify: %v: %s", err, out)
	}
	out, err = exec.Command("sfdisk", "--json", d.file.Name()).Output()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		PartitionTable struct {
			Label      string
			Partitions []struct {
				Start, Size int64
				Type, Name  string
			}
		}
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	p := got.PartitionTable.Partitions
	if got.PartitionTable.Label != "gpt" || len(p) != 2 || p[1].Start != 4096 || p[1].Size != 61*2048 || p[1].Type != typeESP || p[1].Name != "böot" {
		t.Errorf("sfdisk reads %s", out)
	}
}

func TestPartitionsThatDoNotFitAreRefused(t *testing.T) {
	for name, parts := range map[string][]partition{
		"over the table":  {{kind: typeESP, first: 33, sectors: 10}},
		"over the end":    {{kind: typeESP, first: 2048, sectors: 2048}},
		"over each other": {{kind: typeESP, first: 100, sectors: 100}, {kind: typeESP, first: 199, sectors: 1}},
		"empty":           {{kind: typeESP, first: 100}},
	} {
		if d, err := newDisk(t.TempDir(), 2*core.MiB, parts...); err == nil {
			d.file.Close()
			t.Errorf("%s: accepted", name)
		}
	}
}

func wantEntries(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s holds %q, want %q", filepath.Base(dir), got, want)
	}
}
