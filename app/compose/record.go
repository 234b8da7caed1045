package compose

import (
	"context"
	"sync"

	"github.com/limiquantix/limiquantix/core/audit"
	"github.com/limiquantix/limiquantix/core/history"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/store"
	"github.com/limiquantix/limiquantix/core/task"
	"github.com/limiquantix/limiquantix/core/vm"
)

// lateness is how long after a task's end the configuration that it left may
// still be news.
const lateness = 60_000 // milliseconds

// authorOf finds the task of ours that made an object what it was seen to be:
// one that left that very configuration, or that was at work when it was seen. A
// task has its VM's state known before it ends; so what is seen later is another's.
func authorOf(ctx context.Context, tx *store.Tx, s history.Sight) (history.Author, error) {
	if s.Found || s.Kind == history.Host {
		return history.Author{}, nil
	}
	at := s.Time.UnixMilli()
	since := at - lateness
	if !s.Since.IsZero() { // nobody watched: it may have been ours meanwhile
		since = s.Since.UnixMilli() - lateness
	}
	name := s.Name
	if name == "" {
		var err error
		if name, err = history.NameOf(ctx, tx, s.Object); err != nil || name == "" {
			return history.Author{}, err
		}
	}
	workers, err := task.AtWork(ctx, tx, s.HostName, name, since, at)
	if err != nil {
		return history.Author{}, err
	}
	for _, w := range workers {
		atWork := w.Finished == 0 || w.Finished >= at
		if known := s.Hash != "" && w.Hash != ""; known && w.Hash != s.Hash || !known && !atWork {
			continue
		}
		actor, err := audit.ActorOf(ctx, tx, w.ID)
		return history.Author{Task: w.ID, Actor: actor}, err
	}
	return history.Author{}, nil
}

// recorder tells the history what the inventory learns of VMs.
type recorder struct {
	to   *history.Log
	next func(h host.Host, c vm.Change)
}

// vm tells of a VM. A host that is not live yet is being listed after a time in
// which nobody watched.
func (r recorder) vm(h host.Host, c vm.Change) {
	r.next(h, c)
	if c.Kind == "address" {
		return
	}
	s := history.Sight{
		Object: history.Object{Kind: history.VM, HostID: h.ID, HostName: h.Name, ID: c.UUID, Name: c.Name},
		State:  string(c.State), Gone: c.Kind == "removed", Found: c.First,
	}
	if h.State != host.Live && !c.First {
		s.Since = h.Seen
	}
	r.to.Observe(s)
}

// keys remembers which SSH key opened what address last.
type keys struct {
	mu sync.Mutex
	of map[string]string // fingerprints by address
}

func (k *keys) note(address, fingerprint string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.of == nil {
		k.of = map[string]string{}
	}
	k.of[address] = fingerprint
}

func (k *keys) get(address string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.of[address]
}

// keyOf is the fingerprint of the key that opened a host (name).
func (a *App) keyOf(k *keys) func(name string) string {
	return func(name string) string {
		if a.Hosts == nil {
			return ""
		}
		h, err := a.Hosts.Host(name)
		if err != nil {
			return ""
		}
		return k.get(h.Spec.Address)
	}
}
