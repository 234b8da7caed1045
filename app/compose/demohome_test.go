package compose

import (
	"os"
	"path/filepath"
	"testing"
)

func TestOnlyHomesOfDeadDemosAreRemoved(t *testing.T) {
	dir := t.TempDir()
	live, remove, err := temporaryHome(dir)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := t.TempDir()
	kept := map[string]bool{live: true, elsewhere: true}
	make := func(name, lock string) string {
		home := filepath.Join(dir, name)
		if err := os.Mkdir(home, 0o700); err != nil {
			t.Fatal(err)
		}
		if lock != "" {
			if err := os.WriteFile(filepath.Join(home, lock), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return home
	}
	dead := make("limiquantix-demo-dead", demoLock)
	kept[make("limiquantix-demo-young", "")] = true // its lock is about to be made
	kept[make("somebody-else", demoLock)] = true
	link := filepath.Join(dir, "limiquantix-demo-link")
	if err := os.Symlink(elsewhere, link); err != nil {
		t.Fatal(err)
	}
	kept[link] = true
	if err := os.WriteFile(filepath.Join(elsewhere, demoLock), nil, 0o600); err != nil {
		t.Fatal(err)
	}

	second, removeSecond, err := temporaryHome(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dead); !os.IsNotExist(err) {
		t.Errorf("the dead demo's home is still there: %v", err)
	}
	for path := range kept {
		if _, err := os.Lstat(path); err != nil {
			t.Error(err)
		}
	}
	remove()
	removeSecond()
	for _, home := range []string{live, second} {
		if _, err := os.Stat(home); !os.IsNotExist(err) {
			t.Errorf("%s is still there after its demo: %v", home, err)
		}
	}
}
