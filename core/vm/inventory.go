package vm

import (
	"context"
	"log/slog"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/store"
)

// Inventory keeps the list of VMs true: one bulk call when a host is linked,
// another when events say that something changed or a task has changed it.
type Inventory struct {
	db      *store.DB
	log     *slog.Logger
	changed func(h host.Host, c Change)
	hunt    *hunt
	asked   *asked
	ledgers ledgers
	unread  unread
	eager   bool
	seen    sync.Map // links by host's id: whose VMs' addresses were looked for
}

// NewInventory returns an inventory; changed is told of each VM that differs
// from before, and must not block.
func NewInventory(db *store.DB, log *slog.Logger, changed func(h host.Host, c Change)) *Inventory {
	return &Inventory{db: db, log: log, changed: changed, hunt: newHunt(), asked: &asked{when: map[string]time.Time{}}}
}

// Eager makes it look for the addresses of VMs that ran already when their host
// was connected: for who stays connected, and shows lists without asking hosts.
// Call it before the first host is connected.
func (v *Inventory) Eager() { v.eager = true }

// Connected implements [host.Watcher].
func (v *Inventory) Connected(ctx context.Context, h host.Host, l host.Link) error {
	err := v.refresh(ctx, h, l)
	v.ledgers.get(h.ID).take() // they ran before: who asks for their addresses looks for them, or survey
	if err == nil && v.eager {
		if before, _ := v.seen.Swap(h.ID, l); before != l {
			v.hunt.wg.Go(func() { v.survey(h, l) })
		}
	}
	return err
}

// Changed implements [host.Watcher]: it lists again, once for all events, tells
// of each VM that they name, and looks for the addresses of those that have started.
func (v *Inventory) Changed(ctx context.Context, h host.Host, l host.Link, events []host.Event) error {
	if !slices.ContainsFunc(events, func(e host.Event) bool { return e.Object == host.ObjectVM || e.Object == host.ObjectAll }) {
		return nil
	}
	v.unread.told(h.ID, events)
	c, err := connOf(l)
	if err != nil {
		return err
	}
	told, err := v.relist(ctx, h, l)
	if err != nil {
		return err
	}
	v.retell(h, events, told)
	for _, uuid := range v.ledgers.get(h.ID).take() {
		v.begin(ctx, h, c, uuid)
	}
	return nil
}

// retell tells of VMs that events name and the list did not show to be other
// than before: their disks, notes or devices may be, which pages show and the
// list does not have.
func (v *Inventory) retell(h host.Host, events []host.Event, told map[string]bool) {
	for _, e := range events {
		if e.Object != host.ObjectVM || e.UUID == "" || e.Change == "undefined" || told[e.UUID] {
			continue
		}
		told[e.UUID] = true
		v.tell(h, Change{UUID: e.UUID, Name: e.Name, Kind: "changed"})
	}
}

// Count returns how many VMs of a host are known, and how many of them run.
func (v *Inventory) Count(ctx context.Context, hostID string) (all, running int) {
	return count(ctx, v.db, hostID)
}

// List returns what is known of the VMs of hosts (ids), sorted by host id and name.
func (v *Inventory) List(ctx context.Context, hostIDs map[string]bool) ([]Known, error) {
	where, args := "", []any{}
	if len(hostIDs) <= fewHosts { // the others' rows need not be read
		where = `WHERE vm.host IN (''` + strings.Repeat(", ?", len(hostIDs)) + `) `
		for id := range hostIDs {
			args = append(args, id)
		}
	}
	all, err := query(ctx, v.db, where+`ORDER BY vm.host, name`, args...)
	kept := all[:0]
	for _, k := range all {
		if hostIDs[k.HostID] {
			kept = append(kept, k)
		}
	}
	return kept, err
}

// fewHosts is up to how many hosts a list names them to the database.
const fewHosts = 16

// find returns what is known under a reference: NAME, HOST/NAME or a UUID.
// [core.Invalid] for one without a name.
func (v *Inventory) find(ctx context.Context, m *host.Manager, ref string) ([]Known, error) {
	if ref == "" || strings.HasSuffix(ref, "/") {
		return nil, core.Errorf(core.Invalid, "the VM's name is empty").WithHint("a VM is named NAME, HOST/NAME or by its UUID")
	}
	if b, err := core.ParseUUID(ref); err == nil {
		return query(ctx, v.db, `WHERE uuid = ?`, core.FormatUUID(b))
	}
	hostName, name, ok := strings.Cut(ref, "/")
	if !ok {
		return query(ctx, v.db, `WHERE name = ?`, ref)
	}
	h, err := m.Host(hostName)
	if err != nil {
		return nil, err
	}
	if b, err := core.ParseUUID(name); err == nil {
		return query(ctx, v.db, `WHERE vm.host = ? AND uuid = ?`, h.ID, core.FormatUUID(b))
	}
	return query(ctx, v.db, `WHERE vm.host = ? AND name = ?`, h.ID, name)
}

// Find returns what is known of the VM that a reference means, asking no host.
// [core.Invalid], [core.NotFound], [core.Ambiguous].
func (v *Inventory) Find(ctx context.Context, m *host.Manager, ref string) (Known, error) {
	found, err := v.find(ctx, m, ref)
	if err != nil {
		return Known{}, err
	}
	return one(m, ref, found)
}

// one picks the VM that a reference means. [core.NotFound], [core.Ambiguous].
func one(m *host.Manager, ref string, found []Known) (Known, error) {
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return Known{}, core.Errorf(core.NotFound, "there is no VM %s", core.Printable(ref, 80)).WithHint("see: limiquantix vm list")
	}
	var names []string
	for _, k := range found {
		if h, err := m.Host(k.HostID); err == nil {
			names = append(names, core.Escape(h.Name+"/"+k.Name))
		}
	}
	sort.Strings(names)
	return Known{}, core.Errorf(core.Ambiguous, "several VMs are called %s", core.Printable(ref, 80)).
		WithHint("name one of: %s", strings.Join(names, ", ")).WithDetail("candidates", strings.Join(names, "\n"))
}

// resolve finds the VM that ref means and the link to its host. The cache says
// where to look; hosts are asked only when it does not know. Offline, no host
// is asked and the link is nil.
func (s *Service) resolve(ctx context.Context, ref string, offline bool) (Known, host.Host, host.Link, error) {
	found, err := s.inv.find(ctx, s.m, ref)
	if err != nil {
		return Known{}, host.Host{}, nil, err
	}
	if offline {
		k, err := one(s.m, ref, found)
		if err != nil {
			return k, host.Host{}, nil, err
		}
		h, err := s.m.Host(k.HostID)
		return k, h, nil, err
	}
	var problems []string
	if len(found) == 0 {
		for _, p := range s.m.Each(ctx, s.hostsOf(ref), func(context.Context, int, host.Host, host.Link) error { return nil }) {
			problems = append(problems, p.Host)
		}
		if found, err = s.inv.find(ctx, s.m, ref); err != nil {
			return Known{}, host.Host{}, nil, err
		}
	}
	k, err := one(s.m, ref, found)
	if err != nil {
		if len(problems) > 0 && core.CodeOf(err) == core.NotFound {
			err = core.Errorf(core.Unreachable, "no VM %s on the hosts that answer", core.Printable(ref, 80)).WithHint("these could not be asked: %s", strings.Join(problems, ", "))
		}
		return k, host.Host{}, nil, err
	}
	h, l, err := s.m.Link(ctx, k.HostID)
	if err != nil {
		return k, h, nil, err
	}
	// The link may just have been made, and the cache brought up to date with
	// it: a name that meant one VM may mean another by now.
	again, err := s.inv.find(ctx, s.m, ref)
	if err != nil {
		return k, h, nil, err
	}
	was := k
	if k, err = one(s.m, ref, again); err == nil && k.HostID != was.HostID {
		err = core.Errorf(core.Conflict, "VM %s has moved to another host meanwhile", core.Printable(ref, 80)).WithHint("look at it and say it again")
	}
	return k, h, l, err
}

func (s *Service) hostsOf(ref string) []host.Host {
	if name, _, ok := strings.Cut(ref, "/"); ok {
		if h, err := s.m.Host(name); err == nil {
			return []host.Host{h}
		}
	}
	return s.m.Hosts()
}

func connOf(l host.Link) (Conn, error) {
	c, ok := l.(Conn)
	if !ok {
		return nil, core.Errorf(core.Unsupported, "this connection cannot manage VMs")
	}
	return c, nil
}

// age is how old what is known may be before a live host's VM is not "now".
func (k Known) seen(live bool) time.Time {
	if live {
		return time.Now()
	}
	return k.Seen
}
