package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A module whose tests fail the first time, always, or by a panic.
const flakyModule = `package x

import (
	"os"
	"testing"
)

func TestGood(t *testing.T) {}

func TestFlaky(t *testing.T) {
	if f, err := os.OpenFile("seen", os.O_CREATE|os.O_EXCL, 0o600); err == nil {
		f.Close()
		t.Fatal("the first time")
	}
}
`

func TestAFailedTestIsRunAgainAlone(t *testing.T) {
	for _, tc := range []struct {
		name, more string
		status     int
		line       string // one of the results
	}{
		{"flaky", "", 0, "pass\tx:TestFlaky"},
		{"wrong", `func TestWrong(t *testing.T) { t.Fatal("always") }`, 1, "fail\tx:TestWrong"},
		{"panics", `func TestZPanics(t *testing.T) { panic("no") }`, 1, "fail\tx:TestFlaky"},
		{"too many", "func TestA(t *testing.T) { TestFail(t) }\nfunc TestB(t *testing.T) { TestFail(t) }\nfunc TestFail(t *testing.T) { t.Fail() }\n", 1, "fail\tx:TestFlaky"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "go.mod"), "module x\n")
			write(t, filepath.Join(dir, "x_test.go"), flakyModule+tc.more)
			t.Chdir(dir)
			status, err := run("results.tsv", []string{"-vet=off", "./..."})
			if err != nil {
				t.Fatal(err)
			}
			if (status != 0) != (tc.status != 0) {
				t.Errorf("status %d, want %d", status, tc.status)
			}
			results, err := os.ReadFile("results.tsv")
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(results), tc.line+"\n") {
				t.Errorf("results:\n%s\nwithout %q", results, tc.line)
			}
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
