package hardware

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// mostThings bounds each list that a host tells.
const mostThings = 4096

var errForm = errors.New("not of the form that was expected")

// oneLine returns the first line of a text, as valid UTF-8 of at most max bytes.
func oneLine(text []byte, max int) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	return clean(line, max)
}

// clean makes a word of a host's one that can be stored and shown.
func clean(s string, max int) string {
	if len(s) > max {
		s = s[:max]
	}
	return strings.TrimSpace(strings.ToValidUTF8(s, ""))
}

// osName reads the name of the operating system out of os-release.
//
// Source: os-release(5).
func osName(text []byte) string {
	values := map[string]string{}
	for line := range strings.Lines(string(text)) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok || len(value) > 500 {
			continue
		}
		if q := value; len(q) > 1 && (q[0] == '"' || q[0] == '\'') && q[len(q)-1] == q[0] {
			value = strings.NewReplacer(`\"`, `"`, `\$`, `$`, "\\`", "`", `\\`, `\`).Replace(q[1 : len(q)-1])
		}
		values[key] = value
	}
	return clean(cmp.Or(values["PRETTY_NAME"], values["NAME"], values["ID"]), 200)
}

// machineName joins vendor and product, each of which firmware may have left as
// it came from the factory.
func machineName(text []byte) string {
	var words []string
	for line := range strings.Lines(string(text)) {
		line = clean(line, 100)
		switch strings.ToLower(line) {
		case "", "to be filled by o.e.m.", "system manufacturer", "system product name", "default string", "not specified":
			continue
		}
		if len(words) == 1 && strings.HasPrefix(line, words[0]) {
			words = nil // "Intel", "Intel NUC"
		}
		words = append(words, line)
	}
	return strings.Join(words[:min(2, len(words))], " ")
}

// numbers reads the first n numbers of a line.
func numbers(text []byte, n int) ([]float64, error) {
	words := strings.Fields(string(text[:min(len(text), 200)]))
	if len(words) < n {
		return nil, errForm
	}
	out := make([]float64, n)
	for i := range n {
		f, err := strconv.ParseFloat(words[i], 64)
		if err != nil || f < 0 || f > 1e10 || math.IsNaN(f) { // 300 years of uptime are a lie, and overflow
			return nil, errForm
		}
		out[i] = f
	}
	return out, nil
}

// numaNodes reads lines like "node0 0-7,16-23 Node 0 MemTotal: 65842244 kB"; a
// node without CPUs has no second word.
func numaNodes(text []byte) []*apiv1.GetHostHardwareResponse_NUMANode {
	var out []*apiv1.GetHostHardwareResponse_NUMANode
	for line := range strings.Lines(string(text)) {
		head, memory, _ := strings.Cut(line, " Node ")
		words := strings.Fields(head)
		if len(words) == 0 || len(out) == mostThings {
			continue
		}
		id, err := strconv.ParseUint(strings.TrimPrefix(words[0], "node"), 10, 16)
		if err != nil {
			continue
		}
		n := &apiv1.GetHostHardwareResponse_NUMANode{Id: int32(id)}
		if len(words) > 1 {
			n.Cpus = clean(words[1], 500)
		}
		if f := strings.Fields(memory); len(f) == 4 && f[1] == "MemTotal:" && f[3] == "kB" {
			if kib, err := strconv.ParseUint(f[2], 10, 50); err == nil {
				n.MemoryBytes = int64(kib) * int64(core.KiB)
			}
		}
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b *apiv1.GetHostHardwareResponse_NUMANode) int { return cmp.Compare(a.Id, b.Id) })
	return out
}

// loose is a value that one version of util-linux writes as a number or a
// boolean and another as a string.
type loose string

// UnmarshalJSON takes any scalar; null is "".
func (l *loose) UnmarshalJSON(b []byte) error {
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	switch v := v.(type) {
	case nil:
		*l = ""
	case string:
		*l = loose(v)
	case bool, float64:
		*l = loose(b)
	default:
		return fmt.Errorf("%w: %.20s", errForm, b)
	}
	return nil
}

// size reads bytes; what is none is 0.
func (l loose) size() int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(string(l)), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// blockDevice is a device as lsblk -J tells it.
type blockDevice struct {
	Name, Model, Tran, Type, Fstype, Mountpoint string
	Size, Rota                                  loose
	Children                                    []blockDevice
}

// disks reads lsblk -J.
//
// Source: lsblk(8).
func disks(text []byte) ([]*apiv1.GetHostHardwareResponse_HostDisk, error) {
	var doc struct{ Blockdevices []blockDevice }
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	var out []*apiv1.GetHostHardwareResponse_HostDisk
	for _, d := range doc.Blockdevices {
		if d.Type != "disk" || d.Size.size() == 0 || len(out) == mostThings {
			continue
		}
		var uses []string
		d.uses(&uses)
		if len(uses) == 0 && len(d.Children) > 0 {
			uses = []string{fmt.Sprintf("%d partitions", len(d.Children))}
		}
		out = append(out, &apiv1.GetHostHardwareResponse_HostDisk{
			Name: clean(d.Name, 100), Model: clean(d.Model, 100), SizeBytes: d.Size.size(), Transport: clean(d.Tran, 20),
			Rotational: d.Rota == "1" || d.Rota == "true", Use: clean(strings.Join(uses, ", "), 500),
		})
	}
	return out, nil
}

// uses gathers, each once, what a device and its parts are used for.
func (d blockDevice) uses(all *[]string) {
	use := d.use()
	if use != "" && !slices.Contains(*all, use) && len(*all) < 20 {
		*all = append(*all, use)
	}
	for _, c := range d.Children {
		c.uses(all)
	}
}

func (d blockDevice) use() string {
	switch d.Fstype {
	case "LVM2_member":
		return "LVM"
	case "linux_raid_member":
		return "RAID"
	case "crypto_LUKS":
		return "encrypted"
	case "zfs_member":
		return "ZFS"
	case "ceph_bluestore":
		return "Ceph"
	case "swap":
		return "swap"
	}
	switch {
	case d.Mountpoint == "[SWAP]":
		return "swap"
	case d.Mountpoint != "":
		return strings.TrimSpace(d.Fstype + " on " + d.Mountpoint)
	case d.Fstype != "":
		return d.Fstype + ", not mounted"
	}
	return ""
}

// mount is a file system as findmnt -J tells it.
type mount struct {
	Target, Source, Fstype string
	Size, Used             loose
	Children               []mount
}

// filesystems reads findmnt -J: what lies on disks, or on a server. Of several
// mounts of one source the shortest counts.
//
// Source: findmnt(8).
func filesystems(text []byte) ([]*apiv1.GetHostHardwareResponse_HostFilesystem, error) {
	var doc struct{ Filesystems []mount }
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	bySource := map[string]*apiv1.GetHostHardwareResponse_HostFilesystem{}
	collect(doc.Filesystems, bySource)
	out := make([]*apiv1.GetHostHardwareResponse_HostFilesystem, 0, len(bySource))
	for _, f := range bySource {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b *apiv1.GetHostHardwareResponse_HostFilesystem) int { return strings.Compare(a.Mount, b.Mount) })
	return out, nil
}

func collect(mounts []mount, bySource map[string]*apiv1.GetHostHardwareResponse_HostFilesystem) {
	for _, m := range mounts {
		collect(m.Children, bySource)
		switch m.Fstype {
		case "tmpfs", "devtmpfs", "ramfs", "squashfs", "efivarfs", "overlay":
			continue
		}
		f := &apiv1.GetHostHardwareResponse_HostFilesystem{
			Mount: clean(m.Target, 500), Source: clean(m.Source, 500), Type: clean(m.Fstype, 50),
			SizeBytes: m.Size.size(), UsedBytes: m.Used.size(),
		}
		source, _, _ := strings.Cut(f.Source, "[") // a bind mount, or a subvolume
		before := bySource[source]
		if f.SizeBytes == 0 || before == nil && len(bySource) == mostThings {
			continue
		}
		if before == nil || len(f.Mount) < len(before.Mount) || len(f.Mount) == len(before.Mount) && f.Mount < before.Mount {
			bySource[source] = f
		}
	}
}

// speeds reads lines like "eth0 1000", which have no second word where there is
// no carrier and -1 where nobody knows.
func speeds(text []byte) map[string]int64 {
	out := map[string]int64{}
	for line := range strings.Lines(string(text)) {
		name, speed, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := strconv.ParseInt(speed, 10, 32); err == nil && n > 0 && len(out) < mostThings {
			out[name] = n
		}
	}
	return out
}

// netDevice is an interface as ip -j -d address tells it.
type netDevice struct {
	Ifname, Operstate, Address, Master string
	LinkType                           string `json:"link_type"`
	MTU                                int32
	Linkinfo                           struct {
		Kind string `json:"info_kind"`
		Data struct {
			ID     json.Number // of a VLAN
			Mode   any         // of a bond; others have numbers
			Active string      `json:"active_slave"`
			STP    json.Number `json:"stp_state"`
		} `json:"info_data"`
	}
	Link      string // what it lies on
	Addresses []struct {
		Local, Scope string
		Prefixlen    int
	} `json:"addr_info"`
}

// nics reads ip -j -d address, without loopback.
//
// Source: ip-address(8).
func nics(text []byte, speeds map[string]int64) ([]*apiv1.GetHostHardwareResponse_HostNIC, error) {
	var devices []netDevice
	if err := json.Unmarshal(text, &devices); err != nil {
		return nil, err
	}
	var out []*apiv1.GetHostHardwareResponse_HostNIC
	for _, d := range devices {
		if d.Ifname == "" || d.LinkType == "loopback" || len(out) == mostThings {
			continue
		}
		nic := &apiv1.GetHostHardwareResponse_HostNIC{
			Name: clean(d.Ifname, 100), State: "unknown", Kind: clean(cmp.Or(d.Linkinfo.Kind, "physical"), 50), Mtu: d.MTU,
			Master: clean(d.Master, 100), SpeedMbps: speeds[d.Ifname],
		}
		d.tell(nic)
		if mac, err := net.ParseMAC(d.Address); err == nil {
			nic.Mac = mac.String()
		}
		switch d.Operstate {
		case "UP":
			nic.State = "up"
		case "DOWN", "LOWERLAYERDOWN", "NOTPRESENT", "DORMANT":
			nic.State = "down"
		}
		for _, a := range d.Addresses {
			ip, err := netip.ParseAddr(a.Local)
			if err != nil || a.Scope == "link" || len(nic.Addresses) == mostThings {
				continue
			}
			if p := netip.PrefixFrom(ip.WithZone(""), a.Prefixlen); p.IsValid() {
				nic.Addresses = append(nic.Addresses, p.String())
			}
		}
		out = append(out, nic)
	}
	ports(out)
	return out, nil
}

// tell says what bonds, bridges and VLANs are beyond an interface.
func (d netDevice) tell(nic *apiv1.GetHostHardwareResponse_HostNIC) {
	nic.Parent = clean(d.Link, 100)
	data := d.Linkinfo.Data
	switch d.Linkinfo.Kind {
	case "vlan":
		if id, err := data.ID.Int64(); err == nil && id > 0 && id < 4096 {
			nic.Vlan = int32(id)
		}
	case "bond":
		mode, _ := data.Mode.(string)
		nic.Mode, nic.ActivePort = clean(mode, 40), clean(data.Active, 100)
	case "bridge":
		if data.STP == "1" {
			nic.Mode = "stp"
		}
	}
}

// ports tells bridges and bonds what is in them.
func ports(nics []*apiv1.GetHostHardwareResponse_HostNIC) {
	byName := map[string]*apiv1.GetHostHardwareResponse_HostNIC{}
	for _, n := range nics {
		byName[n.Name] = n
	}
	for _, n := range nics {
		if m := byName[n.Master]; m != nil && n.Master != "" {
			m.Ports = append(m.Ports, n.Name)
		}
	}
}
