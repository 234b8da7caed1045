package virt

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/vm"
)

// record writes one VM's figures as libvirt does: names with int, uint, int64,
// uint64, float64, bool or string.
func record(values ...any) []byte {
	w := (&writer{}).string("web").fixed(make([]byte, 16)).uint32(3).uint32(uint32(len(values) / 2))
	for i := 0; i < len(values); i += 2 {
		w.string(values[i].(string))
		switch v := values[i+1].(type) {
		case int:
			w.uint32(1).uint32(uint32(int32(v)))
		case uint:
			w.uint32(2).uint32(uint32(v))
		case int64:
			w.uint32(3).uint64(uint64(v))
		case uint64:
			w.uint32(4).uint64(v)
		case float64:
			w.uint32(5).uint64(1)
		case bool:
			w.uint32(6).uint32(1)
		case string:
			w.uint32(7).string(v)
		}
	}
	return w.b
}

func TestFigures(t *testing.T) {
	for _, tt := range []struct {
		name   string
		values []any
		want   vm.Summary
	}{
		{"a VM that runs", []any{
			"state.state", 1, "state.reason", 1, "cpu.time", uint64(5e9), "vcpu.current", uint(4), "vcpu.0.state", 1,
			"balloon.current", uint64(2048), "balloon.rss", uint64(1024), "balloon.available", uint64(3), "balloon.unused", uint64(2), "balloon.usable", uint64(1),
			"net.count", uint(1), "net.0.name", "vnet0", "net.0.rx.bytes", uint64(10), "net.0.rx.pkts", uint64(11), "net.0.tx.bytes", uint64(12), "net.0.tx.pkts", uint64(13),
			"block.count", uint(2), "block.0.name", "vda", "block.0.path", "/v/a.qcow2", "block.0.rd.reqs", uint64(1), "block.0.rd.bytes", uint64(2),
			"block.0.wr.reqs", uint64(3), "block.0.wr.bytes", uint64(4), "block.0.allocation", uint64(5), "block.0.capacity", uint64(6), "block.0.physical", uint64(7),
			"block.1.name", "sda",
		}, vm.Summary{
			State: vm.Running, VCPUs: 4, CPUTime: 5e9, Memory: 2 * core.MiB,
			Balloon: vm.Balloon{RSS: core.MiB, Available: 3 * core.KiB, Unused: 2 * core.KiB, Usable: core.KiB},
			NICs:    []vm.NICStats{{Name: "vnet0", Received: 10, ReceivedPkts: 11, Sent: 12, SentPkts: 13}},
			Disks:   []vm.DiskStats{{Target: "vda", Path: "/v/a.qcow2", Reads: 1, Read: 2, Writes: 3, Written: 4, Allocation: 5, Capacity: 6}, {Target: "sda"}},
		}},
		{"one that is off", []any{"state.state", 5, "state.reason", 1, "block.count", uint(0)}, vm.Summary{State: vm.Stopped}},
		{"claimed counts are not believed", []any{"state.state", 5, "state.reason", 1, "net.count", uint64(1<<63 - 1), "block.count", uint64(1 << 63),
			"net.1.name", "vnet1", "block.0.name", "vda"},
			vm.Summary{State: vm.Stopped, NICs: []vm.NICStats{{Name: "vnet1"}}, Disks: []vm.DiskStats{{Target: "vda"}}}},
		{"devices without a name", []any{"state.state", 5, "state.reason", 1, "net.0.rx.bytes", uint64(1), "net.1.name", "vnet1", "block.0.path", "/x"},
			vm.Summary{State: vm.Stopped, NICs: []vm.NICStats{{Name: "vnet1"}}, Disks: []vm.DiskStats{}}},
		{"over an int64, and of another type", []any{"state.state", 5, "state.reason", 1, "cpu.time", uint64(1<<64 - 1), "vcpu.current", "four", "balloon.current", 1.5, "balloon.rss", true},
			vm.Summary{State: vm.Stopped, CPUTime: 1<<63 - 1, Balloon: vm.Balloon{RSS: core.KiB}}},
		{"names that are not text", []any{"state.state", 5, "state.reason", 1, "block.0.name", "vd\xff", "block.", "x", "net..name", "y"},
			vm.Summary{State: vm.Stopped, Disks: []vm.DiskStats{{Target: "vd\uFFFD"}}, NICs: []vm.NICStats{{Name: "y"}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := &reader{rest: record(tt.values...)}
			got := readFigures(r)
			if r.bad || len(r.rest) != 0 {
				t.Fatalf("bad %v, %d bytes left", r.bad, len(r.rest))
			}
			tt.want.UUID, tt.want.Name = "00000000-0000-0000-0000-000000000000", "web"
			if diff := cmp.Diff(tt.want, got.Summary, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// FuzzFigures: whatever comes, the reader stays within it, and makes no more
// devices than there are words.
func FuzzFigures(f *testing.F) {
	f.Add(record("block.0.name", "vda", "net.0.name", "vnet0", "state.state", 1))
	f.Add([]byte{0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		r := &reader{rest: data}
		got := readFigures(r)
		if n := len(got.Disks) + len(got.NICs); n > len(data)/4 {
			t.Errorf("%d devices of %d bytes", n, len(data))
		}
	})
}
