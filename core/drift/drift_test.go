package drift

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sample returns one state of a VM of testdata; "" when it could not be had
// (what the test's host has no hardware for does not run).
func sample(t testing.TB, name, state string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+"."+state+".xml"))
	if err != nil && (state != "running" || !os.IsNotExist(err)) {
		t.Fatal(err)
	}
	return string(b)
}

// samples are the names of the VMs of testdata.
func samples(t testing.TB) (names []string) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.sent.xml")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	for _, f := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(f), ".sent.xml"))
	}
	return names
}

func compare(t testing.TB, s States) Report {
	t.Helper()
	r, err := Compare(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWhatLibvirtDoesIsNoDrift(t *testing.T) {
	for _, name := range samples(t) {
		sent, defined, running := sample(t, name, "sent"), sample(t, name, "defined"), sample(t, name, "running")
		for how, s := range map[string]States{
			"defined":          {Applied: sent, Defined: defined},
			"started":          {Applied: sent, Defined: defined, Running: running},
			"settled, started": {Applied: defined, Defined: defined, Running: running},
		} {
			t.Run(name+" "+how, func(t *testing.T) {
				for _, f := range compare(t, s).Fields {
					t.Errorf("%s\n\t%+v", f, f)
				}
			})
		}
	}
}
