package main

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// most is how many tests that failed are run again. More are no accident.
const most = 3

// mayRunAgain tells whether tests failed, few of them, and nothing else: no
// build, no panic, no test that did not end.
func (r *report) mayRunAgain() bool {
	n := 0
	for _, tests := range r.failed {
		n += len(tests)
	}
	return n > 0 && n <= most && !r.broken
}

// again runs the tests that failed once more, package by package, and returns 0
// when all of them pass now, else 1. r then has how they ended.
func again(r *report, args []string) (status int) {
	var flaky []string
	for _, pkg := range packages(r.failed) {
		tests := r.failed[pkg]
		fmt.Fprintf(r.out, "again, alone: %s %s\n", pkg, strings.Join(tests, " "))
		second, ok := runAlone(r, pkg, tests, args)
		if !ok {
			status = 1
			continue
		}
		r.results.WriteString(second.results.String())
		r.skipped = append(r.skipped, second.skipped...)
		for _, test := range tests {
			flaky = append(flaky, strings.TrimPrefix(pkg, module)+":"+test)
		}
	}
	for _, name := range flaky {
		fmt.Fprintln(r.out, "--- FLAKY:", name, "failed, and passed alone")
	}
	return status
}

func packages(failed map[string][]string) []string {
	var all []string
	for pkg := range failed {
		all = append(all, pkg)
	}
	slices.Sort(all)
	return all
}

// runAlone runs some tests of one package with the flags of the first run.
func runAlone(r *report, pkg string, tests, args []string) (*report, bool) {
	second := newReport(r.out)
	cmd := exec.Command("go", aloneArgs(pkg, tests, args)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil || cmd.Start() != nil {
		return nil, false
	}
	readErr := second.read(out)
	return second, cmd.Wait() == nil && readErr == nil && len(second.failed) == 0
}

// aloneArgs are those of the first run with its packages replaced by pkg.
func aloneArgs(pkg string, tests, args []string) []string {
	alone := []string{"test", "-json"}
	for _, a := range args {
		if !strings.HasPrefix(a, "./") {
			alone = append(alone, a)
		}
	}
	return append(alone, "-count=1", "-run", "^("+strings.Join(tests, "|")+")$", pkg)
}
