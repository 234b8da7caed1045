package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// powerCommands are the verbs that are one PowerVM call.
func (p *program) powerCommands() []*cobra.Command {
	return []*cobra.Command{
		p.power("start", "Start VMs", apiv1.PowerVMRequest_ACTION_START, apiv1.VM_STATE_RUNNING),
		p.vmShutdown(),
		p.power("reboot", "Ask the guests to reboot", apiv1.PowerVMRequest_ACTION_REBOOT, 0),
		p.power("reset", "Press the reset button: the guests do not get to write what they hold", apiv1.PowerVMRequest_ACTION_RESET, 0),
		p.power("stop", "Power VMs off at once, like pulling the plug", apiv1.PowerVMRequest_ACTION_STOP, apiv1.VM_STATE_STOPPED),
		p.power("pause", "Halt the CPUs of VMs; their memory stays", apiv1.PowerVMRequest_ACTION_PAUSE, apiv1.VM_STATE_PAUSED),
		p.power("resume", "Let paused VMs go on", apiv1.PowerVMRequest_ACTION_RESUME, apiv1.VM_STATE_RUNNING),
	}
}

func (p *program) power(name, short string, action apiv1.PowerVMRequest_Action, needless apiv1.VM_State) *cobra.Command {
	return p.selects(p.changes(&cobra.Command{
		Use:               name + " VM...",
		Short:             short,
		Example:           "  limiquantix vm " + name + " web1\n  limiquantix vm " + name + " 'web*' kvm2/db1",
		Args:              between(1, -1),
		ValidArgsFunction: p.completeVMs,
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			return p.eachVM(ctx, a, args, vmChange{verb: name, needless: needless, send: sendPower(a, &apiv1.PowerVMRequest{Action: action})})
		}),
	}))
}

func (p *program) vmShutdown() *cobra.Command {
	var timeout time.Duration
	var force bool
	cmd := p.selects(p.changes(&cobra.Command{
		Use:   "shutdown VM...",
		Short: "Ask the guests to shut down",
		Long: `Ask the guests to shut down. Without --timeout the request is all; with it the
VM is waited for, and with --force-after it is powered off when the time is up.`,
		Example:           "  limiquantix vm shutdown web1\n  limiquantix vm shutdown 'web*' --timeout 60s --force-after",
		Args:              between(1, -1),
		ValidArgsFunction: p.completeVMs,
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			if force && timeout == 0 {
				timeout = time.Minute
			}
			if timeout < 0 || timeout > 24*time.Hour {
				return core.Errorf(core.Invalid, "--timeout %s is not between 0 and 24h", timeout)
			}
			seconds := (timeout + time.Second - 1) / time.Second
			return p.eachVM(ctx, a, args, vmChange{verb: "shut down", needless: apiv1.VM_STATE_STOPPED, send: sendPower(a, &apiv1.PowerVMRequest{
				Action: apiv1.PowerVMRequest_ACTION_SHUTDOWN, TimeoutSeconds: int32(seconds), ForceAfter: force})})
		}),
	}))
	cmd.Flags().DurationVar(&timeout, "timeout", 0, "how long to wait until it is off, as 60s or 5m")
	cmd.Flags().BoolVar(&force, "force-after", false, "power off when the time is up (60s, without --timeout)")
	return cmd
}

func (p *program) vmDelete() *cobra.Command {
	var stop, keep bool
	cmd := p.selects(p.changes(&cobra.Command{
		Use:               "delete VM...",
		Short:             "Delete VMs with their disks",
		Example:           "  limiquantix vm delete web1\n  limiquantix vm delete 'test-*' --stop --yes",
		Args:              between(1, -1),
		ValidArgsFunction: p.completeVMs,
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			return p.eachVM(ctx, a, args, vmChange{verb: "delete", destroys: true,
				send: func(ctx context.Context, vm string, m mode) (*apiv1.Operation, error) {
					return a.vms.DeleteVM(ctx, &apiv1.DeleteVMRequest{Vm: vm, Stop: stop, KeepDisks: keep, PlanOnly: m.planOnly, ExpectedPlanDigest: m.shown})
				}})
		}),
	}))
	cmd.Flags().BoolVar(&stop, "stop", false, "power it off first if it runs")
	cmd.Flags().BoolVar(&keep, "keep-disks", false, "keep its disks")
	return cmd
}

// sendPower returns the call of one power action for any VM.
func sendPower(a *api, like *apiv1.PowerVMRequest) func(context.Context, string, mode) (*apiv1.Operation, error) {
	action, timeout, force := like.Action, like.TimeoutSeconds, like.ForceAfter
	return func(ctx context.Context, vm string, m mode) (*apiv1.Operation, error) {
		return a.vms.PowerVM(ctx, &apiv1.PowerVMRequest{Vm: vm, Action: action, TimeoutSeconds: timeout, ForceAfter: force, PlanOnly: m.planOnly, ExpectedPlanDigest: m.shown})
	}
}
