package host

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/limiquantix/limiquantix/core"
)

// Spec says how a host is reached.
type Spec struct {
	Address    string   // "ssh://root@kvm1:22", "root@kvm1", an ssh_config alias, or "local"
	Jumps      []string // first hop first; nil: what ~/.ssh/config says; ["none"]: none, whatever groups say
	Identities []string // private key files, offered alone
	URI        string   // libvirt's; "" is "qemu:///system"
	HostKey    string   // "SHA256:…" that the host's key must have; "" for none
	AcceptNew  bool     // trust an unknown key; for this attempt only
	Secret     string   // password or passphrase; never stored here

	// What its groups, and the manager, add for one attempt.
	User  string        `json:"-"` // where the address names none
	Port  int           `json:"-"` // where the address names none
	Limit time.Duration `json:"-"` // for the attempt, without the wait for its turn; 0: the dialer's own
}

// DefaultURI is the libvirt URI of a Spec that names none.
const DefaultURI = "qemu:///system"

// Dial makes a link to a host. It blocks for at most the time that it takes to
// declare a host dead. Errors carry the codes that HostService.AddHost names.
type Dial func(ctx context.Context, spec Spec) (Link, error)

// State is where the connection to a host stands.
type State string

// The states of a host.
const (
	Idle       State = "idle" // not wanted
	Connecting State = "connecting"
	Live       State = "live"
	Stale      State = "stale"   // was live; reconnecting
	Refused    State = "refused" // needs the user
)

// Connect says when a host is connected to.
type Connect string

// The ways to be connected.
const (
	Always Connect = "always"
	Demand Connect = "demand" // when somebody looks or acts, until a while after that
)

// Host is a managed host as known now.
type Host struct {
	ID, Name, Cluster string
	Site              string // where it stands, "eu/berlin"; "" for nowhere
	Connect           Connect
	Spec              Spec // its own, without what its groups add
	Remembered        bool // its secret is in the keyring
	Facts             Facts
	Seen              time.Time // when it was last heard, as of the end of its last link; zero: never
	State             State
	Err               *core.Error // why it is not live; nil when it is or is idle
}

// needsUser reports whether err cannot heal by trying again.
func needsUser(err error) bool {
	switch core.CodeOf(err) {
	case core.HostKeyUnknown, core.HostKeyChanged, core.HostKeyRevoked, core.AuthFailed, core.SecretNeeded, core.Denied, core.Unsupported, core.Invalid:
		return true
	}
	return false
}

// normalize checks a spec's address and gives it its plain form.
func (s Spec) normalize() (Spec, error) {
	s.Address = strings.TrimSpace(s.Address)
	if s.URI == "" {
		s.URI = DefaultURI
	}
	if err := checkAddress("address", s.Address); err != nil {
		return s, core.InField(err, "spec.address")
	}
	for i, j := range s.Jumps {
		if err := checkAddress("jump host", j); err != nil {
			return s, core.InField(err, fmt.Sprintf("spec.jumps[%d]", i))
		}
	}
	if s.HostKey != "" && !strings.HasPrefix(s.HostKey, "SHA256:") {
		return s, core.Errorf(core.Invalid, "the host key %s is not a SHA-256 fingerprint", core.Printable(s.HostKey, 60)).WithHint("it looks like SHA256:AbC…, as ssh-keygen -l prints it").WithDetail("field", "spec.host_key")
	}
	return s, nil
}

func checkAddress(what, a string) error {
	if a == "" || len(a) > 512 || strings.HasPrefix(a, "-") || strings.ContainsAny(a, " \t\r\n\x00'\"`$\\;|&<>(){}") || core.Escape(a) != a {
		return core.Errorf(core.Invalid, "the %s %s is not valid", what, core.Printable(a, 60)).WithHint("an address is ssh://[user@]host[:port], [user@]host, or local")
	}
	return nil
}
