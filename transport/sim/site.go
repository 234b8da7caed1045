package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/limiquantix/limiquantix/core"
)

// group is a part of a lively fleet: hosts of one place.
type group struct {
	cluster, prefix string
	model           string
	sockets, cores  int
	memory          core.Bytes
}

// groups are the clusters of a lively fleet. Half of its hosts are of the first,
// half of the rest of the second, and so on.
func groups() []group {
	return []group{
		{"production", "ams-kvm", "EPYC-Milan", 2, 32, 768 * core.GiB},
		{"staging", "fra-kvm", "Cascadelake-Server", 2, 20, 384 * core.GiB},
		{"lab", "lab", "EPYC-Rome", 1, 16, 256 * core.GiB},
	}
}

// groupsOf deals n hosts out to the groups.
func groupsOf(n int) []group {
	all, out := groups(), make([]group, 0, n)
	for i, g := range all {
		share := (n - len(out) + 1) / 2
		if i == len(all)-1 {
			share = n - len(out)
		}
		for range share {
			out = append(out, g)
		}
	}
	return out
}

// role is what a VM of a lively fleet is there for.
type role struct {
	name   string // what its names begin with
	vcpus  int
	memory core.Bytes
	disk   core.Bytes
	image  string
	net    string
	on     int // in how many of a hundred cases it runs
}

const (
	ubuntuImage  = "ubuntu-24.04.qcow2"
	rockyImage   = "rocky-9.qcow2"
	windowsImage = "windows-2022.qcow2"
)

// roles are what VMs of a lively fleet are, the common ones several times.
func roles() []role {
	web := role{"web", 2, 4 * core.GiB, 20 * core.GiB, baseImage, "prod", 97}
	api := role{"api", 4, 8 * core.GiB, 40 * core.GiB, ubuntuImage, "prod", 96}
	db := role{"db", 8, 32 * core.GiB, 320 * core.GiB, rockyImage, "storage", 98}
	build := role{"build-", 8, 16 * core.GiB, 80 * core.GiB, ubuntuImage, "default", 80}
	test := role{"test-", 2, 4 * core.GiB, 20 * core.GiB, baseImage, "default", 45}
	desktop := role{"desktop-", 4, 8 * core.GiB, 60 * core.GiB, ubuntuImage, "prod", 60}
	return []role{
		web, web, web, api, api, db, db, build, build, test, test, test, desktop, desktop,
		{"cache", 2, 16 * core.GiB, 20 * core.GiB, baseImage, "prod", 97},
		{"proxy", 2, 2 * core.GiB, 10 * core.GiB, baseImage, "prod", 99},
		{"queue", 4, 8 * core.GiB, 40 * core.GiB, rockyImage, "prod", 96},
		{"git", 4, 8 * core.GiB, 160 * core.GiB, baseImage, "prod", 95},
		{"mail", 4, 8 * core.GiB, 160 * core.GiB, baseImage, "prod", 95},
		{"ldap", 2, 2 * core.GiB, 10 * core.GiB, rockyImage, "prod", 98},
		{"dns", 1, core.GiB, 10 * core.GiB, baseImage, "prod", 99},
		{"wiki", 2, 4 * core.GiB, 40 * core.GiB, baseImage, "prod", 85},
		{"monitor", 4, 8 * core.GiB, 80 * core.GiB, ubuntuImage, "prod", 97},
		{"backup", 2, 4 * core.GiB, 640 * core.GiB, baseImage, "storage", 90},
		{"win", 4, 8 * core.GiB, 80 * core.GiB, windowsImage, "prod", 75},
	}
}

// settle makes a new host one of a group.
func (g group) settle(h *Host) {
	h.cluster = g.cluster
	h.facts.CPUModel, h.facts.Sockets, h.facts.Cores, h.facts.Memory = g.model, 1, g.cores, g.memory
	h.facts.NUMANodes, h.facts.CPUs = g.sockets, g.sockets*g.cores*h.facts.Threads
}

// furnish gives a host of a lively fleet its pools, images, networks and VMs.
func (s *seeder) furnish(h *Host) {
	s.hosts++
	s.fillStorage(h)
	s.fillNetwork(h)
	h.disk.size += 6 * core.TiB
	for name, size := range map[string]core.Bytes{ubuntuImage: 600 * core.MiB, rockyImage: 940 * core.MiB, windowsImage: 11 * core.GiB} {
		h.stock(imageDir, name, &file{format: "qcow2", capacity: 40 * core.GiB, allocation: size})
	}
	h.stock("/srv/isos", "debian-12-netinst.iso", &file{format: "iso", capacity: 660 * core.MiB, allocation: 660 * core.MiB})
	h.stock("/srv/isos", "virtio-win.iso", &file{format: "iso", capacity: 750 * core.MiB, allocation: 750 * core.MiB})
	h.disk.mkdir("/srv/nvme")
	for name, path := range map[string]string{"fast": "/srv/nvme", "isos": "/srv/isos", "archive": "/mnt/archive"} {
		h.pools[name] = &pool{name: name, kind: "dir", path: path, active: name != "archive", persistent: true, autostart: name != "archive"}
	}
	for _, name := range []string{"archive", "fast", "isos"} { // in one order: UUIDs come by chance
		h.pools[name].uuid = h.newUUID()
	}
	for _, xml := range []string{
		fmt.Sprintf(`<network><name>prod</name><forward mode='route'/><bridge name='virbr9'/><ip address='10.20.%d.1' netmask='255.255.255.0'><dhcp><range start='10.20.%[1]d.2' end='10.20.%[1]d.254'/></dhcp></ip></network>`, s.hosts%250),
		`<network><name>storage</name><bridge name='virbr10'/><ip address='10.10.0.1' netmask='255.255.0.0'><dhcp><range start='10.10.1.1' end='10.10.1.254'/></dhcp></ip></network>`,
		`<network><name>lab</name><forward mode='nat'/><bridge name='virbr11'/><ip address='192.168.77.1' netmask='255.255.255.0'/></network>`,
	} {
		n, err := h.readLAN(xml)
		if err != nil {
			panic(fmt.Sprintf("sim: a seeded network: %v", err))
		}
		n.active, n.autostart = n.name != "lab", n.name != "lab"
		h.networks[n.name] = n
	}
	for range s.model.VMsPerHost {
		s.install(h)
	}
}

// stock puts a file onto a new host.
func (h *Host) stock(dir, name string, f *file) {
	h.disk.mkdir(dir)
	h.disk.dirs[dir][name] = f
	h.disk.used += f.allocation
}

// install makes the next VM of a lively fleet.
func (s *seeder) install(h *Host) {
	r := s.roles[h.rng.IntN(len(s.roles))]
	if len(h.domains) >= leased {
		r.net = "" // bridged
	}
	s.named[r.name]++
	name := r.name + fmt.Sprint(s.named[r.name])
	dir := imageDir
	if r.name == "db" || r.name == "cache" {
		dir = "/srv/nvme"
	}
	sd := &seed{template: s.template, host: h, label: name, uuid: h.newUUID()}
	sd.config = &config{
		seed: sd, vcpus: r.vcpus, memory: r.memory, serial: true, agent: r.image != windowsImage, card: true, vnc: &vncDev{},
		disks: []diskDev{{target: "vda", path: dir + "/" + name + ".qcow2"}}, nics: []nicDev{{mac: h.newMAC(), network: r.net}},
	}
	h.stock(dir, name+".qcow2", &file{
		format: "qcow2", capacity: r.disk, allocation: r.disk * core.Bytes(15+h.rng.IntN(60)) / 100, backing: imageDir + "/" + r.image,
	})
	d := &domain{uuid: sd.uuid, name: name, config: sd.config, persistent: true, autostart: r.on > 90}
	h.domains[d.uuid], h.byName[d.name] = d, d
	now := h.fleet.now()
	switch {
	case h.rng.IntN(100) < r.on:
		h.lastID++
		since := now.Add(-time.Duration(1+h.rng.IntN(30*24*3600)) * time.Second)
		d.run = &run{config: d.config, id: h.lastID, vnet: h.lastVnet, since: since, bootAt: since}
		h.lastVnet++
		if strings.HasPrefix(name, "test-") && h.rng.IntN(4) == 0 {
			d.run.before, d.run.since, d.run.paused = now.Sub(since)/2, now, true
		}
	case h.rng.IntN(20) == 0:
		d.crashed = true
	}
}

// lively names the hosts of a lively fleet and says of which group they are.
func lively(f *Fleet, m Model) {
	count := map[string]int{}
	for i, g := range groupsOf(m.Hosts) {
		count[g.prefix]++
		h := newHost(f, numbered(g.prefix, count[g.prefix], m.Hosts/2), i)
		g.settle(h)
		f.hosts[h.name] = h
		f.names = append(f.names, h.name)
	}
	slices.Sort(f.names)
}

// Cluster returns the cluster that a host is meant for; "" for none.
func (f *Fleet) Cluster(host string) string {
	if h := f.hosts[host]; h != nil {
		return h.cluster
	}
	return ""
}
