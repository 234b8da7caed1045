package hostos

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/plan"
	"github.com/limiquantix/limiquantix/core/task"
)

const kindUnit = "host.service"

// operateLimit is how long a service may take: systemd itself gives up on most
// after 90 seconds.
const operateLimit = 2 * time.Minute

// act is what can be done to a service.
type act struct {
	verb, word string
	back       apiv1.OperateUnitRequest_Action // takes it back; 0: nothing does
}

func actOf(a apiv1.OperateUnitRequest_Action) (act, bool) {
	switch a {
	case apiv1.OperateUnitRequest_ACTION_START:
		return act{"Start", "start", apiv1.OperateUnitRequest_ACTION_STOP}, true
	case apiv1.OperateUnitRequest_ACTION_STOP:
		return act{"Stop", "stop", apiv1.OperateUnitRequest_ACTION_START}, true
	case apiv1.OperateUnitRequest_ACTION_RESTART:
		return act{"Restart", "restart", 0}, true
	}
	return act{}, false
}

// OperateUnit implements the API.
func (s *Service) OperateUnit(ctx context.Context, req *apiv1.OperateUnitRequest) (*apiv1.Operation, error) {
	unit, err := checkUnit(req.Unit)
	if err != nil {
		return nil, err
	}
	req.Unit = unit
	return s.run.Operate(ctx, kindUnit, req)
}

// planUnit plans one act on a service, which is looked at first.
func (s *Service) planUnit(ctx context.Context, req *apiv1.OperateUnitRequest, run task.Run) (*plan.Plan, error) {
	a, ok := actOf(req.Action)
	if !ok {
		return nil, core.Errorf(core.Invalid, "no action on the service is named")
	}
	unit, err := checkUnit(req.Unit)
	if err != nil {
		return nil, err
	}
	h, r, err := s.runnerOf(ctx, req.Host)
	if err != nil {
		return nil, err
	}
	now, err := showUnit(ctx, r, unit)
	if err != nil {
		return nil, err
	}
	p := &plan.Plan{
		Title: fmt.Sprintf("%s service %s on %s", a.verb, unit, h.Name), Host: h.Name, Object: unit,
		Command: []string{"host", "service", a.word, h.Name, unit}, Result: map[string]string{"unit": unit, "was": now["ActiveState"]},
	}
	if back, is := actOf(a.back); is {
		p.Undo = strings.ToLower(back.verb) + " it"
	}
	judge(p, req.Action, unit, now)
	argv := []string{"systemctl", a.word, "--no-ask-password", "--", unit}
	p.Steps = []plan.Step{{
		ID: a.word, Text: a.verb + " service " + unit, Call: strings.Join(argv, " "),
		Done: reached(req.Action, now["ActiveState"]) || run.Seen(a.word),
		Do: func(ctx context.Context, _ plan.Progress) error {
			ctx, cancel := context.WithTimeout(ctx, operateLimit)
			defer cancel()
			out, err := r.Run(ctx, host.Command{Argv: plain(argv...), Sudo: true})
			if err != nil {
				return err
			}
			return unitError(out, a, unit)
		},
	}}
	return p, nil
}

// judge adds what speaks against an act.
func judge(p *plan.Plan, action apiv1.OperateUnitRequest_Action, unit string, now map[string]string) {
	why := held(unit)
	stops := action == apiv1.OperateUnitRequest_ACTION_STOP
	switch {
	case now["LoadState"] == "not-found":
		p.Block(core.NotFound, "there is no service "+unit+" on host "+p.Host, "see: limiquantix host service list "+core.Escape(p.Host))
	case now["LoadState"] == "masked" && !stops:
		p.Block(core.Blocked, "service "+unit+" is masked: it cannot be started", "on the host: systemctl unmask "+unit)
	case stops && why != "":
		p.Block(core.Blocked, "service "+unit+" is not stopped from here: "+why, "restart it instead, or use the host's own console")
	case stops && now["RefuseManualStop"] == "yes", !stops && now["RefuseManualStart"] == "yes":
		p.Block(core.Blocked, "service "+unit+" does not let itself be operated: other services do that", "")
	case action == apiv1.OperateUnitRequest_ACTION_RESTART && why != "":
		p.Warnings = append(p.Warnings, why+": the connection may break for a moment")
	}
	if by := now["TriggeredBy"]; stops && by != "" {
		p.Warnings = append(p.Warnings, "it is started again when it is asked for, by "+clean(by, 200))
	}
}

// reached tells whether a service is where an act would bring it.
func reached(action apiv1.OperateUnitRequest_Action, active string) bool {
	switch action {
	case apiv1.OperateUnitRequest_ACTION_START:
		return active == "active"
	case apiv1.OperateUnitRequest_ACTION_STOP:
		return active == "inactive"
	}
	return false
}

// showUnit reads what is known of a service.
func showUnit(ctx context.Context, r host.Runner, unit string) (map[string]string, error) {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	argv := plain("systemctl", "show", "--no-pager", "--property=LoadState,ActiveState,SubState,RefuseManualStart,RefuseManualStop,TriggeredBy", "--", unit)
	out, err := r.Run(ctx, host.Command{Argv: argv})
	if err != nil {
		return nil, err
	}
	if err := systemdError(out); err != nil {
		return nil, err
	}
	now := map[string]string{}
	for line := range strings.Lines(string(out.Out)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if len(now) < 20 {
			now[key] = clean(value, 500)
		}
	}
	return now, nil
}

// unitError tells why systemctl did not do it.
func unitError(out host.Output, a act, unit string) error {
	if out.Exit == 0 {
		return nil
	}
	if err := systemdError(out); core.CodeOf(err) != core.Internal {
		return err
	}
	return core.Errorf(core.Conflict, "service %s did not %s: %s", unit, a.word, toolSays(out, "systemctl")).
		WithHint("its journal tells more: limiquantix host journal HOST --unit %s", unit)
}

// inverseUnit takes back what was started or stopped, when that changed something.
func inverseUnit(req *apiv1.OperateUnitRequest, t task.Task) *task.Inverse {
	a, ok := actOf(req.Action)
	if !ok || a.back == 0 || reached(req.Action, t.Result["was"]) {
		return nil
	}
	back, _ := actOf(a.back)
	return &task.Inverse{
		Text: back.verb + " service " + req.Unit, Kind: kindUnit,
		Request: &apiv1.OperateUnitRequest{Host: req.Host, Unit: req.Unit, Action: a.back},
	}
}
