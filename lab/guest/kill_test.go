//go:build linux

package guest_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/lab/guest"
)

// builderEnv makes this test binary a builder of the tiny guest, to be killed.
const builderEnv = "LIMIQUANTIX_TEST_GUEST_BUILDER"

func TestMain(m *testing.M) {
	if cache := os.Getenv(builderEnv); cache != "" {
		if _, err := guest.Tiny(context.Background(), guest.Options{Cache: cache}); err != nil {
			os.Stderr.WriteString(err.Error())
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestKilledBuildersLeaveNothingHalfMade(t *testing.T) {
	cache := t.TempDir()
	published := func() []string {
		found, err := filepath.Glob(filepath.Join(cache, "tiny-*"))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	for _, after := range []time.Duration{50 * time.Millisecond, time.Second, 2 * time.Second} {
		builder := exec.Command(os.Args[0])
		builder.Env = append(os.Environ(), builderEnv+"="+cache)
		if err := builder.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(after)
		builder.Process.Kill()
		builder.Wait()
		for _, dir := range published() {
			checkTiny(t, dir) // it was quicker than the kill
		}
	}
	if _, err := guest.Tiny(t.Context(), guest.Options{Cache: cache}); err != nil {
		t.Fatal(err)
	}
	dirs := published()
	if len(dirs) != 1 {
		t.Fatalf("published %q", dirs)
	}
	checkTiny(t, dirs[0])
	if left, _ := filepath.Glob(filepath.Join(cache, ".build-*")); len(left) > 0 {
		t.Errorf("left over: %q", left)
	}
}

// checkTiny wants every file of a tiny guest, and a sound disk.
func checkTiny(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{"vmlinuz", "initrd", "packages", "tinycloud.qcow2"} {
		if st, err := os.Stat(filepath.Join(dir, name)); err != nil || st.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, "qemu-img", "check", "-q", filepath.Join(dir, "tinycloud.qcow2"))
}
