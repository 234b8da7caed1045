// Package network is the networks that VMs are plugged into.
package network

import (
	"context"
	"time"
)

// Network is a libvirt network of one host.
type Network struct {
	UUID, Name string
	Active     bool
	Bridge     string // host bridge, "" when it has none
	Forward    string // "nat", "route", "bridge", "open", "" for isolated
	CIDR       string // first IPv4 subnet, "192.168.122.1/24"; "" for none
	Autostart  bool
	Persistent bool
}

// Lease is an address that the network's DHCP server gave out.
type Lease struct {
	MAC, IP, Hostname string
	Expires           time.Time
}

// Conn is what this package needs of a host.
type Conn interface {
	// Networks returns all networks sorted by name, in a fixed number of round trips.
	Networks(ctx context.Context) ([]Network, error)
	// NetworkXML returns the persistent XML; [core.NotFound] for an unknown name.
	NetworkXML(ctx context.Context, name string) (string, error)
	// Leases returns the DHCP leases of an active network.
	Leases(ctx context.Context, name string) ([]Lease, error)
	// DefineNetwork stores xml as a persistent network; [core.Exists] when the name is taken.
	DefineNetwork(ctx context.Context, xml string) error
	// StartNetwork activates a network.
	StartNetwork(ctx context.Context, name string) error
}
