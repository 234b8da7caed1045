package vm

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/plan"
	"github.com/limiquantix/limiquantix/core/task"
	"github.com/limiquantix/limiquantix/core/vm/config"
	"github.com/limiquantix/limiquantix/core/xmledit"
)

// SetVM implements the API.
func (s *Service) SetVM(ctx context.Context, req *apiv1.SetVMRequest) (*apiv1.Operation, error) {
	req.Expect, req.Like = nil, "" // of UndoTask
	if err := settingsOf(req).Check(); err != nil {
		return nil, err
	}
	if err := s.prepareSet(ctx, req); err != nil {
		return nil, err
	}
	return s.run.Operate(ctx, kindSet, req)
}

// settingsOf returns what a request says of the VM's XML.
func settingsOf(req *apiv1.SetVMRequest) config.Settings {
	s := config.Settings{Title: req.Title, Description: req.Description}
	if req.Vcpus != nil {
		n := int(*req.Vcpus)
		s.VCPUs = &n
	}
	if req.MemoryBytes != nil {
		m := core.Bytes(*req.MemoryBytes)
		s.Memory = &m
	}
	return s
}

// prepareSet fixes which VM is meant and what is replaced, and looks whether
// that is what the request expects.
func (s *Service) prepareSet(ctx context.Context, req *apiv1.SetVMRequest) error {
	k, h, c, before, err := s.stored(ctx, req.Vm)
	if err != nil {
		return err
	}
	if req.Autostart != nil { // libvirt tells of no change of it: the cache may be wrong
		now, err := stateOf(ctx, c, k.UUID)
		if err != nil {
			return err
		}
		req.AutostartBefore = now.Autostart
	}
	req.Vm, req.Before = join(h.ID, k.UUID), before
	if req.Expect == nil {
		return nil
	}
	doc, err := xmledit.Parse(before)
	if err != nil {
		return err
	}
	if other := unexpected(req, config.ReadSettings(doc)); other != "" {
		return core.Errorf(core.Conflict, "the %s of VM %s was changed since", other, core.Printable(k.Name, 60)).
			WithHint("set it to what it should be now: limiquantix vm set")
	}
	return nil
}

// unexpected names the first setting that is not as req expects; "" for none.
func unexpected(req *apiv1.SetVMRequest, now config.Settings) string {
	want := settingsOf(req.Expect)
	switch {
	case want.Title != nil && *want.Title != *now.Title:
		return "title"
	case want.Description != nil && *want.Description != *now.Description:
		return "description"
	case want.VCPUs != nil && (now.VCPUs == nil || *want.VCPUs != *now.VCPUs):
		return "number of CPUs"
	case want.Memory != nil && (now.Memory == nil || *want.Memory != *now.Memory):
		return "memory"
	case req.Expect.Autostart != nil && *req.Expect.Autostart != req.AutostartBefore:
		return "autostart"
	}
	return ""
}

// planSet plans to change single settings: one definition for all that stand in
// the XML, and the autostart flag.
func (s *Service) planSet(ctx context.Context, req *apiv1.SetVMRequest, run task.Run) (*plan.Plan, error) {
	c, err := s.begin(ctx, req.Vm, "Set "+strings.Join(setNames(req), ", ")+" of", run)
	if err != nil || c.gone {
		return c.planOf(), err
	}
	p := c.plan
	p.Undo, p.Command = "set it back", setCommand(req, c.ref())
	wanted, err := settled(req)
	if err != nil {
		p.BlockError(err)
		wanted = req.Before
	}
	if err := c.compare(ctx, req); err != nil {
		return nil, err
	}
	if !xmledit.Equal(wanted, req.Before) {
		inGuest := req.Vcpus != nil || req.MemoryBytes != nil
		running := c.vm.State != Stopped && c.vm.State != Crashed
		if err := c.addDefine(ctx, req.Before, wanted, run, inGuest && running); err != nil {
			return nil, err
		}
	}
	if req.Autostart != nil && *req.Autostart != req.AutostartBefore {
		p.Steps = append(p.Steps, c.autostart(*req.Autostart, req.AutostartBefore))
	}
	if len(p.Steps) == 0 && len(p.Blockers) == 0 {
		p.Warnings = append(p.Warnings, "it is so already: nothing is changed")
	}
	return p, nil
}

func (c *configuring) planOf() *plan.Plan {
	if c == nil {
		return nil
	}
	return c.plan
}

// settled returns the XML of before with what the request sets.
func settled(req *apiv1.SetVMRequest) (string, error) {
	doc, err := xmledit.Parse(req.Before)
	if err != nil {
		return "", core.AsError(err).WithHint("edit it on the host: virsh edit")
	}
	if req.Like == "" {
		err = settingsOf(req).Apply(doc)
		return doc.String(), err
	}
	was, err := xmledit.Parse(req.Like)
	if err != nil {
		return "", err
	}
	err = settingsOf(req).Restore(doc, was)
	return doc.String(), err
}

// compare says what the host has less of. More memory than it has is refused, as
// for a new VM, unless it was there before and an undo brings it back.
func (c *configuring) compare(ctx context.Context, req *apiv1.SetVMRequest) error {
	if req.Vcpus == nil && req.MemoryBytes == nil {
		return nil
	}
	f, err := c.link.Facts(ctx)
	if err != nil {
		return err
	}
	vcpus, memory := int(req.GetVcpus()), core.Bytes(req.GetMemoryBytes())
	if req.Expect != nil && f.Memory > 0 && memory > f.Memory {
		c.plan.Warnings = append(c.plan.Warnings, tooMuch(c.host.Name, f, memory)+": the VM may not start")
		memory = 0
	}
	checkRoom(c.plan, c.host.Name, f, vcpus, memory)
	return nil
}

// autostart is the step that sets the flag. libvirt sends no event for it: the
// plan's Settle looks, and who takes it back does.
func (c *configuring) autostart(on, before bool) plan.Step {
	set := func(ctx context.Context, on bool) error {
		return c.conn.SetAutostart(ctx, c.vm.UUID, on)
	}
	back := func(ctx context.Context) error {
		if err := set(ctx, before); err != nil {
			return err
		}
		return c.s.inv.refresh(ctx, c.host, c.link)
	}
	text, number := "Do not start "+c.vm.Name+" with the host", 0
	if on {
		text, number = "Start "+c.vm.Name+" with the host", 1
	}
	return plan.Step{
		ID: stepAutostart, Text: text, Call: fmt.Sprintf("virDomainSetAutostart(%s, %d)", c.vm.Name, number), UndoText: "set it back",
		Do:   func(ctx context.Context, _ plan.Progress) error { return set(ctx, on) },
		Undo: func(ctx context.Context) error { return ignore(core.NotFound, back(ctx), nil) },
	}
}

// setNames names what a request sets, in users' words.
func setNames(req *apiv1.SetVMRequest) (names []string) {
	for _, f := range []struct {
		set  bool
		name string
	}{
		{req.Vcpus != nil, "CPUs"}, {req.MemoryBytes != nil, "memory"}, {req.Title != nil, "title"},
		{req.Description != nil, "description"}, {req.Autostart != nil, "autostart"},
	} {
		if f.set {
			names = append(names, f.name)
		}
	}
	if names == nil {
		return []string{"nothing"}
	}
	return names
}

func setCommand(req *apiv1.SetVMRequest, ref string) []string {
	args := []string{"vm", "set", ref}
	if req.Vcpus != nil {
		args = append(args, "--cpus", strconv.Itoa(int(*req.Vcpus)))
	}
	if req.MemoryBytes != nil {
		args = append(args, "--memory", core.Bytes(*req.MemoryBytes).Exact())
	}
	if req.Title != nil {
		args = append(args, "--title", *req.Title)
	}
	if req.Description != nil {
		args = append(args, "--description", *req.Description)
	}
	if req.Autostart != nil {
		args = append(args, "--autostart="+strconv.FormatBool(*req.Autostart))
	}
	return args
}

// redactSet takes passwords out of what is kept for undo.
func redactSet(req *apiv1.SetVMRequest) {
	req.Before, req.Like = redactXML(req.Before), redactXML(req.Like)
}

// inverseSet sets back what was set, unless it is something else by then.
func (s *Service) inverseSet(req *apiv1.SetVMRequest, t task.Task) *task.Inverse {
	doc, err := xmledit.Parse(req.Before)
	if err != nil {
		return nil
	}
	was := config.ReadSettings(doc)
	back := &apiv1.SetVMRequest{Vm: req.Vm, Like: req.Before, Expect: &apiv1.SetVMRequest{
		Title: req.Title, Description: req.Description, Autostart: req.Autostart, Vcpus: req.Vcpus, MemoryBytes: req.MemoryBytes,
	}}
	if req.Title != nil {
		back.Title = was.Title
	}
	if req.Description != nil {
		back.Description = was.Description
	}
	if req.Vcpus != nil && was.VCPUs != nil {
		n := int32(*was.VCPUs)
		back.Vcpus = &n
	}
	if req.MemoryBytes != nil && was.Memory != nil {
		m := int64(*was.Memory)
		back.MemoryBytes = &m
	}
	if req.Autostart != nil {
		back.Autostart = &req.AutostartBefore
	}
	return &task.Inverse{
		Text: fmt.Sprintf("Set %s of VM %s back", strings.Join(setNames(back), ", "), t.Object), Kind: kindSet, Request: back,
		Prepare: func(ctx context.Context) error { return s.prepareSet(ctx, back) },
	}
}
