package metric

import (
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/vm"
)

// unknown is the CPU of a [Sample] without rates.
const unknown float32 = -1

// maxGap is how far two readings may lie apart for their difference to be a
// rate: what happened while nobody looked is no news.
const maxGap = 2 * time.Minute

// total is a VM's counters, summed over its devices.
type total struct {
	at             time.Time // zero: there was none
	cpu            time.Duration
	read, written  core.Bytes
	reads, writes  uint64
	received, sent core.Bytes
}

func totalOf(s vm.Summary, at time.Time) total {
	t := total{at: at, cpu: s.CPUTime}
	for _, d := range s.Disks {
		t.read, t.written = t.read+d.Read, t.written+d.Written
		t.reads, t.writes = t.reads+d.Reads, t.writes+d.Writes
	}
	for _, n := range s.NICs {
		t.received, t.sent = t.received+n.Received, t.sent+n.Sent
	}
	return t
}

// follows reports whether the difference to before means anything: a counter
// that fell began anew, with the VM or with a device.
func (t total) follows(before total) bool {
	gap := t.at.Sub(before.at)
	return !before.at.IsZero() && gap > 0 && gap <= maxGap && t.cpu >= before.cpu &&
		t.read >= before.read && t.written >= before.written && t.reads >= before.reads && t.writes >= before.writes &&
		t.received >= before.received && t.sent >= before.sent
}

// sampleVM makes a sample of a VM's counters and of those before.
func sampleVM(s vm.Summary, now, before total) Sample {
	out := Sample{CPU: unknown, MemoryUsed: memoryUsed(s), Memory: max(0, s.Memory)}
	if !now.follows(before) {
		return out
	}
	seconds := now.at.Sub(before.at).Seconds()
	rate := func(n core.Bytes) core.Bytes { return core.Bytes(float64(n) / seconds) }
	out.CPU = percent((now.cpu - before.cpu).Seconds(), seconds*float64(max(1, s.VCPUs)))
	out.Read, out.Written = rate(now.read-before.read), rate(now.written-before.written)
	out.Reads, out.Writes = float32(float64(now.reads-before.reads)/seconds), float32(float64(now.writes-before.writes)/seconds)
	out.Received, out.Sent = rate(now.received-before.received), rate(now.sent-before.sent)
	return out
}

// memoryUsed is what the guest uses as its balloon tells, else what QEMU holds.
func memoryUsed(s vm.Summary) core.Bytes {
	b := s.Balloon
	left := b.Usable
	if left == 0 {
		left = b.Unused
	}
	if b.Available > 0 && left > 0 && left <= b.Available {
		return b.Available - left
	}
	return max(0, b.RSS)
}

// sampleNode makes a sample of a host's counters and of those before.
func sampleNode(now, before Node, gap time.Duration) Sample {
	out := Sample{CPU: unknown, MemoryUsed: max(0, now.MemoryUsed), Memory: max(0, now.Memory)}
	busy, all := now.Busy-before.Busy, now.Total-before.Total
	if before.Total > 0 && gap <= maxGap && busy >= 0 && all > 0 {
		out.CPU = percent(busy.Seconds(), all.Seconds())
	}
	return out
}

// percent is 100 part/whole. What is measured at two ends of a line jitters, and
// QEMU's own threads count as the guest's: both may lead beyond 100.
func percent(part, whole float64) float32 {
	return float32(min(100, max(0, 100*part/whole)))
}
