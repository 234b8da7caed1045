package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLedger checks the ledger of this tree, but for what ran: that is the
// Makefile's last step.
func TestLedger(t *testing.T) {
	if err := run(os.Stderr, "../../../docs/capabilities.csv", ""); err != nil {
		t.Error(err)
	}
}

func TestFaultsAreFound(t *testing.T) {
	tree := t.TempDir()
	for name, text := range map[string]string{
		"core/vm/create_test.go": "package vm\nfunc TestCreate() {}\nfunc helper() {}\n",
		"tests.tsv":              "pass\tcore/vm:TestCreate\nfail\tcore/vm:TestCreate/bad\nskip\tcore/vm:TestCreate/lazy\n",
	} {
		name = filepath.Join(tree, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct{ line, fault string }{
		{"S,cap,M,done,core/vm:TestCreate,", ""},
		{"S,cap,M,partial,core/vm:TestCreate,no undo", ""},
		{"S,cap,M,partial,core/vm:TestCreate,", "must say what is missing"},
		{"S,cap,M,done,,", "without a proof"},
		{"S,cap,M,none,core/vm:TestCreate,", "yet has a proof"},
		{"S,cap,M,nearly,,", "no state"},
		{"S,cap,X,none,,", "lacks"},
		{"S,cap,M,done,core/vm:TestGone,", "no test core/vm:TestGone"},
		{"S,cap,M,done,core/vm:helper,", "no test core/vm:helper"},
		{"S,cap,M,done,core/gone:TestCreate,", "no test core/gone:TestCreate"},
		{"S,cap,M,done,core/vm:TestCreate/other,", "did not run"},
		{"S,cap,M,done,core/vm:TestCreate/bad,", "fail"},
		{"S,cap,M,done,core/vm:TestCreate/lazy,", "skip"},
	}
	for _, tt := range tests {
		t.Run(tt.line, func(t *testing.T) {
			text := "number,section,capability,bar,state,proof,note\n1," + tt.line + "\n"
			for i := 2; i <= rows; i++ {
				text += fmt.Sprintf("%d,S,cap,C,none,,\n", i)
			}
			ledger := filepath.Join(tree, "docs", "capabilities.csv")
			if err := os.MkdirAll(filepath.Dir(ledger), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(ledger, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			err := run(&strings.Builder{}, ledger, filepath.Join(tree, "tests.tsv"))
			if tt.fault == "" && err != nil || tt.fault != "" && (err == nil || !strings.Contains(err.Error(), tt.fault)) {
				t.Errorf("error is %v, want %q", err, tt.fault)
			}
		})
	}
}
