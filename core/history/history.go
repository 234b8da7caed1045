// Package history keeps what was seen to change on objects: each change is one
// compact row, from which the state at any time since is read again.
//
// What is kept was observed, by whoever it was changed: [Log.Observe] is told
// what an object is, and writes a row when that is news. So two processes that
// see the same write it once. Configurations are kept without passwords.
package history

import (
	"time"
)

// Kind is a sort of object.
type Kind string

// The kinds of objects.
const (
	VM      Kind = "vm"
	Host    Kind = "host"
	Pool    Kind = "pool"
	Network Kind = "network"
)

// Object names an object.
type Object struct {
	Kind     Kind
	HostID   string
	HostName string // as last known
	ID       string // UUID; of a host its id
	Name     string
}

// Sight is what was seen of an object. What it does not tell is as it was.
type Sight struct {
	Object
	Time time.Time
	// State in users' words; "" when nobody looked at it.
	State string
	// Config is the configuration, "" when nobody looked at it. It has no
	// passwords any more: they would be kept.
	Config string
	// Hash of the configuration as the host gave it, for finding the task that
	// wrote it; "" when Config is.
	Hash string
	// Gone: it is not there any more.
	Gone bool
	// Found: its host was never listed before, so that nothing has happened.
	Found bool
	// Since is when the object was last known to be as it was, when nobody
	// watched meanwhile; zero when somebody did.
	Since time.Time
}

// Author is who had something done; both are "" for another.
type Author struct{ Task, Actor string }

// Change is a row.
type Change struct {
	Number int64 // rises
	Time   time.Time
	Object
	Change string // see HistoryChange.change of the API
	Was    string // the name before, of what was renamed
	State  string // afterwards
	Author
	Since time.Time
	// Config: the configuration changed with it.
	Config bool
}

// Past is an object as it was.
type Past struct {
	Object
	State string
	Since time.Time // the change that made it so
	Hash  string    // SHA-256 of Config, in hexadecimal; "" when that was not known
	// Config is the configuration; only where one object is asked for.
	Config string

	row int64 // that holds Config
}

// Words for changes that are not a change of the state.
const (
	found      = "found"
	added      = "added"
	removed    = "removed"
	renamed    = "renamed"
	configured = "configured"
	changed    = "changed"
	forgotten  = "forgotten" // its host is not managed any more
	body       = "body"      // forgotten but for its configuration, which others need
)

// known is the last that was seen of an object.
type known struct {
	row         int64 // of history_object
	name, state string
	hash        []byte // SHA-256 of the configuration; nil when it is not known
	gone        bool
	base        int64 // the newest full copy; 0 for none
}

// news says what a sight tells that was not known: a word, "" for nothing, and
// whether the configuration is another. Of several words the gravest is told.
func news(was known, had bool, s Sight, hash []byte) (word string, config bool) {
	config = hash != nil && string(hash) != string(was.hash)
	switch {
	case s.Kind == VM && s.State == "" && !s.Gone && (!had || was.gone):
		return "", false // its XML was read while it was removed: the list of VMs decides what there is
	case s.Gone && (!had || was.gone):
		return "", false
	case s.Gone:
		return removed, false
	case !had && s.Found:
		return found, config
	case !had || was.gone:
		return added, config
	case s.State != "" && was.state != "" && s.State != was.state:
		return became(was.state, s.State), config
	case s.Name != "" && s.Name != was.name:
		return renamed, config
	case config && was.hash != nil:
		return configured, true
	}
	return "", config // the first look at what it is: no change, but to be kept
}

// became names the way from one state to another.
func became(before, now string) string {
	on := before == "running" || before == "paused" || before == "shutting-down" || before == "suspended"
	switch now {
	case "running", "active":
		if before == "paused" || before == "suspended" {
			return "resumed"
		}
		return "started"
	case "stopped", "inactive":
		if on || before == "active" {
			return "stopped"
		}
	case "paused", "suspended", "crashed":
		return now
	}
	return changed
}
