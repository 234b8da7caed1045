package contract

import (
	"slices"

	"github.com/limiquantix/limiquantix/core/vm"
)

func powerCases() []one {
	return []one{
		{"start and stop", nil, startStop},
		{"a VM that starts is not paused", nil, startsUnpaused},
		{"pause and resume", nil, pauseResume},
		{"reset and reboot keep it running", []Feature{Guarding}, resetReboot},
		{"a stopped VM refuses what needs a running one", nil, stoppedRefuses},
		{"a link sees what another does", nil, twoLinks},
		{"addresses of a VM without any", []Feature{Networks}, noAddresses},
	}
}

func startStop(e *env) {
	uuid := e.define(e.name("vm"), "")
	for range 2 {
		e.ok("start", e.h.StartVM(e.ctx, uuid))
		e.state(uuid, vm.Running)
		e.refused("start a running VM", e.h.StartVM(e.ctx, uuid))
		e.ok("stop", e.h.StopVM(e.ctx, uuid))
		e.state(uuid, vm.Stopped)
	}
}

// startsUnpaused looks at VMs all the time while they start: QEMU begins with
// its CPUs stopped, and nobody has paused it.
func startsUnpaused(e *env) {
	uuid := e.define(e.name("vm"), "")
	watcher := e.link()
	for range 3 {
		done := make(chan error, 1)
		go func() { done <- e.h.StartVM(e.ctx, uuid) }()
		way := []vm.State{vm.Stopped}
		var err error
		for ended := false; !ended; {
			select {
			case err = <-done:
				ended = true
			default:
			}
			if s, _ := e.find(watcher, uuid); s.State != way[len(way)-1] {
				way = append(way, s.State)
			}
		}
		e.ok("start", err)
		e.Logf("seen while it started: %v", way)
		if slices.Contains(way, vm.Paused) || way[len(way)-1] != vm.Running {
			e.Errorf("a VM that starts was seen to be %v", way)
		}
		e.ok("stop", e.h.StopVM(e.ctx, uuid))
	}
}

func pauseResume(e *env) {
	uuid := e.running("")
	e.ok("pause", e.h.PauseVM(e.ctx, uuid))
	e.state(uuid, vm.Paused)
	e.ok("resume", e.h.ResumeVM(e.ctx, uuid))
	e.state(uuid, vm.Running)
	e.refused("resume a running VM", e.h.ResumeVM(e.ctx, uuid))
	e.ok("pause again", e.h.PauseVM(e.ctx, uuid))
	e.ok("stop a paused VM", e.h.StopVM(e.ctx, uuid))
	e.state(uuid, vm.Stopped)
}

func resetReboot(e *env) {
	uuid := e.running("")
	e.ok("reset", e.h.ResetVM(e.ctx, uuid))
	e.ok("ask for a shutdown that no guest hears", e.h.ShutdownVM(e.ctx, uuid))
	e.ok("reset", e.h.ResetVM(e.ctx, uuid))
	e.state(uuid, vm.Running)
}

func stoppedRefuses(e *env) {
	uuid := e.define(e.name("vm"), "")
	e.refused("stop", e.h.StopVM(e.ctx, uuid))
	e.refused("shutdown", e.h.ShutdownVM(e.ctx, uuid))
	e.refused("pause", e.h.PauseVM(e.ctx, uuid))
	e.refused("resume", e.h.ResumeVM(e.ctx, uuid))
	if _, missing := e.caps.Missing[Guarding]; !missing {
		e.refused("reboot", e.h.RebootVM(e.ctx, uuid))
		e.refused("reset", e.h.ResetVM(e.ctx, uuid))
	}
}

func twoLinks(e *env) {
	other := e.link()
	uuid := e.define(e.name("vm"), "")
	e.ok("start by the first link", e.h.StartVM(e.ctx, uuid))
	if s, ok := e.find(other, uuid); !ok || s.State != vm.Running {
		e.Errorf("the second link sees (%t) %+v", ok, s)
	}
	e.refused("start by the second link", other.StartVM(e.ctx, uuid))
	e.ok("stop by the second link", other.StopVM(e.ctx, uuid))
	e.state(uuid, vm.Stopped)
}

func noAddresses(e *env) {
	uuid := e.running("")
	addrs, err := e.h.Addresses(e.ctx, uuid)
	e.ok("addresses", err)
	if len(addrs) != 0 {
		e.Errorf("a VM without a NIC has %v", addrs)
	}
}
