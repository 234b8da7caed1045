package event

import (
	"context"

	"connectrpc.com/connect"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/api/v1/apiv1connect"
)

// Service is the API of changes.
type Service struct {
	apiv1connect.UnimplementedEventServiceHandler // until every call is there

	bus *Bus
}

// NewService returns the API of a bus.
func NewService(b *Bus) *Service { return &Service{bus: b} }

// Watch implements the API.
func (s *Service) Watch(ctx context.Context, _ *apiv1.WatchRequest, stream *connect.ServerStream[apiv1.WatchResponse]) error {
	changes := s.bus.Subscribe(ctx, nil)
	if err := stream.Send(&apiv1.WatchResponse{Object: "hello"}); err != nil {
		return err
	}
	for c := range changes {
		err := stream.Send(&apiv1.WatchResponse{Object: c.Object, Host: c.Host, Id: c.ID, Change: c.Kind, Sequence: c.Seq, Resync: c.Resync})
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}
