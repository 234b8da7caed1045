package vm

import (
	"context"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/plan"
	"github.com/limiquantix/limiquantix/core/task"
	"github.com/limiquantix/limiquantix/core/vm/label"
	"github.com/limiquantix/limiquantix/core/xmledit"
)

const kindLabel = "vm.label"

// maxLabelled is of how many VMs one task changes the labels.
const maxLabelled = 10_000

// maxNotes bounds the notes of a VM: they are in its XML, which libvirt reads whole.
const maxNotes = 64 * core.KiB

// LabelVMs implements the API.
func (s *Service) LabelVMs(ctx context.Context, req *apiv1.LabelVMsRequest) (*apiv1.Operation, error) {
	if len(req.Vms) == 0 || len(req.Vms) > maxLabelled {
		return nil, core.Errorf(core.Invalid, "%d VMs are named", len(req.Vms)).WithHint("name 1 to %d", maxLabelled).WithDetail("field", "vms")
	}
	change := label.Change{Add: req.AddTags, Remove: req.RemoveTags, Folder: req.Folder, Fields: fieldsOf(req.Fields)}
	if err := change.Check(); err != nil {
		return nil, err
	}
	req.Folder = change.Folder
	if req.Notes != nil {
		notes := strings.ReplaceAll(*req.Notes, "\r\n", "\n")
		if core.Bytes(len(notes)) > maxNotes || xmledit.Clean(notes) != notes {
			return nil, core.Errorf(core.Invalid, "the notes hold characters that XML does not allow, or more than %s", maxNotes).WithDetail("field", "notes")
		}
		req.Notes = &notes
	}
	if err := s.prepareLabel(ctx, req, change); err != nil {
		return nil, err
	}
	return s.run.Operate(ctx, kindLabel, req)
}

// prepareLabel fixes which VMs are meant, what labels they have and what labels
// they will have.
func (s *Service) prepareLabel(ctx context.Context, req *apiv1.LabelVMsRequest, change label.Change) error {
	var err error
	if req.Targets, err = s.labelled(ctx, req.Vms); err != nil {
		return err
	}
	visits, err := s.visit(ctx, req.Targets)
	if err != nil {
		return err
	}
	for _, v := range visits {
		for i, t := range v.targets {
			if v.found[i] == nil {
				return core.Errorf(core.NotFound, "VM %s is gone", core.Printable(t.Name, 60))
			}
			after, err := change.Apply(labelsOf(v.found[i]))
			if err != nil {
				return err
			}
			t.Before, t.After = v.found[i], labelsProto(after, v.found[i].Notes)
			if req.Notes != nil {
				t.After.Notes = *req.Notes
			}
		}
	}
	return nil
}

// labelled finds the VMs that are named, each once.
func (s *Service) labelled(ctx context.Context, refs []string) ([]*apiv1.LabelVMsRequest_Target, error) {
	var out []*apiv1.LabelVMsRequest_Target
	seen := map[string]bool{}
	for _, ref := range refs {
		k, h, _, err := s.resolve(ctx, ref, false)
		if err != nil {
			return nil, err
		}
		if !k.Persistent {
			return nil, core.Errorf(core.Conflict, "VM %s is not defined: it is gone when it stops", core.Printable(k.Name, 60)).
				WithHint("define it on the host: virsh dumpxml, virsh define")
		}
		if id := join(h.ID, k.UUID); !seen[id] {
			seen[id] = true
			out = append(out, &apiv1.LabelVMsRequest_Target{Host: h.ID, Uuid: k.UUID, Name: k.Name})
		}
	}
	return out, nil
}

// planLabel plans to write the labels of all targets: a step for each host.
func (s *Service) planLabel(ctx context.Context, req *apiv1.LabelVMsRequest, run task.Run) (*plan.Plan, error) {
	visits, err := s.visit(ctx, req.Targets)
	if err != nil {
		return nil, err
	}
	p := &plan.Plan{Undo: "put back the labels of before", Result: map[string]string{}}
	p.Title, p.Command = labelWords(req, visits)
	if len(visits) == 1 {
		p.Host = visits[0].host.Name
		if t := visits[0].targets; len(t) == 1 {
			p.Object, p.Result["uuid"], p.Result["name"] = t[0].Name, t[0].Uuid, t[0].Name
		}
	}
	for _, v := range visits {
		v.plan(p, run)
	}
	if len(p.Steps) == 0 && len(p.Blockers) == 0 {
		p.Warnings = append(p.Warnings, "it is so already: nothing is changed")
	}
	p.Settle = func(ctx context.Context) error {
		for _, v := range visits {
			labels := map[string]label.Labels{}
			for _, t := range v.targets {
				labels[t.Uuid] = labelsOf(t.After)
			}
			if err := s.inv.learnLabels(ctx, v.host, labels); err != nil {
				return err
			}
		}
		return nil
	}
	return p, nil
}

// inverseLabel puts back the labels of before, unless they are others by then.
func (s *Service) inverseLabel(req *apiv1.LabelVMsRequest, t task.Task) *task.Inverse {
	if len(req.Targets) == 0 {
		return nil
	}
	back := &apiv1.LabelVMsRequest{}
	for _, t := range req.Targets {
		back.Targets = append(back.Targets, &apiv1.LabelVMsRequest_Target{Host: t.Host, Uuid: t.Uuid, Name: t.Name, Before: t.After, After: t.Before})
	}
	return &task.Inverse{
		Text: "Put back the labels of " + labelSubject(req.Targets), Kind: kindLabel, Request: back,
		Prepare: func(ctx context.Context) error {
			visits, err := s.visit(ctx, back.Targets)
			if err != nil {
				return err
			}
			for _, v := range visits {
				for i, t := range v.targets {
					if !proto.Equal(v.found[i], t.Before) {
						return relabelled(t)
					}
				}
			}
			return nil
		},
	}
}

func relabelled(t *apiv1.LabelVMsRequest_Target) *core.Error {
	return core.Errorf(core.Conflict, "the labels of VM %s were changed by somebody else meanwhile; nothing is overwritten", core.Printable(t.Name, 60)).
		WithHint("look at them, and say it again if you still want it")
}
