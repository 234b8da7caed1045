package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// settings are the flags of vm set as they are typed.
type settings struct {
	cpus                       int32
	memory, title, description string
	autostart                  bool
}

func (p *program) vmSet() *cobra.Command {
	s := &settings{}
	cmd := p.selects(p.changes(&cobra.Command{
		Use:   "set VM...",
		Short: "Change CPUs, memory, title, description or autostart of VMs",
		Long: `Change CPUs, memory, title, description or autostart of VMs. A running VM has
other CPUs and memory at its next boot: shut it down and start it, a reboot from
inside is not enough. "limiquantix undo" sets it back.`,
		Example: `  limiquantix vm set web1 --cpus 4 --memory 8GiB
  limiquantix vm set 'web*' --autostart
  limiquantix vm set web1 --title 'Web server of the shop' --description ''`,
		Args:              between(1, -1),
		ValidArgsFunction: p.completeVMs,
	}))
	f := cmd.Flags()
	f.Int32Var(&s.cpus, "cpus", 0, "virtual CPUs")
	f.StringVar(&s.memory, "memory", "", "memory, as 512MiB or 2GiB")
	f.StringVar(&s.title, "title", "", "title shown beside the name; '' removes it")
	f.StringVar(&s.description, "description", "", "notes; '' removes them")
	f.BoolVar(&s.autostart, "autostart", false, "start it with its host; =false: do not")
	cmd.RunE = p.with(func(ctx context.Context, a *api, args []string) error {
		like, err := s.request(f.Changed)
		if err != nil {
			return err
		}
		return p.eachVM(ctx, a, args, vmChange{verb: "set", send: func(ctx context.Context, vm string, m mode) (*apiv1.Operation, error) {
			return a.vms.SetVM(ctx, &apiv1.SetVMRequest{Vm: vm, PlanOnly: m.planOnly, ExpectedPlanDigest: m.shown, Title: like.Title, Description: like.Description,
				Autostart: like.Autostart, Vcpus: like.Vcpus, MemoryBytes: like.MemoryBytes})
		}})
	})
	return cmd
}

// request returns what the flags that were given say.
func (s *settings) request(given func(flag string) bool) (*apiv1.SetVMRequest, error) {
	req := &apiv1.SetVMRequest{}
	some := false
	for flag, take := range map[string]func(){
		"cpus": func() { req.Vcpus = &s.cpus }, "title": func() { req.Title = &s.title },
		"description": func() { req.Description = &s.description }, "autostart": func() { req.Autostart = &s.autostart },
	} {
		if given(flag) {
			some = true
			take()
		}
	}
	if given("memory") {
		memory, err := core.ParseBytes(s.memory)
		if err != nil {
			return nil, fmt.Errorf("--memory: %w", err)
		}
		n := int64(memory)
		some, req.MemoryBytes = true, &n
	}
	if !some {
		return nil, core.Errorf(core.Invalid, "vm set: nothing to set is named").WithHint("add --cpus, --memory, --title, --description or --autostart")
	}
	return req, nil
}
