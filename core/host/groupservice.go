package host

import (
	"context"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// GroupService is the API of groups of hosts.
type GroupService struct{ m *Manager }

// NewGroupService returns the API of a manager's groups.
func NewGroupService(m *Manager) *GroupService { return &GroupService{m: m} }

// ListHostGroups implements the API.
func (s *GroupService) ListHostGroups(context.Context, *apiv1.ListHostGroupsRequest) (*apiv1.ListHostGroupsResponse, error) {
	groups, hosts := s.m.Groups()
	res := &apiv1.ListHostGroupsResponse{}
	for _, g := range groups {
		res.Groups = append(res.Groups, g.proto(hosts[g.Path]))
	}
	return res, nil
}

// AddHostGroup implements the API.
func (s *GroupService) AddHostGroup(ctx context.Context, req *apiv1.AddHostGroupRequest) (*apiv1.AddHostGroupResponse, error) {
	g, notice, err := s.m.AddGroup(ctx, GroupChange{Group: groupOf(req.Group), Secret: req.Secret, Remember: req.Remember})
	if err != nil {
		return nil, err
	}
	return &apiv1.AddHostGroupResponse{Group: s.tell(g), Notice: notice}, nil
}

// SetHostGroup implements the API.
func (s *GroupService) SetHostGroup(ctx context.Context, req *apiv1.SetHostGroupRequest) (*apiv1.SetHostGroupResponse, error) {
	g, notice, err := s.m.SetGroup(ctx, GroupChange{Group: groupOf(req.Group), Secret: req.Secret, Remember: req.Remember, Forget: req.ForgetSecret})
	if err != nil {
		return nil, err
	}
	return &apiv1.SetHostGroupResponse{Group: s.tell(g), Notice: notice}, nil
}

// RemoveHostGroup implements the API.
func (s *GroupService) RemoveHostGroup(ctx context.Context, req *apiv1.RemoveHostGroupRequest) (*apiv1.RemoveHostGroupResponse, error) {
	if err := s.m.RemoveGroup(ctx, req.Path); err != nil {
		return nil, err
	}
	return &apiv1.RemoveHostGroupResponse{}, nil
}

func (s *GroupService) tell(g Group) *apiv1.HostGroup {
	_, hosts := s.m.Groups()
	return g.proto(hosts[g.Path])
}

func groupOf(p *apiv1.HostGroup) Group {
	return Group{Path: p.GetPath(), User: p.GetUser(), Port: int(p.GetPort()), Identities: p.GetIdentities(), Jumps: p.GetJumps()}
}

func (g Group) proto(hosts int) *apiv1.HostGroup {
	return &apiv1.HostGroup{
		Path: g.Path, User: g.User, Port: int32(g.Port), Identities: g.Identities, Jumps: g.Jumps,
		Hosts: int32(hosts), Remembered: g.Remembered, Kept: g.Kept,
	}
}
