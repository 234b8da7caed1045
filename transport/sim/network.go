package sim

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/network"
	"github.com/limiquantix/limiquantix/core/xmledit"
)

// leaseTime is how long dnsmasq gives an address by default.
const leaseTime = time.Hour

// lan is a libvirt network.
type lan struct {
	uuid, name string
	text       string
	bridge     string
	forward    string
	subnet     netip.Prefix // with the host's own address; zero for none
	dhcp       bool
	active     bool
	persistent bool
	autostart  bool
	leases     map[string]netip.Addr // by MAC
}

func (h *Host) lan(name string) (*lan, error) {
	if n := h.networks[name]; n != nil {
		return n, nil
	}
	return nil, core.Errorf(core.NotFound, "no network %s", core.Printable(name, 60))
}

// Networks returns all networks sorted by name.
func (l *Link) Networks(ctx context.Context) ([]network.Network, error) {
	return ask(ctx, l, "Networks", func(h *Host) ([]network.Network, error) {
		list := make([]network.Network, 0, len(h.networks))
		for _, n := range h.networks {
			info := network.Network{
				UUID: n.uuid, Name: n.name, Active: n.active, Bridge: n.bridge, Forward: n.forward,
				Autostart: n.autostart, Persistent: n.persistent,
			}
			if n.subnet.IsValid() {
				info.CIDR = n.subnet.String()
			}
			list = append(list, info)
		}
		slices.SortFunc(list, func(a, b network.Network) int { return strings.Compare(a.Name, b.Name) })
		return list, nil
	})
}

// NetworkXML returns the persistent XML.
func (l *Link) NetworkXML(ctx context.Context, name string) (string, error) {
	return ask(ctx, l, "NetworkXML", func(h *Host) (string, error) {
		n, err := h.lan(name)
		if err != nil {
			return "", err
		}
		return n.text, nil
	})
}

// Leases returns the DHCP leases of an active network, sorted by MAC.
func (l *Link) Leases(ctx context.Context, name string) ([]network.Lease, error) {
	return ask(ctx, l, "Leases", func(h *Host) ([]network.Lease, error) {
		n, err := h.lan(name)
		if err != nil {
			return nil, err
		}
		if !n.active {
			return nil, core.Errorf(core.Conflict, "network %s is not active", core.Printable(name, 60))
		}
		var list []network.Lease
		now := h.fleet.now()
		for _, d := range h.byNames() {
			if d.run == nil || !d.run.up(now) {
				continue
			}
			for _, nic := range d.run.config.nics {
				if ip := n.lease(nic); ip.IsValid() {
					list = append(list, network.Lease{MAC: nic.mac, IP: ip.String(), Hostname: d.name, Expires: now.Add(leaseTime)})
				}
			}
		}
		slices.SortFunc(list, func(a, b network.Lease) int { return strings.Compare(a.MAC, b.MAC) })
		return list, nil
	})
}

// lease returns the address that a NIC gets here; an invalid one when it is not
// on this network or no address is left.
func (n *lan) lease(nic nicDev) netip.Addr {
	if nic.network != n.name || !n.dhcp {
		return netip.Addr{}
	}
	if ip, ok := n.leases[nic.mac]; ok {
		return ip
	}
	taken := make(map[netip.Addr]bool, len(n.leases))
	for _, ip := range n.leases {
		taken[ip] = true
	}
	for ip := n.subnet.Addr().Next(); n.subnet.Contains(ip.Next()); ip = ip.Next() {
		if !taken[ip] {
			n.leases[nic.mac] = ip
			return ip
		}
	}
	return netip.Addr{}
}

// DefineNetwork stores xml as a persistent network.
//
// Errors: [core.Invalid], [core.Exists] when name and UUID belong to different networks.
func (l *Link) DefineNetwork(ctx context.Context, xml string) error {
	return l.tell(ctx, "DefineNetwork", func(h *Host) error {
		n, err := h.readLAN(xml)
		if err != nil {
			return err
		}
		h.networks[n.name] = n
		h.emit(host.ObjectNetwork, n.uuid, n.name, "defined")
		return nil
	})
}

// readLAN reads and completes a network's XML, and checks it against the others.
func (h *Host) readLAN(xml string) (*lan, error) {
	doc, err := xmledit.Parse(xml)
	if err != nil {
		return nil, err
	}
	root := doc.Root()
	name, err := nameOf(root, "network", "network")
	if err != nil {
		return nil, err
	}
	uuid, err := h.uuidOf(root)
	if err != nil {
		return nil, err
	}
	nameNow, uuidNow := "", ""
	for _, o := range h.networks {
		if o.uuid == uuid {
			nameNow = o.name
		}
		if o.name == name {
			uuidNow = o.uuid
		}
	}
	if err := taken("network", name, uuid, nameNow, uuidNow); err != nil {
		return nil, err
	}
	n := &lan{uuid: uuid, name: name, persistent: true, leases: map[string]netip.Addr{}, forward: forwardOf(root)}
	if n.subnet, err = subnetOf(root); err != nil {
		return nil, err
	}
	n.dhcp = root.Find("ip/dhcp/range") != nil && n.subnet.IsValid()
	if err := h.completeLAN(root, n); err != nil {
		return nil, err
	}
	n.text = doc.String()
	if old := h.networks[name]; old != nil {
		n.active, n.autostart, n.leases = old.active, old.autostart, old.leases
	}
	return n, nil
}

// forwardOf returns the forward mode; <forward/> without one means nat.
func forwardOf(root *xmledit.Element) string {
	forward := root.Child("forward")
	if forward == nil {
		return ""
	}
	return firstOf(forward.Attr("mode"), "nat")
}

// subnetOf reads the first IPv4 address.
func subnetOf(root *xmledit.Element) (netip.Prefix, error) {
	for _, e := range root.Children("ip") {
		if e.Attr("family") == "ipv6" {
			continue
		}
		text := e.Attr("address") + "/" + e.Attr("prefix")
		if e.Attr("prefix") == "" {
			mask, err := netip.ParseAddr(e.Attr("netmask"))
			if err != nil || !mask.Is4() {
				return netip.Prefix{}, core.Errorf(core.Invalid, "the network's address has neither prefix nor netmask")
			}
			return prefixOf(e.Attr("address"), mask)
		}
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return p, core.Errorf(core.Invalid, "%s is not a network address", core.Printable(text, 40))
		}
		return p, nil
	}
	return netip.Prefix{}, nil
}

func prefixOf(address string, mask netip.Addr) (netip.Prefix, error) {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{}, core.Errorf(core.Invalid, "%s is not an address", core.Printable(address, 40))
	}
	bits := 0
	for _, b := range mask.AsSlice() {
		for ; b&0x80 != 0; b <<= 1 {
			bits++
		}
	}
	return netip.PrefixFrom(ip, bits), nil
}

// completeLAN adds what libvirt adds: the bridge's name and a MAC address.
func (h *Host) completeLAN(root *xmledit.Element, n *lan) error {
	n.bridge = root.Child("bridge").Attr("name")
	if n.forward == "bridge" || n.forward == "hostdev" {
		return nil
	}
	bridge, err := root.Ensure("bridge")
	if err != nil {
		return err
	}
	for _, o := range h.lans() {
		if n.bridge != "" && o.bridge == n.bridge && o.name != n.name {
			return core.Errorf(core.Internal, "the bridge %s is already in use", core.Printable(n.bridge, 20)) // libvirt: "internal error"
		}
	}
	if n.bridge == "" {
		n.bridge = h.freeBridge()
		if err := bridge.SetAttr("name", n.bridge); err != nil {
			return err
		}
	}
	if root.Child("mac") == nil {
		_, err = root.Add("mac", "address", h.newMAC())
	}
	return err
}

// freeBridge returns the first virbrN that no network has.
func (h *Host) freeBridge() string {
	for i := 0; ; i++ {
		name := numbered("virbr", i, 0)
		if !slices.ContainsFunc(h.lans(), func(n *lan) bool { return n.bridge == name }) {
			return name
		}
	}
}

func (h *Host) lans() []*lan {
	list := make([]*lan, 0, len(h.networks))
	for _, n := range h.networks {
		list = append(list, n)
	}
	return list
}

// StartNetwork activates a network.
func (l *Link) StartNetwork(ctx context.Context, name string) error {
	return l.tell(ctx, "StartNetwork", func(h *Host) error {
		n, err := h.lan(name)
		if err != nil {
			return err
		}
		if n.active {
			return core.Errorf(core.Conflict, "network %s is already active", core.Printable(name, 60))
		}
		n.active = true
		h.emit(host.ObjectNetwork, n.uuid, n.name, "started")
		return nil
	})
}
