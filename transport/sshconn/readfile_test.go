//go:build unix

package sshconn

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/limiquantix/limiquantix/core"
)

func TestReadFileTakesOnlySmallFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, size int64) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("key"), 0o600); err != nil {
			t.Fatal(err)
		}
		if size > 0 {
			if err := os.Truncate(path, size); err != nil {
				t.Fatal(err)
			}
		}
		return path
	}
	link := filepath.Join(dir, "none")
	if err := os.Symlink(os.DevNull, link); err != nil {
		t.Fatal(err)
	}
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		path, want, why string
	}{
		{write("id", 0), "key", ""},
		{os.DevNull, "", ""},
		{link, "", ""},
		{write("image", 1<<30), "", "larger than 1 MiB"},
		{"/dev/zero", "", "not a regular file"},
		{pipe, "", "not a regular file"},
		{dir, "", "not a regular file"},
	} {
		got, err := readFile(test.path, core.MiB)
		if test.why == "" && (err != nil || string(got) != test.want) {
			t.Errorf("%s: got %q, %v, want %q", test.path, got, err, test.want)
		}
		if named := new(fs.PathError); test.why != "" && (!errors.As(err, &named) || !strings.Contains(err.Error(), test.why)) {
			t.Errorf("%s: got %v, want an error with %q", test.path, err, test.why)
		}
	}
	if _, err := readFile(filepath.Join(dir, "missing"), core.MiB); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: got %v", err)
	}
}

// TestEndlessFilesOfSSH: what ssh_config names is read with a bound.
func TestEndlessFilesOfSSH(t *testing.T) {
	home := t.TempDir()
	config := filepath.Join(home, "config")
	if err := os.WriteFile(config, []byte("Include /dev/zero\nHost h\nPort 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readSSHConfig(config, home); core.CodeOf(err) != core.Invalid {
		t.Errorf("Include /dev/zero: got %v, want invalid", err)
	}
	if known := readKnownHosts([]string{"/dev/zero", os.DevNull}); len(known) != 0 {
		t.Errorf("known_hosts: got %v", known)
	}
	if _, err := (&identities{}).signerOf("/dev/zero"); core.CodeOf(err) != core.Invalid {
		t.Errorf("key: got %v, want invalid", err)
	}
}
