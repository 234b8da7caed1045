package main

import (
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	const p = `"Package":"github.com/limiquantix/limiquantix/core/vm"`
	in := strings.Join([]string{
		`{"Action":"output",` + p + `,"Test":"TestGood","Output":"=== RUN   TestGood\n"}`,
		`{"Action":"output",` + p + `,"Test":"TestGood","Output":"chatter\n"}`,
		`{"Action":"pass",` + p + `,"Test":"TestGood"}`,
		`{"Action":"output",` + p + `,"Test":"TestBad","Output":"=== RUN   TestBad\n"}`,
		`{"Action":"output",` + p + `,"Test":"TestBad","Output":"    x_test.go:1: wrong\n"}`,
		`{"Action":"output",` + p + `,"Test":"TestBad","Output":"--- FAIL: TestBad (0.1s)\n"}`,
		`{"Action":"fail",` + p + `,"Test":"TestBad"}`,
		`{"Action":"output",` + p + `,"Test":"TestLazy/part","Output":"    x_test.go:2: no protoc\n"}`,
		`{"Action":"skip",` + p + `,"Test":"TestLazy/part"}`,
		`{"Action":"output",` + p + `,"Test":"TestHang","Output":"panic: test timed out\n"}`,
		`{"Action":"output",` + p + `,"Output":"FAIL\tcore/vm\t0.2s\n"}`,
		`{"Action":"fail",` + p + `}`,
		`{"Action":"output","Package":"core","Output":"PASS\n"}`,
		`{"Action":"output","Package":"core","Output":"ok  \tcore\t0.1s\n"}`,
		`{"Action":"build-output","ImportPath":"x","Output":"x.go:1: syntax error\n"}`,
		`go: something else`,
	}, "\n")
	var out strings.Builder
	r := newReport(&out)
	if err := r.read(strings.NewReader(in)); err != nil {
		t.Fatal(err)
	}
	wantOut := "    x_test.go:1: wrong\n--- FAIL: TestBad (0.1s)\nFAIL\tcore/vm\t0.2s\npanic: test timed out\nok  \tcore\t0.1s\nx.go:1: syntax error\ngo: something else"
	if got := out.String(); got != wantOut {
		t.Errorf("printed:\n%s\nwant:\n%s", got, wantOut)
	}
	wantResults := "pass\tcore/vm:TestGood\nfail\tcore/vm:TestBad\nskip\tcore/vm:TestLazy/part\n"
	if got := r.results.String(); got != wantResults {
		t.Errorf("results:\n%s\nwant:\n%s", got, wantResults)
	}
	if len(r.skipped) != 1 || !strings.Contains(r.skipped[0], "no protoc") {
		t.Errorf("skipped: %q", r.skipped)
	}
}
