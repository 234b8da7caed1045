package virt

import (
	"context"
	"slices"
	"sync"
)

// lanes keeps writes to one object in the order in which they were asked for:
// libvirtd works on several calls of one client at the same time.
type lanes struct {
	mu sync.Mutex
	m  map[string][]chan struct{} // who waits or works, in order; the first works
}

// enter waits for its turn in the lane key and returns the function that
// leaves it. Errors: ctx's.
func (l *lanes) enter(ctx context.Context, key string) (leave func(), err error) {
	l.mu.Lock()
	if l.m == nil {
		l.m = map[string][]chan struct{}{}
	}
	turn := make(chan struct{})
	l.m[key] = append(l.m[key], turn)
	if len(l.m[key]) == 1 {
		close(turn)
	}
	l.mu.Unlock()
	leave = func() { l.leave(key, turn) }
	select {
	case <-turn:
		return leave, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}

func (l *lanes) leave(key string, turn chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	queue := l.m[key]
	i := slices.Index(queue, turn)
	queue = slices.Delete(queue, i, i+1)
	if len(queue) == 0 {
		delete(l.m, key)
		return
	}
	l.m[key] = queue
	if i == 0 {
		close(queue[0])
	}
}
