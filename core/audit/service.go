package audit

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// Service is the API of a trail.
type Service struct{ trail *Trail }

// NewService returns the API of a trail.
func NewService(t *Trail) *Service { return &Service{trail: t} }

// How many records one answer has.
const (
	usualRecords = 200
	mostRecords  = 5000
)

// ListAudit implements the API.
func (s *Service) ListAudit(ctx context.Context, req *apiv1.ListAuditRequest) (*apiv1.ListAuditResponse, error) {
	if req.Limit < 0 || req.Before < 0 {
		return nil, core.Errorf(core.Invalid, "a limit and a number are not negative")
	}
	q := Query{Host: req.Host, Object: req.Object, User: req.User, Before: req.Before, Limit: min(int(req.Limit), mostRecords)}
	if q.Limit == 0 {
		q.Limit = usualRecords
	}
	if req.Since != nil {
		q.Since = req.Since.AsTime()
	}
	if req.Until != nil {
		q.Until = req.Until.AsTime()
	}
	found, err := s.trail.List(ctx, q)
	if err != nil {
		return nil, err
	}
	return &apiv1.ListAuditResponse{Records: protos(found)}, nil
}

// ShowAudit implements the API.
func (s *Service) ShowAudit(ctx context.Context, req *apiv1.ShowAuditRequest) (*apiv1.ShowAuditResponse, error) {
	found, err := s.trail.Show(ctx, req.Act)
	if err != nil {
		return nil, err
	}
	return &apiv1.ShowAuditResponse{Records: protos(found)}, nil
}

// VerifyAudit implements the API.
func (s *Service) VerifyAudit(ctx context.Context, req *apiv1.VerifyAuditRequest) (*apiv1.VerifyAuditResponse, error) {
	var expect Head
	if req.Head != "" {
		var err error
		if expect, err = ParseHead(req.Head); err != nil {
			return nil, core.InField(err, "head")
		}
	}
	v, err := s.trail.Verify(ctx, expect)
	if err != nil {
		return nil, err
	}
	res := &apiv1.VerifyAuditResponse{Intact: v.Broken == 0, Records: v.Records, Broken: v.Broken, Reason: v.Reason, Heads: int64(v.Heads)}
	if v.Head.Number > 0 {
		res.Head = v.Head.String()
	}
	return res, nil
}

func protos(links []Link) []*apiv1.AuditRecord {
	out := make([]*apiv1.AuditRecord, len(links))
	for i, l := range links {
		out[i] = &apiv1.AuditRecord{
			Number: l.Number, Time: timestamppb.New(l.Time.Time), Event: l.Event, Act: l.Act, Kind: l.Kind, Title: l.Title,
			Host: l.Host, Object: l.Object, Actor: &apiv1.AuditActor{User: l.Actor.User, Door: l.Actor.Door, Key: l.Actor.Key},
			Request: string(l.Request), PlanDigest: l.Digest, CommandLine: l.Command, Steps: l.Steps, Error: l.Error,
			Result: l.Result, Before: l.Before, After: l.After, Hash: l.Hash, Content: l.Content,
		}
	}
	return out
}
