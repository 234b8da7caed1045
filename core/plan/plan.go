// Package plan is what every change is before it happens: steps with the exact
// XML diff or command of each, blockers with a fix, and how to take it back.
// Preview, apply, resume and undo are views of one [Plan].
package plan

import (
	"context"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// When says when a step acts.
type When int

// When a step acts.
const (
	Live     When = iota // at once
	NextBoot             // at the VM's next boot
)

// Plan is a change, planned against what was observed when it was made.
type Plan struct {
	Title  string // a sentence: "Create VM web1 on kvm1"
	Host   string // host name
	Object string // name of what it acts on

	Steps []Step
	// Blockers are reasons why it cannot be done; steps that could be planned
	// are there all the same, with their Undo.
	Blockers []Blocker
	Warnings []string
	// Undo says what taking back the finished change means; "" when it cannot be.
	Undo string
	// Destructive: it destroys something for good; ask first.
	Destructive bool
	// Command is the same change as a command line of ours, without the program's name.
	Command []string
	// Result is what a caller wants to know of what is made: "uuid", "name". Do
	// of a step may add what is known only then: it is read again at the end.
	Result map[string]string
	// Drawn is the UUID that was drawn at random for what is made; "" for none.
	// Whoever hands back the plan's digest gets what is made of the same one.
	Drawn string
	// Settle, which may be nil, makes what we know of the host agree with what
	// was done: it is called once all is done, before that is told. It costs one
	// round trip at most, and none where the host's answers have said it all.
	Settle func(ctx context.Context) error

	moving map[string]string // warnings with a moving figure, and without it
}

// Step is one call to a host or one act on this computer.
type Step struct {
	// ID is stable across planning the same request again.
	ID   string
	Text string // a sentence
	Call string // the exact RPC or command
	Diff string // unified diff of the XML that it writes
	When When
	// Content stands for what it writes beyond Diff, as a checksum; "" for nothing.
	Content string
	// UndoText says how it is taken back when a later step fails; "" when
	// there is nothing to take back.
	UndoText string

	// Done: observed to be done already; Do is not called.
	Done bool
	// Do does it. It may be called again after an attempt whose outcome is not
	// known, and then must come to the same end. [core.Exists] says that what
	// is there is not ours and that Do left nothing: Undo is not called then.
	Do func(ctx context.Context, p Progress) error
	// Undo takes back what Do made, or part of it; called also when nothing of
	// it exists. Nil when there is nothing to take back.
	Undo func(ctx context.Context) error
}

// Progress is told how far a step is; total 0 when that is not known.
type Progress func(done, total int64)

// Blocker is a reason why a plan cannot be done.
type Blocker struct {
	Code core.Code
	Text string // a sentence
	Fix  string // how to get rid of it; may be ""
	// Field of the request that it is about, as a path: "nics[0].network"; "" for none.
	Field string
}

// Block adds a blocker.
func (p *Plan) Block(code core.Code, text, fix string) {
	p.Blockers = append(p.Blockers, Blocker{Code: code, Text: text, Fix: fix})
}

// BlockField is [Plan.Block] for what one field of the request is to blame for.
func (p *Plan) BlockField(field string, code core.Code, text, fix string) {
	p.Blockers = append(p.Blockers, Blocker{Code: code, Text: text, Fix: fix, Field: field})
}

// BlockError adds err, which carries a [core.Error], as a blocker; its detail
// "field" is kept.
func (p *Plan) BlockError(err error) {
	e := core.AsError(err)
	p.BlockField(e.Detail["field"], e.Code, e.Message, e.Hint)
}

// Err returns nil when nothing blocks, else a [*BlockedError].
func (p *Plan) Err() error {
	if len(p.Blockers) == 0 {
		return nil
	}
	return &BlockedError{Plan: p}
}

// BlockedError says that a plan has blockers; errors.As finds in it a
// [core.Error] with the first blocker's sentence. Its code is [core.Blocked],
// or the blocker's own when there is just one and a caller decides by it
// (not_found, exists, no_space, bad_image).
type BlockedError struct{ Plan *Plan }

// Error returns the first blocker's sentence.
func (e *BlockedError) Error() string { return e.Plan.Blockers[0].Text }

// Unwrap returns the [core.Error].
func (e *BlockedError) Unwrap() error {
	first := e.Plan.Blockers[0]
	code := core.Blocked
	if first.Code == core.NotFound && len(e.Plan.Blockers) == 1 {
		code = core.NotFound
	}
	out := &core.Error{Code: code, Message: first.Text, Hint: first.Fix}
	if first.Field == "" {
		return out
	}
	return out.WithDetail("field", first.Field)
}

// PlanProto returns the plan for the API's error detail.
func (e *BlockedError) PlanProto() *apiv1.Plan { return e.Plan.Proto() }

// Proto returns p as the API shows it.
func (p *Plan) Proto() *apiv1.Plan {
	out := &apiv1.Plan{
		Title: p.Title, Host: p.Host, Warnings: p.Warnings, Undo: p.Undo, Destructive: p.Destructive,
		CommandLine: commandLine(p.Command), Digest: p.Digest(),
	}
	for _, s := range p.Steps {
		out.Steps = append(out.Steps, &apiv1.Plan_Step{
			Id: s.ID, Text: s.Text, Call: s.Call, Diff: s.Diff, When: apiv1.Plan_When(s.When), Done: s.Done, Undo: s.UndoText,
		})
	}
	for _, b := range p.Blockers {
		out.Blockers = append(out.Blockers, &apiv1.Plan_Blocker{Text: b.Text, Fix: b.Fix, Code: string(b.Code), Field: b.Field})
	}
	return out
}

func commandLine(args []string) string {
	if len(args) == 0 {
		return ""
	}
	line, err := core.Quote(append([]string{"limiquantix"}, args...)...)
	if err != nil {
		return "" // an argument holds a line break: there is no such command line
	}
	return line
}
