package virt

import (
	"cmp"
	"context"
	"encoding/xml"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/digitalocean/go-libvirt"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/network"
)

// networkXML is what we read of a network's XML.
type networkXML struct {
	Forward *struct {
		Mode string `xml:"mode,attr"`
	} `xml:"forward"`
	Bridge struct {
		Name string `xml:"name,attr"`
	} `xml:"bridge"`
	IPs []struct {
		Family  string `xml:"family,attr"`
		Address string `xml:"address,attr"`
		Netmask string `xml:"netmask,attr"`
		Prefix  int    `xml:"prefix,attr"`
	} `xml:"ip"`
}

// forward returns the mode; libvirt reads a <forward> without one as NAT.
func (x networkXML) forward() string {
	if x.Forward == nil {
		return ""
	}
	return cmp.Or(x.Forward.Mode, "nat")
}

// cidr returns the first IPv4 subnet as the bridge's address with its length.
func (x networkXML) cidr() string {
	for _, ip := range x.IPs {
		addr, err := netip.ParseAddr(ip.Address)
		if err != nil || !addr.Is4() {
			continue
		}
		bits := ip.Prefix
		if mask := net.ParseIP(ip.Netmask).To4(); mask != nil {
			bits, _ = net.IPMask(mask).Size()
		}
		return netip.PrefixFrom(addr, bits).String()
	}
	return ""
}

// Networks returns all networks sorted by name, in two flights.
func (c *Conn) Networks(ctx context.Context) ([]network.Network, error) {
	flags := []libvirt.ConnectListAllNetworksFlags{0, libvirt.ConnectListNetworksActive, libvirt.ConnectListNetworksAutostart, libvirt.ConnectListNetworksPersistent}
	lists, errs := make([][]libvirt.Network, len(flags)), make([]error, len(flags))
	flight(len(flags), func(i int) {
		lists[i], errs[i] = ask(ctx, c.s, read, "list networks", func(l *libvirt.Libvirt) ([]libvirt.Network, error) {
			nets, _, err := l.ConnectListAllNetworks(1, flags[i])
			return nets, err
		})
	})
	if err := cmp.Or(errs...); err != nil {
		return nil, err
	}
	all, gone := make([]network.Network, len(lists[0])), make([]error, len(lists[0]))
	flight(len(all), func(i int) {
		n := lists[0][i]
		c.nets.put(n.Name, n.UUID)
		all[i] = network.Network{UUID: core.FormatUUID(n.UUID), Name: n.Name, Active: slices.Contains(lists[1], n),
			Autostart: slices.Contains(lists[2], n), Persistent: slices.Contains(lists[3], n)}
		var x networkXML
		text, err := c.networkXML(ctx, n)
		if gone[i] = err; err == nil {
			_ = xml.Unmarshal([]byte(text), &x)
		}
		all[i].Bridge, all[i].Forward, all[i].CIDR = x.Bridge.Name, x.forward(), x.cidr()
	})
	return kept(all, gone, func(n network.Network) string { return n.Name })
}

// kept returns what did not vanish between two flights, sorted by name.
func kept[T any](all []T, errs []error, name func(T) string) ([]T, error) {
	var left []T
	for i, v := range all {
		switch core.CodeOf(errs[i]) {
		case "":
			left = append(left, v)
		case core.NotFound:
		default:
			return nil, errs[i]
		}
	}
	slices.SortFunc(left, func(a, b T) int { return cmp.Compare(name(a), name(b)) })
	return left, nil
}

func (c *Conn) networkXML(ctx context.Context, n libvirt.Network) (string, error) {
	return ask(ctx, c.s, read, "read the network's XML", func(l *libvirt.Libvirt) (string, error) {
		text, err := l.NetworkGetXMLDesc(n, uint32(libvirt.NetworkXMLInactive))
		if isNumber(err, libvirt.ErrInvalidArg) { // a driver that has one XML only
			text, err = l.NetworkGetXMLDesc(n, 0)
		}
		return text, err
	})
}

// withNetwork runs fn with the network of that name.
func withNetwork[T any](ctx context.Context, c *Conn, name string, fn func(libvirt.Network) (T, error)) (T, error) {
	lookup := func() ([16]byte, error) {
		n, err := ask(ctx, c.s, read, "find network "+core.Printable(name, 60), func(l *libvirt.Libvirt) (libvirt.Network, error) {
			return l.NetworkLookupByName(name)
		})
		return n.UUID, err
	}
	return named(&c.nets, name, lookup, func(uuid [16]byte) (T, error) { return fn(libvirt.Network{Name: name, UUID: uuid}) })
}

// NetworkXML returns the persistent XML of a network.
func (c *Conn) NetworkXML(ctx context.Context, name string) (string, error) {
	return withNetwork(ctx, c, name, func(n libvirt.Network) (string, error) { return c.networkXML(ctx, n) })
}

// Leases returns the DHCP leases of an active network.
func (c *Conn) Leases(ctx context.Context, name string) ([]network.Lease, error) {
	return withNetwork(ctx, c, name, func(n libvirt.Network) ([]network.Lease, error) {
		leases, err := ask(ctx, c.s, read, "read the leases of network "+core.Printable(name, 60), func(l *libvirt.Libvirt) ([]libvirt.NetworkDhcpLease, error) {
			leases, _, err := l.NetworkGetDhcpLeases(n, nil, 1, 0)
			return leases, err
		})
		var all []network.Lease
		for _, l := range leases {
			all = append(all, network.Lease{MAC: first(l.Mac), IP: l.Ipaddr, Hostname: first(l.Hostname), Expires: time.Unix(l.Expirytime, 0)})
		}
		return all, err
	})
}

func first(o libvirt.OptString) string {
	if len(o) == 0 {
		return ""
	}
	return o[0]
}

// DefineNetwork stores xml as a persistent network.
func (c *Conn) DefineNetwork(ctx context.Context, xml string) error {
	id, err := identify("network", "network", xml)
	if err != nil {
		return err
	}
	what := "define network " + core.Printable(id.Name, 60)
	return c.inLane(ctx, "network "+id.Name, what, func() error {
		n, err := ask(ctx, c.s, write, what, func(l *libvirt.Libvirt) (libvirt.Network, error) { return l.NetworkDefineXML(xml) })
		if err != nil {
			return taken(err, "network", id, func() ([16]byte, error) {
				n, err := ask(ctx, c.s, read, what, func(l *libvirt.Libvirt) (libvirt.Network, error) { return l.NetworkLookupByName(id.Name) })
				return n.UUID, err
			})
		}
		c.nets.put(n.Name, n.UUID)
		return nil
	})
}

// StartNetwork activates a network.
func (c *Conn) StartNetwork(ctx context.Context, name string) error {
	what := "start network " + core.Printable(name, 60)
	return c.inLane(ctx, "network "+name, what, func() error {
		_, err := withNetwork(ctx, c, name, func(n libvirt.Network) (struct{}, error) {
			return struct{}{}, do(ctx, c.s, write, what, func(l *libvirt.Libvirt) error { return l.NetworkCreate(n) })
		})
		return err
	})
}
