package event

import (
	"context"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// Service is the API of changes.
type Service struct {
	bus *Bus
	log *Log
}

// NewService returns the API of a bus and of what is kept of it.
func NewService(b *Bus, l *Log) *Service { return &Service{bus: b, log: l} }

// Watch implements the API.
func (s *Service) Watch(ctx context.Context, _ *apiv1.WatchRequest, stream *connect.ServerStream[apiv1.WatchResponse]) error {
	changes := s.bus.Subscribe(ctx, nil)
	return follow(ctx, changes, stream.Send)
}

// helloEvery is how often a watcher is told that we are there, when nothing
// else is to be told.
const helloEvery = 15 * time.Second

// follow sends changes until there are no more, and hellos while there are none.
func follow(ctx context.Context, changes <-chan Change, send func(*apiv1.WatchResponse) error) error {
	if err := send(&apiv1.WatchResponse{Object: "hello"}); err != nil {
		return err
	}
	quiet := time.NewTicker(helloEvery)
	defer quiet.Stop()
	for {
		m := &apiv1.WatchResponse{Object: "hello"}
		select {
		case c, open := <-changes:
			if !open {
				return ctx.Err()
			}
			m = &apiv1.WatchResponse{Object: c.Object, Host: c.Host, Id: c.ID, Change: c.Kind, Sequence: c.Seq, Resync: c.Resync}
			quiet.Reset(helloEvery)
		case <-quiet.C:
		}
		if err := send(m); err != nil {
			return err
		}
	}
}

// How many events one answer has.
const (
	usualEvents = 200
	mostEvents  = 5000
)

// ListEvents implements the API.
func (s *Service) ListEvents(ctx context.Context, req *apiv1.ListEventsRequest) (*apiv1.ListEventsResponse, error) {
	q := Query{Host: req.Host, ID: req.Id, Before: req.Before, Limit: int(req.Limit)}
	switch {
	case q.Limit < 0 || q.Before < 0:
		return nil, core.Errorf(core.Invalid, "a limit and a sequence are not negative")
	case q.Limit == 0:
		q.Limit = usualEvents
	}
	q.Limit = min(q.Limit, mostEvents)
	found, err := s.log.List(ctx, q)
	if err != nil {
		return nil, err
	}
	res := &apiv1.ListEventsResponse{}
	for _, e := range found {
		res.Events = append(res.Events, &apiv1.Event{
			Time: timestamppb.New(e.Time), Object: e.Object, Host: e.Host, Id: e.ID, Name: e.Name,
			Change: e.Kind, Text: e.Text, Level: apiv1.Event_Level(e.Level), Sequence: e.Number,
		})
	}
	return res, nil
}
