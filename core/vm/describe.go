package vm

import (
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/vm/config"
	"github.com/limiquantix/limiquantix/core/vm/label"
)

// describe fills in what a VM's XML says: live as it runs, stored as it will
// start the next time, the same text when it is off.
func describe(out *apiv1.VM, live, stored string) error {
	hw, err := ReadHardware(live)
	if err != nil {
		return err
	}
	f, err := config.Describe(live, stored)
	if err != nil {
		return err
	}
	hw.describe(out)
	l := label.Read(stored)
	out.Tags, out.Folder, out.Fields = l.Tags, l.Folder, l.Fields
	out.Title, out.Description, out.Os = f.Title, f.Description, f.OS
	out.Hypervisor, out.Arch, out.Machine, out.Uefi, out.CpuModel = f.Hypervisor, f.Arch, f.Machine, f.UEFI, f.CPU
	out.Graphics, out.Serial, out.Agent = f.Graphics, f.Serial, f.Agent
	for _, d := range f.Devices {
		out.Devices = append(out.Devices, &apiv1.Device{Kind: d.Kind, Text: d.Text})
	}
	out.Pending = live != stored && config.Pending(stored, live)
	return nil
}

func (h Hardware) describe(out *apiv1.VM) {
	for _, d := range h.Disks {
		source := d.Path()
		if source == "" && d.Source.Pool != "" {
			source = join(d.Source.Pool, d.Source.Volume)
		}
		out.Disks = append(out.Disks, &apiv1.Disk{
			Target: d.Target.Dev, Device: d.Device, Bus: d.Target.Bus, Source: source, Format: d.Driver.Type, Readonly: d.ReadOnly != nil,
		})
	}
	for _, n := range h.NICs {
		out.Nics = append(out.Nics, &apiv1.NIC{Mac: n.MAC.Address, Model: n.Model.Type, Kind: n.Type, Source: n.Plug()})
	}
}
