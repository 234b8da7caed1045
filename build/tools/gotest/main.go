// Command gotest runs "go test -json" with its arguments after the first, prints
// what plain go test would print, and writes how each test ended to the file
// named by the first argument, for the ledger of capabilities:
//
//	gotest .cache/tests.tsv -timeout 60m ./...
//
// A skipped test fails the run: a part that a test needs is installed, not done
// without. Its exit status is that of go test, or 1.
//
// Where few tests failed, they are run once more, alone: with real hosts under
// emulation beside them, some fail on a loaded machine. One that passes then is
// named FLAKY in the last lines, and the run does not fail for it
// (docs/decisions/0010-flaky-tests.md).
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

const module = "github.com/limiquantix/limiquantix/"

// event is one line of go test -json. Source: go doc test2json, go help buildjson.
type event struct {
	Action, Package, Test, Output, ImportPath string
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: gotest RESULTS ARGUMENTS-OF-GO-TEST")
		os.Exit(2)
	}
	status, err := run(os.Args[1], os.Args[2:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "gotest:", err)
		status = 1
	}
	os.Exit(status)
}

func run(results string, args []string) (status int, err error) {
	if err := os.MkdirAll(filepath.Dir(results), 0o755); err != nil {
		return 0, err
	}
	// Without the old results, a run that is broken off proves nothing.
	if err := os.RemoveAll(results); err != nil {
		return 0, err
	}
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	r := newReport(os.Stdout)
	readErr := r.read(out)
	_ = cmd.Wait() // its status says it all
	if readErr != nil {
		return 0, readErr
	}
	status = cmd.ProcessState.ExitCode()
	if status != 0 && r.mayRunAgain() {
		status = again(r, args)
	}
	for _, s := range r.skipped {
		fmt.Println("--- SKIP:", s)
	}
	if err := os.WriteFile(results, []byte(r.results.String()), 0o644); err != nil {
		return 0, err
	}
	if len(r.skipped) > 0 && status == 0 {
		fmt.Printf("FAIL: %d tests were skipped; what they need has to be installed\n", len(r.skipped))
		status = 1
	}
	return status, nil
}

// report turns events into the words of plain go test: the output of a test is
// shown when it fails, the closing line of a package always.
type report struct {
	out     io.Writer
	pending map[string][]string // output of tests under way, by package and test
	results strings.Builder     // a line for each test: pass|fail|skip TAB package:Test
	skipped []string
	failed  map[string][]string // top-level tests that failed, by package
	broken  bool                // something failed that no test can be blamed for
}

func newReport(out io.Writer) *report {
	return &report{out: out, pending: map[string][]string{}, failed: map[string][]string{}}
}

func (r *report) read(in io.Reader) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			r.line(line)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (r *report) line(line []byte) {
	var e event
	if json.Unmarshal(line, &e) != nil {
		fmt.Fprintf(r.out, "%s", line)
		return
	}
	key := e.Package + " " + e.Test
	switch e.Action {
	case "build-output":
		fmt.Fprint(r.out, e.Output)
	case "output":
		if e.Test != "" {
			r.pending[key] = append(r.pending[key], e.Output)
		} else if e.Output != "PASS\n" {
			fmt.Fprint(r.out, e.Output)
		}
	case "pass", "fail", "skip":
		if e.Test == "" {
			unfinished := r.unfinished(e.Package)
			r.broken = r.broken || e.Action == "fail" && (unfinished || len(r.failed[e.Package]) == 0)
			return
		}
		r.ended(e, key)
	}
}

func (r *report) ended(e event, key string) {
	name := strings.TrimPrefix(e.Package, module) + ":" + e.Test
	fmt.Fprintf(&r.results, "%s\t%s\n", e.Action, name)
	switch e.Action {
	case "fail":
		r.print(key)
		if !strings.Contains(e.Test, "/") {
			r.failed[e.Package] = append(r.failed[e.Package], e.Test)
		}
	case "skip":
		r.skipped = append(r.skipped, name+" "+strings.TrimSpace(strings.Join(r.pending[key], "")))
	}
	delete(r.pending, key)
}

// unfinished prints what tests said that have no end: the package panicked or
// ran out of time. It tells whether there was one.
func (r *report) unfinished(pkg string) bool {
	var keys []string
	for key := range r.pending {
		if strings.HasPrefix(key, pkg+" ") {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		r.print(key)
		delete(r.pending, key)
	}
	return len(keys) > 0
}

// print shows a test's output as plain go test does, without the lines that
// only -v shows.
func (r *report) print(key string) {
	for _, line := range r.pending[key] {
		if t := strings.TrimSpace(line); !strings.HasPrefix(t, "=== ") {
			fmt.Fprint(r.out, line)
		}
	}
}
