// Package cloudinit makes the seed of cloud-init's NoCloud data source: the
// three files that a cloud image reads on its first boot, and the CD image
// that carries them.
//
// Sources: cloud-init's reference, "NoCloud", "Module reference" and "Network
// configuration".
package cloudinit

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/limiquantix/limiquantix/core"
)

// Config is what a guest is to become on its first boot. The zero value of each
// field leaves the image's own way.
type Config struct {
	// InstanceID identifies this installation: the VM's UUID. cloud-init acts
	// again when it changes. Required.
	InstanceID string
	// Hostname is a host name or a fully qualified one (RFC 1123). Required.
	Hostname string
	// User is made, with sudo without a password. "" means the image's default
	// user, who then gets the keys and the password.
	User string
	// Password is hashed here (sha512-crypt) and kept nowhere; PasswordHash is
	// a hash as crypt(5) describes. At most one of them; with neither the
	// password is locked.
	Password, PasswordHash string
	// PasswordLogin lets sshd accept passwords.
	PasswordLogin bool
	// SSHKeys are public keys, one line each as in id_ed25519.pub.
	SSHKeys []string
	// GuestAgent installs qemu-guest-agent from the image's package sources,
	// for which the guest needs a network. Not for images that have it.
	GuestAgent bool
	// UserData is the user's own #cloud-config, merged with the above: its keys
	// win, lists are joined (ours first). Nil for none.
	UserData []byte
	// NetworkConfig is a network configuration, version 1 or 2. Nil for DHCP.
	NetworkConfig []byte
}

// Seed holds the files of the data source as they are written.
type Seed struct {
	MetaData, UserData []byte
	// NetworkConfig is nil when there is none; the image then uses DHCP.
	NetworkConfig []byte
}

// MaxUserData is the largest UserData or NetworkConfig, in bytes.
const MaxUserData = 1 << 20

// Render makes the seed's files. The same Config gives the same bytes.
//
// Errors: [core.Invalid] with a sentence that names the field, and the line
// when it is in YAML. Of several mistakes the first has the others in its Also:
// all that can be seen at once, of a YAML that cannot be read its first. With the details "field" ("hostname", "user", "password",
// "password_hash", "ssh_keys[0]", "user_data", "network_config"), "line" and
// "column", both from 1.
func Render(c Config) (Seed, error) {
	ours, err := c.userData()
	wrong := append(c.check(), err)
	own, err := parseUserData(c.UserData)
	if err == nil && ours != nil {
		err = merge(ours, own)
	}
	network, networkErr := checkNetwork(c.NetworkConfig)
	wrong = append(wrong, core.InField(err, "user_data"), core.InField(networkErr, "network_config"))
	if err := core.All(wrong...); err != nil {
		return Seed{}, err
	}
	user, err := encode(own)
	if err != nil {
		return Seed{}, core.InField(err, "user_data")
	}
	meta, err := encode(mapping("instance-id", text(c.InstanceID), "local-hostname", text(c.Hostname)))
	if err != nil {
		return Seed{}, err
	}
	return Seed{MetaData: meta, UserData: append([]byte(firstLine+"\n"), user...), NetworkConfig: network}, nil
}

// check looks at what is not YAML, and returns all that is wrong.
func (c Config) check() (wrong []error) {
	if !regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`).MatchString(c.InstanceID) {
		wrong = append(wrong, core.Errorf(core.Invalid, "the instance id %s is not made of letters, digits, '.', '_' and '-'", core.Printable(c.InstanceID, 60)))
	}
	label := `[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?`
	if len(c.Hostname) > 253 || !regexp.MustCompile(`^`+label+`(\.`+label+`)*$`).MatchString(c.Hostname) {
		wrong = append(wrong, core.Errorf(core.Invalid, "%s is not a host name", core.Printable(c.Hostname, 60)).
			WithHint("host names are letters, digits and '-', up to 63 between dots").WithDetail("field", "hostname"))
	}
	if c.User != "" && !regexp.MustCompile(`^[a-z_][a-z0-9_-]{0,31}$`).MatchString(c.User) {
		wrong = append(wrong, core.Errorf(core.Invalid, "%s is not a user name that Linux accepts", core.Printable(c.User, 60)).
			WithHint("user names begin with a small letter; small letters, digits, '-' and '_' follow, 32 at most").WithDetail("field", "user"))
	}
	if c.Password != "" && c.PasswordHash != "" {
		wrong = append(wrong, core.Errorf(core.Invalid, "both a password and a password hash are given").WithDetail("field", "password"))
	} else if c.PasswordHash != "" && !regexp.MustCompile(`^\$(1|5|6|7|y|gy|2[abxy]|md5|sha1)\$[./A-Za-z0-9$=,+-]{8,500}$`).MatchString(c.PasswordHash) {
		wrong = append(wrong, core.Errorf(core.Invalid, "the password hash is not one that crypt(5) describes").
			WithHint("openssl passwd -6 makes one; it begins with $6$").WithDetail("field", "password_hash"))
	}
	for i, k := range c.SSHKeys {
		wrong = append(wrong, core.InField(checkKey(k), fmt.Sprintf("ssh_keys[%d]", i)))
	}
	return wrong
}

// userData returns our part of the user-data, a mapping.
func (c Config) userData() (*yaml.Node, error) {
	hash := c.PasswordHash
	if c.Password != "" {
		var err error
		if hash, err = hashPassword(c.Password, c.InstanceID+"/"+c.User); err != nil {
			return nil, core.InField(err, "password")
		}
	}
	keys := list()
	for _, k := range c.SSHKeys {
		keys.Content = append(keys.Content, text(strings.TrimSpace(k)))
	}
	root := mapping()
	set := func(key string, value *yaml.Node) { root.Content = append(root.Content, text(key), value) }
	switch c.User {
	case "", "root":
		c.setExistingUser(set, hash, keys)
	default:
		user := mapping("name", text(c.User), "shell", text("/bin/bash"), "sudo", text("ALL=(ALL) NOPASSWD:ALL"), "lock_passwd", boolean(hash == ""))
		if hash != "" {
			user.Content = append(user.Content, text("passwd"), text(hash))
		}
		if len(keys.Content) > 0 {
			user.Content = append(user.Content, text("ssh_authorized_keys"), keys)
		}
		set("users", list(user))
	}
	if c.PasswordLogin {
		set("ssh_pwauth", boolean(true))
	}
	if c.GuestAgent {
		set("package_update", boolean(true))
		set("packages", list(text("qemu-guest-agent")))
		set("runcmd", list(list(text("systemctl"), text("enable"), text("--now"), text("qemu-guest-agent"))))
	}
	return root, nil
}

// setExistingUser is for users that the image has: cloud-init's "users" sets no
// password for them.
func (c Config) setExistingUser(set func(string, *yaml.Node), hash string, keys *yaml.Node) {
	if c.User == "root" {
		set("disable_root", boolean(false))
		if len(keys.Content) > 0 {
			set("users", list(mapping("name", text("root"), "lock_passwd", boolean(hash == ""), "ssh_authorized_keys", keys)))
		}
		if hash != "" {
			set("chpasswd", mapping("expire", boolean(false), "users", list(mapping("name", text("root"), "password", text(hash)))))
		}
		return
	}
	if len(keys.Content) > 0 {
		set("ssh_authorized_keys", keys)
	}
	if hash != "" {
		set("password", text(hash))
		set("chpasswd", mapping("expire", boolean(false)))
	}
}

func encode(n *yaml.Node) ([]byte, error) {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(n); err != nil {
		return nil, core.Errorf(core.Invalid, "the YAML cannot be written: %w", err)
	}
	return b.Bytes(), nil
}

// text returns a string that no reader of YAML 1.1 or 1.2 takes for anything else.
func text(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if !regexp.MustCompile(`^[a-z]{3,}([_-][a-z]+)*$`).MatchString(s) || s == "yes" || s == "off" || s == "null" || s == "true" || s == "false" {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

func boolean(b bool) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "false"}
	if b {
		n.Value = "true"
	}
	return n
}

func list(items ...*yaml.Node) *yaml.Node { return &yaml.Node{Kind: yaml.SequenceNode, Content: items} }

// mapping takes key (string), value (*yaml.Node), key, value …
func mapping(pairs ...any) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i < len(pairs); i += 2 {
		n.Content = append(n.Content, text(pairs[i].(string)), pairs[i+1].(*yaml.Node))
	}
	return n
}
