//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// row is one line of the result.
type row struct {
	what         string
	ours, anchor string
	ratio        string
	goal         string
	met          verdict
}

// verdict says whether a goal was met.
type verdict string

const (
	noGoal verdict = ""
	yes    verdict = "yes"
	no     verdict = "NO"
)

func met(ok bool) verdict {
	if ok {
		return yes
	}
	return no
}

// table is the result of one run.
type table struct {
	rtt, took time.Duration
	vms, runs int
	rows      []row
	notes     []string
}

func (t *table) add(r row) {
	t.rows = append(t.rows, r)
	say("  %s: %s | %s | %s | %s %s", r.what, r.ours, r.anchor, r.ratio, r.goal, r.met)
}

func (t *table) note(format string, args ...any) {
	t.notes = append(t.notes, fmt.Sprintf(format, args...))
}

func (t *table) missed() int {
	n := 0
	for _, r := range t.rows {
		if r.met == no {
			n++
		}
	}
	return n
}

func (r row) cells() []string {
	return []string{r.what, r.ours, r.anchor, r.ratio, r.goal, string(r.met)}
}

func heads() []string { return []string{"what", "ours", "anchor", "ratio", "goal", "met?"} }

// print writes the table for a terminal.
func (t *table) print(w io.Writer) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, cells := range t.lines() {
		fmt.Fprintln(tw, strings.Join(cells, "\t"))
	}
	tw.Flush()
	fmt.Fprintln(w)
	for _, n := range t.notes {
		fmt.Fprintf(w, "- %s\n", n)
	}
	if n := t.missed(); n > 0 {
		fmt.Fprintf(w, "%d of %d goals NOT met.\n", n, t.goals())
	} else {
		fmt.Fprintf(w, "All %d goals met.\n", t.goals())
	}
}

func (t *table) goals() int {
	n := 0
	for _, r := range t.rows {
		if r.met != noGoal {
			n++
		}
	}
	return n
}

func (t *table) lines() [][]string {
	lines := [][]string{heads()}
	for _, r := range t.rows {
		lines = append(lines, r.cells())
	}
	return lines
}

// save writes the table as Markdown.
func (t *table) save(path string) error {
	var b strings.Builder
	fmt.Fprintf(&b, `# Benchmarks

One run of `+"`make bench`"+`: both sides on the same machine, in turn, medians of up to %d runs. Look at the ratios; the
times are those of one small machine (%d CPUs, which it shares with the lab and with other work) and of a host in
namespaces on it. "Host" is a lab host with its own sshd, libvirtd and %d defined VMs, %s away (a proxy that delays
both ways, the TCP handshake too). RPCs are counted by a proxy in front of the host's libvirt socket, which both
sides pass.

`, t.runs, runtime.NumCPU(), t.vms, t.rtt)
	for i, cells := range t.lines() {
		for j := range cells {
			cells[j] = strings.ReplaceAll(cells[j], "|", `\|`)
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
		if i == 0 {
			b.WriteString(strings.Repeat("|---", len(cells)) + "|\n")
		}
	}
	b.WriteString("\n")
	for _, n := range t.notes {
		fmt.Fprintf(&b, "- %s\n", n)
	}
	fmt.Fprintf(&b, "- %d of %d goals were met.\n", t.goals()-t.missed(), t.goals())
	return os.WriteFile(path, []byte(b.String()), 0o644)
}

// sample is some durations of the same thing.
type sample []time.Duration

func (s sample) sorted() sample { return slices.Sorted(slices.Values(s)) }

func (s sample) median() time.Duration { return s.quantile(0.5) }

// quantile returns the smallest value that the share q of all is not above.
func (s sample) quantile(q float64) time.Duration {
	if len(s) == 0 {
		return 0
	}
	at := int(q*float64(len(s))+0.999999) - 1
	return s.sorted()[min(max(at, 0), len(s)-1)]
}

// add takes one more.
func (s *sample) add(do func() error) error {
	began := time.Now()
	err := do()
	*s = append(*s, time.Since(began))
	return err
}

// repeat takes a sample of do.
func repeat(n int, do func() error) (sample, error) {
	var s sample
	for range n {
		if err := s.add(do); err != nil {
			return s, err
		}
	}
	return s, nil
}

// ms prints a duration in milliseconds.
func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d)/1e6) }

// rtts prints a duration with what it is in round trips.
func (t *table) rtts(d time.Duration) string {
	return fmt.Sprintf("%s (%.2f RTT)", ms(d), float64(d)/float64(t.rtt))
}

// times says how many times smaller ours is.
func times(ours, anchor time.Duration) string {
	return fmt.Sprintf("%.1f×", quotient(anchor, ours))
}

func quotient(a, b time.Duration) float64 { return float64(a) / float64(max(b, 1)) }
