package compose

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/limiquantix/limiquantix/core"
)

const (
	// demoPrefix begins the name of each demo's directory.
	demoPrefix = "limiquantix-demo-"
	// demoLock is held by the demo that a directory belongs to.
	demoLock = "demo.lock"
)

// demoHome makes the home directory of a demo: a new one, or the one that was
// asked for. Simulated hosts must not come into somebody's inventory: it has to
// be empty.
func demoHome(asked string) (home string, remove func(), err error) {
	if asked == "" {
		return temporaryHome(os.TempDir())
	}
	if home, err = homeOf(asked); err == nil {
		if err = os.MkdirAll(home, 0o700); err == nil {
			var held []os.DirEntry
			if held, err = os.ReadDir(home); len(held) > 0 {
				return "", nil, core.Errorf(core.Invalid, "%s is not empty: a demo has an inventory of its own", core.Printable(home, 80))
			}
		}
	}
	if err != nil {
		return "", nil, demoHomeError(err)
	}
	return home, func() { os.RemoveAll(home) }, nil
}

// temporaryHome makes a demo's home in dir, and removes those that killed demos
// left there.
func temporaryHome(dir string) (home string, remove func(), err error) {
	removeDeadHomes(dir)
	if home, err = os.MkdirTemp(dir, demoPrefix); err != nil {
		return "", nil, demoHomeError(err)
	}
	unlock, err := hold(filepath.Join(home, demoLock), true)
	if err != nil {
		os.RemoveAll(home)
		return "", nil, demoHomeError(err)
	}
	return home, func() {
		os.RemoveAll(home)
		unlock()
	}, nil
}

// removeDeadHomes removes the homes in dir whose demos are dead: they have a
// lock that nobody holds. Others' homes cannot be opened, and stay.
func removeDeadHomes(dir string) {
	homes, err := filepath.Glob(filepath.Join(dir, demoPrefix+"*"))
	if err != nil {
		return
	}
	for _, home := range homes {
		if st, err := os.Lstat(home); err != nil || !st.IsDir() {
			continue
		}
		if unlock, err := hold(filepath.Join(home, demoLock), false); err == nil {
			os.RemoveAll(home)
			unlock()
		}
	}
}

func demoHomeError(err error) error { return fmt.Errorf("make a directory for the demo: %w", err) }
