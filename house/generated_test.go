package house

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestGeneratedCodeIsUpToDate generates the API's code, for Go and for the page,
// into a folder of the test and compares. It fails where protoc or the page's
// npm packages are missing: the Makefile installs them.
func TestGeneratedCodeIsUpToDate(t *testing.T) {
	for _, g := range []struct {
		script, into string // folder of what it generates
		ours         func(name string) bool
	}{
		{"build/tools/generate.sh", ".", func(name string) bool {
			return strings.HasPrefix(name, "core/api/v1/") && (strings.HasSuffix(name, ".pb.go") || strings.HasSuffix(name, ".connect.go"))
		}},
		{"frontend/generate.sh", "frontend/src/gen", func(name string) bool { return strings.HasPrefix(name, "frontend/src/gen/") }},
	} {
		t.Run(g.script, func(t *testing.T) { checkGenerated(t, g.script, g.into, g.ours) })
	}
}

func checkGenerated(t *testing.T, script, into string, ours func(name string) bool) {
	out := t.TempDir()
	cmd := exec.Command(filepath.Join(root(t), script), out)
	if log, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("generate: %v\n%s", err, log)
	}
	made := map[string]bool{}
	err := fs.WalkDir(os.DirFS(out), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		made[filepath.Join(into, name)] = true
		want, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			return err
		}
		got, err := os.ReadFile(filepath.Join(root(t), into, name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what its .proto generates (%v): run make generate", filepath.Join(into, name), err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// Reading all files also tells the test's cache what the scripts depend on.
	files(t, func(name string, _ []byte) {
		if ours(name) && !made[name] {
			t.Errorf("%s is generated from no .proto any more", name)
		}
	})
}
