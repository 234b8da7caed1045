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
	send     func(ctx context.Context, vm string, m mode) (*apiv1.Operation, error)
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
	if p.asPlanned != "" {
		return core.Errorf(core.Invalid, "%s: --as-planned names the plan of one VM, and %d are meant", c.verb, len(vms)).WithHint("name one VM, with its own digest")
	}
	if p.plan || !p.wait {
		return p.inTurn(ctx, a, vms, c)
	}
	changes := make([]change, len(vms))
	for i, vm := range vms {
		changes[i] = c.on(vm)
	}
	if c.destroys && !p.yes {
		if err := p.confirmAll(ctx, changes, fmt.Sprintf("%s %d VMs with their disks (%s)", upper(c.verb), len(vms), strings.Join(vms, ", "))); err != nil {
			return err
		}
	}
	return p.inParallel(ctx, a, changes, c.verb)
}

// confirmAll shows what would be done to each and asks once; of one that cannot
// be planned the reason is told when its turn comes.
func (p *program) confirmAll(ctx context.Context, changes []change, deed string) error {
	if !p.io.InTerminal {
		return p.confirm(ctx, deed)
	}
	plans := make([]*apiv1.Plan, len(changes))
	atMost(len(changes), func(i int) { plans[i], _ = changes[i].planned(ctx) })
	for i, plan := range plans {
		if plan == nil {
			p.say("%s: cannot be done now", core.Escape(changes[i].what))
			changes[i].shown = notPlanned
			continue
		}
		p.say("%s", core.Escape(plan.Title))
		p.outline(plan)
		changes[i].shown = plan.Digest
	}
	return p.confirm(ctx, deed)
}

// notPlanned is the digest of no plan: what could not be planned when it was
// asked about is not done, even if it could be by now.
const notPlanned = "none"

// atMost calls work for 0 … n-1, a few at a time, and waits for all.
func atMost(n int, work func(i int)) {
	var all sync.WaitGroup
	workers := make(chan struct{}, atOnce)
	for i := range n {
		all.Go(func() {
			workers <- struct{}{}
			defer func() { <-workers }()
			work(i)
		})
	}
	all.Wait()
}

func (c vmChange) on(vm string) change {
	return change{what: c.verb + " VM " + clip(vm), destroys: c.destroys,
		send: func(ctx context.Context, m mode) (*apiv1.Operation, error) { return c.send(ctx, vm, m) }}
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

func (p *program) inParallel(ctx context.Context, a *api, changes []change, verb string) error {
	var (
		mu     sync.Mutex // the lines and the lists
		failed []error
		done   []*apiv1.Task
	)
	atMost(len(changes), func(i int) {
		task, err := p.quietly(ctx, a, changes[i])
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			p.complain(err)
			failed = append(failed, err)
			return
		}
		done = append(done, task)
		p.say("%s: done%s", core.Escape(changes[i].what), took(task))
	})
	if p.output != "table" {
		slices.SortFunc(done, func(x, y *apiv1.Task) int { return strings.Compare(x.Host+"/"+x.Object, y.Host+"/"+y.Object) })
		if err := printList[*apiv1.Task](p, done); err != nil {
			return err
		}
	}
	return someFailed(verb, len(changes), failed)
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
	if p.selected != "" {
		refs = append(slices.Clone(refs), p.selected)
	}
	for i, ref := range refs {
		byQuery := p.selected != "" && i == len(refs)-1
		if !byQuery && !strings.ContainsAny(ref, "*?[") {
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
		choose := func() ([]*apiv1.VM, error) { return matching(known, []string{ref}) }
		if byQuery {
			choose = func() ([]*apiv1.VM, error) { return p.queried(ctx, a, known, ref) }
		}
		found, err := choose()
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
