package vm

// Change is what became of a VM between two lists of its host.
type Change struct {
	UUID string
	Name string // "" when only the address changed
	// Kind is "added", "removed", "started", "stopped", "crashed", "paused",
	// "resumed", "suspended", "renamed", "address", or "changed" for all else.
	Kind string
	// Was is the name before, of a VM that was renamed.
	Was string
	// State it is in now; "" for one that was removed.
	State State
	// First: the host was never listed before, so nothing has happened.
	First bool
}

// changeOf says what makes now differ from before.
func changeOf(before, now Summary, had, first bool) Change {
	c := Change{UUID: now.UUID, Name: now.Name, Kind: "changed", State: now.State, First: first}
	switch {
	case !had:
		c.Kind = "added"
	case before.State != now.State:
		c.Kind = became(before.State, now.State)
	case before.Name != now.Name:
		c.Kind, c.Was = "renamed", before.Name
	}
	return c
}

// became names the way from one state to another.
func became(before, now State) string {
	on := before == Running || before == Paused || before == ShuttingDown || before == Suspended
	switch now {
	case Running:
		switch before {
		case Stopped, Crashed, Starting:
			return "started"
		case Paused, Suspended:
			return "resumed"
		}
	case Stopped:
		if on {
			return "stopped"
		}
	case Paused:
		return "paused"
	case Suspended:
		return "suspended"
	case Crashed:
		return "crashed"
	}
	return "changed"
}
