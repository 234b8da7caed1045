package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// showHardware prints what a host consists of.
func (p *program) showHardware(ctx context.Context, a *api, host string) error {
	res, err := a.hosts.GetHostHardware(ctx, &apiv1.GetHostHardwareRequest{Host: host})
	if err != nil {
		return fmt.Errorf("show host %s: %w", host, err)
	}
	if err := printOne(p, res, p.hardwarePairsOf(res)...); err != nil {
		return err
	}
	for _, problem := range res.Problems {
		p.say("warning: %s", core.Escape(problem))
	}
	return nil
}

func (p *program) hardwarePairsOf(h *apiv1.GetHostHardwareResponse) [][2]string {
	load := make([]string, len(h.Load))
	for i, l := range h.Load {
		load[i] = fmt.Sprintf("%.2f", l)
	}
	pairs := [][2]string{{"Machine", h.Machine}, {"System", h.Os}, {"Kernel", h.Kernel}, {"Up", p.age(h.Booted)}, {"Load", strings.Join(load, " ")}}
	for _, n := range h.Numa {
		pairs = append(pairs, [2]string{"NUMA node", fmt.Sprintf("%d: CPUs %s, %s", n.Id, orDash(n.Cpus), core.Bytes(n.MemoryBytes))})
	}
	for _, n := range h.Nics {
		pairs = append(pairs, [2]string{"NIC", nicText(n)})
	}
	for _, d := range h.Disks {
		pairs = append(pairs, [2]string{"Disk", diskText(d)})
	}
	for _, d := range h.Pci {
		group := ""
		if d.IommuGroup >= 0 {
			group = fmt.Sprintf(", IOMMU group %d", d.IommuGroup)
		}
		pairs = append(pairs, [2]string{"PCI device", fmt.Sprintf("%s: %s, %s, driver %s%s", d.Address, d.Kind, d.Name, orDash(d.Driver), group)})
	}
	for _, s := range h.Sensors {
		pairs = append(pairs, [2]string{"Sensor", fmt.Sprintf("%s, %s: %.4g", s.Chip, s.Name, s.Value)})
	}
	for _, f := range h.Filesystems {
		pairs = append(pairs, [2]string{"File system", fmt.Sprintf("%s: %s of %s used (%s, %s)", f.Mount, core.Bytes(f.UsedBytes), core.Bytes(f.SizeBytes), f.Type, f.Source)})
	}
	return pairs
}

func nicText(n *apiv1.GetHostHardwareResponse_HostNIC) string {
	words := []string{n.Kind, n.State}
	if n.SpeedMbps > 0 {
		words = append(words, fmt.Sprintf("%d Mbit/s", n.SpeedMbps))
	}
	if n.Master != "" {
		words = append(words, "in "+n.Master)
	}
	words = append(words, n.Addresses...)
	if n.Mac != "" {
		words = append(words, n.Mac)
	}
	return n.Name + ": " + strings.Join(words, ", ")
}

func diskText(d *apiv1.GetHostHardwareResponse_HostDisk) string {
	kind := "SSD"
	if d.Rotational {
		kind = "rotates"
	}
	words := []string{core.Bytes(d.SizeBytes).String(), kind}
	health := map[apiv1.DiskHealth_Verdict]string{apiv1.DiskHealth_VERDICT_GOOD: "healthy", apiv1.DiskHealth_VERDICT_WARN: "has errors", apiv1.DiskHealth_VERDICT_FAIL: "expects to fail"}
	for _, w := range []string{d.Transport, d.Model, d.Use, health[d.Health.GetVerdict()]} {
		if w != "" {
			words = append(words, w)
		}
	}
	return d.Name + ": " + strings.Join(words, ", ")
}
