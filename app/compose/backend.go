package compose

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/limiquantix/limiquantix/app/desktop"
	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/task"
)

// backend is the application behind a window: one that another process runs, or,
// when there is none, this process's own. It may be used concurrently.
type backend struct {
	c Config

	mu       sync.Mutex
	own      *instance   // or
	other    *attachment // or neither, while it is looked for
	endpoint desktop.Endpoint
}

// reach finds the application of a home directory, or begins it. Close the backend.
func reach(ctx context.Context, c Config) (*backend, error) {
	b := &backend{c: c}
	if err := b.find(ctx); err != nil {
		return nil, err
	}
	return b, nil
}

// find asks twice: another process may begin, or end, at the same moment.
func (b *backend) find(ctx context.Context) error {
	var err error
	for range 3 {
		var other *attachment
		if other, err = attach(ctx, socketOf(b.c.Home)); err == nil {
			b.set(nil, other, other.endpoint)
			return nil
		}
		if core.CodeOf(err) != core.NotFound {
			return err
		}
		var own *instance
		if own, err = begin(ctx, b.c); err == nil {
			e, err := own.endpoint()
			if err != nil {
				own.Close()
				return err
			}
			b.set(own, nil, e)
			return nil
		}
		if core.CodeOf(err) != core.Exists {
			return err
		}
		time.Sleep(100 * time.Millisecond) // it holds the lock and is about to listen, or to end
	}
	return err
}

func (b *backend) set(own *instance, other *attachment, e desktop.Endpoint) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.own, b.other, b.endpoint = own, other, e
}

// Endpoint returns where the page finds the API.
func (b *backend) Endpoint() desktop.Endpoint {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.endpoint
}

// follow looks for the application anew whenever the process that ran it has
// ended, then calls changed, until ctx ends.
func (b *backend) follow(ctx context.Context, changed func()) {
	for {
		b.mu.Lock()
		other := b.other
		b.mu.Unlock()
		if other == nil {
			return // our own ends with us
		}
		select {
		case <-ctx.Done():
			return
		case <-other.lost:
		}
		for b.find(ctx) != nil {
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Second):
			}
		}
		changed()
	}
}

// resolve is [desktop.Resolve] on whatever application it is.
func (b *backend) resolve(ctx context.Context, l desktop.Link) error {
	b.mu.Lock()
	var client *http.Client
	switch {
	case b.own != nil:
		client = b.own.sock.Client()
	default:
		client = b.other.client
	}
	b.mu.Unlock()
	return desktop.Resolve(ctx, client, server.LocalURL, l)
}

// running returns how many tasks would be interrupted if this process ended.
func (b *backend) running(ctx context.Context) int {
	b.mu.Lock()
	own := b.own
	b.mu.Unlock()
	if own == nil {
		return 0
	}
	tasks, err := own.app.Tasks.List(ctx, true, 1000)
	if err != nil {
		return 0
	}
	n := 0
	for _, t := range tasks {
		if t.State == task.Running {
			n++
		}
	}
	return n
}

// closing is what the user is asked who closes the window while tasks run.
func (b *backend) closing(ctx context.Context) string {
	switch n := b.running(ctx); n {
	case 0:
		return ""
	case 1:
		return "A task is running. Close the window, and end limiquantix when the task has ended?"
	default:
		return fmt.Sprintf("%d tasks are running. Close the window, and end limiquantix when they have ended?", n)
	}
}

// idle waits until no task runs, or ctx ends.
func (b *backend) idle(ctx context.Context) {
	for b.running(ctx) > 0 {
		select {
		case <-ctx.Done():
			return
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// Close leaves the application, and ends it when it is our own.
func (b *backend) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.other != nil {
		b.other.Close()
	}
	if b.own != nil {
		return b.own.Close()
	}
	return nil
}
