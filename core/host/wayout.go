package host

import "github.com/limiquantix/limiquantix/core"

// Action is what a user can do about a host's state.
type Action string

// The ways out.
const (
	NoAction    Action = ""
	Reconnect   Action = "reconnect"
	AcceptKey   Action = "accept_key"
	GiveSecret  Action = "give_secret"
	EditAddress Action = "edit_address"
	EditLogin   Action = "edit_login"
	Check       Action = "check"
)

// WayOut returns what can be done about a host's state: [NoAction] for one that is
// live, or about to be.
func (h Host) WayOut() Action {
	if h.State == Live || h.State == Connecting {
		return NoAction
	}
	if h.Err == nil {
		return Reconnect
	}
	switch h.Err.Code {
	case core.HostKeyUnknown, core.HostKeyChanged:
		return AcceptKey
	case core.SecretNeeded:
		return GiveSecret
	case core.AuthFailed:
		return EditLogin
	case core.Denied, core.Unsupported:
		return Check
	case core.Invalid, core.HostKeyRevoked:
		return EditAddress
	case core.Unreachable:
		if r := h.Err.Detail["reason"]; r == "name" || r == "protocol" {
			return EditAddress
		} else if r == "libvirt" { // it was reached, and has none that runs
			return Check
		}
	}
	return Reconnect
}
