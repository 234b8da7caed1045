package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// Limits of a sentence about what changed.
const (
	maxNamed = 3   // of each sort
	maxText  = 160 // characters of one
)

// Outline is what is kept of a plan that was shown, to say later what is
// different: small, whatever the plan writes.
type Outline struct {
	steps              []outlined
	blockers, warnings []string
}

// outlined is a step: its sentence, and the checksum of all of it.
type outlined struct{ text, sum string }

// Outline returns p's outline.
func (p *Plan) Outline() Outline {
	var o Outline
	for _, s := range p.Steps {
		o.steps = append(o.steps, outlined{s.Text, checksum(s.face())})
	}
	for _, b := range p.Blockers {
		o.blockers = append(o.blockers, b.Text)
	}
	for _, w := range p.Warnings {
		o.warnings = append(o.warnings, p.steady(w))
	}
	return o
}

// Differences says in parts of a sentence how now is other than o; nil when
// what they keep is the same.
func (o Outline) Differences(now Outline) []string {
	same := func(a, b outlined) bool { return a == b }
	gone, come := without(o.steps, now.steps, same), without(now.steps, o.steps, same)
	named := func(a, b outlined) bool { return a.text == b.text }
	other := slices.DeleteFunc(slices.Clone(come), func(s outlined) bool {
		return !slices.ContainsFunc(gone, func(g outlined) bool { return named(g, s) })
	})
	equal := func(a, b string) bool { return a == b }
	var parts []string
	for _, part := range []struct {
		what string
		list []string
	}{
		{"in the way now", without(now.blockers, o.blockers, equal)},
		{"added", texts(without(come, other, named))},
		{"no longer done", texts(without(gone, other, named))},
		{"done otherwise", texts(other)},
		{"no longer in the way", without(o.blockers, now.blockers, equal)},
		{"new warning", without(now.warnings, o.warnings, equal)},
		{"no longer warned of", without(o.warnings, now.warnings, equal)},
	} {
		if len(part.list) > 0 {
			parts = append(parts, part.what+": "+enumerate(part.list))
		}
	}
	if len(parts) == 0 && !slices.Equal(o.steps, now.steps) {
		parts = []string{"the order of the steps"}
	}
	return parts
}

// without returns what of list has no partner in other, each of which is the
// partner of one at most.
func without[T any](list, other []T, same func(a, b T) bool) (rest []T) {
	other = slices.Clone(other)
	for _, x := range list {
		if i := slices.IndexFunc(other, func(y T) bool { return same(x, y) }); i >= 0 {
			other = slices.Delete(other, i, i+1)
			continue
		}
		rest = append(rest, x)
	}
	return rest
}

func enumerate(list []string) string {
	var named []string
	for _, text := range list[:min(len(list), maxNamed)] {
		quoted := core.Printable(text, maxText) // names in it have quotes of their own
		named = append(named, quoted[1:len(quoted)-1])
	}
	if more := len(list) - len(named); more > 0 {
		named = append(named, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(named, ", ")
}

// ChangedError says that a plan is not the one that was shown; errors.As finds
// in it a [core.Error] with the code [core.Changed], whose sentence names what
// is different. Nothing was done.
type ChangedError struct {
	Plan *Plan    // what would be done now
	Was  *Outline // of what was shown; nil when that is not known any more
}

// Error returns the sentence.
func (e *ChangedError) Error() string {
	sentence, parts := "what would be done now is not what was shown", e.Plan.Outline().now()
	if e.Was != nil {
		sentence, parts = "what would be done has changed since it was shown", e.Was.Differences(e.Plan.Outline())
	}
	if len(parts) == 0 {
		return sentence
	}
	return sentence + ": " + strings.Join(parts, "; ")
}

// now says in parts of a sentence what a plan is.
func (o Outline) now() (parts []string) {
	if len(o.blockers) > 0 {
		parts = append(parts, "in the way now: "+enumerate(o.blockers))
	}
	if len(o.steps) > 0 {
		parts = append(parts, "it is now: "+enumerate(texts(o.steps)))
	}
	return parts
}

func texts(list []outlined) (out []string) {
	for _, s := range list {
		out = append(out, s.text)
	}
	return out
}

// Unwrap returns the [core.Error].
func (e *ChangedError) Unwrap() error {
	return core.Errorf(core.Changed, "%s", e.Error()).WithHint("nothing was done; look at the new plan, and say it again if you still want it")
}

// PlanProto returns the plan as it is now, for the API's error detail.
func (e *ChangedError) PlanProto() *apiv1.Plan { return e.Plan.Proto() }
