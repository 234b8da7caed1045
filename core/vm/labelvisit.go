package vm

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/proto"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/plan"
	"github.com/limiquantix/limiquantix/core/task"
	"github.com/limiquantix/limiquantix/core/vm/label"
	"github.com/limiquantix/limiquantix/core/xmledit"
)

// writersAtOnce is how many VMs of one host are written to at the same time.
const writersAtOnce = 16

// visit is the VMs of one host whose labels are changed, and those that they have.
type visit struct {
	host    host.Host
	conn    Conn
	targets []*apiv1.LabelVMsRequest_Target
	found   []*apiv1.LabelVMsRequest_Labels // as targets; nil: it is gone
}

// visit reads the labels of targets by host: a flight for each host, all at once.
func (s *Service) visit(ctx context.Context, targets []*apiv1.LabelVMsRequest_Target) ([]*visit, error) {
	byHost := map[string]*visit{}
	for _, t := range targets {
		if byHost[t.Host] == nil {
			byHost[t.Host] = &visit{}
		}
		byHost[t.Host].targets = append(byHost[t.Host].targets, t)
	}
	g, gctx := errgroup.WithContext(ctx)
	var all []*visit
	for id, v := range byHost {
		all = append(all, v)
		g.Go(func() error {
			h, link, err := s.m.Link(gctx, id)
			if err != nil {
				return err
			}
			v.host = h
			if v.conn, err = connOf(link); err != nil {
				return err
			}
			v.found, err = v.look(gctx)
			return err
		})
	}
	err := g.Wait()
	slices.SortFunc(all, func(a, b *visit) int { return cmp.Compare(a.host.Name, b.host.Name) })
	return all, err
}

// look reads the labels that the targets have now.
func (v *visit) look(ctx context.Context) ([]*apiv1.LabelVMsRequest_Labels, error) {
	uuids := make([]string, len(v.targets))
	for i, t := range v.targets {
		uuids[i] = t.Uuid
	}
	xmls, err := v.conn.VMXMLs(ctx, uuids)
	if err != nil {
		return nil, err
	}
	found := make([]*apiv1.LabelVMsRequest_Labels, len(uuids))
	for i, uuid := range uuids {
		xml, there := xmls[uuid]
		if !there {
			continue
		}
		doc, err := xmledit.Parse(xmledit.Clean(xml))
		if err != nil {
			return nil, core.Errorf(core.Internal, "the host sent XML that cannot be read: %w", err)
		}
		found[i] = labelsProto(label.Read(xml), doc.Root().Child("description").Text())
	}
	return found, nil
}

// stepLabel is the ID of a host's step; a host's id follows.
const stepLabel = "label-"

// plan adds the step that writes the labels of this host's VMs.
func (v *visit) plan(p *plan.Plan, run task.Run) {
	step := plan.Step{ID: stepLabel + v.host.ID, Call: "virDomainSetMetadata", UndoText: "put back the labels of before"}
	var diffs []string
	left := 0
	for i, t := range v.targets {
		now := v.found[i]
		done := run.Sent(step.ID) && proto.Equal(now, t.After)
		switch {
		case now == nil:
			p.Block(core.NotFound, fmt.Sprintf("VM %s is gone", core.Printable(t.Name, 60)), "")
		case !done && !proto.Equal(now, t.Before):
			e := relabelled(t)
			p.Block(e.Code, e.Message, e.Hint)
		}
		if proto.Equal(t.Before, t.After) {
			continue
		}
		if !done {
			left++
		}
		diffs = append(diffs, labelDiff(t))
	}
	if len(diffs) == 0 {
		return
	}
	step.Text = fmt.Sprintf("Write the labels of %s on %s", labelSubject(v.targets), v.host.Name)
	step.Diff, step.Done = strings.Join(diffs, ""), left == 0
	step.Do = func(ctx context.Context, progress plan.Progress) error {
		return v.write(ctx, progress, func(t *apiv1.LabelVMsRequest_Target, now *apiv1.LabelVMsRequest_Labels) (*apiv1.LabelVMsRequest_Labels, error) {
			switch {
			case now == nil:
				return nil, core.Errorf(core.NotFound, "VM %s is gone", core.Printable(t.Name, 60))
			case !proto.Equal(now, t.Before) && !proto.Equal(now, t.After):
				return nil, relabelled(t)
			}
			return t.After, nil
		})
	}
	step.Undo = func(ctx context.Context) error {
		return v.write(ctx, nil, func(t *apiv1.LabelVMsRequest_Target, now *apiv1.LabelVMsRequest_Labels) (*apiv1.LabelVMsRequest_Labels, error) {
			if proto.Equal(now, t.After) {
				return t.Before, nil
			}
			return now, nil // gone, or somebody else's by now
		})
	}
	p.Steps = append(p.Steps, step)
}

// write looks again, has choose say what each VM is to have, and writes what
// differs. When choose refuses one, nothing is written.
func (v *visit) write(ctx context.Context, progress plan.Progress, choose func(t *apiv1.LabelVMsRequest_Target, now *apiv1.LabelVMsRequest_Labels) (*apiv1.LabelVMsRequest_Labels, error)) error {
	found, err := v.look(ctx)
	if err != nil {
		return err
	}
	wanted := make([]*apiv1.LabelVMsRequest_Labels, len(found))
	for i, t := range v.targets {
		if wanted[i], err = choose(t, found[i]); err != nil {
			return err
		}
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(writersAtOnce)
	for i, t := range v.targets {
		if wanted[i] == nil || proto.Equal(found[i], wanted[i]) {
			continue
		}
		g.Go(func() error { return v.writeOne(gctx, t, found[i], wanted[i]) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if progress != nil {
		progress(int64(len(found)), int64(len(found)))
	}
	return nil
}

func (v *visit) writeOne(ctx context.Context, t *apiv1.LabelVMsRequest_Target, now, wanted *apiv1.LabelVMsRequest_Labels) error {
	if now.Notes != wanted.Notes {
		if err := v.conn.SetVMDescription(ctx, t.Uuid, wanted.Notes); err != nil {
			return fmt.Errorf("VM %s: %w", core.Printable(t.Name, 60), err)
		}
	}
	if labelsOf(now).Equal(labelsOf(wanted)) {
		return nil
	}
	xml, err := labelsOf(wanted).XML()
	if err != nil {
		return err
	}
	if err := v.conn.SetVMMetadata(ctx, t.Uuid, Metadata{Space: label.Space, Prefix: label.Prefix, XML: xml}); err != nil {
		return fmt.Errorf("VM %s: %w", core.Printable(t.Name, 60), err)
	}
	return nil
}
