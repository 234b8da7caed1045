package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// watcher is told how a task goes on.
type watcher interface {
	update(*apiv1.Task) // it changed
	tick()              // lineEvery has passed
	clear()             // something else is about to be said
}

// follow watches a task until it has ended, and returns it then. The first
// interrupt cancels the task and goes on watching, so that its roll-back is
// seen; the second leaves it.
//
// Errors: [core.Canceled] when it was left, and those of WatchTask.
func (p *program) follow(ctx context.Context, a *api, id string, w watcher) (*apiv1.Task, error) {
	watch, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	updates, ended := make(chan *apiv1.Task), make(chan error, 1)
	go func() { ended <- watchTask(watch, a, id, updates) }()
	var last *apiv1.Task
	tick := time.NewTicker(p.lineEvery)
	defer tick.Stop()
	first := ctx.Done()
	for {
		select {
		case last = <-updates:
			w.update(last)
		case err := <-ended:
			if err == nil && last == nil {
				err = core.Errorf(core.Internal, "the task was not told of")
			}
			return last, err
		case <-tick.C:
			w.tick()
		case <-first:
			first = nil
			w.clear()
			p.say("canceling; what was done is taken back (interrupt again to leave it)")
			if _, err := a.tasks.CancelTask(watch, &apiv1.CancelTaskRequest{Id: id}); err != nil {
				p.say("warning: %s", core.Escape(server.FromConnect(err).Error()))
			}
		case <-p.again:
			cancel()
			<-ended
			return last, p.left(a, id)
		}
	}
}

// watchTask sends each state of a task to updates until the last.
func watchTask(ctx context.Context, a *api, id string, updates chan<- *apiv1.Task) error {
	stream, err := a.tasks.WatchTask(ctx, &apiv1.WatchTaskRequest{Id: id})
	if err != nil {
		return err
	}
	defer stream.Close()
	for stream.Receive() {
		select {
		case updates <- stream.Msg().Task:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := server.FromConnect(stream.Err()); err != nil {
		return core.AsError(fmt.Errorf("watch the task: %w", err)).WithHint("limiquantix task show %s says how it stands", short(id))
	}
	return nil
}

func (p *program) left(a *api, id string) error {
	if a.Remote {
		return core.Errorf(core.Canceled, "left while it was being canceled").
			WithHint("limiquantix task watch %s shows how it goes on", short(id))
	}
	return core.Errorf(core.Canceled, "left in the middle").
		WithHint("limiquantix task resume %s carries it on, or takes it back", short(id))
}
