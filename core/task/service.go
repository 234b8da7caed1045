package task

import (
	"context"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// Service is the API of tasks.
type Service struct {
	runner *Runner
}

// NewService returns the API of a runner's tasks.
func NewService(r *Runner) *Service { return &Service{runner: r} }

// Change is the request of a changing call of the API.
type Change interface {
	proto.Message
	GetPlanOnly() bool
	GetExpectedPlanDigest() string
}

// Operate plans req and, unless only the plan is asked for, begins to carry it
// out if it is the plan that the request expects: what every changing call of
// the API does.
func (r *Runner) Operate(ctx context.Context, kind string, req Change) (*apiv1.Operation, error) {
	return r.operate(ctx, order{kind: kind, req: req, expected: req.GetExpectedPlanDigest()}, req.GetPlanOnly())
}

func (r *Runner) operate(ctx context.Context, o order, planOnly bool) (*apiv1.Operation, error) {
	if planOnly {
		p, _, err := r.plan(ctx, o, Run{})
		if err != nil {
			return nil, err
		}
		r.shown.put(p)
		return &apiv1.Operation{Plan: p.Proto()}, nil
	}
	p, t, err := r.submit(ctx, o)
	if err != nil {
		return nil, err
	}
	if t.ID == "" {
		return &apiv1.Operation{Plan: p.Proto()}, nil
	}
	return &apiv1.Operation{Plan: p.Proto(), Task: t.Proto()}, nil
}

// ListTasks implements the API.
func (s *Service) ListTasks(ctx context.Context, req *apiv1.ListTasksRequest) (*apiv1.ListTasksResponse, error) {
	limit := int(req.Limit)
	if limit <= 0 {
		limit = 100
	}
	tasks, err := s.runner.List(ctx, req.Open, limit)
	return &apiv1.ListTasksResponse{Tasks: protos(tasks)}, err
}

// GetTask implements the API.
func (s *Service) GetTask(ctx context.Context, req *apiv1.GetTaskRequest) (*apiv1.GetTaskResponse, error) {
	t, err := s.runner.Task(ctx, req.Id)
	if err != nil {
		return nil, err
	}
	return &apiv1.GetTaskResponse{Task: t.Proto()}, nil
}

// WatchTask implements the API.
func (s *Service) WatchTask(ctx context.Context, req *apiv1.WatchTaskRequest, stream *connect.ServerStream[apiv1.WatchTaskResponse]) error {
	return s.runner.Watch(ctx, req.Id, func(t Task) error {
		return stream.Send(&apiv1.WatchTaskResponse{Task: t.Proto()})
	})
}

// CancelTask implements the API.
func (s *Service) CancelTask(ctx context.Context, req *apiv1.CancelTaskRequest) (*apiv1.CancelTaskResponse, error) {
	return &apiv1.CancelTaskResponse{}, s.runner.Cancel(ctx, req.Id)
}

// UndoTask implements the API.
func (s *Service) UndoTask(ctx context.Context, req *apiv1.UndoTaskRequest) (*apiv1.Operation, error) {
	return s.runner.Undo(ctx, req)
}

// ResumeTasks implements the API.
func (s *Service) ResumeTasks(ctx context.Context, req *apiv1.ResumeTasksRequest) (*apiv1.ResumeTasksResponse, error) {
	tasks, err := s.runner.Resume(ctx, req.Id)
	return &apiv1.ResumeTasksResponse{Tasks: protos(tasks)}, err
}

func protos(tasks []Task) []*apiv1.Task {
	out := make([]*apiv1.Task, len(tasks))
	for i, t := range tasks {
		out[i] = t.Proto()
	}
	return out
}

var stateProto = map[State]apiv1.Task_State{
	Running: apiv1.Task_STATE_RUNNING, Done: apiv1.Task_STATE_DONE, Failed: apiv1.Task_STATE_FAILED,
	Canceled: apiv1.Task_STATE_CANCELED, Interrupted: apiv1.Task_STATE_INTERRUPTED, Stuck: apiv1.Task_STATE_STUCK,
}

// Proto returns t as the API shows it.
func (t Task) Proto() *apiv1.Task {
	out := &apiv1.Task{
		Id: t.ID, Kind: t.Kind, Title: t.Title, Host: t.Host, Object: t.Object, State: stateProto[t.State],
		Step: t.Step, Done: t.Done, Total: t.Total, Error: errorProto(t.Err), Created: timestamppb.New(t.Created),
		Plan: t.Plan, Result: t.Result, Undo: t.Undo, Undoes: t.Undoes,
	}
	if !t.Finished.IsZero() {
		out.Finished = timestamppb.New(t.Finished)
	}
	for _, l := range t.Log {
		out.Log = append(out.Log, &apiv1.Task_LogLine{Time: timestamppb.New(l.Time), Text: l.Text})
	}
	return out
}

func errorProto(e *core.Error) *apiv1.ErrorDetail {
	if e == nil {
		return nil
	}
	return &apiv1.ErrorDetail{Code: string(e.Code), Message: e.Message, Hint: e.Hint, Detail: e.Detail}
}
