package cli

import (
	"fmt"
	"strings"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"

	"github.com/limiquantix/limiquantix/core"
)

// printPlan prints what would be done.
func (p *program) printPlan(plan *apiv1.Plan) error {
	p.planPrinted = true
	if p.output != "table" {
		return printOne(p, plan)
	}
	return p.write(planText(plan))
}

// diffLines returns a diff for reading. What is new as a whole is shown as it
// is, without the marks of a difference to nothing.
func diffLines(diff string) []string {
	all := lines(diff)
	var kept, added []string
	for _, l := range all {
		if strings.HasPrefix(l, `\ No newline`) {
			continue
		}
		kept = append(kept, l)
		if text, is := strings.CutPrefix(l, "+"); is && !strings.HasPrefix(l, "+++ ") {
			added = append(added, text)
		}
	}
	const marks = 3 // ---, +++ and one @@
	if len(kept) == len(added)+marks {
		return added
	}
	return kept
}

// planText renders a plan for reading: numbered steps with their calls and
// diffs, then what stands against it, then how to take it back.
func planText(plan *apiv1.Plan) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("%s", core.Escape(plan.Title))
	if len(plan.Steps) == 0 {
		line("  Nothing is left to do.")
	}
	for i, s := range plan.Steps {
		mark := ""
		if s.When == apiv1.Plan_WHEN_NEXT_BOOT {
			mark = " [at next boot]"
		}
		if s.Done {
			mark += " [done already]"
		}
		line("%3d. %s%s", i+1, core.Escape(s.Text), mark)
		if s.Call != "" {
			line("     call: %s", core.Escape(s.Call))
		}
		for _, d := range diffLines(s.Diff) {
			line("       %s", core.Escape(d))
		}
		if s.Undo != "" {
			line("     if a later step fails: %s", core.Escape(s.Undo))
		}
	}
	for _, bl := range plan.Blockers {
		line("blocked: %s", core.Escape(bl.Text))
		if bl.Fix != "" {
			line("    fix: %s", core.Escape(bl.Fix))
		}
	}
	for _, w := range plan.Warnings {
		line("warning: %s", core.Escape(w))
	}
	switch {
	case plan.Undo != "":
		line("undo: %s", core.Escape(plan.Undo))
	case len(plan.Steps) > 0:
		line("undo: cannot be undone")
	}
	if plan.CommandLine != "" {
		line("command: %s", core.Escape(plan.CommandLine))
	}
	return b.String()
}
