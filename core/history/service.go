package history

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// Service is the API of a log.
type Service struct{ log *Log }

// NewService returns the API of a log.
func NewService(l *Log) *Service { return &Service{log: l} }

// How many changes one answer has.
const (
	usualChanges = 200
	mostChanges  = 5000
)

// query checks which objects are meant.
func query(kind, host, ref string) (Query, error) {
	switch Kind(kind) {
	case "", VM, Host, Pool, Network:
		return Query{Kind: Kind(kind), Host: host, Ref: ref}, nil
	}
	return Query{}, core.Errorf(core.Invalid, "there are no objects of kind %s", core.Printable(kind, 40)).
		WithHint("kinds are vm, host, pool and network").WithDetail("field", "kind")
}

// timeOf is when a request means; now when it says nothing.
func timeOf(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Now()
	}
	return t.AsTime()
}

// ListHistory implements the API.
func (s *Service) ListHistory(ctx context.Context, req *apiv1.ListHistoryRequest) (*apiv1.ListHistoryResponse, error) {
	q, err := query(req.Kind, req.Host, req.Object)
	if err != nil {
		return nil, err
	}
	if req.Limit < 0 || req.Before < 0 {
		return nil, core.Errorf(core.Invalid, "a limit and a number are not negative")
	}
	p := Page{Before: req.Before, Limit: min(int(req.Limit), mostChanges)}
	if p.Limit == 0 {
		p.Limit = usualChanges
	}
	if req.Since != nil {
		p.Since = req.Since.AsTime()
	}
	if req.Until != nil {
		p.Until = req.Until.AsTime()
	}
	list, err := s.log.List(ctx, q, p)
	if err != nil {
		return nil, err
	}
	res := &apiv1.ListHistoryResponse{}
	for _, c := range list {
		m := &apiv1.HistoryChange{
			Number: c.Number, Time: timestamppb.New(c.Time), Object: c.Object.proto(), Change: c.Change, Text: c.Text(),
			State: c.State, Task: c.Task, Actor: c.Actor, HasDiff: c.Config,
		}
		if !c.Since.IsZero() {
			m.Since = timestamppb.New(c.Since)
		}
		res.Changes = append(res.Changes, m)
	}
	return res, nil
}

// ObjectAt implements the API.
func (s *Service) ObjectAt(ctx context.Context, req *apiv1.ObjectAtRequest) (*apiv1.ObjectAtResponse, error) {
	q, err := query(req.Kind, req.Host, req.Object)
	if err != nil {
		return nil, err
	}
	p, err := s.log.At(ctx, q, timeOf(req.Time))
	if err != nil {
		return nil, err
	}
	return &apiv1.ObjectAtResponse{Past: p.proto(), Configuration: p.Config}, nil
}

// DiffObject implements the API.
func (s *Service) DiffObject(ctx context.Context, req *apiv1.DiffObjectRequest) (*apiv1.DiffObjectResponse, error) {
	q, err := query(req.Kind, req.Host, req.Object)
	if err != nil {
		return nil, err
	}
	var d Difference
	if req.Number != 0 {
		d, err = s.log.Step(ctx, req.Number)
	} else {
		d, err = s.log.Between(ctx, q, timeOf(req.From), timeOf(req.To))
	}
	if err != nil {
		return nil, err
	}
	return &apiv1.DiffObjectResponse{Before: d.Before.proto(), After: d.After.proto(), Diff: d.Diff}, nil
}

// FleetAt implements the API.
func (s *Service) FleetAt(ctx context.Context, req *apiv1.FleetAtRequest) (*apiv1.FleetAtResponse, error) {
	q, err := query(req.Kind, req.Host, "")
	if err != nil {
		return nil, err
	}
	all, err := s.log.FleetAt(ctx, q, timeOf(req.Time))
	if err != nil {
		return nil, err
	}
	res := &apiv1.FleetAtResponse{}
	for i := range all {
		res.Objects = append(res.Objects, all[i].proto())
	}
	return res, nil
}

// DiffFleet implements the API.
func (s *Service) DiffFleet(ctx context.Context, req *apiv1.DiffFleetRequest) (*apiv1.DiffFleetResponse, error) {
	q, err := query(req.Kind, req.Host, "")
	if err != nil {
		return nil, err
	}
	all, err := s.log.FleetBetween(ctx, q, timeOf(req.From), timeOf(req.To))
	if err != nil {
		return nil, err
	}
	res := &apiv1.DiffFleetResponse{}
	for _, d := range all {
		res.Differences = append(res.Differences, &apiv1.PastDifference{Before: d.Before.proto(), After: d.After.proto(), Configured: d.Configured()})
	}
	return res, nil
}

// ReadRetention implements the API.
func (s *Service) ReadRetention(ctx context.Context, _ *apiv1.ReadRetentionRequest) (*apiv1.Retention, error) {
	r, u, err := s.log.Retention(ctx)
	if err != nil {
		return nil, err
	}
	m := &apiv1.Retention{Days: int32(r.Days), Bytes: int64(r.Bytes), UsedBytes: int64(u.Bytes), Changes: u.Changes}
	if !u.Oldest.IsZero() {
		m.Oldest = timestamppb.New(u.Oldest)
	}
	return m, nil
}

// SetRetention implements the API.
func (s *Service) SetRetention(ctx context.Context, req *apiv1.SetRetentionRequest) (*apiv1.Retention, error) {
	if err := s.log.SetRetention(ctx, Retention{Days: int(req.Days), Bytes: core.Bytes(req.Bytes)}); err != nil {
		return nil, err
	}
	return s.ReadRetention(ctx, nil)
}

func (o Object) proto() *apiv1.HistoryObject {
	return &apiv1.HistoryObject{Kind: string(o.Kind), Host: o.HostName, Id: o.ID, Name: o.Name}
}

func (p *Past) proto() *apiv1.PastObject {
	if p == nil {
		return nil
	}
	return &apiv1.PastObject{Object: p.Object.proto(), State: p.State, Since: timestamppb.New(p.Since), Hash: p.Hash}
}
