package compose

import (
	"context"
	"log/slog"
	"time"

	"github.com/limiquantix/limiquantix/app/cli"
	"github.com/limiquantix/limiquantix/app/desktop"
	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/api/v1/apiv1connect"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/transport/sim"
)

const (
	// incidents is how often something happens in a demo.
	incidents = 30 * time.Second
	// showsRefusal is from how many hosts on one of them needs its user.
	showsRefusal = 4
)

// demo serves an application on simulated hosts, in a home directory of its own
// that is removed afterwards, or shows it in a window.
func demo(ctx context.Context, o cli.DemoOptions, version string, log *slog.Logger) error {
	if o.Window && !desktop.Built {
		return sibling(ctx, demoArgs(o))
	}
	home, remove, err := demoHome(o.Home)
	if err != nil {
		return err
	}
	defer remove()
	model := sim.Model{Hosts: o.Hosts, VMsPerHost: o.VMs, Delays: sim.Realistic(), Lively: true}
	if !o.Calm {
		model.Incidents = incidents
	}
	fleet := sim.NewFleet(model)
	defer fleet.Close()
	if err := addFleet(ctx, home, fleet, log); err != nil {
		return err
	}
	c := Config{Home: home, Log: log, Version: version, Keep: true, Fleet: fleet}
	if o.Window {
		return mainWindow(ctx, c, desktop.Link{})
	}
	return run(ctx, c, cli.ServeOptions{Listen: o.Listen, Ready: func(url string) { o.Ready(url, home) }}, log)
}

// addFleet puts a fleet's hosts into the inventory of a home directory.
func addFleet(ctx context.Context, home string, fleet *sim.Fleet, log *slog.Logger) error {
	app, err := New(ctx, Config{Home: home, Log: log, Fleet: fleet})
	if err != nil {
		return err
	}
	defer app.Close()
	for _, name := range fleet.Hosts() {
		if _, _, err := app.Hosts.Add(ctx, host.Host{Name: name, Cluster: fleet.Cluster(name), Spec: host.Spec{Address: simScheme + name}}, false); err != nil {
			return err
		}
	}
	if err := rehearse(ctx, app, fleet, log); err != nil {
		log.Warn("rehearse the demo", "err", err) // it shows less, that is all
	}
	if names := fleet.Hosts(); len(names) >= showsRefusal {
		fleet.Refuse(names[len(names)-1])
	}
	return nil
}

// rehearse changes a few VMs, so that there are tasks and events to be seen: one
// is started, one cannot be, one is paused.
func rehearse(ctx context.Context, app *App, fleet *sim.Fleet, log *slog.Logger) error {
	mem := server.InMemory(app.Handler, log)
	defer mem.Close()
	vms, tasks := apiv1connect.NewVMServiceClient(mem.Client(), mem.URL), apiv1connect.NewTaskServiceClient(mem.Client(), mem.URL)
	list, err := vms.ListVMs(ctx, &apiv1.ListVMsRequest{Hosts: fleet.Hosts()[:1]})
	if err != nil {
		return err
	}
	power := func(from apiv1.VM_State, nth int, do apiv1.PowerVMRequest_Action) error {
		for _, v := range list.Vms {
			if v.State != from {
				continue
			}
			if nth--; nth > 0 {
				continue
			}
			op, err := vms.PowerVM(ctx, &apiv1.PowerVMRequest{Vm: v.Uuid, Action: do})
			if err != nil || op.Task == nil {
				return err
			}
			stream, err := tasks.WatchTask(ctx, &apiv1.WatchTaskRequest{Id: op.Task.Id})
			if err != nil {
				return err
			}
			for stream.Receive() { // until it has ended
			}
			return stream.Close()
		}
		return nil // a small demo has no such VM
	}
	if err := power(apiv1.VM_STATE_STOPPED, 1, apiv1.PowerVMRequest_ACTION_START); err != nil {
		return err
	}
	heal := fleet.Fault(sim.Fault{Method: "StartVM", Err: core.Errorf(core.Conflict, "QEMU ended: cannot set up guest memory: Cannot allocate memory")})
	err = power(apiv1.VM_STATE_STOPPED, 2, apiv1.PowerVMRequest_ACTION_START)
	heal()
	if err != nil {
		return err
	}
	return power(apiv1.VM_STATE_RUNNING, 3, apiv1.PowerVMRequest_ACTION_PAUSE)
}
