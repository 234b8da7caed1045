package history

import (
	"fmt"

	"github.com/limiquantix/limiquantix/core"
)

// Text is a sentence that says what happened. It is made when it is read: rows
// do not carry it.
func (c Change) Text() string {
	name := noun(c.Kind) + " " + core.Escape(c.Name)
	switch c.Change {
	case found:
		return name + " was there when its host was first listed"
	case "started", "stopped", "paused", "resumed", "suspended", added, removed:
		return fmt.Sprintf("%s was %s", name, c.Change)
	case forgotten:
		return name + " is not looked after any more"
	case "crashed":
		return name + " crashed"
	case renamed:
		return fmt.Sprintf("%s %s was renamed to %s", noun(c.Kind), core.Escape(c.Was), core.Escape(c.Name))
	case configured:
		if c.Kind == Host {
			return name + " has other hardware or software"
		}
		return name + " was configured anew"
	}
	if c.State != "" {
		return name + " is now " + core.Escape(c.State)
	}
	return name + " changed"
}

func noun(k Kind) string {
	switch k {
	case VM:
		return "VM"
	case Pool:
		return "Pool"
	case Network:
		return "Network"
	}
	return "Host"
}
