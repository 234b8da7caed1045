package metric

import (
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/vm"
)

// What is kept: of a host each sample of an hour, of a VM the last few and an
// hour's minutes. 10,000 VMs take less than 40 MB so.
const (
	keep         = time.Hour
	hostSamples  = int(keep / time.Second)
	recentPoints = 16
	minutePoints = int(keep / time.Minute)
)

// point is a [Sample] as it is kept: in 40 bytes.
type point struct {
	at             uint32 // tenths of a second since the hub began
	cpu            float32
	used, memory   uint32 // KiB
	read, written  float32
	reads, writes  float32
	received, sent float32
}

func pack(s Sample, at uint32) point {
	return point{
		at: at, cpu: s.CPU, used: kib(s.MemoryUsed), memory: kib(s.Memory), read: float32(s.Read), written: float32(s.Written),
		reads: s.Reads, writes: s.Writes, received: float32(s.Received), sent: float32(s.Sent),
	}
}

// kib holds up to 4 TiB.
func kib(b core.Bytes) uint32 { return uint32(min(b/core.KiB, 1<<32-1)) }

func (p point) sample() Sample {
	return Sample{
		CPU: p.cpu, MemoryUsed: core.Bytes(p.used) * core.KiB, Memory: core.Bytes(p.memory) * core.KiB,
		Read: core.Bytes(p.read), Written: core.Bytes(p.written), Reads: p.reads, Writes: p.writes,
		Received: core.Bytes(p.received), Sent: core.Bytes(p.sent),
	}
}

// ring holds the last points of at most so many. It grows as it is filled.
type ring struct {
	points []point
	next   int // where the next goes once it is full
}

func (r *ring) add(p point, most int) {
	if len(r.points) == most {
		r.points[r.next] = p
		r.next = (r.next + 1) % most
		return
	}
	if len(r.points) == cap(r.points) {
		grown := make([]point, len(r.points), min(most, max(4, 2*len(r.points))))
		copy(grown, r.points)
		r.points = grown
	}
	r.points = append(r.points, p)
}

// since returns the points from a time on, oldest first.
func (r *ring) since(at uint32) []point {
	var out []point
	for i := range r.points {
		if p := r.points[(r.next+i)%len(r.points)]; p.at >= at {
			out = append(out, p)
		}
	}
	return out
}

// history is what is kept of one VM: the latest points, and one for each minute.
type history struct {
	last   total // the reading before
	begun  total // the reading that the minute under way began with
	recent ring
	minute ring
}

// add makes a sample of a reading and keeps it.
func (h *history) add(s vm.Summary, now total, at uint32) Sample {
	out := sampleVM(s, now, h.last)
	h.last = now
	h.recent.add(pack(out, at), recentPoints)
	if now.at.Sub(h.begun.at) >= time.Minute {
		if !h.begun.at.IsZero() {
			h.minute.add(pack(sampleVM(s, now, h.begun), at), minutePoints)
		}
		h.begun = now
	}
	return out
}

// since returns the points from a time on, oldest first: minutes, and then all
// of the time that is fresh in memory.
func (h *history) since(at uint32) []point {
	recent := h.recent.since(at)
	out := h.minute.since(at)
	for len(out) > 0 && len(recent) > 0 && out[len(out)-1].at >= recent[0].at {
		out = out[:len(out)-1]
	}
	return append(out, recent...)
}
