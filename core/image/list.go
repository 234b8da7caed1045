package image

import (
	"context"

	"golang.org/x/sync/errgroup"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/storage"
	"github.com/limiquantix/limiquantix/core/vm"
)

// machines is what telling images from VMs' disks needs of a host.
type machines interface {
	VMs(ctx context.Context) ([]vm.Summary, error)
	VMXMLs(ctx context.Context, uuids []string) (map[string]string, error)
}

// imagesOf returns the volumes of a host's active pools that VMs can be made
// from: qcow2 and raw ones that are no overlay and no VM's own disk, and ISOs.
func imagesOf(ctx context.Context, h host.Host, l host.Link) ([]*apiv1.Image, error) {
	c, err := storage.ConnOf(l)
	if err != nil {
		return nil, err
	}
	var used map[string]bool
	var volumes []storage.Volume
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { used, err = usedPaths(gctx, l); return })
	g.Go(func() (err error) { _, volumes, err = storage.All(gctx, c); return })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var images []*apiv1.Image
	for _, v := range volumes {
		disk := v.Format == "qcow2" || v.Format == "raw"
		if used[v.Path] || v.BackingPath != "" || !disk && v.Format != "iso" {
			continue
		}
		images = append(images, &apiv1.Image{
			Host: h.Name, Pool: v.Pool, Name: v.Name, Format: v.Format, Path: v.Path,
			VirtualBytes: int64(v.Capacity), AllocationBytes: int64(v.Allocation),
		})
	}
	return images, nil
}

// usedPaths returns the files that VMs have in their drives.
func usedPaths(ctx context.Context, l host.Link) (map[string]bool, error) {
	used := map[string]bool{}
	m, ok := l.(machines)
	if !ok {
		return used, nil
	}
	list, err := m.VMs(ctx)
	if err != nil {
		return nil, err
	}
	uuids := make([]string, len(list))
	for i, v := range list {
		uuids[i] = v.UUID
	}
	xmls, err := m.VMXMLs(ctx, uuids)
	if err != nil {
		return nil, err
	}
	for _, xml := range xmls {
		hw, err := vm.ReadHardware(xml)
		if err != nil {
			return nil, err
		}
		for _, d := range hw.Disks {
			used[d.Path()] = used[d.Path()] || d.Device != "cdrom" || d.Path() == hw.SeedPath()
		}
	}
	return used, nil
}
