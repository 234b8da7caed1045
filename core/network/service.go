package network

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/host"
)

// Service is the API of networks.
type Service struct{ m *host.Manager }

// NewService returns the API of networks.
func NewService(m *host.Manager) *Service { return &Service{m} }

func connOf(l host.Link) (Conn, error) {
	c, ok := l.(Conn)
	if !ok {
		return nil, core.Errorf(core.Unsupported, "this connection cannot manage networks")
	}
	return c, nil
}

// ListNetworks implements the API.
func (s *Service) ListNetworks(ctx context.Context, req *apiv1.ListNetworksRequest) (*apiv1.ListNetworksResponse, error) {
	hosts, err := s.m.Pick(req.Hosts)
	if err != nil {
		return nil, err
	}
	lists := make([][]Network, len(hosts))
	problems := s.m.Each(ctx, hosts, func(ctx context.Context, i int, _ host.Host, l host.Link) error {
		c, err := connOf(l)
		if err == nil {
			lists[i], err = c.Networks(ctx)
		}
		return err
	})
	res := &apiv1.ListNetworksResponse{Problems: problems}
	for i, list := range lists {
		for _, n := range list {
			res.Networks = append(res.Networks, &apiv1.Network{
				Host: hosts[i].Name, Name: n.Name, Uuid: n.UUID, Active: n.Active, Bridge: n.Bridge, Forward: n.Forward, Cidr: n.CIDR, Autostart: n.Autostart,
			})
		}
	}
	return res, nil
}

// ListLeases implements the API.
func (s *Service) ListLeases(ctx context.Context, req *apiv1.ListLeasesRequest) (*apiv1.ListLeasesResponse, error) {
	_, l, err := s.m.Link(ctx, req.Host)
	if err != nil {
		return nil, err
	}
	c, err := connOf(l)
	if err != nil {
		return nil, err
	}
	leases, err := c.Leases(ctx, req.Network)
	if err != nil {
		return nil, err
	}
	res := &apiv1.ListLeasesResponse{}
	for _, x := range leases {
		res.Leases = append(res.Leases, &apiv1.Lease{Mac: x.MAC, Ip: x.IP, Hostname: x.Hostname, Expires: timestamppb.New(x.Expires)})
	}
	return res, nil
}
