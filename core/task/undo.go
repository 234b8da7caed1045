package task

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/plan"
)

// Inverse is the change that takes a finished one back.
type Inverse struct {
	// Text is a sentence that says what it does: "Power off VM web1".
	Text string
	Kind string
	// Request is what Kind plans.
	Request proto.Message
	// Prepare, which may be nil, fixes in Request what is observed on the host,
	// as the API's call does before it submits. [core.Conflict] when the object
	// was changed since.
	Prepare func(ctx context.Context) error
}

// Reversible gives a kind its inverse: a func of the request as it was kept
// (redacted) and the task, which was done, that returns nil when that one
// cannot be taken back. It asks no host: lists of tasks call it for each.
func Reversible[M any, P interface {
	*M
	proto.Message
}](k Kind, inverse func(req P, t Task) *Inverse) Kind {
	k.inverse = func(request []byte, t Task) *Inverse {
		req := P(new(M))
		if protojson.Unmarshal(request, req) != nil {
			return nil
		}
		return inverse(req, t)
	}
	return k
}

// inverse returns what would take a task back, nil for nothing: it is not done,
// was taken back already, took another back itself, or is of a kind without.
func (r *Runner) inverse(rw row) *Inverse {
	k := r.kinds[rw.Kind]
	if rw.State != Done || rw.undone || rw.Undoes != "" || k.inverse == nil {
		return nil
	}
	return k.inverse(rw.request, rw.Task)
}

func (r *Runner) undoText(rw row) string {
	if inv := r.inverse(rw); inv != nil {
		return inv.Text
	}
	return ""
}

// Undo plans the inverse of a finished task and, unless only the plan is asked
// for, begins to carry it out as a task of its own.
//
// Errors: [core.NotFound]; [core.Unsupported] when the task cannot be undone;
// [core.Changed] when the plan is not the expected one; those of the inverse's
// kind, [core.Conflict] among them when the object was changed since.
func (r *Runner) Undo(ctx context.Context, req *apiv1.UndoTaskRequest) (*apiv1.Operation, error) {
	rw, err := r.journal.get(ctx, req.Id)
	if err != nil {
		return nil, err
	}
	inv := r.inverse(rw)
	if inv == nil {
		return nil, r.cannotUndo(rw)
	}
	if inv.Prepare != nil {
		if err := inv.Prepare(ctx); err != nil {
			return nil, err
		}
	}
	return r.operate(ctx, order{kind: inv.Kind, req: inv.Request, undoes: &rw.Task, expected: req.ExpectedPlanDigest}, req.PlanOnly)
}

func (r *Runner) cannotUndo(rw row) error {
	what := fmt.Sprintf("task %s (%s)", rw.ID[:8], core.Printable(rw.Title, 120))
	switch {
	case rw.State != Done:
		return core.Errorf(core.Unsupported, "%s cannot be undone: it is %s", what, r.observe(rw).State)
	case rw.undone:
		return core.Errorf(core.Unsupported, "%s was undone already", what)
	case rw.Undoes != "":
		return core.Errorf(core.Unsupported, "%s cannot be undone: it undid another", what).WithHint("say the first change again: limiquantix task show %s has it", rw.Undoes[:8])
	}
	return core.Errorf(core.Unsupported, "%s cannot be undone", what).WithHint("limiquantix task list -o json tells which can")
}

// order is a change as somebody asks for it.
type order struct {
	kind   string
	req    proto.Message
	undoes *Task // the task that it takes back; nil for none
	// expected is the digest of the plan that was shown for it; "" for none.
	expected string
}

// plan plans an order; the plan is nil when that is not possible.
func (r *Runner) plan(ctx context.Context, o order, run Run) (*plan.Plan, []byte, error) {
	p, request, err := r.planRequest(ctx, o.kind, o.req, run)
	if p != nil && r.kinds[o.kind].inverse == nil {
		p.Undo = "" // what nothing takes back does not say otherwise
	}
	if p != nil && o.undoes != nil {
		p.Title, p.Undo = "Undo: "+o.undoes.Title, ""
		p.Command = []string{"undo", o.undoes.ID[:8]}
	}
	return p, request, err
}
