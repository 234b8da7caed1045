package vm

import (
	"context"
	"fmt"
	"time"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/plan"
	"github.com/limiquantix/limiquantix/core/task"
)

// act is one power action: from which states, to which, and by what call.
type act struct {
	verb     string // "Start"
	command  string // "start"
	call     string
	from     []State
	to       State // "" when the state stays
	harsh    bool  // the guest is not asked
	undoText string
	back     apiv1.PowerVMRequest_Action // takes it back when it is done; 0: nothing does
	do       func(ctx context.Context, c Conn, uuid string) error
}

var acts = map[apiv1.PowerVMRequest_Action]act{
	apiv1.PowerVMRequest_ACTION_START: {verb: "Start", command: "start", call: "virDomainCreate", from: []State{Stopped, Crashed}, to: Running, undoText: "power it off", back: apiv1.PowerVMRequest_ACTION_STOP,
		do: func(ctx context.Context, c Conn, id string) error { return c.StartVM(ctx, id) }},
	apiv1.PowerVMRequest_ACTION_SHUTDOWN: {verb: "Shut down", command: "shutdown", call: "virDomainShutdown", from: []State{Running, ShuttingDown}, to: Stopped,
		do: func(ctx context.Context, c Conn, id string) error { return c.ShutdownVM(ctx, id) }},
	apiv1.PowerVMRequest_ACTION_STOP: {verb: "Power off", command: "stop", call: "virDomainDestroy", from: []State{Starting, Running, Paused, ShuttingDown, Suspended, Crashed}, to: Stopped, harsh: true,
		do: func(ctx context.Context, c Conn, id string) error { return c.StopVM(ctx, id) }},
	apiv1.PowerVMRequest_ACTION_REBOOT: {verb: "Reboot", command: "reboot", call: "virDomainReboot", from: []State{Running},
		do: func(ctx context.Context, c Conn, id string) error { return c.RebootVM(ctx, id) }},
	apiv1.PowerVMRequest_ACTION_RESET: {verb: "Reset", command: "reset", call: "virDomainReset", from: []State{Running, Paused}, harsh: true,
		do: func(ctx context.Context, c Conn, id string) error { return c.ResetVM(ctx, id) }},
	apiv1.PowerVMRequest_ACTION_PAUSE: {verb: "Pause", command: "pause", call: "virDomainSuspend", from: []State{Running}, to: Paused, undoText: "resume it", back: apiv1.PowerVMRequest_ACTION_RESUME,
		do: func(ctx context.Context, c Conn, id string) error { return c.PauseVM(ctx, id) }},
	apiv1.PowerVMRequest_ACTION_RESUME: {verb: "Resume", command: "resume", call: "virDomainResume", from: []State{Paused, Suspended}, to: Running, undoText: "pause it", back: apiv1.PowerVMRequest_ACTION_PAUSE,
		do: func(ctx context.Context, c Conn, id string) error { return c.ResumeVM(ctx, id) }},
}

// planPower plans a power action. It asks the host nothing: the inventory is
// kept true by events, and libvirt itself arbitrates (one round trip in all).
//
// An interrupted action is never repeated: it is looked up, and closed as done
// or as not done.
func (s *Service) planPower(ctx context.Context, req *apiv1.PowerVMRequest, run task.Run) (*plan.Plan, error) {
	a, ok := acts[req.Action]
	if !ok {
		return nil, core.Errorf(core.Invalid, "no power action is named")
	}
	k, h, link, err := s.resolve(ctx, req.Vm, false)
	if err != nil {
		return nil, err
	}
	c, err := connOf(link)
	if err != nil {
		return nil, err
	}
	p := &plan.Plan{
		Title: fmt.Sprintf("%s VM %s on %s", a.verb, k.Name, h.Name), Host: h.Name, Object: k.Name, Undo: a.undoText,
		Command: powerCommand(a, req, h.Name+"/"+k.Name), Result: map[string]string{"uuid": k.UUID, "name": k.Name},
	}
	if a.harsh {
		p.Warnings = append(p.Warnings, "what the guest has not written to its disks is lost")
	}
	step := plan.Step{ID: "power", Text: a.verb + " VM " + k.Name, Call: fmt.Sprintf("%s(%s)", a.call, k.Name)}
	before := uint64(0)
	step.Do = func(ctx context.Context, _ plan.Progress) error {
		before = s.inv.look(h)
		return a.do(ctx, c, k.UUID)
	}
	waits := req.Action == apiv1.PowerVMRequest_ACTION_SHUTDOWN && req.TimeoutSeconds > 0
	if a.to != "" && (waits || req.Action != apiv1.PowerVMRequest_ACTION_SHUTDOWN) { // else nothing has become of it yet
		sure := !waits && k.Persistent && k.State != Suspended // else it may be gone by now, or not awake
		p.Settle = func(ctx context.Context) error {
			if sure {
				return s.inv.learn(ctx, h, link, before, k.UUID, a.to)
			}
			return s.inv.settle(ctx, h, link, k.UUID, func(now *Known) bool { return now != nil && now.State == a.to })
		}
	}
	if run.Resumed && run.Sent(step.ID) {
		if k, err = s.lookAgain(ctx, c, k); err != nil {
			return nil, err
		}
		step.Done = k.State == a.to
		if !step.Done {
			p.Block(core.UnknownOutcome, fmt.Sprintf("it was interrupted; VM %s is %s now", core.Printable(k.Name, 60), k.State), "look at it, and say it again if you still want it")
		}
	} else if !has(a.from, k.State) {
		p.Block(core.Conflict, fmt.Sprintf("VM %s is %s", core.Printable(k.Name, 60), k.State), "limiquantix vm show tells more")
	}
	p.Steps = append(p.Steps, step)
	if waits {
		p.Steps = append(p.Steps, waitOff(c, k, time.Duration(req.TimeoutSeconds)*time.Second, req.ForceAfter))
	}
	return p, nil
}

// inversePower is the opposite action, where there is one, on the VM that the
// task acted on, whoever has its name by now.
func (s *Service) inversePower(req *apiv1.PowerVMRequest, t task.Task) *task.Inverse {
	back, ok := acts[acts[req.Action].back]
	if !ok || t.Result["uuid"] == "" {
		return nil
	}
	return &task.Inverse{
		Text: back.verb + " VM " + t.Object, Kind: kindPower,
		Request: &apiv1.PowerVMRequest{Vm: join(t.Host, t.Result["uuid"]), Action: acts[req.Action].back},
	}
}

func (s *Service) lookAgain(ctx context.Context, c Conn, k Known) (Known, error) {
	now, err := stateOf(ctx, c, k.UUID)
	k.Summary = now
	return k, err
}

func powerCommand(a act, req *apiv1.PowerVMRequest, ref string) []string {
	args := []string{"vm", a.command, ref}
	if req.TimeoutSeconds > 0 {
		args = append(args, "--timeout", fmt.Sprintf("%ds", req.TimeoutSeconds))
	}
	if req.ForceAfter {
		args = append(args, "--force-after")
	}
	return args
}

// waitOff waits until a VM is off, and powers it off when the time is up if
// force is set.
func waitOff(c Conn, k Known, limit time.Duration, force bool) plan.Step {
	s := plan.Step{ID: "wait", Text: fmt.Sprintf("Wait up to %s until %s is off", limit, k.Name), Call: "wait"}
	if force {
		s.Text += ", then power it off"
		s.Call = "wait, virDomainDestroy(" + k.Name + ")"
	}
	s.Do = func(ctx context.Context, p plan.Progress) error {
		begun := time.Now()
		for {
			v, err := stateOf(ctx, c, k.UUID)
			if core.CodeOf(err) == core.NotFound {
				return nil // transient: gone with its last breath
			}
			if err != nil || v.State == Stopped {
				return err
			}
			p(int64(time.Since(begun)/time.Second), int64(limit/time.Second))
			if time.Since(begun) > limit {
				if force {
					return ignore(core.Conflict, c.StopVM(ctx, k.UUID), nil)
				}
				return core.Errorf(core.Conflict, "VM %s is still %s after %s", core.Printable(k.Name, 60), v.State, limit).
					WithHint("give it longer, or power it off with: limiquantix vm stop %s", k.Name)
			}
			select {
			case <-time.After(500 * time.Millisecond):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return s
}

func has(states []State, s State) bool {
	for _, x := range states {
		if x == s {
			return true
		}
	}
	return false
}
