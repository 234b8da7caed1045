//go:build linux

package lab

import (
	"context"
	"fmt"

	"github.com/limiquantix/limiquantix/lab/inside"
)

// The fabric is the supervisor's network namespace, with two switches:
//
//	hosts  10.77.0.0/24, every host's eth0; the supervisor itself is 10.77.0.1
//	guests no addresses, every host's eth1: a trunk for VLANs and bridged guests
//
// Every lab has its own, so the addresses inside are the same in all labs.
const (
	switchHosts  = "hosts"
	switchGuests = "guests"
	fabricPrefix = "10.77.0."
)

func makeFabric(ctx context.Context) error {
	return inside.IP(ctx,
		"link set lo up",
		"link add "+switchHosts+" type bridge",
		"addr add "+fabricPrefix+"1/24 dev "+switchHosts,
		"link set "+switchHosts+" up",
		"link add "+switchGuests+" type bridge",
		"link set "+switchGuests+" up")
}

// port is the switch's end of a host's cable.
func port(number int) string  { return fmt.Sprintf("host%d", number) }
func trunk(number int) string { return fmt.Sprintf("trunk%d", number) }

// plugIn lays a host's two cables into the network namespace of pid.
func plugIn(ctx context.Context, number, pid int) error {
	mac := fmt.Sprintf("52:54:00:77:%%02x:%02x", number)
	return inside.IP(ctx,
		fmt.Sprintf("link add %s type veth peer name eth0 address %s netns %d", port(number), fmt.Sprintf(mac, 0), pid),
		fmt.Sprintf("link set %s master %s up", port(number), switchHosts),
		fmt.Sprintf("link add %s type veth peer name eth1 address %s netns %d", trunk(number), fmt.Sprintf(mac, 1), pid),
		fmt.Sprintf("link set %s master %s up", trunk(number), switchGuests))
}

// unplug takes both cables away: nothing that the host still sends gets out.
func unplug(ctx context.Context, number int) error {
	return inside.IP(ctx, "link del "+port(number), "link del "+trunk(number))
}

// cut stops or restores the traffic of a host with the other hosts.
func cut(ctx context.Context, number int, off bool) error {
	state := "up"
	if off {
		state = "down"
	}
	return inside.IP(ctx, "link set "+port(number)+" "+state, "link set "+trunk(number)+" "+state)
}
