package search

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/event"
	"github.com/limiquantix/limiquantix/core/query"
)

// Lists are the calls of the API that objects come from; a nil one has none.
type Lists struct {
	Hosts    func(context.Context, *apiv1.ListHostsRequest) (*apiv1.ListHostsResponse, error)
	VMs      func(context.Context, *apiv1.ListVMsRequest) (*apiv1.ListVMsResponse, error)
	Networks func(context.Context, *apiv1.ListNetworksRequest) (*apiv1.ListNetworksResponse, error)
	Pools    func(context.Context, *apiv1.ListPoolsRequest) (*apiv1.ListPoolsResponse, error)
	Volumes  func(context.Context, *apiv1.ListVolumesRequest) (*apiv1.ListVolumesResponse, error)
	Tasks    func(context.Context, *apiv1.ListTasksRequest) (*apiv1.ListTasksResponse, error)
}

// fresh is how long what no event tells of is believed: how full a pool is.
const fresh = 30 * time.Second

// Index is all objects as rows. It may be used concurrently.
type Index struct {
	lists Lists

	mu      sync.Mutex
	shelves map[query.Kind]*shelf
}

// shelf is the rows of one kind.
type shelf struct {
	filling sync.Mutex // one fills at a time, the others wait for what it finds

	// Below Index.mu.
	rows   []*query.Row
	filled time.Time       // zero: never
	all    bool            // everything is to be listed anew
	stale  map[string]bool // hosts that are
}

// NewIndex returns an index that is empty until somebody asks.
func NewIndex(l Lists) *Index {
	x := &Index{lists: l, shelves: map[query.Kind]*shelf{}}
	for _, k := range query.Kinds() {
		x.shelves[k] = &shelf{all: true, stale: map[string]bool{}}
	}
	return x
}

// Changed takes note of a change: what it is about is listed anew at the next
// question. It is quick, and calls nothing.
func (x *Index) Changed(c event.Change) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if c.Resync {
		for _, s := range x.shelves {
			s.all = true
		}
		return
	}
	switch c.Object {
	case "vm", "snapshot":
		x.shelves[query.VM].outdate(c.Host)
		x.shelves[query.Host].all = true // it counts them
	case "host":
		for k, s := range x.shelves {
			if k != query.Task {
				s.outdate(c.Host)
			}
		}
		x.shelves[query.Host].all = true
	case "pool", "volume":
		x.shelves[query.Pool].outdate(c.Host)
		x.shelves[query.Volume].outdate(c.Host)
	case "network":
		x.shelves[query.Network].outdate(c.Host)
	case "task":
		x.shelves[query.Task].all = true
	}
}

func (s *shelf) outdate(host string) {
	if host == "" {
		s.all = true
		return
	}
	s.stale[host] = true
}

// Rows returns the objects of kinds, by kind, host and name. They are shared:
// nobody writes to them.
func (x *Index) Rows(ctx context.Context, kinds []query.Kind) ([]*query.Row, error) {
	var out []*query.Row
	for _, k := range kinds {
		rows, err := x.shelf(ctx, k)
		if err != nil {
			return nil, err
		}
		if len(kinds) == 1 {
			return rows, nil
		}
		out = append(out, rows...)
	}
	return out, nil
}

func (x *Index) shelf(ctx context.Context, k query.Kind) ([]*query.Row, error) {
	s := x.shelves[k]
	s.filling.Lock()
	defer s.filling.Unlock()
	x.mu.Lock()
	ages := k == query.Pool || k == query.Volume || k == query.Network
	all := s.all || ages && time.Since(s.filled) > fresh
	hosts := make([]string, 0, len(s.stale))
	for h := range s.stale {
		hosts = append(hosts, h)
	}
	kept := s.rows
	if !all && len(hosts) == 0 {
		x.mu.Unlock()
		return kept, nil
	}
	if all || len(hosts) > manyHosts || k == query.Host || k == query.Task {
		all, hosts, kept = true, nil, nil
	}
	// From here on changes count for the next time: the list may be older.
	s.all, s.stale = false, map[string]bool{}
	x.mu.Unlock()

	rows, err := x.list(ctx, k, hosts)
	x.mu.Lock()
	defer x.mu.Unlock()
	if err != nil {
		s.all = true
		return nil, err
	}
	if !all {
		kept = slices.DeleteFunc(slices.Clone(kept), func(r *query.Row) bool { return slices.Contains(hosts, r.Host) })
		rows = append(kept, rows...)
	}
	if k != query.Task { // those come newest first
		slices.SortStableFunc(rows, func(a, b *query.Row) int {
			if c := strings.Compare(a.Host, b.Host); c != 0 {
				return c
			}
			return strings.Compare(a.Name, b.Name)
		})
	}
	s.rows, s.filled = rows, time.Now()
	return rows, nil
}

// manyHosts is from how many changed hosts on all are listed at once.
const manyHosts = 8
