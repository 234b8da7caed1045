package cli_test

import (
	"testing"
	"time"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/api/v1/apiv1connect"
)

// powered brings a VM into a state by an action, unless it is in it.
func powered(t *testing.T, vms apiv1connect.VMServiceClient, vm string, action apiv1.PowerVMRequest_Action, to apiv1.VM_State) {
	t.Helper()
	for begun := false; ; time.Sleep(20 * time.Millisecond) {
		res, err := vms.GetVM(t.Context(), &apiv1.GetVMRequest{Vm: vm})
		if err != nil {
			t.Fatal(err)
		}
		if res.Vm.State == to {
			return
		}
		if !begun {
			if _, err := vms.PowerVM(t.Context(), &apiv1.PowerVMRequest{Vm: vm, Action: action}); err != nil {
				t.Fatal(err)
			}
			begun = true
		}
	}
}

func TestWhatIsAskedAboutIsWhatIsDone(t *testing.T) {
	for name, refs := range map[string][]string{"one VM": {"vm1"}, "several": {"vm1", "vm2"}} {
		t.Run(name, func(t *testing.T) {
			core, vms := simulated(t)
			for _, vm := range refs {
				powered(t, vms, vm, apiv1.PowerVMRequest_ACTION_STOP, apiv1.VM_STATE_STOPPED)
			}
			tt := onTerminalOf(t, core, nil, append([]string{"vm", "delete", "--stop"}, refs...)...)
			tt.see("Undefine VM vm1")
			tt.see("? (yes/no) ")
			powered(t, vms, "vm1", apiv1.PowerVMRequest_ACTION_START, apiv1.VM_STATE_RUNNING)
			tt.typeKeys("yes\n")
			tt.see("has changed since it was shown: added: Power off VM vm1")
			if status, _ := tt.end(); status != 3 {
				t.Errorf("status %d, want 3", status)
			}
			if res, err := vms.GetVM(t.Context(), &apiv1.GetVMRequest{Vm: "vm1"}); err != nil || res.Vm.State != apiv1.VM_STATE_RUNNING {
				t.Errorf("vm1: %v, %v", res, err)
			}
			if len(refs) > 1 {
				if _, err := vms.GetVM(t.Context(), &apiv1.GetVMRequest{Vm: "vm2"}); err == nil {
					t.Error("vm2 was shown as it is, and is there still")
				}
			}
		})
	}
}
