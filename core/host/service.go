package host

import (
	"context"
	"errors"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// Guests is what is known of hosts' VMs.
type Guests interface {
	// Count returns how many VMs of a host are known, and how many of them run.
	Count(ctx context.Context, hostID string) (all, running int)
	// Forget drops what is known of a host's VMs.
	Forget(ctx context.Context, hostID string) error
}

// Busy reports whether a task works on a host, so that it is not removed.
type Busy func(ctx context.Context, hostName string) bool

// Service is the API of hosts.
type Service struct {
	m      *Manager
	guests Guests
	busy   Busy
}

// NewService returns the API of a manager's hosts.
func NewService(m *Manager, guests Guests, busy Busy) *Service {
	return &Service{m: m, guests: guests, busy: busy}
}

// AddHost implements the API.
func (s *Service) AddHost(ctx context.Context, req *apiv1.AddHostRequest) (*apiv1.AddHostResponse, error) {
	h, notice, err := s.m.Add(ctx, Host{Name: req.Name, Cluster: req.Cluster, Site: req.Site, Connect: connectOf(req.Connect), Spec: specOf(req.Spec)}, req.Spec.GetRemember())
	if err != nil {
		return nil, err
	}
	return &apiv1.AddHostResponse{Host: s.proto(ctx, h), Notice: notice}, nil
}

// ListHosts implements the API.
func (s *Service) ListHosts(ctx context.Context, _ *apiv1.ListHostsRequest) (*apiv1.ListHostsResponse, error) {
	res := &apiv1.ListHostsResponse{}
	for _, h := range s.m.Hosts() {
		res.Hosts = append(res.Hosts, s.proto(ctx, h))
	}
	return res, nil
}

// GetHost implements the API.
func (s *Service) GetHost(ctx context.Context, req *apiv1.GetHostRequest) (*apiv1.GetHostResponse, error) {
	h, err := s.m.Host(req.Host)
	if err != nil {
		return nil, err
	}
	return &apiv1.GetHostResponse{Host: s.proto(ctx, h)}, nil
}

// CheckHost implements the API.
func (s *Service) CheckHost(ctx context.Context, req *apiv1.CheckHostRequest) (*apiv1.CheckHostResponse, error) {
	spec, link, err := s.linkToCheck(ctx, req)
	var found []*apiv1.Finding
	switch {
	case err == nil:
		found = examine(ctx, link)
	case s.m.o.Shell == nil || spec.Address == "":
		return nil, err
	default: // libvirt may be what is missing: look at the rest
		sh, shellErr := s.m.o.Shell(ctx, spec)
		if shellErr != nil {
			return nil, err
		}
		defer sh.Close()
		found = examineWithoutLibvirt(ctx, sh, core.AsError(err))
	}
	if link != nil && req.Host == "" {
		defer link.Close()
	}
	res := &apiv1.CheckHostResponse{Findings: found, Ready: true}
	for _, f := range res.Findings {
		res.Ready = res.Ready && f.Level != fail
	}
	return res, nil
}

// linkToCheck returns the link of a managed host, or a new one; when there is
// none, how the host would be reached.
func (s *Service) linkToCheck(ctx context.Context, req *apiv1.CheckHostRequest) (Spec, Link, error) {
	if req.Spec == nil || req.Spec.Address == "" {
		h, link, err := s.m.Link(ctx, req.Host)
		return h.Spec, link, err
	}
	req.Host = "" // the spec says it all
	spec, err := specOf(req.Spec).normalize()
	if err != nil {
		return Spec{}, nil, err
	}
	link, err := s.m.o.Dial(ctx, spec)
	return spec, link, err
}

// ReconnectHost implements the API.
func (s *Service) ReconnectHost(ctx context.Context, req *apiv1.ReconnectHostRequest) (*apiv1.ReconnectHostResponse, error) {
	h, notice, err := s.m.Reconnect(ctx, req.Host, Answer{Secret: req.Secret, Remember: req.Remember, HostKey: req.HostKey})
	if err != nil {
		return nil, err
	}
	return &apiv1.ReconnectHostResponse{Host: s.proto(ctx, h), Notice: notice}, nil
}

// EditHost implements the API.
func (s *Service) EditHost(ctx context.Context, req *apiv1.EditHostRequest) (*apiv1.EditHostResponse, error) {
	old, err := s.m.Host(req.Host)
	if err != nil {
		return nil, err
	}
	if req.Name != nil && *req.Name != old.Name && s.busy(ctx, old.Name) {
		return nil, core.Errorf(core.Conflict, "a task has not ended on host %s, and knows it by this name", old.Name).WithHint("see: limiquantix task list --open")
	}
	e := Edit{
		Name: req.Name, Cluster: req.Cluster, Site: req.Site, Connect: connectOf(req.Connect),
		Untested: req.Untested, Remember: req.Spec.GetRemember(), Forget: req.ForgetSecret,
	}
	if req.Spec != nil {
		spec := specOf(req.Spec)
		e.Spec = &spec
	}
	h, notice, err := s.m.Edit(ctx, old.ID, e)
	if err != nil {
		return nil, err
	}
	return &apiv1.EditHostResponse{Host: s.proto(ctx, h), Notice: notice}, nil
}

// RemoveHost implements the API.
func (s *Service) RemoveHost(ctx context.Context, req *apiv1.RemoveHostRequest) (*apiv1.RemoveHostResponse, error) {
	h, err := s.m.Host(req.Host)
	if err != nil {
		return nil, err
	}
	if s.busy(ctx, h.Name) {
		return nil, core.Errorf(core.Conflict, "a task has not ended on host %s", h.Name).WithHint("see: limiquantix task list --open")
	}
	if err := s.m.Remove(ctx, h.ID); err != nil {
		return nil, err
	}
	return &apiv1.RemoveHostResponse{}, s.guests.Forget(ctx, h.ID)
}

func specOf(p *apiv1.HostSpec) Spec {
	if p == nil {
		return Spec{}
	}
	return Spec{
		Address: p.Address, Jumps: p.Jumps, Identities: p.Identities, URI: p.Uri,
		HostKey: p.HostKey, AcceptNew: p.AcceptNew, Secret: p.Secret,
	}
}

func (f Facts) proto() *apiv1.HostFacts {
	return &apiv1.HostFacts{
		Hostname: f.Hostname, LibvirtVersion: f.LibvirtVersion, QemuVersion: f.QEMUVersion, Arch: f.Arch, CpuModel: f.CPUModel,
		Cpus: int32(f.CPUs), Sockets: int32(f.Sockets), Cores: int32(f.Cores), Threads: int32(f.Threads), NumaNodes: int32(f.NUMANodes),
		MemoryBytes: int64(f.Memory), Kvm: f.KVM, Uefi: f.UEFI, MaxVcpus: int32(f.MaxVCPUs),
	}
}

// Problem tells in the API why a host's part of an answer is old.
func Problem(h Host, err error) *apiv1.HostProblem {
	e := core.AsError(err)
	var blocked *core.Error
	if errors.As(err, &blocked) {
		e = blocked
	}
	return &apiv1.HostProblem{Host: h.Name, Message: e.Message, Hint: e.Hint, Code: string(e.Code)}
}
