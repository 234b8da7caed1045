package vm

import (
	"context"
	"fmt"
	"strings"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/plan"
	"github.com/limiquantix/limiquantix/core/task"
	"github.com/limiquantix/limiquantix/core/vm/config"
)

// configuring is the plan of a change of a VM's configuration in the making.
type configuring struct {
	s    *Service
	vm   Known
	host host.Host
	link host.Link
	conn Conn
	plan *plan.Plan
	gone bool // a blocker says so
}

func (c *configuring) ref() string { return c.host.Name + "/" + c.vm.Name }

// begin starts a plan for the VM that ref (HOST/UUID) means. When a change is
// resumed and the VM was deleted meanwhile, the plan says so and is gone.
func (s *Service) begin(ctx context.Context, ref, verb string, run task.Run) (*configuring, error) {
	k, h, link, err := s.resolve(ctx, ref, false)
	if run.Resumed && core.CodeOf(err) == core.NotFound {
		p := &plan.Plan{Title: fmt.Sprintf("%s VM %s", verb, run.Object), Object: run.Object}
		p.Block(core.NotFound, fmt.Sprintf("VM %s is gone", core.Printable(run.Object, 60)), "")
		return &configuring{s: s, plan: p, gone: true}, nil
	}
	if err != nil {
		return nil, err
	}
	conn, err := connOf(link)
	if err != nil {
		return nil, err
	}
	p := &plan.Plan{
		Title: fmt.Sprintf("%s VM %s on %s", verb, k.Name, h.Name), Host: h.Name, Object: k.Name,
		Result: map[string]string{"uuid": k.UUID, "name": k.Name, "host": h.Name},
		Settle: func(ctx context.Context) error { return s.inv.catchUp(ctx, h, link) },
	}
	if !k.Persistent {
		p.Block(core.Conflict, fmt.Sprintf("VM %s is not defined: it is gone when it stops", core.Printable(k.Name, 60)), "define it on the host: virsh dumpxml, virsh define")
	}
	return &configuring{s: s, vm: k, host: h, link: link, conn: conn, plan: p}, nil
}

// addDefine adds the step that replaces the configuration before by wanted. It
// is not done when there is anything else than before by then.
//
// libvirt cannot compare and define in one call: between the last look and the
// definition there is one round trip in which another's change can be lost.
func (c *configuring) addDefine(ctx context.Context, before, wanted string, run task.Run, nextBoot bool) error {
	c.plan.Result[resultBefore] = config.Hash(before)
	step := plan.Step{
		ID: stepDefine, Text: "Store the new configuration of VM " + c.vm.Name, Call: "virDomainDefineXML(" + c.vm.Name + ")",
		Diff: diffWithoutSecrets(before, wanted), Content: plan.ContentOf([]byte(wanted)), UndoText: "put back the configuration of before",
	}
	if nextBoot {
		step.When = plan.NextBoot
	}
	d := &definition{configuring: c, before: before, wanted: wanted}
	if run.Resumed {
		now, err := c.conn.VMXML(ctx, c.vm.UUID, false)
		if err != nil {
			return err
		}
		switch {
		case now == before:
		case run.Sent(stepDefine) && config.Made(before, wanted, now):
			step.Done, c.plan.Result[resultHash] = true, config.Hash(now)
		default:
			c.plan.Block(core.Conflict, fmt.Sprintf("VM %s was changed by somebody else while this was interrupted; that is left as it is", core.Printable(c.vm.Name, 60)), "look at it, and say this again if you still want it")
		}
	}
	step.Do, step.Undo = d.do, d.undo
	c.plan.Steps = append(c.plan.Steps, step)
	return nil
}

// definition is one configuration that replaces another.
type definition struct {
	*configuring
	before, wanted string
}

func (d *definition) do(ctx context.Context, _ plan.Progress) error {
	now, err := d.conn.VMXML(ctx, d.vm.UUID, false)
	if err != nil {
		return err
	}
	if now != d.before {
		return changedMeanwhile(d.vm.Name, d.before, now)
	}
	if _, err := d.conn.DefineVM(ctx, d.wanted); err != nil {
		return err
	}
	if now, err = d.conn.VMXML(ctx, d.vm.UUID, false); err != nil {
		return err
	}
	d.plan.Result[resultHash] = config.Hash(now)
	d.s.bases.put(now)
	return nil
}

// undo puts back what was before, unless there is neither of the two: then
// somebody else has changed it since.
func (d *definition) undo(ctx context.Context) error {
	now, err := d.conn.VMXML(ctx, d.vm.UUID, false)
	if err != nil {
		return ignore(core.NotFound, err, nil)
	}
	ours := config.Hash(now) == d.plan.Result[resultHash] || config.Made(d.before, d.wanted, now)
	if now == d.before || !ours {
		return nil
	}
	_, err = d.conn.DefineVM(ctx, d.before)
	return err
}

func trim(s string) string { return strings.TrimSpace(s) }
