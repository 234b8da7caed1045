// Command capability reads docs/capabilities.csv, the ledger of what the
// product can do, and prints how much of it is done.
//
//	capability                        prints the counts
//	capability -ran .cache/tests.tsv  also fails unless every proof passed in that run
//
// A row is done or partial only with a proof: names of tests on real parts,
// separated by spaces, each written package:TestName or package:TestName/part.
package main

import (
	"bufio"
	"encoding/csv"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// row is one capability. Its number and text are those of the yardstick that
// the product is measured by; they do not change.
type row struct {
	number              int
	section, capability string
	bar                 string // M must, S should, C could
	state               string // none, partial, done
	proofs              []string
	note                string
}

const rows = 213

func main() {
	file := flag.String("file", "docs/capabilities.csv", "the ledger")
	ran := flag.String("ran", "", "results of a test run, as gotest writes them")
	flag.Parse()
	if err := run(os.Stdout, *file, *ran); err != nil {
		fmt.Fprintln(os.Stderr, "capabilities:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, file, ran string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	ledger, err := read(f)
	if err != nil {
		return err
	}
	var faults []string
	faults = append(faults, check(ledger)...)
	tree := filepath.Dir(filepath.Dir(file))
	faults = append(faults, unknown(ledger, tree)...)
	if ran != "" {
		results, err := readResults(ran)
		if err != nil {
			return err
		}
		faults = append(faults, unproven(ledger, results)...)
	}
	count(out, ledger)
	if len(faults) > 0 {
		return fmt.Errorf("the ledger is not true:\n  %s", strings.Join(faults, "\n  "))
	}
	return nil
}

// read parses the ledger; its first line names the columns.
func read(r io.Reader) ([]row, error) {
	c := csv.NewReader(r)
	c.FieldsPerRecord = 7
	records, err := c.ReadAll()
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		return nil, fmt.Errorf("the ledger is empty")
	}
	out := make([]row, 0, len(records)-1)
	for _, r := range records[1:] {
		n, err := strconv.Atoi(r[0])
		if err != nil {
			return nil, fmt.Errorf("%q is no number of a row", r[0])
		}
		out = append(out, row{n, r[1], r[2], r[3], r[4], strings.Fields(r[5]), r[6]})
	}
	return out, nil
}

// check returns what is wrong with the ledger by itself.
func check(ledger []row) []string {
	var faults []string
	fault := func(r row, format string, args ...any) {
		faults = append(faults, fmt.Sprintf("row %d: ", r.number)+fmt.Sprintf(format, args...))
	}
	if len(ledger) != rows {
		faults = append(faults, fmt.Sprintf("%d rows, not %d", len(ledger), rows))
	}
	for i, r := range ledger {
		if r.number != i+1 {
			fault(r, "is in the place of row %d", i+1)
		}
		if r.capability == "" || r.section == "" || !strings.Contains("MSC", r.bar) || len(r.bar) != 1 {
			fault(r, "lacks its section, text or bar")
		}
		switch r.state {
		case "none":
			if len(r.proofs) > 0 {
				fault(r, "is none, yet has a proof")
			}
		case "partial", "done":
			if len(r.proofs) == 0 {
				fault(r, "is %s without a proof", r.state)
			}
			if r.state == "partial" && r.note == "" {
				fault(r, "is partial: the note must say what is missing")
			}
		default:
			fault(r, "%q is no state", r.state)
		}
	}
	return faults
}

// unknown returns the proofs for which the tree has no test function.
func unknown(ledger []row, tree string) []string {
	var faults []string
	tests := map[string]map[string]bool{} // by package
	for _, r := range ledger {
		for _, p := range r.proofs {
			pkg, name, _ := strings.Cut(p, ":")
			name, _, _ = strings.Cut(name, "/")
			if tests[pkg] == nil {
				tests[pkg] = functions(filepath.Join(tree, pkg))
			}
			if !strings.HasPrefix(name, "Test") || !tests[pkg][name] {
				faults = append(faults, fmt.Sprintf("row %d: there is no test %s", r.number, p))
			}
		}
	}
	return faults
}

// functions returns the names of the functions in a folder's test files.
func functions(dir string) map[string]bool {
	found := map[string]bool{}
	names, _ := filepath.Glob(filepath.Join(dir, "*_test.go")) // the pattern is well formed
	for _, name := range names {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			continue // go test tells of it
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil {
				found[fn.Name.Name] = true
			}
		}
	}
	return found
}

// readResults reads lines of "pass|fail|skip TAB package:Test".
func readResults(name string) (map[string]string, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	results := map[string]string{}
	for s := bufio.NewScanner(f); s.Scan(); {
		result, test, _ := strings.Cut(s.Text(), "\t")
		results[test] = result
	}
	return results, nil
}

// unproven returns the proofs that did not pass in a run.
func unproven(ledger []row, results map[string]string) []string {
	var faults []string
	for _, r := range ledger {
		for _, p := range r.proofs {
			switch results[p] {
			case "pass":
			case "":
				faults = append(faults, fmt.Sprintf("row %d: %s did not run", r.number, p))
			default:
				faults = append(faults, fmt.Sprintf("row %d: %s: %s", r.number, p, results[p]))
			}
		}
	}
	return faults
}

// count prints how many rows are in which state, by bar.
func count(out io.Writer, ledger []row) {
	n := map[string]int{}
	for _, r := range ledger {
		n[r.state]++
		n[r.bar+r.state]++
		n[r.bar]++
	}
	fmt.Fprintf(out, "capabilities: %d of %d done, %d partial, %d none\n", n["done"], len(ledger), n["partial"], n["none"])
	for _, bar := range []struct{ letter, word string }{{"M", "must"}, {"S", "should"}, {"C", "could"}} {
		fmt.Fprintf(out, "  %-6s  %3d of %3d done, %3d partial\n", bar.word, n[bar.letter+"done"], n[bar.letter], n[bar.letter+"partial"])
	}
}
