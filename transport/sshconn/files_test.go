//go:build linux

package sshconn

import (
	"bytes"
	"crypto/rand"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/transport/sshconn/sshdtest"
)

func TestFiles(t *testing.T) {
	s := sshdtest.Start(t, sshdtest.Options{})
	for name, h := range map[string]host{
		"root": mustDial(t, config(s, "root")), "by sudo": mustDial(t, config(s, "admin")), "local": NewLocal(),
	} {
		t.Run(name, func(t *testing.T) {
			f, err := h.Files(t.Context())
			if err != nil {
				t.Fatal(describe(err))
			}
			defer f.Close()
			dir := t.TempDir() // root's: without sudo, admin could not write
			must := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(describe(err))
				}
			}
			odd := dir + "/it's $(odd) \"né\""
			must(f.Mkdir(odd, 0o750))
			wantError(t, f.Mkdir(odd, 0o750), core.Exists)
			if info, err := f.Stat(odd); err != nil || info.Mode() != fs.ModeDir|0o750 {
				t.Errorf("got %v, %v; want a directory of mode 0750", info, err)
			}
			text := make([]byte, 3<<20)
			rand.Read(text)
			must(f.WriteFile(odd+"/b", text, 0o640))
			must(f.WriteFile(odd+"/b", text, 0o600)) // over it
			must(f.WriteFile(odd+"/a", nil, 0o666))
			got, err := f.ReadFile(odd+"/b", 4*core.MiB)
			if err != nil || !bytes.Equal(got, text) {
				t.Errorf("got %d bytes, %v", len(got), err)
			}
			_, err = f.ReadFile(odd+"/b", core.MiB)
			wantError(t, err, core.Unsupported)
			list, err := f.ReadDir(odd)
			if err != nil || len(list) != 2 || list[0].Name() != "a" || list[1].Name() != "b" || list[0].Mode() != 0o666 || list[1].Mode() != 0o600 {
				t.Errorf("got %v, %v; want a of mode 0666 and b of mode 0600, nothing else", list, err)
			}

			w, err := f.OpenFile(odd+"/c", os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
			must(err)
			_, err = w.WriteAt([]byte("end"), 1<<20)
			must(err)
			must(w.Sync())
			must(w.Truncate(1<<20 + 2))
			back := make([]byte, 3)
			if n, _ := w.ReadAt(back, 1<<20-1); string(back[:n]) != "\x00en" {
				t.Errorf("got %q", back[:n])
			}
			must(w.Close())
			_, err = f.OpenFile(odd+"/c", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
			wantError(t, err, core.Exists)
			must(f.Chmod(odd+"/c", 0o400))
			must(f.Chown(odd+"/c", 12, 34))
			must(f.Rename(odd+"/c", odd+"/b"))
			os.Symlink("b", odd+"/link")
			if to, err := f.ReadLink(odd + "/link"); err != nil || to != "b" {
				t.Errorf("got %q, %v", to, err)
			}
			if info, err := f.Lstat(odd + "/link"); err != nil || info.Mode()&fs.ModeSymlink == 0 {
				t.Errorf("got %v, %v; want the link itself", info, err)
			}
			if space, err := f.Space(odd); err != nil || space.Free <= 0 || space.Total < space.Free {
				t.Errorf("got %+v, %v", space, err)
			}
			must(f.Remove(odd + "/b"))
			_, err = f.Open(odd + "/b")
			wantError(t, err, core.NotFound)
			_, err = f.Stat("relative")
			wantError(t, err, core.Invalid)
			wantError(t, f.Remove("/a\x00b"), core.Invalid)
		})
	}
	t.Run("without rights", func(t *testing.T) {
		f, err := mustDial(t, config(s, "plain")).Files(t.Context())
		if err != nil {
			t.Fatal(describe(err))
		}
		defer f.Close()
		_, err = f.Open("/etc/shadow")
		wantError(t, err, core.Denied)
		wantError(t, f.WriteFile("/etc/x", nil, 0o600), core.Denied)
	})
	t.Run("no server", func(t *testing.T) {
		cfg := []string{"Subsystem sftp /no/such/server"}
		_, err := mustDial(t, config(sshdtest.Start(t, sshdtest.Options{Config: cfg}), "root")).Files(t.Context())
		wantError(t, err, core.Unsupported)
	})
	t.Run("connection lost", func(t *testing.T) {
		c := mustDial(t, config(s, "plain"))
		f, err := c.Files(t.Context())
		if err != nil {
			t.Fatal(describe(err))
		}
		s.KillSessions()
		<-c.Done()
		_, err = f.Stat("/")
		wantError(t, err, core.Unreachable)
		f.Close()
	})
}

// A full file system is told apart, over SFTP too, which has no code for it.
func TestFullFileSystem(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "small")
	os.Mkdir(dir, 0o755)
	sshdtest.Run(t, "mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", dir)
	t.Cleanup(func() { sshdtest.Run(t, "umount", dir) })
	s := sshdtest.Start(t, sshdtest.Options{})
	for name, h := range map[string]host{"ssh": mustDial(t, config(s, "root")), "local": NewLocal()} {
		f, err := h.Files(t.Context())
		if err != nil {
			t.Fatal(describe(err))
		}
		defer f.Close()
		err = f.WriteFile(dir+"/big", make([]byte, 8<<20), 0o600)
		wantError(t, err, core.NoSpace, "free=")
		if list, err := f.ReadDir(dir); err != nil || len(list) != 0 {
			t.Errorf("%s: %v, %v is left behind", name, list, err)
		}
	}
}
