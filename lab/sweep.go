//go:build linux

package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// sweep removes what a lab without processes left: cgroups (killing what may
// still run in them), disks, state. The caller holds the lab's lock. A lab that
// died before it wrote its record has nothing but its state directory.
func sweep(ctx context.Context, name string) error {
	r, err := loadRecord(name)
	switch {
	case err == nil:
		for _, base := range r.Cgroups {
			if err := removeCgroups(ctx, []string{filepath.Join(base, name)}); err != nil {
				return err
			}
			os.Remove(base) // unless another lab's are in it
		}
		if err := removeDisks(r); err != nil {
			return err
		}
	case !errors.Is(err, os.ErrNotExist):
		return err
	}
	entries, err := os.ReadDir(runDir(name))
	if err != nil {
		return fmt.Errorf("clear the lab's state: %w", err)
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(runDir(name), e.Name())); err != nil {
			return fmt.Errorf("clear the lab's state: %w", err)
		}
	}
	return nil
}

// removeDisks deletes what the lab made below its disk directory, by name: the
// directory may be one that the user chose.
func removeDisks(r record) error {
	entries, err := os.ReadDir(r.diskDir())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("clear the lab's disks: %w", err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".img") || e.Name() == "shared" {
			if err := os.RemoveAll(filepath.Join(r.diskDir(), e.Name())); err != nil {
				return fmt.Errorf("clear the lab's disks: %w", err)
			}
		}
	}
	os.Remove(r.diskDir())
	if r.Options.Dir == diskRoot {
		os.Remove(diskRoot) // unless another lab is there
	}
	return nil
}

// removeState removes the emptied state directory, under the lock, as the last
// act: from then on the name is free.
func removeState(name string) error {
	if err := os.Remove(runDir(name)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the lab's directory: %w", err)
	}
	os.Remove(runRoot) // unless another lab is there
	return nil
}
