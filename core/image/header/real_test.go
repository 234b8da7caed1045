package header

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/limiquantix/limiquantix/core"
)

// run runs a real tool in dir. To make a LUKS key, qemu-img measures itself, and fails
// where the kernel's clock of CPU time did not tick meanwhile: then it is run again.
func run(t testing.TB, dir string, argv ...string) []byte {
	t.Helper()
	for attempt := 1; ; attempt++ {
		cmd := exec.Command(argv[0], argv[1:]...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		switch {
		case err == nil:
			return out
		case attempt == 100 || !bytes.Contains(out, []byte("Unable to get accurate CPU usage")):
			t.Fatalf("%v: %v\n%s", argv, err, out)
		}
	}
}

func readFile(t testing.TB, path string) (Info, error) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	return Read(f, st.Size())
}

// qemuInfo is what QEMU itself says of an image.
type qemuInfo struct {
	VirtualSize int64  `json:"virtual-size"`
	Backing     string `json:"backing-filename"`
	Encrypted   bool   `json:"encrypted"`
	Format      string `json:"format"`
	ClusterSize int64  `json:"cluster-size"`
	Specific    struct {
		Data struct {
			DataFile    string `json:"data-file"`
			Compression string `json:"compression-type"`
		} `json:"data"`
	} `json:"format-specific"`
}

func askQEMU(t testing.TB, format, path string) qemuInfo {
	t.Helper()
	var q qemuInfo
	if err := json.Unmarshal(run(t, "", "qemu-img", "info", "--output=json", "-f", format, path), &q); err != nil {
		t.Fatal(err)
	}
	return q
}

func TestImagesMadeByQEMUAreReadAsQEMUReadsThem(t *testing.T) {
	dir := t.TempDir()
	create := func(args ...string) []string { return append([]string{"qemu-img", "create", "-q"}, args...) }
	luks := []string{"--object", "secret,id=s,data=abc123"}
	data := filepath.Join(dir, "data.raw")
	if err := os.WriteFile(data, bytes.Repeat([]byte("limiquantix test data\n"), 50000), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, dir, "truncate", "-s", "2M", data)
	run(t, dir, create("-f", "qcow2", "base.qcow2", "10M")...)
	convert := func(args ...string) []string {
		return append([]string{"qemu-img", "convert", "-f", "raw", "data.raw"}, args...)
	}
	for _, tc := range []struct {
		name   string // of the file and the test
		argv   []string
		format Format
		kind   string // Subtype
		refuse string // "" when Check passes, else part of its sentence
	}{
		{"plain.qcow2", create("-f", "qcow2", "plain.qcow2", "1G"), Qcow2, "", ""},
		{"v2.qcow2", create("-f", "qcow2", "-o", "compat=0.10", "v2.qcow2", "1G"), Qcow2, "", ""},
		{"small-clusters.qcow2", create("-f", "qcow2", "-o", "cluster_size=512", "small-clusters.qcow2", "64M"), Qcow2, "", ""},
		{"large-clusters.qcow2", create("-f", "qcow2", "-o", "cluster_size=2M,extended_l2=on", "large-clusters.qcow2", "1T"), Qcow2, "", ""},
		{"extended-l2.qcow2", create("-f", "qcow2", "-o", "extended_l2=on", "extended-l2.qcow2", "1G"), Qcow2, "", ""},
		{"lazy.qcow2", create("-f", "qcow2", "-o", "lazy_refcounts=on,preallocation=metadata", "lazy.qcow2", "1G"), Qcow2, "", ""},
		{"60T.qcow2", create("-f", "qcow2", "-o", "cluster_size=2M", "60T.qcow2", "60T"), Qcow2, "", ""},
		{"100T.qcow2", create("-f", "qcow2", "-o", "cluster_size=2M", "100T.qcow2", "100T"), Qcow2, "", "100 TiB"},
		{"zstd.qcow2", convert("-c", "-O", "qcow2", "-o", "compression_type=zstd", "zstd.qcow2"), Qcow2, "", ""},
		{"zlib.qcow2", convert("-c", "-O", "qcow2", "zlib.qcow2"), Qcow2, "", ""},
		{"backing.qcow2", create("-f", "qcow2", "-b", "base.qcow2", "-F", "qcow2", "backing.qcow2"), Qcow2, "", `lies over another file, "base.qcow2"`},
		{"passwd.qcow2", create("-f", "qcow2", "-b", "/etc/passwd", "-F", "raw", "passwd.qcow2", "1M"), Qcow2, "", "/etc/passwd"},
		{"json.qcow2", create("-f", "qcow2", "-u", "-b", `json:{"driver":"raw","file":{"driver":"file","filename":"/etc/passwd"}}`, "-F", "raw", "json.qcow2", "1M"), Qcow2, "", "json:"},
		{"data-file.qcow2", create("-f", "qcow2", "-o", "data_file=outside.raw", "data-file.qcow2", "10M"), Qcow2, "", "outside.raw"},
		{"data-file-raw.qcow2", create("-f", "qcow2", "-o", "data_file=outside2.raw,data_file_raw=on", "data-file-raw.qcow2", "10M"), Qcow2, "", "outside2.raw"},
		{"luks.qcow2", create(append(luks, "-f", "qcow2", "-o", "encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10", "luks.qcow2", "10M")...), Qcow2, "", "encrypted"},
		{"plain.vmdk", convert("-O", "vmdk", "plain.vmdk"), VMDK, "monolithicSparse", ""},
		{"stream.vmdk", convert("-O", "vmdk", "-o", "subformat=streamOptimized", "stream.vmdk"), VMDK, "streamOptimized", ""},
		{"flat.vmdk", convert("-O", "vmdk", "-o", "subformat=monolithicFlat", "flat.vmdk"), VMDK, "monolithicFlat", "flat-flat.vmdk"},
		{"split.vmdk", convert("-O", "vmdk", "-o", "subformat=twoGbMaxExtentSparse", "split.vmdk"), VMDK, "twoGbMaxExtentSparse", "split-s001.vmdk"},
		{"child.vmdk", create("-f", "vmdk", "-b", "plain.vmdk", "-F", "vmdk", "child.vmdk"), VMDK, "monolithicSparse", "plain.vmdk"},
		{"plain.vdi", convert("-O", "vdi", "plain.vdi"), VDI, "dynamic", ""},
		{"static.vdi", convert("-O", "vdi", "-o", "static=on", "static.vdi"), VDI, "static", ""},
		{"dynamic.vpc", convert("-O", "vpc", "dynamic.vpc"), VHD, "dynamic", ""},
		{"dynamic-exact.vpc", convert("-O", "vpc", "-o", "force_size=on", "dynamic-exact.vpc"), VHD, "dynamic", ""},
		{"fixed.vpc", convert("-O", "vpc", "-o", "subformat=fixed", "fixed.vpc"), VHD, "fixed", ""},
		{"plain.vhdx", convert("-O", "vhdx", "plain.vhdx"), VHDX, "dynamic", ""},
		{"fixed.vhdx", convert("-O", "vhdx", "-o", "subformat=fixed", "fixed.vhdx"), VHDX, "dynamic", ""},
		{"blank.raw", create("-f", "raw", "blank.raw", "3M"), Raw, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			run(t, dir, tc.argv...)
			path := filepath.Join(dir, tc.name)
			got, err := readFile(t, path)
			if err != nil {
				t.Fatal(err)
			}
			if got.Format != tc.format || got.Subtype != tc.kind {
				t.Errorf("got %s %q, want %s %q", got.Format, got.Subtype, tc.format, tc.kind)
			}
			checkRefusal(t, got, tc.refuse)
			if tc.name == "json.qcow2" || tc.name == "luks.qcow2" {
				return // QEMU opens what it names, or asks for the key
			}
			q := askQEMU(t, string(tc.format), path)
			if int64(got.VirtualSize) != q.VirtualSize || got.Encrypted != q.Encrypted || got.BackingFile != q.Backing {
				t.Errorf("got %+v, QEMU says %+v", got, q)
			}
			if tc.format == Qcow2 && (got.DataFile != q.Specific.Data.DataFile || int64(got.ClusterSize) != q.ClusterSize) {
				t.Errorf("got %+v, QEMU says %+v", got, q)
			}
			if c := q.Specific.Data.Compression; c != "" && tc.format == Qcow2 && c != got.Compression {
				t.Errorf("got compression %q, QEMU says %q", got.Compression, c)
			}
		})
	}
}

func checkRefusal(t *testing.T, info Info, want string) {
	t.Helper()
	err := info.Check()
	if want == "" {
		if err != nil {
			t.Errorf("refused: %v", err)
		}
		return
	}
	if core.CodeOf(err) != core.BadImage || !strings.Contains(err.Error(), want) || core.AsError(err).Hint == "" {
		t.Errorf("got %v, want a refusal with %q and a hint", err, want)
	}
}

func TestSnapshotsAndISO(t *testing.T) {
	dir := t.TempDir()
	run(t, dir, "qemu-img", "create", "-q", "-f", "qcow2", "s.qcow2", "10M")
	run(t, dir, "qemu-img", "snapshot", "-c", "one", "s.qcow2")
	run(t, dir, "qemu-img", "snapshot", "-c", "two", "s.qcow2")
	if got, err := readFile(t, filepath.Join(dir, "s.qcow2")); err != nil || got.Snapshots != 2 || got.Check() != nil {
		t.Errorf("got %+v, %v", got, err)
	}
	run(t, dir, "genisoimage", "-quiet", "-J", "-R", "-V", "test", "-o", "cd.iso", "s.qcow2")
	got, err := readFile(t, filepath.Join(dir, "cd.iso"))
	if err != nil || got.Format != ISO || got.VirtualSize <= 0 || got.Check() != nil {
		t.Errorf("got %+v, %v", got, err)
	}
	run(t, dir, "truncate", "-s", "100K", "cd.iso")
	if _, err := readFile(t, filepath.Join(dir, "cd.iso")); core.CodeOf(err) != core.BadImage {
		t.Errorf("a CD image that is cut off: %v", err)
	}
}

func TestCompressedFilesAreNamed(t *testing.T) {
	dir := t.TempDir()
	run(t, dir, "qemu-img", "create", "-q", "-f", "qcow2", "a.qcow2", "10M")
	for name, argv := range map[string][]string{
		"gzip":    {"gzip", "-k", "a.qcow2"},
		"xz":      {"xz", "-k", "a.qcow2"},
		"archive": {"tar", "-cf", "a.qcow2.ova", "a.qcow2"},
	} {
		run(t, dir, argv...)
		files, _ := filepath.Glob(filepath.Join(dir, "a.qcow2.*"))
		_, err := readFile(t, files[0])
		if core.CodeOf(err) != core.Unsupported || !strings.Contains(err.Error(), name) || core.AsError(err).Hint == "" {
			t.Errorf("%s: %v", name, err)
		}
		os.Remove(files[0])
	}
}
