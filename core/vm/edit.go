package vm

import (
	"context"
	"fmt"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/plan"
	"github.com/limiquantix/limiquantix/core/task"
	"github.com/limiquantix/limiquantix/core/vm/config"
	"github.com/limiquantix/limiquantix/core/xmledit"
)

// Steps of editing and setting.
const (
	stepDefine    = "define"
	stepAutostart = "autostart"
)

// resultHash is the key of a task's result under which stands the hash of the
// configuration that it left.
const resultHash = "hash"

// resultBefore is that of the one which it replaced.
const resultBefore = "before"

// EditVM implements the API.
func (s *Service) EditVM(ctx context.Context, req *apiv1.EditVMRequest) (*apiv1.Operation, error) {
	if err := s.prepareEdit(ctx, req); err != nil {
		return nil, err
	}
	return s.run.Operate(ctx, kindEdit, req)
}

// prepareEdit fixes which VM is meant and what is replaced.
func (s *Service) prepareEdit(ctx context.Context, req *apiv1.EditVMRequest) error {
	k, h, _, before, err := s.stored(ctx, req.Vm)
	if err != nil {
		return err
	}
	if req.BaseHash != "" && req.BaseHash != config.Hash(before) {
		base, _ := s.bases.get(req.BaseHash)
		return changedMeanwhile(k.Name, base, before)
	}
	req.Vm, req.Before = join(h.ID, k.UUID), before
	return nil
}

// stored returns the VM that ref means with its persistent XML.
func (s *Service) stored(ctx context.Context, ref string) (Known, host.Host, Conn, string, error) {
	k, h, link, err := s.resolve(ctx, ref, false)
	if err != nil {
		return k, h, nil, "", err
	}
	c, err := connOf(link)
	if err != nil {
		return k, h, nil, "", err
	}
	xml, err := c.VMXML(ctx, k.UUID, false)
	return k, h, c, xml, err
}

// changedMeanwhile is the conflict of an edit with another's; base is "" when
// it is not known any more.
func changedMeanwhile(name, base, now string) error {
	e := core.Errorf(core.Conflict, "VM %s was changed by somebody else meanwhile; nothing is overwritten", core.Printable(name, 60)).
		WithHint("look at that change, and make yours on top of it")
	if base == "" {
		return e
	}
	if d := diffWithoutSecrets(base, now); d != "" {
		return e.WithDetail("diff", d)
	}
	return e.WithDetail("diff", "(a password of a console)\n")
}

// diffWithoutSecrets is for people: it is "" when only passwords differ, and
// when one of the two is no XML.
func diffWithoutSecrets(before, after string) string {
	a, errA := config.WithoutSecrets(before)
	b, errB := config.WithoutSecrets(after)
	if errA != nil || errB != nil {
		return ""
	}
	return xmledit.Diff(a, b)
}

// redactEdit takes the passwords out of what is kept for undo.
func redactEdit(req *apiv1.EditVMRequest) {
	req.Xml, req.Before = redactXML(req.Xml), redactXML(req.Before)
}

func redactXML(xml string) string {
	out, err := config.WithoutSecrets(xml)
	if err != nil {
		return ""
	}
	return out
}

// inverseEdit puts the XML of before back, unless it was changed since. The
// passwords of consoles are not kept: they stay as they are then.
func (s *Service) inverseEdit(req *apiv1.EditVMRequest, t task.Task) *task.Inverse {
	if t.Result[resultHash] == "" || req.Before == "" {
		return nil
	}
	back := &apiv1.EditVMRequest{Vm: req.Vm, Xml: req.Before, BaseHash: t.Result[resultHash]}
	return &task.Inverse{
		Text: "Put back the XML that VM " + t.Object + " had", Kind: kindEdit, Request: back,
		Prepare: func(ctx context.Context) error { return s.prepareEdit(ctx, back) },
	}
}

// planEdit plans to replace a VM's persistent XML.
func (s *Service) planEdit(ctx context.Context, req *apiv1.EditVMRequest, run task.Run) (*plan.Plan, error) {
	c, err := s.begin(ctx, req.Vm, "Edit", run)
	if err != nil {
		return nil, err
	}
	p := c.plan
	p.Undo, p.Command = "put back the XML of before", []string{"vm", "edit", c.ref(), "--from", "FILE"}
	if c.gone {
		return p, nil
	}
	wanted, password := c.check(req.Xml, req.Before)
	if password {
		p.Warnings = append(p.Warnings, "the password of a console changes; undoing the edit does not bring the old one back")
	}
	if !password && xmledit.Equal(wanted, req.Before) {
		if len(p.Blockers) == 0 {
			p.Warnings = append(p.Warnings, "nothing is changed")
		}
		return p, nil
	}
	return p, c.addDefine(ctx, req.Before, wanted, run, c.vm.State != Stopped && c.vm.State != Crashed)
}

// check returns the XML that is to be written: edited, with the passwords that
// its reader was not told. What cannot be is a blocker.
func (c *configuring) check(edited, before string) (wanted string, password bool) {
	p := c.plan
	if xmledit.Clean(before) != before {
		p.BlockField("xml", core.Unsupported, "the VM's XML holds characters that XML does not allow, and would lose them", "edit it on the host: virsh edit")
	}
	doc, err := xmledit.Parse(edited)
	if err != nil {
		e := core.AsError(err)
		p.BlockField("xml", e.Code, e.Message, "mend it, or begin again with: limiquantix vm edit")
		return edited, false
	}
	root := doc.Root()
	if root.Name() != "domain" {
		p.BlockField("xml", core.Invalid, fmt.Sprintf("the XML is a <%s>, not a <domain>", core.Printable(root.Name(), 40)), "give the whole XML of the VM")
		return edited, false
	}
	if name := root.Child("name").Text(); name != c.vm.Name {
		p.BlockField("xml", core.Invalid, fmt.Sprintf("the XML is of a VM named %s", core.Printable(name, 60)), "put the name back: "+core.Escape(c.vm.Name))
	}
	if id, err := core.ParseUUID(trim(root.Child("uuid").Text())); err != nil || core.FormatUUID(id) != c.vm.UUID {
		p.BlockField("xml", core.Invalid, "the XML is of a VM with another UUID, or without one", "put back <uuid>"+c.vm.UUID+"</uuid>")
	}
	if password, err = config.KeepSecrets(doc, before); err != nil {
		p.BlockError(err)
	}
	return doc.String(), password
}
