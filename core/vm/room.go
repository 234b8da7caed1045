package vm

import (
	"fmt"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/plan"
)

// checkRoom adds to p what host h has less of than a VM is to get: more memory
// than all of its own and more CPUs than its QEMU takes are blockers, more CPUs
// than it has a warning. 0 is not asked for; what the host does not tell is not compared.
func checkRoom(p *plan.Plan, h string, f host.Facts, vcpus int, memory core.Bytes) {
	if f.Memory > 0 && memory > f.Memory {
		p.BlockField("memory_bytes", core.NoSpace, tooMuch(h, f, memory), "give the VM less memory")
	}
	switch {
	case f.MaxVCPUs > 0 && vcpus > f.MaxVCPUs:
		p.BlockField("vcpus", core.Invalid, fmt.Sprintf("%d CPUs are more than a VM on %s can have (%d)", vcpus, h, f.MaxVCPUs), "give the VM fewer CPUs")
	case f.CPUs > 0 && vcpus > f.CPUs:
		p.Warnings = append(p.Warnings, fmt.Sprintf("%d CPUs are more than %s has (%d): the VM will be slow", vcpus, h, f.CPUs))
	}
}

func tooMuch(h string, f host.Facts, memory core.Bytes) string {
	return fmt.Sprintf("%s of memory is more than %s has (%s)", memory, h, f.Memory)
}
