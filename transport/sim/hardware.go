package sim

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
)

// hardware answers hardware.Script as a rack server does: two NICs in a
// bond in a bridge, a mirrored pair of disks with the system, NVMe for images.
func (h *Host) hardware() host.Output {
	now, used := h.fleet.now(), h.used()
	var b strings.Builder
	say := func(name, text string) { fmt.Fprintf(&b, "@@ %s\n%s\n\n@@ end 0\n", name, text) }
	tell := func(name string, v any) {
		text, err := json.Marshal(v)
		if err != nil {
			panic("sim: " + err.Error()) // of our own types
		}
		say(name, string(text))
	}
	say("os", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian")
	say("kernel", "6.1.0-40-amd64")
	up := now.Sub(h.booted).Seconds()
	say("uptime", fmt.Sprintf("%.2f %.2f", up, up*float64(h.facts.CPUs)*0.7))
	load := h.load(now)
	say("load", fmt.Sprintf("%.2f %.2f %.2f 3/1204 81234", load, load*0.96, load*0.91))
	say("machine", "Supermicro\nAS-1024US-TRT")
	say("numa", h.numa())
	say("speed", "bond0 50000\nbr0 50000\neno1 25000\neno2 25000\nlo")
	tell("disks", map[string]any{"blockdevices": h.blockDevices()})
	tell("filesystems", map[string]any{"filesystems": []map[string]any{
		{"target": "/", "source": "/dev/md0", "fstype": "ext4", "size": 440 * core.GiB, "used": 37 * core.GiB},
		{"target": "/boot/efi", "source": "/dev/sda1", "fstype": "vfat", "size": 512 * core.MiB, "used": 6 * core.MiB},
		{"target": "/var/lib/libvirt", "source": "/dev/mapper/vg0-vms", "fstype": "xfs", "size": h.disk.size, "used": used},
	}})
	tell("nics", h.netDevices())
	say("nicdrivers", "")
	say("pci", simPCI)
	say("pcinames", simPCINames)
	say("sensors", simSensors)
	for _, name := range []string{"sda", "sdb"} {
		say("smart "+name, `{"serial_number":"S4KVNE0N`+strings.ToUpper(macTail(h.facts.UUID)[1:3])+`","firmware_version":"JXTC104Q","smart_status":{"passed":true},"temperature":{"current":31},"power_on_time":{"hours":18211},`+
			`"ata_smart_attributes":{"table":[{"id":5,"name":"Reallocated_Sector_Ct","value":100,"worst":100,"thresh":10,"raw":{"value":0,"string":"0"}},{"id":177,"name":"Wear_Leveling_Count","value":97,"worst":97,"thresh":5,"raw":{"value":61,"string":"61"}}]}}`)
	}
	return host.Output{Out: []byte(b.String())}
}

func (h *Host) used() core.Bytes { return h.disk.size - h.free() }

// load is how many CPUs the VMs keep busy.
func (h *Host) load(now time.Time) float64 {
	sum := hostOwnLoad * float64(h.facts.CPUs)
	for _, d := range h.domains {
		if d.run == nil || d.run.paused {
			continue
		}
		g, ran := gauge{habitOf(d.name, d.uuid), 0, d.run.config.vcpus}, d.run.ran(now).Seconds()
		g.ran = ran
		sum += g.cpu()
		g.ran = math.Max(0, ran-60)
		sum -= g.cpu()
	}
	return sum / 60
}

func (h *Host) numa() string {
	var lines []string
	n := max(1, h.facts.NUMANodes)
	each := h.facts.CPUs / n
	for i := range n {
		lines = append(lines, fmt.Sprintf("node%d %d-%d Node %d MemTotal: %d kB", i, i*each, (i+1)*each-1, i, h.facts.Memory/core.KiB/core.Bytes(n)))
	}
	return strings.Join(lines, "\n")
}

// blockDevice is a device as lsblk -J prints it.
type blockDevice struct {
	Name       string        `json:"name"`
	Model      *string       `json:"model"`
	Size       core.Bytes    `json:"size"`
	Transport  *string       `json:"tran"`
	Rotational bool          `json:"rota"`
	Type       string        `json:"type"`
	FSType     *string       `json:"fstype"`
	Mountpoint *string       `json:"mountpoint"`
	Children   []blockDevice `json:"children,omitempty"`
}

func (h *Host) blockDevices() []blockDevice {
	word := func(s string) *string { return &s }
	system := func(name string, first blockDevice) blockDevice {
		mirror := blockDevice{Name: "md0", Size: 440 * core.GiB, Type: "raid1", FSType: word("ext4"), Mountpoint: word("/")}
		part := blockDevice{Name: name + "2", Size: 440 * core.GiB, Type: "part", FSType: word("linux_raid_member"), Children: []blockDevice{mirror}}
		return blockDevice{Name: name, Model: word("SAMSUNG MZ7L3480"), Size: 447 * core.GiB, Transport: word("sata"), Type: "disk", Children: []blockDevice{first, part}}
	}
	list := []blockDevice{
		system("sda", blockDevice{Name: "sda1", Size: 512 * core.MiB, Type: "part", FSType: word("vfat"), Mountpoint: word("/boot/efi")}),
		system("sdb", blockDevice{Name: "sdb1", Size: 512 * core.MiB, Type: "part", FSType: word("vfat")}),
	}
	const one = 7 * core.TiB
	for i := range max(1, int((h.disk.size+one-1)/one)) {
		images := blockDevice{Name: "vg0-vms", Size: h.disk.size, Type: "lvm", FSType: word("xfs"), Mountpoint: word("/var/lib/libvirt")}
		list = append(list, blockDevice{Name: fmt.Sprintf("nvme%dn1", i), Model: word("KIOXIA KCD81RUG7T68"), Size: one, Transport: word("nvme"), Type: "disk",
			FSType: word("LVM2_member"), Children: []blockDevice{images}})
	}
	return list
}

// netDevices are the interfaces as ip -j -d prints them: the machine's own, the
// bridges of active networks, and the tap devices of running VMs.
func (h *Host) netDevices() []netdev {
	up := []string{"BROADCAST", "MULTICAST", "UP", "LOWER_UP"}
	tail := macTail(h.facts.UUID)
	device := func(name, mac, kind, master string, addresses ...addrInfo) netdev {
		d := netdev{Name: name, Flags: up, MTU: 1500, State: "UP", Type: "ether", MAC: mac, Master: master, Address: addresses}
		d.Link.Kind = kind
		return d
	}
	own := "ac:1f:6b" + tail
	list := []netdev{
		{Index: 1, Name: "lo", MTU: 65536, State: "UNKNOWN", Type: "loopback", MAC: "00:00:00:00:00:00"},
		device("eno1", own, "", "bond0"), device("eno2", own, "", "bond0"), device("bond0", own, "bond", "br0"),
		device("br0", own, "bridge", "", addrInfo{"inet", bridgedIP(h.facts.UUID).String(), 16, "global"}),
	}
	bridges := map[string]string{"": "br0"} // by network
	nets := h.lans()
	slices.SortFunc(nets, func(a, b *lan) int { return strings.Compare(a.name, b.name) })
	for _, n := range nets {
		bridges[n.name] = n.bridge
		if n.active && n.bridge != "" && n.subnet.IsValid() {
			list = append(list, device(n.bridge, "52:54:02"+macTail(n.uuid), "bridge", "", addrInfo{"inet", n.subnet.Addr().String(), n.subnet.Bits(), "global"}))
		}
	}
	taps := slices.DeleteFunc(slices.Clone(h.byNames()), func(d *domain) bool { return d.run == nil })
	slices.SortFunc(taps, func(a, b *domain) int { return a.run.vnet - b.run.vnet })
	for _, d := range taps {
		for i, nic := range d.run.config.nics {
			list = append(list, device(vnetName(d.run.vnet+i), "fe"+strings.TrimPrefix(nic.mac, "52"), "tun", bridges[nic.network]))
		}
	}
	for i := range list {
		list[i].Index = i + 1
	}
	return list
}
