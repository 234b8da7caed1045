// Package ready makes hypervisors of hosts: it looks at what one lacks, plans
// the commands that mend it, and keeps a ledger of what it left there, by which
// that is taken away again.
package ready

import (
	"context"
	"sync"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/store"
	"github.com/limiquantix/limiquantix/core/task"
)

// Names of the kinds of tasks of this package.
const (
	kindPrepare = "host.prepare"
	kindRemove  = "host.footprint.remove"
)

// Hosts is what this package needs of the managed hosts.
type Hosts interface {
	Host(ref string) (host.Host, error)
	// Shell reaches a managed host without its libvirt; ShellAt any.
	Shell(ctx context.Context, ref string) (host.Shell, error)
	ShellAt(ctx context.Context, spec host.Spec) (host.Shell, error)
	// Link connects to libvirt, when there is no connection.
	Link(ctx context.Context, ref string) (host.Host, host.Link, error)
}

// Service is the API of readiness. It may be used concurrently.
type Service struct {
	hosts  Hosts
	ledger ledger
	run    *task.Runner

	mu      sync.Mutex
	secrets map[string]string // by address: they are in no journal
}

// NewService returns the API of readiness, with its ledger in db.
func NewService(hosts Hosts, db *store.DB) *Service {
	return &Service{hosts: hosts, ledger: ledger{db}, secrets: map[string]string{}}
}

// Kinds returns the kinds of tasks that the service plans.
func (s *Service) Kinds() []task.Kind {
	prepare := task.Reversible(task.Define(kindPrepare, s.planPrepare, nil), func(req *apiv1.PrepareHostRequest, t task.Task) *task.Inverse {
		if req.Host == "" { // by an address: nobody knows by now what is there
			return nil
		}
		return &task.Inverse{Text: undoText(t.Host), Kind: kindRemove, Request: &apiv1.RemoveFootprintRequest{Host: req.Host}}
	})
	return []task.Kind{prepare, task.Define(kindRemove, s.planRemove, nil)}
}

func undoText(name string) string {
	return "Take away all that was prepared on host " + core.Escape(name)
}

// Use gives the service the runner of its tasks.
func (s *Service) Use(r *task.Runner) { s.run = r }

// PrepareHost implements the API.
func (s *Service) PrepareHost(ctx context.Context, req *apiv1.PrepareHostRequest) (*apiv1.Operation, error) {
	if spec := req.Spec; spec.GetAddress() != "" {
		req.Host = "" // the spec says it all
		if spec.Secret != "" {
			s.mu.Lock()
			s.secrets[spec.Address] = spec.Secret
			s.mu.Unlock()
		}
		spec.Secret, spec.Remember = "", false
	} else {
		h, err := s.hosts.Host(req.Host)
		if err != nil {
			return nil, core.InField(err, "host")
		}
		req.Host, req.Spec = h.ID, nil
	}
	return s.run.Operate(ctx, kindPrepare, req)
}

// shell reaches the host that a request names.
func (s *Service) shell(ctx context.Context, req *apiv1.PrepareHostRequest) (host.Shell, error) {
	if req.Spec == nil {
		return s.hosts.Shell(ctx, req.Host)
	}
	p := req.Spec
	s.mu.Lock()
	secret := s.secrets[p.Address]
	s.mu.Unlock()
	return s.hosts.ShellAt(ctx, host.Spec{
		Address: p.Address, Jumps: p.Jumps, Identities: p.Identities, URI: p.Uri, HostKey: p.HostKey, AcceptNew: p.AcceptNew, Secret: secret,
	})
}

// GetFootprint implements the API.
func (s *Service) GetFootprint(ctx context.Context, req *apiv1.GetFootprintRequest) (*apiv1.GetFootprintResponse, error) {
	st, err := s.look(ctx, &apiv1.PrepareHostRequest{Host: req.Host})
	if err != nil {
		return nil, err
	}
	traces, err := s.ledger.list(ctx, st.Machine)
	if err != nil {
		return nil, err
	}
	res := &apiv1.GetFootprintResponse{}
	for _, t := range traces {
		res.Traces = append(res.Traces, &apiv1.Trace{Kind: t.kind, Text: t.sentence(), Made: timestamppb.New(t.made), Removal: st.line(t.removal())})
	}
	return res, nil
}

// RemoveFootprint implements the API.
func (s *Service) RemoveFootprint(ctx context.Context, req *apiv1.RemoveFootprintRequest) (*apiv1.Operation, error) {
	h, err := s.hosts.Host(req.Host)
	if err != nil {
		return nil, core.InField(err, "host")
	}
	req.Host = h.ID
	return s.run.Operate(ctx, kindRemove, req)
}

// look observes the host that a request names.
func (s *Service) look(ctx context.Context, req *apiv1.PrepareHostRequest) (state, error) {
	sh, err := s.shell(ctx, req)
	if err != nil {
		return state{}, err
	}
	defer sh.Close()
	return observe(ctx, sh)
}
