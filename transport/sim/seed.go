package sim

import (
	_ "embed"
	"fmt"
	"strings"
	"text/template"
	"time"

	"github.com/limiquantix/limiquantix/core"
)

//go:embed domain.xml.tmpl
var domainTemplate string

//go:embed network.xml
var defaultNetwork string

const (
	imageDir  = "/var/lib/libvirt/images"
	baseImage = "debian-12-base.qcow2"
	// leased is how many VMs of a host are on its NAT network, whose DHCP range
	// ends somewhere; the others are bridged.
	leased = 100
)

// seeder makes what hosts hold at first. All VMs share one template.
type seeder struct {
	model    Model
	template *template.Template
	roles    []role         // of VMs in a lively fleet
	hosts    int            // of a lively fleet that are furnished
	named    map[string]int // names given in a lively fleet, by what they begin with
}

func newSeeder(m Model) *seeder {
	return &seeder{model: m, roles: roles(), named: map[string]int{}, template: template.Must(template.New("domain").Parse(domainTemplate))}
}

// seed is what a seeded VM's XML is made from when somebody asks for it: a few
// numbers, where the text would be 3 KB for each of ten thousand.
type seed struct {
	template *template.Template
	host     *Host
	index    int
	label    string // the name in a lively fleet; "": by index
	uuid     string
	config   *config
}

// xml renders the XML. It was parsed once by a test, so it cannot fail.
func (s *seed) xml() string {
	var b strings.Builder
	err := s.template.Execute(&b, map[string]any{
		"Type": map[bool]string{true: "kvm", false: "qemu"}[s.host.facts.KVM],
		"Name": s.name(), "UUID": s.uuid, "MemoryKiB": int64(s.config.memory / core.KiB), "VCPUs": s.config.vcpus,
		"Machine": s.host.facts.Machine, "Disk": s.config.disks[0].path, "Network": s.config.nics[0].network, "MAC": s.config.nics[0].mac, "Emulator": s.host.facts.Emulator,
		"Ports": rootPorts(),
	})
	if err != nil {
		panic("sim: the domain template: " + err.Error())
	}
	return b.String()
}

// rootPort is a PCI root port; every seeded VM has seven.
type rootPort struct {
	Index          int
	Port, Function string
}

func rootPorts() []rootPort {
	ports := make([]rootPort, 7)
	for i := range ports {
		ports[i] = rootPort{Index: i + 1, Port: fmt.Sprintf("%#x", 0x10+i), Function: fmt.Sprintf("%#x", i)}
	}
	return ports
}

func (s *seed) name() string {
	if s.label != "" {
		return s.label
	}
	return numbered("vm", s.index+1, s.host.fleet.model.VMsPerHost)
}

// fill makes the host's pool, network and VMs. Seven in ten run, one in twenty
// of them paused; they were started within the last thirty days.
func (s *seeder) fill(h *Host) {
	s.fillStorage(h)
	s.fillNetwork(h)
	now := h.fleet.now()
	for i := range s.model.VMsPerHost {
		d := s.vm(h, i)
		h.domains[d.uuid], h.byName[d.name] = d, d
		if h.rng.IntN(10) >= 7 {
			continue
		}
		h.lastID++
		started := now.Add(-time.Duration(1+h.rng.IntN(30*24*3600)) * time.Second)
		d.autostart = h.rng.IntN(2) == 0
		d.run = &run{config: d.config, id: h.lastID, vnet: h.lastVnet, since: started, bootAt: started}
		h.lastVnet++
		if h.rng.IntN(20) == 0 {
			d.run.before, d.run.since, d.run.paused = now.Sub(started)/2, now, true
		}
	}
}

func (s *seeder) vm(h *Host, i int) *domain {
	sd := &seed{template: s.template, host: h, index: i, uuid: h.newUUID()}
	name := sd.name()
	nic := nicDev{mac: h.newMAC()}
	if i < leased {
		nic.network = "default"
	}
	sd.config = &config{
		seed:   sd,
		vcpus:  1 << h.rng.IntN(4),
		memory: core.GiB << h.rng.IntN(5),
		disks:  []diskDev{{target: "vda", path: imageDir + "/" + name + ".qcow2"}},
		nics:   []nicDev{nic},
		serial: true,
		agent:  true,
		card:   true,
		vnc:    &vncDev{},
	}
	size := 10 * core.GiB << h.rng.IntN(4)
	h.disk.dirs[imageDir][name+".qcow2"] = &file{
		format: "qcow2", capacity: size, allocation: size / core.Bytes(2+h.rng.IntN(20)), backing: imageDir + "/" + baseImage,
	}
	h.disk.used += h.disk.dirs[imageDir][name+".qcow2"].allocation
	return &domain{uuid: sd.uuid, name: name, config: sd.config, persistent: true}
}

func (s *seeder) fillStorage(h *Host) {
	h.disk.size = s.model.DiskSize
	if h.disk.size == 0 {
		h.disk.size = core.TiB + core.Bytes(s.model.VMsPerHost)*40*core.GiB
	}
	h.disk.mkdir(imageDir)
	h.disk.dirs[imageDir][baseImage] = &file{format: "qcow2", capacity: 2 * core.GiB, allocation: 340 * core.MiB}
	h.disk.used = 340 * core.MiB
	h.pools["default"] = &pool{uuid: h.newUUID(), name: "default", kind: "dir", path: imageDir, active: true, persistent: true, autostart: true}
}

func (s *seeder) fillNetwork(h *Host) {
	n, err := h.readLAN(strings.TrimSpace(defaultNetwork))
	if err != nil {
		panic(fmt.Sprintf("sim: the seeded network: %v", err))
	}
	n.active, n.autostart = true, true
	h.networks[n.name] = n
}
