package cloudinit

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kdomanski/iso9660"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/image/header"
)

func tool(t *testing.T, argv ...string) string {
	t.Helper()
	out, err := exec.Command(argv[0], argv[1:]...).Output()
	if err != nil {
		t.Fatalf("%v: %v", argv, err)
	}
	return string(out)
}

func TestISOIsReadByRealTools(t *testing.T) {
	for name, c := range configs() {
		t.Run(name, func(t *testing.T) {
			seed, err := Render(c)
			if err != nil {
				t.Fatal(err)
			}
			iso, err := ISO(seed)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "seed.iso")
			if err := os.WriteFile(path, iso, 0o600); err != nil {
				t.Fatal(err)
			}
			if got := tool(t, "/usr/sbin/blkid", "-p", "-o", "export", path); !strings.Contains(got, "\nLABEL=cidata\n") || !strings.Contains(got, "\nTYPE=iso9660\n") {
				t.Errorf("blkid says %s", got)
			}
			want := map[string]string{"user-data": string(seed.UserData), "meta-data": string(seed.MetaData)}
			if seed.NetworkConfig != nil {
				want["network-config"] = string(seed.NetworkConfig)
			}
			for _, names := range []string{"-R", "-J"} {
				checkFiles(t, path, names, want)
			}
			if again, _ := ISO(seed); !bytes.Equal(again, iso) {
				t.Error("making it again gives other bytes")
			}
			if info, err := header.Read(bytes.NewReader(iso), int64(len(iso))); err != nil || info.Format != header.ISO || info.Check() != nil {
				t.Errorf("our own reader says %+v, %v", info, err)
			}
		})
	}
}

// checkFiles compares what isoinfo finds under the Rock Ridge (-R) or Joliet
// (-J) names.
func checkFiles(t *testing.T, path, names string, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	for _, f := range strings.Fields(tool(t, "isoinfo", names, "-f", "-i", path)) {
		got[strings.TrimPrefix(f, "/")] = tool(t, "isoinfo", names, "-x", f, "-i", path)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s: %s", names, d)
	}
}

// An independent reader that follows Rock Ridge: kdomanski/iso9660.
func TestISOIsReadByAnotherLibrary(t *testing.T) {
	seed, err := Render(configs()["network"])
	if err != nil {
		t.Fatal(err)
	}
	b, err := ISO(seed)
	if err != nil {
		t.Fatal(err)
	}
	img, err := iso9660.OpenImage(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if label, err := img.Label(); label != Label || err != nil {
		t.Errorf("label %q, %v", label, err)
	}
	root, err := img.RootDir()
	if err != nil {
		t.Fatal(err)
	}
	files, err := root.GetChildren()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		got = append(got, f.Name())
		if f.Mode().Perm() != 0o400 {
			t.Errorf("%s has mode %v", f.Name(), f.Mode())
		}
	}
	if d := cmp.Diff([]string{"meta-data", "network-config", "user-data"}, got); d != "" {
		t.Error(d)
	}
}

// busybox finds file systems by looking at up to 128 KiB, and gives up at the end
// of a smaller disk: see padding.
func TestISOIsFoundByBusybox(t *testing.T) {
	iso, err := ISO(Seed{MetaData: []byte("a"), UserData: []byte("b")})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "seed.iso")
	if err := os.WriteFile(path, iso, 0o600); err != nil {
		t.Fatal(err)
	}
	loop := strings.TrimSpace(tool(t, "losetup", "--find", "--show", "--read-only", path))
	defer tool(t, "losetup", "--detach", loop)
	if got := strings.TrimSpace(tool(t, "busybox", "findfs", "LABEL=cidata")); !strings.HasPrefix(got, "/dev/") {
		t.Errorf("got %q", got)
	}
}

func TestISOBounds(t *testing.T) {
	for _, size := range []int{0, 1, 2047, 2048, 2049} {
		b, err := ISO(Seed{MetaData: []byte("a"), UserData: bytes.Repeat([]byte("x"), size)})
		if want := (filesAt + 1 + (size+2047)/2048 + padding) * 2048; err != nil || len(b) != want {
			t.Errorf("%d bytes of user-data: got %d, %v; want %d", size, len(b), err, want)
		}
	}
	if _, err := ISO(Seed{UserData: make([]byte, maxISO+1)}); core.CodeOf(err) != core.Invalid {
		t.Errorf("too large: %v", err)
	}
}
