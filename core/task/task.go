// Package task carries out plans: it journals each step before and after it is
// done, tells progress, cancels, rolls back what failed, and after a crash
// plans the same request again and carries on or takes back.
package task

import (
	"context"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/plan"
)

// State is where a task stands.
type State string

// The states; see apiv1.Task_State for their meaning.
const (
	Running     State = "running"
	Done        State = "done"
	Failed      State = "failed"
	Canceled    State = "canceled"
	Interrupted State = "interrupted"
	Stuck       State = "stuck"
)

// Ended reports whether nothing will happen any more by itself.
func (s State) Ended() bool { return s != Running }

// Run tells a planner about the attempt that it plans for.
type Run struct {
	// ID is the task's id; "" for a preview.
	ID string
	// Resumed: an earlier attempt was interrupted.
	Resumed bool
	// Object is what the first attempt's plan named as its object; "" when
	// there was none before. It holds even if the name could not be found again.
	Object string
	sent   map[string]bool // began; true when it was seen to be done
}

// Sent reports whether an earlier attempt began a step, so that what is found
// of it may be ours.
func (r Run) Sent(step string) bool {
	_, ok := r.sent[step]
	return ok
}

// Seen reports whether an earlier attempt saw a step done: what is found of it
// is whole.
func (r Run) Seen(step string) bool { return r.sent[step] }

// Token names what an upload of this task leaves when it is interrupted.
func (r Run) Token() string {
	if len(r.ID) < 8 {
		return "preview"
	}
	return r.ID[:8]
}

// Kind is a sort of change that can be planned, carried out and resumed.
type Kind struct {
	Name string // "vm.create"
	plan func(ctx context.Context, request []byte, run Run) (*plan.Plan, error)
	// redact returns a request as it is kept once the task has ended.
	redact func(request []byte) []byte
	// inverse returns what takes a finished task back; nil for none. See [Reversible].
	inverse func(request []byte, t Task) *Inverse
}

// Define makes a kind whose request is a protobuf message.
//
// planner plans req against what is observed now. It returns an error only
// when it cannot observe (host unreachable) or the request makes no sense at
// all; everything else is a blocker in a plan whose steps still carry their
// Undo. redact, which may be nil, blanks secrets of a finished task's request.
func Define[M any, P interface {
	*M
	proto.Message
}](name string, planner func(ctx context.Context, req P, run Run) (*plan.Plan, error), redact func(P)) Kind {
	return Kind{
		Name: name,
		plan: func(ctx context.Context, request []byte, run Run) (*plan.Plan, error) {
			req := P(new(M))
			if err := protojson.Unmarshal(request, req); err != nil {
				return nil, core.Errorf(core.Internal, "read the journal's request: %w", err)
			}
			return planner(ctx, req, run)
		},
		redact: func(request []byte) []byte {
			req := P(new(M))
			if redact == nil || protojson.Unmarshal(request, req) != nil {
				return request
			}
			redact(req)
			out, _ := protojson.Marshal(req)
			return out
		},
	}
}

// Task is one change.
type Task struct {
	ID, Kind, Title, Host, Object string
	State                         State
	Step                          string // text of the step under way
	Done, Total                   int64
	Err                           *core.Error
	Created, Finished             time.Time
	Log                           []LogLine
	Plan                          *apiv1.Plan
	Result                        map[string]string
	Undo                          string // what [Runner.Undo] would do; "" for nothing
	Undoes                        string // id of the task that this one took back; "" for none
}

// LogLine is one line of a task's log.
type LogLine struct {
	Time time.Time
	Text string
}
