package cloudinit

import (
	"net"
	"net/netip"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/limiquantix/limiquantix/core"
)

// checkNetwork checks a network configuration, and takes it out of the
// "network:" around it, which older cloud-init does not expect in this file.
// Nil for nil. Its error has all mistakes: see [core.All].
func checkNetwork(data []byte) ([]byte, error) {
	if len(data) == 0 {
		return nil, nil
	}
	root, err := parseMapping("network-config", string(data))
	if err != nil {
		return nil, err
	}
	if inner := find(root, "network"); inner != nil {
		if len(root.Content) != 2 || inner.Kind != yaml.MappingNode {
			return nil, badLine("network-config", root, "beside or under network: something does not belong there")
		}
		root = inner
		if data, err = encode(root); err != nil {
			return nil, err
		}
	}
	version := find(root, "version")
	switch {
	case version != nil && version.Value == "1":
		err = core.All(checkV1(root)...)
	case version != nil && version.Value == "2":
		err = core.All(checkV2(root)...)
	default:
		err = badLine("network-config", root, "version: 1 or version: 2 is missing")
	}
	return data, err
}

func checkV1(root *yaml.Node) (wrong []error) {
	config := find(root, "config")
	if config == nil {
		return []error{badLine("network-config", root, "config: is missing")}
	}
	if config.Kind == yaml.ScalarNode && config.Value == "disabled" {
		return nil
	}
	if config.Kind != yaml.SequenceNode {
		return []error{badLine("network-config", config, "config must be a list")}
	}
	types := []string{"physical", "bond", "bridge", "vlan", "infiniband", "loopback", "nameserver", "route"}
	for _, item := range config.Content {
		kind := find(item, "type")
		if kind == nil || !slices.Contains(types, kind.Value) {
			wrong = append(wrong, badLine("network-config", item, "an entry of config has no type that is known"))
		}
		wrong = append(wrong, checkMAC(find(item, "mac_address")))
		if subnets := find(item, "subnets"); subnets != nil && subnets.Kind != yaml.SequenceNode {
			wrong = append(wrong, badLine("network-config", subnets, "subnets must be a list"))
		}
	}
	return wrong
}

func checkV2(root *yaml.Node) (wrong []error) {
	kinds := []string{"ethernets", "bonds", "bridges", "vlans", "wifis", "modems", "tunnels", "vrfs", "dummy-devices"}
	for i := 0; i < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		switch {
		case key.Value == "version", key.Value == "renderer":
			continue
		case !slices.Contains(kinds, key.Value):
			wrong = append(wrong, badLine("network-config", key, key.Value+" is not known in version 2"))
			continue
		case value.Kind != yaml.MappingNode:
			wrong = append(wrong, badLine("network-config", value, key.Value+" must be a mapping of names"))
			continue
		}
		for j := 1; j < len(value.Content); j += 2 {
			wrong = append(wrong, checkDevice(value.Content[j])...)
		}
	}
	return wrong
}

func checkDevice(device *yaml.Node) (wrong []error) {
	if device.Kind == yaml.AliasNode {
		return nil
	}
	if device.Kind != yaml.MappingNode {
		return []error{badLine("network-config", device, "a device must be a mapping")}
	}
	if match := find(device, "match"); match != nil {
		wrong = append(wrong, checkMAC(find(match, "macaddress")))
	}
	for _, key := range []string{"gateway4", "gateway6"} {
		if n := find(device, key); n != nil {
			if _, err := netip.ParseAddr(n.Value); err != nil {
				wrong = append(wrong, badLine("network-config", n, key+" is not an address"))
			}
		}
	}
	addresses := find(device, "addresses")
	if addresses == nil {
		return wrong
	}
	if addresses.Kind != yaml.SequenceNode {
		return append(wrong, badLine("network-config", addresses, "addresses must be a list"))
	}
	for _, a := range addresses.Content {
		if _, err := netip.ParsePrefix(a.Value); a.Kind == yaml.ScalarNode && err != nil {
			wrong = append(wrong, badLine("network-config", a, "an address is not of the form 192.0.2.10/24"))
		}
	}
	return wrong
}

func checkMAC(n *yaml.Node) error {
	if n == nil {
		return nil
	}
	if _, err := net.ParseMAC(n.Value); err != nil {
		return badLine("network-config", n, "this is not a MAC address; put quotes around it")
	}
	return nil
}
