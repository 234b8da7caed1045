package sim_test

import (
	"context"
	"testing"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/vm"
	"github.com/limiquantix/limiquantix/core/xmledit"
	"github.com/limiquantix/limiquantix/transport/sim"
)

// FuzzDefine: no XML crashes a host, and what it takes it gives back: listed,
// readable when it is off and when it runs, and the same when defined again.
func FuzzDefine(f *testing.F) {
	for _, xml := range []string{
		`<domain type='kvm'><name>a</name><memory unit='GiB'>1</memory><os><type>hvm</type></os></domain>`,
		`<domain type='qemu'><name>a &lt;b&gt;</name><memory>9</memory><vcpu>2</vcpu><os firmware='efi'><type machine='q35'>hvm</type></os><features><acpi/></features>
  <devices>
    <disk type='file'><source file='/x'/><target dev='vda' bus='virtio'/></disk>
    <interface type='network'><source network='default'/></interface>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    <console/><controller type='pci' index='0'/><memballoon><alias name=''/></memballoon>
  </devices></domain>`,
		`<domain type='kvm'><name>a</name><memory>x</memory><vcpu/><os/><devices><interface/><disk/></devices></domain>`,
	} {
		f.Add(xml)
	}
	ctx := context.Background()
	f.Fuzz(func(t *testing.T, xml string) {
		fleet := sim.NewFleet(sim.Model{Hosts: 1})
		defer fleet.Close()
		l := dial(t, fleet, fleet.Hosts()[0])
		uuid, err := l.DefineVM(ctx, xml)
		if err != nil {
			if core.CodeOf(err) == core.Internal {
				t.Fatalf("%v", err)
			}
			return
		}
		defined, err := l.VMXML(ctx, uuid, false)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := l.DefineVM(ctx, defined); err != nil || again != uuid {
			t.Fatalf("defined again as %s: %v\n%s", again, err, defined)
		}
		if same, err := l.VMXML(ctx, uuid, false); err != nil || same != defined {
			t.Fatalf("%v\n%s", err, xmledit.Diff(defined, same))
		}
		if l.StartVM(ctx, uuid) == nil {
			live, err := l.VMXML(ctx, uuid, true)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := xmledit.Parse(live); err != nil {
				t.Fatalf("%v\n%s", err, live)
			}
		}
		if all := list(t, l); len(all) != 1 || all[0].UUID != uuid || all[0].State == vm.Unknown {
			t.Fatalf("listed as %+v", all)
		}
	})
}
