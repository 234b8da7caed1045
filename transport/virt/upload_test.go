package virt_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/storage"
	"github.com/limiquantix/limiquantix/lab"
	"github.com/limiquantix/limiquantix/lab/labtest"
	"github.com/limiquantix/limiquantix/transport/virt"
)

// both runs a test for both ways to upload.
func both(t *testing.T, h realHost, test func(t *testing.T, o virt.Options)) {
	for _, way := range []string{"files", "libvirt"} {
		t.Run(way, func(t *testing.T) {
			o := h.options(t, "qemu:///system")
			if way == "files" {
				o.Files = func(context.Context) (virt.Files, error) { return rooted{h.root}, nil }
			}
			test(t, o)
		})
	}
}

// left lists what is in the default pool's directory.
func left(t *testing.T, h realHost) []string {
	t.Helper()
	entries, err := os.ReadDir(h.root + "/var/lib/libvirt/images")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// TestUploadedBytes: what is on the host is what was sent, qcow2 is seen as
// such, and a base image can be read by QEMU's user.
func TestUploadedBytes(t *testing.T) {
	h := newHost(t)
	image, err := h.lab.Exec(t.Context(), "kvm1", "sh", "-c", "cd /tmp && qemu-img create -q -f qcow2 i.qcow2 64M && cat i.qcow2")
	if err != nil {
		t.Fatal(err)
	}
	both(t, h, func(t *testing.T, o virt.Options) {
		c := h.open(t, o)
		name := filepath.Base(t.Name()) + ".qcow2"
		u := storage.Upload{Pool: "default", Name: name, Format: "qcow2", Size: core.Bytes(len(image)), Token: "a1"}
		if err := c.PutVolume(t.Context(), u, bytes.NewReader(image)); err != nil {
			t.Fatal(err)
		}
		v, err := c.Volume(t.Context(), "default", name)
		if err != nil || v.Format != "qcow2" || v.Capacity != 64*core.MiB {
			t.Errorf("volume is %+v, %v", v, err)
		}
		got, err := os.ReadFile(h.root + v.Path)
		if err != nil || !bytes.Equal(got, image) {
			t.Errorf("%d bytes on the host, %d sent: %v", len(got), len(image), err)
		}
		if info, err := os.Stat(h.root + v.Path); o.Files != nil && (err != nil || info.Mode().Perm() != 0o644) {
			t.Errorf("mode %v, %v; want 0644", info.Mode(), err)
		}
	})
}

// TestUploadInterrupted: the connection is lost in the middle; nothing is
// listed under the name's pretence of wholeness, and DiscardUpload clears up.
func TestUploadInterrupted(t *testing.T) {
	h := newHost(t)
	both(t, h, func(t *testing.T, o virt.Options) {
		c := h.open(t, o)
		before := left(t, h)
		u := storage.Upload{Pool: "default", Name: filepath.Base(t.Name()) + "-broken.img", Format: "raw", Size: 64 * core.MiB, Token: "b2"}
		r := io.MultiReader(bytes.NewReader(make([]byte, 8<<20)), cut{func() { c.Close() }})
		within(t, time.Minute, "the upload", func() {
			if err := c.PutVolume(context.Background(), u, r); err == nil {
				t.Error("no error")
			}
		})
		c = h.open(t, o)
		if o.Files == nil {
			if _, err := c.Volume(t.Context(), "default", ".lqx-b2.part"); err != nil {
				t.Errorf("an unfinished upload has no mark: %v", err)
			}
		}
		for range 2 { // nothing there is no error
			if err := c.DiscardUpload(t.Context(), u); err != nil {
				t.Error(err)
			}
		}
		if after := left(t, h); len(after) != len(before) {
			t.Errorf("before: %v, after: %v", before, after)
		}
	})
}

// cut does something at the first read, and then has no more data for long enough.
type cut struct{ do func() }

func (c cut) Read(p []byte) (int, error) {
	c.do()
	return len(p), nil
}

// TestUploadFillsTheDisk: space that vanishes meanwhile is named, with nothing left.
func TestUploadFillsTheDisk(t *testing.T) {
	l := labtest.Up(t, lab.Options{More: []lab.HostOptions{{Name: "kvm1", DiskSize: 256 * core.MiB}}})
	info, err := l.Host(t.Context(), "kvm1")
	if err != nil {
		t.Fatal(err)
	}
	h := hostOf(l, info)
	both(t, h, func(t *testing.T, o virt.Options) {
		c := h.open(t, o)
		before := left(t, h)
		filled := false
		r := readFunc(func(p []byte) (int, error) {
			if !filled {
				filled = true
				fault(t, h, lab.FillDisk)
			}
			return len(p), nil
		})
		u := storage.Upload{Pool: "default", Name: "big.img", Format: "raw", Size: 100 * core.MiB, Token: "c3"}
		err := c.PutVolume(t.Context(), u, r)
		if core.CodeOf(err) != core.NoSpace {
			t.Errorf("got %v (%s)", err, core.CodeOf(err))
		}
		fault(t, h, lab.Heal)
		if err := c.RefreshPool(t.Context(), "default"); err != nil {
			t.Error(err)
		}
		if after := left(t, h); strings.Join(after, " ") != strings.Join(before, " ") {
			t.Errorf("before: %v, after: %v", before, after)
		}
	})
}

type readFunc func(p []byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

// TestConsoleOfAFrozenHost: a console ends when its host is found dead.
func TestConsoleOfAFrozenHost(t *testing.T) {
	h := newHost(t)
	c := h.open(t, h.options(t, "qemu:///system"))
	xml := strings.Replace(smallVM("con"), "</domain>", "<devices><serial type='pty'/></devices></domain>", 1)
	uuid, err := c.DefineVM(t.Context(), xml)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.StartVM(t.Context(), uuid); err != nil {
		t.Fatal(err)
	}
	console, err := c.OpenSerial(t.Context(), uuid)
	if err != nil {
		t.Fatal(err)
	}
	defer console.Close()
	fault(t, h, lab.FreezeLibvirtd)
	defer fault(t, h, lab.Heal)
	within(t, time.Minute, "the console", func() { io.Copy(io.Discard, console) })
	over(t, c)
}
