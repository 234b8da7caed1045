package cli_test

import (
	"context"
	"slices"
	"time"

	"connectrpc.com/connect"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// WatchStats tells figures of kvm1 three times: without rates, with, and again.
func (f *fleet) WatchStats(ctx context.Context, r *apiv1.WatchStatsRequest, s *connect.ServerStream[apiv1.WatchStatsResponse]) error {
	if !slices.Equal(r.Hosts, []string{"kvm1"}) {
		return core.Errorf(core.Invalid, "figures are wanted of %q", r.Hosts)
	}
	for i := range 3 {
		m := &apiv1.WatchStatsResponse{Host: &apiv1.HostStats{Host: "kvm1", Time: ago(0), CpuPercent: -1, MemoryUsedBytes: int64(8 * core.GiB), MemoryBytes: int64(32 * core.GiB)}}
		v := &apiv1.VMStats{Uuid: f.vms[2].Uuid, CpuPercent: -1, MemoryUsedBytes: int64(core.GiB), MemoryBytes: int64(2 * core.GiB)}
		if i > 0 {
			m.Host.CpuPercent, v.CpuPercent = 12.5, float32(42*i)
			v.DiskReadBytes, v.DiskWrites, v.NetSentBytes = int64(1536*core.KiB), 3, 100
		}
		m.Vms = []*apiv1.VMStats{v, {Uuid: "99999999-0000-4000-8000-000000000001", CpuPercent: -1}}
		if err := s.Send(m); err != nil {
			return err
		}
	}
	return nil
}

// ListEvents tells what happened, one of it with a hostile name.
func (f *fleet) ListEvents(_ context.Context, r *apiv1.ListEventsRequest) (*apiv1.ListEventsResponse, error) {
	res := &apiv1.ListEventsResponse{}
	for i, e := range []*apiv1.Event{
		{Object: "vm", Host: "kvm1", Id: f.vms[2].Uuid, Name: "web1", Change: "started", Text: "VM web1 started", Level: apiv1.Event_LEVEL_INFO, Time: ago(3 * time.Minute)},
		{Object: "vm", Host: "kvm1", Id: f.vms[1].Uuid, Name: hostile, Change: "crashed", Text: "VM " + hostile + " crashed", Level: apiv1.Event_LEVEL_ERROR, Time: ago(5 * time.Hour)},
		{Object: "host", Host: "kvm2", Id: "kvm2", Name: "kvm2", Change: "stale", Text: "Host kvm2 is not reachable: no answer", Level: apiv1.Event_LEVEL_WARN, Time: ago(50 * time.Hour)},
	} {
		e.Sequence = int64(3 - i)
		if (r.Host == "" || r.Host == e.Host) && (r.Id == "" || r.Id == e.Id || r.Id == e.Name) && (r.Before == 0 || e.Sequence < r.Before) {
			res.Events = append(res.Events, e)
		}
	}
	return res, nil
}

// GetHostHardware tells of a host without lsblk.
func (f *fleet) GetHostHardware(ctx context.Context, r *apiv1.GetHostHardwareRequest) (*apiv1.GetHostHardwareResponse, error) {
	if _, err := f.GetHost(ctx, &apiv1.GetHostRequest{Host: r.Host}); err != nil {
		return nil, err
	}
	return &apiv1.GetHostHardwareResponse{
		Os: "Debian GNU/Linux 12 (bookworm)", Kernel: "6.1.0-40-amd64", Machine: "Dell Inc. PowerEdge R640", Booted: ago(40 * 24 * time.Hour), Load: []float64{0.5, 0.25, 0.1},
		Numa: []*apiv1.GetHostHardwareResponse_NUMANode{{Id: 0, Cpus: "0-7", MemoryBytes: int64(32 * core.GiB)}},
		Nics: []*apiv1.GetHostHardwareResponse_HostNIC{
			{Name: "eno1", Mac: "24:6e:96:00:00:01", State: "up", Kind: "physical", Mtu: 1500, Master: "br0", SpeedMbps: 10_000},
			{Name: "br0", Mac: "24:6e:96:00:00:01", State: "up", Kind: "bridge", Mtu: 1500, Addresses: []string{"10.7.0.21/24"}},
		},
		Filesystems: []*apiv1.GetHostHardwareResponse_HostFilesystem{{Mount: "/", Source: "/dev/sda2", Type: "ext4", SizeBytes: int64(100 * core.GiB), UsedBytes: int64(25 * core.GiB)}},
		Problems:    []string{"Disks cannot be read: lsblk is not installed on the host"},
	}, nil
}
