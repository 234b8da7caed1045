package ready

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/plan"
	"github.com/limiquantix/limiquantix/core/task"
)

// roomNeeded is what a full installation takes on a bare Debian 12, and some more.
const roomNeeded = core.GiB

// on is one host that is worked on.
type on struct {
	s     *Service
	req   *apiv1.PrepareHostRequest
	state state
}

// planPrepare plans what makes a hypervisor of a host. A host that lacks nothing has no steps.
func (s *Service) planPrepare(ctx context.Context, req *apiv1.PrepareHostRequest, run task.Run) (*plan.Plan, error) {
	p := &plan.Plan{}
	ref := req.Spec.GetAddress()
	if req.Spec == nil {
		h, err := s.hosts.Host(req.Host)
		if err != nil {
			return nil, err
		}
		ref, p.Host, p.Undo = h.Name, h.Name, undoText(h.Name)
		p.Settle = func(ctx context.Context) error { _, _, err := s.hosts.Link(ctx, req.Host); return err }
	}
	p.Title, p.Object, p.Command = "Prepare host "+core.Escape(ref), ref, []string{"host", "prepare", ref}
	st, err := s.look(ctx, req)
	if err != nil {
		return nil, err
	}
	o := on{s, req, st}
	now := st.acts()
	bare := st
	bare.Have, bare.Libvirt = nil, false
	for _, a := range bare.acts() { // in this order, also what an attempt has done already
		if i := slices.IndexFunc(now, func(n act) bool { return n.ID == a.ID }); i >= 0 {
			p.Steps = append(p.Steps, o.step(now[i]))
		} else if run.Sent(a.ID) {
			step := o.step(a)
			step.Done = true
			p.Steps = append(p.Steps, step)
		}
	}
	st.judge(p)
	return p, nil
}

// judge adds what is in the way, and what a plan cannot mend.
func (s state) judge(p *plan.Plan) {
	installs := slices.ContainsFunc(p.Steps, func(step plan.Step) bool { return step.ID == actPackages && !step.Done })
	if len(p.Steps) > 0 && s.Rights != "root" && s.Rights != "sudo" {
		p.Block(core.Denied, "this user may not change the host", "log in as root, or let this user run sudo without a password")
	}
	if installs && s.Family == "" {
		p.Block(core.Unsupported, "packages of "+core.Printable(s.OS, 80)+" cannot be installed from here", "install them on the host: "+strings.Join(s.lacking(), ", "))
	}
	if installs && s.Free > 0 && s.Free < roomNeeded {
		p.Block(core.NoSpace, "the packages need about "+roomNeeded.String()+" below /var and /usr; "+s.Free.String()+" is free", "make room on the host")
	}
	if !s.Systemd && !s.Libvirt {
		p.Warnings = append(p.Warnings, "systemd does not run on the host: libvirt is started now, and not again after a boot")
	}
	switch {
	case s.KVM:
	case s.CPU:
		p.Warnings = append(p.Warnings, "KVM is not usable yet: on the host, try modprobe kvm_intel or modprobe kvm_amd; it may be switched off in the firmware")
	default:
		p.Warnings = append(p.Warnings, "the CPU offers no VT-x or AMD-V: enable it in the firmware, or nested virtualisation where this is a VM")
	}
}

func (o on) step(a act) plan.Step {
	return plan.Step{
		ID: a.ID, Text: a.Text, Call: o.state.line(a.Argv), Content: a.Stdin, UndoText: a.UndoText,
		Do:   func(ctx context.Context, _ plan.Progress) error { return o.do(ctx, a) },
		Undo: func(ctx context.Context) error { return o.takeBack(ctx, a.ID) },
	}
}

// do carries out an act, which is on record before.
func (o on) do(ctx context.Context, a act) error {
	sh, err := o.s.shell(ctx, o.req)
	if err != nil {
		return err
	}
	defer sh.Close()
	if a.Unless != nil {
		if out, err := o.run(ctx, sh, a.Unless, ""); err != nil || out.Exit == 0 {
			return err
		}
	}
	if a.Undo != nil {
		t := trace{act: a.ID, kind: a.Kind, text: a.What, standing: a.Unless, undo: a.Undo}
		if a.Kind == "package" {
			if t.text, t.items, err = "Packages that were installed", o.state.lacking(), nil; a.Simulate != nil {
				t.items, err = o.simulate(ctx, sh, a.Simulate)
			}
			if err != nil || len(t.items) == 0 {
				return err
			}
		}
		if err := o.s.ledger.write(ctx, o.state.Machine, t); err != nil {
			return err
		}
	}
	_, err = o.must(ctx, sh, a.Argv, a.Stdin)
	return err
}

// packageName is what dpkg accepts as a name. Source: Debian Policy, 5.6.1.
var packageName = regexp.MustCompile(`^[a-z0-9][a-z0-9+.-]{1,200}(:[a-z0-9]+)?$`)

// simulate returns the packages that an installation would bring, those that it
// needs included, and not those that it would only renew.
func (o on) simulate(ctx context.Context, sh host.Shell, argv []string) ([]string, error) {
	out, err := o.must(ctx, sh, argv, "")
	if err != nil {
		return nil, err
	}
	return brought(string(out.Out)), nil
}

// brought reads what apt-get -s install prints: "Inst qemu-utils (1:7.2 …)", and
// "Inst libc6 [2.36-9] (2.36-10 …)" for one that is there already.
func brought(text string) (names []string) {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) > 2 && words[0] == "Inst" && strings.HasPrefix(words[2], "(") && packageName.MatchString(words[1]) {
			names = append(names, words[1])
		}
	}
	return names
}

// takeBack removes what is on record of an act; it does nothing for one that is not.
func (o on) takeBack(ctx context.Context, id string) error {
	t, there, err := o.s.ledger.find(ctx, o.state.Machine, id)
	if err != nil || !there {
		return err
	}
	sh, err := o.s.shell(ctx, o.req)
	if err != nil {
		return err
	}
	defer sh.Close()
	standing := true
	if t.standing != nil {
		out, err := o.run(ctx, sh, t.standing, "")
		if err != nil {
			return err
		}
		standing = out.Exit == 0
	}
	if standing {
		if _, err := o.must(ctx, sh, t.removal(), ""); err != nil {
			return err
		}
	}
	return o.s.ledger.strike(ctx, o.state.Machine, id)
}

func (o on) run(ctx context.Context, sh host.Shell, argv []string, stdin string) (host.Output, error) {
	c := host.Command{Argv: argv, Sudo: o.state.Rights == "sudo", MaxOutput: 4 * core.MiB}
	if stdin != "" {
		c.Stdin = []byte(stdin)
	}
	return sh.Run(ctx, c)
}

// must is run for a command that has to succeed.
func (o on) must(ctx context.Context, sh host.Shell, argv []string, stdin string) (host.Output, error) {
	out, err := o.run(ctx, sh, argv, stdin)
	if err == nil && out.Exit != 0 {
		said := strings.TrimSpace(string(out.ErrOut))
		said = said[max(0, len(said)-600):]
		err = core.Errorf(core.Conflict, "the host's command ended with status %d: %s", out.Exit, core.Escape(strings.ReplaceAll(said, "\n", " ")))
	}
	return out, err
}

// farewell says how a trace is taken away.
func (s state) farewell(t trace) string {
	bare := s
	bare.Have, bare.Libvirt = nil, false
	for _, a := range bare.acts() {
		if len(t.items) == 0 && slices.Equal(a.Undo, t.undo) {
			return a.UndoText
		}
	}
	return "Take away: " + t.sentence()
}

// planRemove plans to take away what is on record, last first.
func (s *Service) planRemove(ctx context.Context, req *apiv1.RemoveFootprintRequest, _ task.Run) (*plan.Plan, error) {
	h, err := s.hosts.Host(req.Host)
	if err != nil {
		return nil, err
	}
	target := &apiv1.PrepareHostRequest{Host: req.Host}
	st, err := s.look(ctx, target)
	if err != nil {
		return nil, err
	}
	traces, err := s.ledger.list(ctx, st.Machine)
	if err != nil {
		return nil, err
	}
	o := on{s, target, st}
	p := &plan.Plan{Title: "Remove our footprint from host " + core.Escape(h.Name), Host: h.Name, Object: h.Name, Destructive: true, Command: []string{"host", "footprint", h.Name, "--remove"}}
	libvirts := false
	for _, t := range slices.Backward(traces) {
		libvirts = libvirts || t.kind == "network" || t.kind == "pool"
		p.Steps = append(p.Steps, plan.Step{
			ID: t.act, Text: st.farewell(t), Call: st.line(t.removal()),
			Do: func(ctx context.Context, _ plan.Progress) error { return o.takeBack(ctx, t.act) },
		})
	}
	switch {
	case len(traces) == 0:
	case st.Rights != "root" && st.Rights != "sudo":
		p.Block(core.Denied, "this user may not change the host", "log in as root, or let this user run sudo without a password")
	case libvirts && !st.Libvirt:
		p.Block(core.Conflict, "libvirt does not answer, and its network and pool cannot be removed", "start it on the host")
	case st.VMs > 0:
		p.Block(core.Conflict, "VMs are defined on the host, and need what would be removed", "move or delete them first")
	}
	return p, nil
}
