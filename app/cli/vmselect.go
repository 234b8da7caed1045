package cli

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// atOnce is how many VMs of one command are worked on at the same time. Each
// host serves few requests in parallel (libvirt's default is 5).
const atOnce = 8

// vmChange is a change of any VM.
type vmChange struct {
	verb     string
	destroys bool
	send     func(ctx context.Context, vm string, planOnly bool) (*apiv1.Operation, error)
	// needless is the state in which a VM that a pattern means is left alone.
	needless apiv1.VM_State
}

// eachVM carries a change out on all VMs that refs mean: one as any change,
// several in parallel with a line of result for each.
func (p *program) eachVM(ctx context.Context, a *api, refs []string, c vmChange) error {
	vms, err := p.selectVMs(ctx, a, refs, c.needless)
	if err != nil || len(vms) == 0 {
		return err
	}
	if len(vms) == 1 {
		return p.do(ctx, a, c.on(vms[0]))
	}
	if p.plan || !p.wait {
		return p.inTurn(ctx, a, vms, c)
	}
	if c.destroys {
		if err := p.confirm(ctx, fmt.Sprintf("%s %d VMs with their disks (%s)", upper(c.verb), len(vms), strings.Join(vms, ", "))); err != nil {
			return err
		}
	}
	return p.inParallel(ctx, a, vms, c)
}

func (c vmChange) on(vm string) change {
	return change{what: c.verb + " VM " + clip(vm), destroys: c.destroys,
		send: func(ctx context.Context, planOnly bool) (*apiv1.Operation, error) { return c.send(ctx, vm, planOnly) }}
}

// inTurn is for what prints on standard output: plans and ids.
func (p *program) inTurn(ctx context.Context, a *api, vms []string, c vmChange) error {
	var failed []error
	for _, vm := range vms {
		if err := server.FromConnect(p.do(ctx, a, c.on(vm))); err != nil {
			p.complain(err)
			failed = append(failed, err)
		}
	}
	return someFailed(c.verb, len(vms), failed)
}

func (p *program) inParallel(ctx context.Context, a *api, vms []string, c vmChange) error {
	var (
		all     sync.WaitGroup
		mu      sync.Mutex // the lines and the lists
		failed  []error
		done    []*apiv1.Task
		workers = make(chan struct{}, atOnce)
	)
	for _, vm := range vms {
		all.Go(func() {
			workers <- struct{}{}
			defer func() { <-workers }()
			task, err := p.quietly(ctx, a, c.on(vm))
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				p.complain(err)
				failed = append(failed, err)
				return
			}
			done = append(done, task)
			p.say("%s: done%s", core.Escape(c.verb+" VM "+clip(vm)), took(task))
		})
	}
	all.Wait()
	if p.output != "table" {
		slices.SortFunc(done, func(x, y *apiv1.Task) int { return strings.Compare(x.Host+"/"+x.Object, y.Host+"/"+y.Object) })
		if err := printList[*apiv1.Task](p, done); err != nil {
			return err
		}
	}
	return someFailed(c.verb, len(vms), failed)
}

// quietly does a change without a word.
func (p *program) quietly(ctx context.Context, a *api, c change) (*apiv1.Task, error) {
	if ctx.Err() != nil {
		return nil, core.Errorf(core.Canceled, "%s: not begun", c.what)
	}
	op, err := p.start(ctx, c)
	if err != nil {
		return nil, server.FromConnect(err)
	}
	if op.Task == nil { // nothing was to be done
		return &apiv1.Task{Title: op.Plan.GetTitle(), State: apiv1.Task_STATE_DONE}, nil
	}
	task, err := p.follow(ctx, a, op.Task.Id, silent{})
	if err == nil {
		err = outcome(task)
	}
	if err != nil {
		return nil, server.FromConnect(fmt.Errorf("%s: %w", c.what, err))
	}
	return task, nil
}

// someFailed sums up; the exit status is that of the failures when they agree.
func someFailed(verb string, all int, failed []error) error {
	if len(failed) == 0 {
		return nil
	}
	code := core.CodeOf(failed[0])
	for _, err := range failed {
		if core.CodeOf(err).Exit() != code.Exit() {
			code = core.Internal
		}
	}
	return core.Errorf(code, "%s: %d of %d VMs failed", verb, len(failed), all)
}

// selectVMs returns the references that refs mean: a pattern becomes HOST/NAME
// of each VM that matches, anything else stays for the server to resolve.
// Without repetitions.
//
// A VM in the state needless that only a pattern means is told and left out:
// with 'web*' nobody asks that those fail which are as they should be.
//
// Errors: [core.NotFound] when a pattern matches nothing.
func (p *program) selectVMs(ctx context.Context, a *api, refs []string, needless apiv1.VM_State) ([]string, error) {
	var out []string
	var known []*apiv1.VM
	for _, ref := range refs {
		if !strings.ContainsAny(ref, "*?[") {
			out = append(out, ref)
			continue
		}
		if known == nil {
			res, err := a.vms.ListVMs(ctx, &apiv1.ListVMsRequest{})
			if err != nil {
				return nil, fmt.Errorf("list VMs: %w", err)
			}
			if err := p.problems("list VMs", nil, res.Problems); err != nil {
				return nil, err
			}
			known = res.Vms
		}
		found, err := matching(known, []string{ref})
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, core.Errorf(core.NotFound, "no VM matches %s", core.Printable(ref, 80)).WithHint("limiquantix vm list shows all")
		}
		for _, v := range found {
			if needless != apiv1.VM_STATE_UNSPECIFIED && v.State == needless {
				p.say("%s: %s already", core.Escape(v.Host+"/"+v.Name), vmState(v))
				continue
			}
			out = append(out, v.Host+"/"+v.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// matching returns the VMs whose name or HOST/NAME matches one of the patterns,
// or whose UUID is one of them.
func matching(vms []*apiv1.VM, patterns []string) ([]*apiv1.VM, error) {
	out := []*apiv1.VM{}
	for _, v := range vms {
		for _, pattern := range patterns {
			byName, err := path.Match(pattern, strings.ReplaceAll(v.Name, "/", "\\"))
			if err != nil {
				return nil, core.Errorf(core.Invalid, "%s is no pattern", core.Printable(pattern, 80)).
					WithHint("patterns have *, ? and [a-z]; quote them for the shell: 'web*'")
			}
			full, _ := path.Match(pattern, v.Host+"/"+v.Name)
			if byName || full || pattern == v.Uuid {
				out = append(out, v)
				break
			}
		}
	}
	return out, nil
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
