package cloudinit

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// hidden stands where a value was.
const hidden = "(hidden)"

// Redact returns user-data for a log or a history: the keys and the values
// that are known to be harmless (names, packages, public keys, paths …). All
// other values and all comments are left out, for a password can stand
// anywhere: in a command, in a file to write, in a module that we do not know.
// What is not a #cloud-config is hidden altogether.
func Redact(userData string) string {
	root, err := parseUserData([]byte(userData))
	if err != nil {
		return fmt.Sprintf("# %d bytes that are not %s %s\n", len(userData), firstLine, hidden)
	}
	redact(root, "")
	out, err := encode(root)
	if err != nil {
		return hidden + "\n"
	}
	return firstLine + "\n" + string(out)
}

// redact hides in n what is not shown under key, the nearest key above it.
func redact(n *yaml.Node, key string) {
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	switch n.Kind {
	case yaml.ScalarNode:
		if n.ShortTag() != "!!null" && n.ShortTag() != "!!bool" && !slices.Contains(shown(), key) {
			*n = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: hidden, Anchor: n.Anchor}
		}
	case yaml.SequenceNode:
		for _, c := range n.Content {
			redact(c, key)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			k := n.Content[i]
			k.HeadComment, k.LineComment, k.FootComment = "", "", ""
			if k.Kind != yaml.ScalarNode {
				redact(k, "")
			}
			redact(n.Content[i+1], k.Value)
		}
	}
}

// shown returns the keys whose values are shown.
func shown() []string {
	return strings.Fields(`hostname fqdn prefer_fqdn_over_hostname manage_etc_hosts locale timezone
		users name gecos groups primary_group sudo shell uid homedir ssh_authorized_keys ssh_import_id
		packages package_update package_upgrade ssh_pwauth disable_root path permissions owner encoding mode`)
}
