package compose

import (
	"context"
	"fmt"
	"sync"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/event"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/task"
	"github.com/limiquantix/limiquantix/core/vm"
)

// news passes on what the nouns tell: all of it to whoever watches, and with a
// sentence what is worth keeping.
type news struct {
	bus *event.Bus
	// keep: hosts stay connected, so that losing one is news. For one command it
	// is part of the answer.
	keep bool

	mu   sync.Mutex
	lost map[string]host.State // hosts that were told to be lost, by id
}

func newNews(bus *event.Bus, keep bool) *news {
	return &news{bus: bus, keep: keep, lost: map[string]host.State{}}
}

// vm tells of a VM.
func (n *news) vm(h host.Host, c vm.Change) {
	e := event.Change{Object: "vm", Host: h.Name, ID: c.UUID, Name: c.Name, Kind: c.Kind, Level: event.Info}
	name := core.Escape(c.Name)
	switch c.Kind {
	case "changed", "address":
	case "renamed":
		e.Text = fmt.Sprintf("VM %s is now called %s", core.Escape(c.Was), name)
	case "crashed":
		e.Text, e.Level = fmt.Sprintf("VM %s crashed", name), event.Error
	default:
		e.Text = fmt.Sprintf("VM %s %s", name, c.Kind)
	}
	if c.First {
		e.Text = "" // it was there all the time
	}
	n.bus.Publish(e)
}

// view tells of a saved view.
func (n *news) view(name string) {
	n.bus.Publish(event.Change{Object: "view", ID: name, Name: name, Kind: "changed"})
}

// host tells of a host's connection. A host that stays away is told once.
func (n *news) host(h host.Host) {
	e := event.Change{Object: "host", Host: h.Name, ID: h.Name, Name: h.Name, Kind: string(h.State)}
	n.mu.Lock()
	defer n.mu.Unlock()
	before := n.lost[h.ID]
	switch h.State {
	case host.Live:
		delete(n.lost, h.ID)
		if before != "" {
			e.Text, e.Level = fmt.Sprintf("Host %s is connected again", h.Name), event.Info
		}
	case host.Stale, host.Refused:
		if n.keep && before != h.State {
			n.lost[h.ID] = h.State
			e.Text, e.Level = fmt.Sprintf("Host %s is not reachable: %s", h.Name, reason(h)), event.Warn
			if h.State == host.Refused {
				e.Text, e.Level = fmt.Sprintf("Host %s cannot be used: %s", h.Name, reason(h)), event.Error
			}
		}
	}
	n.bus.Publish(e)
}

func reason(h host.Host) string {
	if h.Err == nil {
		return "the connection was closed"
	}
	return h.Err.Message
}

// listed tells that a host was added to the inventory, edited in it or removed from it.
func (n *news) listed(h host.Host, change string) {
	n.mu.Lock()
	delete(n.lost, h.ID)
	n.mu.Unlock()
	n.bus.Publish(event.Change{Object: "host", Host: h.Name, ID: h.Name, Name: h.Name, Kind: change,
		Text: fmt.Sprintf("Host %s %s", h.Name, change), Level: event.Info})
}

// task tells of a task: each step to who watches, its end to all.
func (n *news) task(t task.Task) {
	e := event.Change{Object: "task", Host: t.Host, ID: t.ID, Name: t.Object, Kind: string(t.State), Level: event.Info}
	title, why := core.Escape(t.Title), ""
	if t.Err != nil {
		why = ": " + t.Err.Message
	}
	switch t.State {
	case task.Done:
		e.Text = title + ": done"
	case task.Failed:
		e.Text, e.Level = title+" failed"+why, event.Error
	case task.Canceled:
		e.Text = title + " was cancelled"
	case task.Interrupted:
		e.Text, e.Level = title+" was interrupted"+why, event.Warn
	case task.Stuck:
		e.Text, e.Level = title+" is stuck"+why, event.Error
	}
	n.bus.Publish(e)
}

// Connected implements [host.Watcher].
func (*news) Connected(context.Context, host.Host, host.Link) error { return nil }

// Changed implements [host.Watcher]: it tells what nothing else follows.
func (n *news) Changed(_ context.Context, h host.Host, _ host.Link, events []host.Event) error {
	for _, e := range events {
		switch e.Object {
		case host.ObjectVM: // the inventory tells of these once it has looked
		case host.ObjectAll:
			n.bus.Publish(event.Change{Resync: true})
		default:
			n.bus.Publish(event.Change{Object: string(e.Object), Host: h.Name, ID: e.UUID, Name: e.Name, Kind: e.Change, Text: sentence(e), Level: event.Info})
		}
	}
	return nil
}

// sentence says what happened to a network or a pool; "" for what is not worth
// keeping, or whose name is not known.
func sentence(e host.Event) string {
	done := map[string]string{"defined": "defined", "undefined": "removed", "started": "started", "stopped": "stopped"}[e.Change]
	noun := map[host.Object]string{host.ObjectNetwork: "Network", host.ObjectPool: "Pool"}[e.Object]
	if done == "" || noun == "" || e.Name == "" {
		return ""
	}
	return fmt.Sprintf("%s %s %s", noun, core.Escape(e.Name), done)
}
