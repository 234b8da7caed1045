package vm

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/console"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/task"
	"github.com/limiquantix/limiquantix/core/vm/config"
)

// Service is the API of VMs.
type Service struct {
	m        *host.Manager
	inv      *Inventory
	run      *task.Runner
	tickets  *console.Tickets[place]
	pictures chan struct{} // who has it may decode one
	typists  turns
	bases    *recent // what edits began with
}

// NewService returns the API of VMs. Its tasks run once [Service.Use] was called.
func NewService(m *host.Manager, inv *Inventory) *Service {
	return &Service{m: m, inv: inv, tickets: console.NewTickets[place](), pictures: make(chan struct{}, maxPictures), bases: newRecent()}
}

// Kinds returns the kinds of tasks that the service plans.
func (s *Service) Kinds() []task.Kind {
	return []task.Kind{
		task.Define(kindCreate, s.planCreate, redactCreate),
		task.Reversible(task.Define(kindPower, s.planPower, nil), s.inversePower),
		task.Define(kindDelete, s.planDelete, redactDelete),
		task.Reversible(task.Define(kindEdit, s.planEdit, redactEdit), s.inverseEdit),
		task.Reversible(task.Define(kindSet, s.planSet, redactSet), s.inverseSet),
		task.Reversible(task.Define(kindLabel, s.planLabel, nil), s.inverseLabel),
	}
}

// Use gives the service the runner of its tasks.
func (s *Service) Use(r *task.Runner) { s.run = r }

// ListVMs implements the API.
func (s *Service) ListVMs(ctx context.Context, req *apiv1.ListVMsRequest) (*apiv1.ListVMsResponse, error) {
	hosts, err := s.m.Pick(req.Hosts)
	if err != nil {
		return nil, err
	}
	res := &apiv1.ListVMsResponse{}
	if !req.Offline {
		res.Problems = s.m.Each(ctx, hosts, func(ctx context.Context, _ int, h host.Host, l host.Link) error {
			g, ctx := errgroup.WithContext(ctx)
			g.Go(func() error { return s.inv.fillAddresses(ctx, h, l) })
			g.Go(func() error { return s.inv.fillLabels(ctx, h, l) })
			return g.Wait()
		})
	}
	byID := map[string]host.Host{}
	ids := map[string]bool{}
	for _, h := range hosts {
		if h, err := s.m.Host(h.ID); err == nil { // its state may have changed
			byID[h.ID], ids[h.ID] = h, true
		}
	}
	known, err := s.inv.List(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, k := range known {
		res.Vms = append(res.Vms, k.proto(byID[k.HostID]))
	}
	slices.SortStableFunc(res.Vms, func(a, b *apiv1.VM) int {
		if a.Host != b.Host {
			return core.CompareNatural(a.Host, b.Host)
		}
		return core.CompareNatural(a.Name, b.Name)
	})
	return res, nil
}

// GetVM implements the API.
func (s *Service) GetVM(ctx context.Context, req *apiv1.GetVMRequest) (*apiv1.GetVMResponse, error) {
	k, h, link, err := s.resolve(ctx, req.Vm, req.Offline)
	if err != nil {
		return nil, err
	}
	if link == nil {
		return &apiv1.GetVMResponse{Vm: k.proto(h)}, nil
	}
	c, err := connOf(link)
	if err != nil {
		return nil, err
	}
	var live, stored string
	on := k.State != Stopped && k.State != Crashed && k.Persistent
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { live, err = c.VMXML(gctx, k.UUID, true); return })
	if on {
		g.Go(func() (err error) { stored, err = c.VMXML(gctx, k.UUID, false); return })
	}
	if k.State == Running {
		g.Go(func() (err error) {
			k.Addresses, err = s.addresses(gctx, c, k, time.Duration(req.WaitAddressSeconds)*time.Second)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	out := k.proto(h)
	if !on {
		stored = live
	}
	return &apiv1.GetVMResponse{Vm: out}, describe(out, live, stored)
}

// addresses asks a host for a VM's addresses until it knows one or wait is
// over, and keeps them.
func (s *Service) addresses(ctx context.Context, c Reader, k Known, wait time.Duration) ([]Address, error) {
	until := time.Now().Add(wait)
	for {
		found, err := c.Addresses(ctx, k.UUID)
		if code := core.CodeOf(err); code == core.Conflict || code == core.NotFound {
			return nil, nil // it stopped meanwhile
		}
		if err != nil {
			return nil, err
		}
		if len(found) > 0 || time.Now().After(until) {
			return found, saveAddresses(ctx, s.inv.db, k.HostID, k.UUID, found)
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// GetVMXML implements the API.
func (s *Service) GetVMXML(ctx context.Context, req *apiv1.GetVMXMLRequest) (*apiv1.GetVMXMLResponse, error) {
	k, _, link, err := s.resolve(ctx, req.Vm, false)
	if err != nil {
		return nil, err
	}
	c, err := connOf(link)
	if err != nil {
		return nil, err
	}
	xml, err := c.VMXML(ctx, k.UUID, req.Live)
	if err != nil {
		return nil, err
	}
	res := &apiv1.GetVMXMLResponse{}
	if !req.Live {
		res.Hash = s.bases.put(xml)
	}
	res.Xml, err = config.WithoutSecrets(xml)
	return res, err
}

// CreateVM implements the API.
func (s *Service) CreateVM(ctx context.Context, req *apiv1.CreateVMRequest) (*apiv1.Operation, error) {
	if err := prepareCreate(req); err != nil {
		return nil, err
	}
	return s.run.Operate(ctx, kindCreate, req)
}

// PowerVM implements the API.
func (s *Service) PowerVM(ctx context.Context, req *apiv1.PowerVMRequest) (*apiv1.Operation, error) {
	return s.run.Operate(ctx, kindPower, req)
}

// DeleteVM implements the API.
func (s *Service) DeleteVM(ctx context.Context, req *apiv1.DeleteVMRequest) (*apiv1.Operation, error) {
	target, err := s.target(ctx, req)
	if err != nil {
		return nil, err
	}
	req.Target = target
	return s.run.Operate(ctx, kindDelete, req)
}

var stateProto = map[State]apiv1.VM_State{
	Starting: apiv1.VM_STATE_RUNNING, // for a moment: it is on
	Running:  apiv1.VM_STATE_RUNNING, Paused: apiv1.VM_STATE_PAUSED, ShuttingDown: apiv1.VM_STATE_SHUTTING_DOWN,
	Stopped: apiv1.VM_STATE_STOPPED, Crashed: apiv1.VM_STATE_CRASHED, Suspended: apiv1.VM_STATE_SUSPENDED,
}

func (k Known) proto(h host.Host) *apiv1.VM {
	live := h.State == host.Live
	out := &apiv1.VM{
		Uuid: k.UUID, Name: k.Name, Host: h.Name, State: stateProto[k.State], Vcpus: int32(k.VCPUs), MemoryBytes: int64(k.Memory),
		Persistent: k.Persistent, Autostart: k.Autostart, Seen: timestamppb.New(k.seen(live)), Stale: !live,
		Tags: k.Labels.Tags, Folder: k.Labels.Folder, Fields: k.Labels.Fields,
	}
	for _, a := range k.Addresses {
		out.Addresses = append(out.Addresses, &apiv1.Address{Ip: a.IP, Mac: a.MAC, Source: a.Source})
	}
	return out
}
