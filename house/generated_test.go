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

// TestGeneratedCodeIsUpToDate generates the API's Go code into a folder of the
// test and compares. It fails where protoc is missing: the Makefile installs it.
func TestGeneratedCodeIsUpToDate(t *testing.T) {
	out := t.TempDir()
	var have []string
	// The test's cache must know the inputs: what the script reads is not seen by it.
	files(t, func(name string, _ []byte) {
		if strings.HasPrefix(name, "core/api/v1/") && (strings.HasSuffix(name, ".pb.go") || strings.HasSuffix(name, ".connect.go")) {
			have = append(have, name)
		}
	})
	cmd := exec.Command(filepath.Join(root(t), "build/tools/generate.sh"), out)
	if log, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("generate: %v\n%s", err, log)
	}
	made := map[string]bool{}
	err := fs.WalkDir(os.DirFS(out), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		made[name] = true
		want, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			return err
		}
		got, err := os.ReadFile(filepath.Join(root(t), name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what its .proto generates (%v): run make generate", name, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range have {
		if !made[name] {
			t.Errorf("%s is generated from no .proto any more", name)
		}
	}
}
