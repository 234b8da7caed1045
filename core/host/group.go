package host

import (
	"slices"
	"strings"

	"github.com/limiquantix/limiquantix/core"
)

// Group is a site and how the hosts within it are reached, unless they, or a
// group that is nearer to them, say otherwise.
type Group struct {
	ID         string // of our own: what its secret is kept under
	Path       string // "eu/berlin" is within "eu"
	User       string // where the address names none
	Port       int    // where the address names none; 0: not given
	Identities []string
	Jumps      []string // first hop first
	Remembered bool     // its secret is in the keyring
	Kept       bool     // it has settings; false: hosts only name it
}

// Inherited is one thing that a group gives a host.
type Inherited struct {
	Field  string // "user", "port", "identities", "jumps"
	Values []string
	Group  string
}

// maxDepth is how deep groups may nest.
const maxDepth = 8

// checkPath refuses what is no path of a site.
func checkPath(what, path string) error {
	parts := strings.Split(path, "/")
	if len(parts) > maxDepth || len(path) > core.MaxName {
		return core.Errorf(core.Invalid, "the %s %s is too long", what, core.Printable(path, 60)).
			WithHint("use at most %d levels and %d bytes", maxDepth, core.MaxName)
	}
	for _, part := range parts {
		if err := core.CheckName(what, part); err != nil {
			return err
		}
	}
	return nil
}

// checked returns a group's settings in their plain form, or what is wrong with them.
func (g Group) checked() (Group, error) {
	if err := checkPath("group", g.Path); err != nil {
		return g, core.InField(err, "group.path")
	}
	if g.User != "" {
		err := checkAddress("user", g.User)
		if err == nil && strings.ContainsAny(g.User, "@/:#[]*?!,") {
			err = core.Errorf(core.Invalid, "the user %s is not valid", core.Printable(g.User, 60))
		}
		if err != nil {
			return g, core.InField(err, "group.user")
		}
	}
	if g.Port < 0 || g.Port > 65535 {
		return g, core.InField(core.Errorf(core.Invalid, "the port %d is not between 1 and 65535", g.Port), "group.port")
	}
	for _, j := range g.Jumps {
		if err := checkAddress("jump host", j); err != nil {
			return g, core.InField(err, "group.jumps")
		}
	}
	g.Kept = true
	return g, nil
}

// lineage returns a path and those that it is within, nearest first.
func lineage(path string) []string {
	var out []string
	for path != "" {
		out = append(out, path)
		path = path[:max(0, strings.LastIndexByte(path, '/'))]
	}
	return out
}

// within reports whether path is group or below it.
func within(path, group string) bool {
	return path == group || strings.HasPrefix(path, group+"/")
}

// complete adds to a host's spec what its groups say, nearest first, and tells
// what came of it.
func complete(groups map[string]Group, site string, s Spec) (Spec, []Inherited) {
	if s.Address == "local" {
		return s, nil
	}
	var from []Inherited
	got := func(field, group string, values ...string) {
		from = append(from, Inherited{Field: field, Values: values, Group: group})
	}
	user, port := named(s.Address)
	for _, path := range lineage(site) {
		g := groups[path]
		if g.User != "" && !user {
			s.User, user = g.User, true
			got("user", path, g.User)
		}
		if g.Port != 0 && !port {
			s.Port, port = g.Port, true
			got("port", path, portText(g.Port))
		}
		if len(s.Identities) == 0 && len(g.Identities) > 0 {
			s.Identities = slices.Clone(g.Identities)
			got("identities", path, g.Identities...)
		}
		if len(s.Jumps) == 0 && len(g.Jumps) > 0 {
			s.Jumps = slices.Clone(g.Jumps)
			got("jumps", path, g.Jumps...)
		}
	}
	if len(s.Jumps) == 1 && strings.EqualFold(s.Jumps[0], "none") {
		s.Jumps = []string{} // not nil: not ~/.ssh/config's either
	}
	return s, from
}

// named reports whether an address names a user and a port.
func named(address string) (user, port bool) {
	rest := strings.TrimSuffix(strings.TrimPrefix(address, "ssh://"), "/")
	at := strings.LastIndexByte(rest, '@')
	host := rest[at+1:]
	return at >= 0, strings.Contains(host, "]:") || strings.Count(host, ":") == 1
}
