package metric

import (
	"context"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/host"
)

// Limits of an interval.
const (
	defaultInterval = 5 * time.Second
	longestInterval = time.Hour
)

// Hosts knows the managed hosts.
type Hosts interface {
	// Host returns a host by name or id; [core.NotFound].
	Host(ref string) (host.Host, error)
}

// FindVM returns where the VM is that a reference means. [core.NotFound],
// [core.Ambiguous].
type FindVM func(ctx context.Context, ref string) (hostID, uuid string, err error)

// Service is the API of figures.
type Service struct {
	hub   *Hub
	hosts Hosts
	vm    FindVM
}

// NewService returns the API of a hub's figures.
func NewService(hub *Hub, hosts Hosts, vm FindVM) *Service { return &Service{hub, hosts, vm} }

// WatchStats implements the API.
func (s *Service) WatchStats(ctx context.Context, req *apiv1.WatchStatsRequest, stream *connect.ServerStream[apiv1.WatchStatsResponse]) error {
	interval := time.Duration(req.IntervalSeconds) * time.Second
	switch {
	case interval == 0:
		interval = defaultInterval
	case interval < time.Second || interval > longestInterval:
		return core.Errorf(core.Invalid, "an interval is between 1 and %d seconds", longestInterval/time.Second)
	}
	var only map[string]bool
	for _, ref := range req.Hosts {
		h, err := s.hosts.Host(ref)
		if err != nil {
			return err
		}
		if only == nil {
			only = map[string]bool{}
		}
		only[h.ID] = true
	}
	return s.hub.watch(ctx, only, interval, func(r *round) error {
		if req.WithoutVms {
			return stream.Send(&apiv1.WatchStatsResponse{Host: r.hostProto()})
		}
		return stream.Send(r.proto())
	})
}

// GetStats implements the API.
func (s *Service) GetStats(ctx context.Context, req *apiv1.GetStatsRequest) (*apiv1.GetStatsResponse, error) {
	if (req.Host == "") == (req.Vm == "") {
		return nil, core.Errorf(core.Invalid, "name a host or a VM")
	}
	res := &apiv1.GetStatsResponse{}
	if req.Host != "" {
		h, err := s.hosts.Host(req.Host)
		if err != nil {
			return nil, err
		}
		for _, p := range s.hub.pastOf(h.ID, (*past).hostSince) {
			res.Hosts = append(res.Hosts, p.sample().hostProto(h.Name, s.hub.time(p.at)))
		}
		return res, nil
	}
	hostID, uuid, err := s.vm(ctx, req.Vm)
	if err != nil {
		return nil, err
	}
	for _, p := range s.hub.pastOf(hostID, func(x *past, since uint32) []point { return x.vmSince(uuid, since) }) {
		v := &apiv1.VMStats{}
		p.sample().fill(v, uuid)
		res.Vms = append(res.Vms, v)
		res.Times = append(res.Times, timestamppb.New(s.hub.time(p.at)))
	}
	return res, nil
}

// pastOf returns the points of the last hour that get finds in a host's past.
func (h *Hub) pastOf(hostID string, get func(x *past, since uint32) []point) []point {
	h.mu.Lock()
	f := h.feeds[hostID]
	h.mu.Unlock()
	if f == nil {
		return nil
	}
	return get(f.past, h.tenths(time.Now().Add(-keep)))
}
