package metric

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// round is the figures of a host and its VMs, made of one reading. All who look
// share it; it is never changed.
type round struct {
	host string // name
	time time.Time
	pace time.Duration // between readings
	node Sample
	vms  []vmSample

	once    sync.Once
	message *apiv1.WatchStatsResponse
}

type vmSample struct {
	uuid string
	Sample
}

// proto returns the round as it is sent; made once for all.
func (r *round) proto() *apiv1.WatchStatsResponse {
	r.once.Do(func() {
		slab := make([]apiv1.VMStats, len(r.vms))
		r.message = &apiv1.WatchStatsResponse{Host: r.hostProto(), Vms: make([]*apiv1.VMStats, len(r.vms))}
		for i, v := range r.vms {
			v.fill(&slab[i], v.uuid)
			r.message.Vms[i] = &slab[i]
		}
	})
	return r.message
}

func (r *round) hostProto() *apiv1.HostStats { return r.node.hostProto(r.host, r.time) }

func (s Sample) hostProto(name string, at time.Time) *apiv1.HostStats {
	return &apiv1.HostStats{Host: name, Time: timestamppb.New(at), CpuPercent: float64(s.CPU), MemoryUsedBytes: int64(s.MemoryUsed), MemoryBytes: int64(s.Memory)}
}

func (s Sample) fill(out *apiv1.VMStats, uuid string) {
	out.Uuid, out.CpuPercent = uuid, s.CPU
	out.MemoryUsedBytes, out.MemoryBytes = int64(s.MemoryUsed), int64(s.Memory)
	out.DiskReadBytes, out.DiskWrittenBytes = int64(s.Read), int64(s.Written)
	out.DiskReads, out.DiskWrites = int32(min(s.Reads, 1<<30)), int32(min(s.Writes, 1<<30))
	out.NetReceivedBytes, out.NetSentBytes = int64(s.Received), int64(s.Sent)
}

// watch is somebody who looks. The hub's mutex guards it.
type watch struct {
	interval time.Duration
	hosts    map[string]bool // by id; nil: all
	wake     chan struct{}
	waiting  map[string]*round    // newest that was not taken, by host id
	given    map[string]time.Time // of the last that was put
}

func (w *watch) wants(hostID string) bool { return w.hosts == nil || w.hosts[hostID] }

// put leaves a round for who looks, in place of an older one of the same host,
// unless others made the hub read more often than this one wants to know.
func (w *watch) put(hostID string, r *round) {
	if w.interval > r.pace && r.time.Sub(w.given[hostID]) < w.interval-r.pace/2 {
		return
	}
	w.given[hostID] = r.time
	w.waiting[hostID] = r
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// watch calls send for each round of the hosts (ids; nil: all), beginning with
// what is known, until ctx is done or send fails. A slow send gets the newest of
// each host and misses those between.
func (h *Hub) watch(ctx context.Context, hosts map[string]bool, interval time.Duration, send func(*round) error) error {
	w := &watch{interval: interval, hosts: hosts, wake: make(chan struct{}, 1), waiting: map[string]*round{}, given: map[string]time.Time{}}
	h.mu.Lock()
	h.watches[w] = struct{}{}
	for id, f := range h.feeds {
		if !w.wants(id) {
			continue
		}
		if r := f.past.fresh(); r != nil && f.live() {
			w.put(id, r)
			delete(w.given, id) // the next may come at once
		}
		h.settle(f)
	}
	h.mu.Unlock()
	defer h.unwatch(w)
	for {
		select {
		case <-w.wake:
		case <-ctx.Done():
			return ctx.Err()
		case <-h.ctx.Done():
			return nil
		}
		for _, r := range h.take(w) {
			if err := send(r); err != nil {
				return err
			}
		}
	}
}

func (h *Hub) take(w *watch) []*round {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]*round, 0, len(w.waiting))
	for _, r := range w.waiting {
		out = append(out, r)
	}
	clear(w.waiting)
	slices.SortFunc(out, func(a, b *round) int { return cmp.Compare(a.host, b.host) })
	return out
}

func (h *Hub) unwatch(w *watch) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.watches, w)
	for id, f := range h.feeds {
		if w.wants(id) {
			h.settle(f)
		}
	}
}
