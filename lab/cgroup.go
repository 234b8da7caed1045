//go:build linux

package lab

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	cgroupRoot = "/sys/fs/cgroup"
	cgroupName = "limiquantix-lab"
)

// cgroupBases returns the directories that hold the labs' cgroups: one with
// cgroup v2, one a controller with v1, none where there are no cgroups that we
// may write (some containers).
//
// With v2 it is at the top, because a group that holds processes, as our own
// does, cannot pass controllers on. With v1 it is below our own group, since
// limits set on us should hold for the lab.
func cgroupBases() []string {
	if _, err := os.Stat(filepath.Join(cgroupRoot, "cgroup.controllers")); err == nil {
		return []string{filepath.Join(cgroupRoot, cgroupName)}
	}
	self, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return nil
	}
	var bases []string
	for line := range strings.Lines(string(self)) {
		f := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(f) != 3 || f[1] == "" {
			continue
		}
		dir := filepath.Join(cgroupRoot, strings.TrimPrefix(f[1], "name="), f[2])
		if _, err := os.Stat(filepath.Join(dir, "cgroup.procs")); err == nil {
			bases = append(bases, filepath.Join(dir, cgroupName))
		}
	}
	return bases
}

// makeCgroups makes a lab's group (or a host's in it) under each base and
// returns those that exist afterwards.
func makeCgroups(bases []string, lab, host string) []string {
	var made []string
	for _, base := range bases {
		dir := filepath.Join(base, lab, host)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			continue // read-only or not ours: the host does without
		}
		for _, d := range []string{filepath.Dir(base), base, filepath.Join(base, lab)} {
			enableControllers(d)
		}
		for _, d := range []string{base, filepath.Join(base, lab), dir} {
			inheritCPUSet(d)
		}
		made = append(made, dir)
	}
	return made
}

// enableControllers passes v2 controllers on to the groups below dir, each
// that can be.
func enableControllers(dir string) {
	have, err := os.ReadFile(filepath.Join(dir, "cgroup.controllers"))
	if err != nil {
		return
	}
	for c := range strings.FieldsSeq(string(have)) {
		os.WriteFile(filepath.Join(dir, "cgroup.subtree_control"), []byte("+"+c), 0)
	}
}

// inheritCPUSet fills what a new v1 cpuset leaves empty: nothing may join it before.
func inheritCPUSet(dir string) {
	for _, f := range []string{"cpuset.cpus", "cpuset.mems"} {
		own, err := os.ReadFile(filepath.Join(dir, f))
		if err != nil || strings.TrimSpace(string(own)) != "" {
			continue
		}
		if up, err := os.ReadFile(filepath.Join(filepath.Dir(dir), f)); err == nil {
			os.WriteFile(filepath.Join(dir, f), up, 0)
		}
	}
}

func joinCgroups(dirs []string, pid int) error {
	for _, d := range dirs {
		if err := os.WriteFile(filepath.Join(d, "cgroup.procs"), []byte(strconv.Itoa(pid)), 0); err != nil {
			return fmt.Errorf("join cgroup: %w", err)
		}
	}
	return nil
}

// removeCgroups kills what still runs in the given groups and below, and
// removes them. It returns when they are gone, so that nothing of a host runs
// afterwards.
func removeCgroups(ctx context.Context, dirs []string) error {
	for _, dir := range dirs {
		for {
			err := removeTree(dir)
			if err == nil || errors.Is(err, fs.ErrNotExist) {
				break
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("remove cgroup: %w", err)
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	return nil
}

func removeTree(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() {
			if err := removeTree(filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	procs, _ := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
	for p := range strings.FieldsSeq(string(procs)) {
		if pid, err := strconv.Atoi(p); err == nil && pid > 1 {
			unix.Kill(pid, unix.SIGKILL)
		}
	}
	return unix.Rmdir(dir)
}
