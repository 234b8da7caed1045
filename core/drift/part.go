package drift

import (
	"cmp"
	"slices"
	"strings"
)

// domain is one state: parts[0] is the VM itself, the others its devices.
type domain struct{ parts []*part }

func (d *domain) devices() []*part {
	if d == nil {
		return nil
	}
	return d.parts
}

func (d *domain) has(kind string) bool {
	return slices.ContainsFunc(d.devices(), func(p *part) bool { return p.kind == kind })
}

// part is the VM itself (kind "") or one device.
type part struct {
	kind     string // the XML element: "disk"
	id       string // what tells it from others of its kind, "vda"; "" when its place among them does
	place    int    // from 1, among those of its kind
	settings map[string]value
}

// value is one setting in one state; the zero value is one that is not set.
type value struct {
	set    bool
	raw    string // in one spelling; of sizes the number of bytes
	size   bool
	secret bool
}

func (p *part) setting(key string) value {
	if p == nil {
		return value{}
	}
	return p.settings[key]
}

// raw returns a setting's value, "" when it is not set.
func (p *part) raw(key string) string { return p.setting(key).raw }

// maxPaired bounds the pairing of devices that have lost what they are known
// by: all pairs are looked at.
const maxPaired = 32

// match pairs the parts of another state with those of one: by what each is
// known by, then, since that may be what was changed, by how little differs.
func match(others, ones []*part) map[*part]*part {
	pairs, used := map[*part]*part{}, map[*part]bool{}
	known := map[[2]string][]*part{}
	for _, o := range others {
		known[[2]string{o.kind, o.id}] = append(known[[2]string{o.kind, o.id}], o)
	}
	for _, p := range ones {
		key := [2]string{p.kind, p.id}
		if left := known[key]; len(left) > 0 && (p.id != "" || p.kind == "") {
			pairs[p], used[left[0]], known[key] = left[0], true, left[1:]
		}
	}
	unmatched := map[string][]*part{}
	for _, o := range others {
		if !used[o] {
			unmatched[o.kind] = append(unmatched[o.kind], o)
		}
	}
	lost := map[string][]*part{}
	for _, p := range ones {
		if pairs[p] == nil {
			lost[p.kind] = append(lost[p.kind], p)
		}
	}
	for kind, left := range lost {
		if others := unmatched[kind]; len(left) <= maxPaired && len(others) <= maxPaired {
			pair(pairs, left, others)
		}
	}
	return pairs
}

// pair pairs parts of one kind, those that differ least first.
func pair(pairs map[*part]*part, left, others []*part) {
	type candidate struct {
		one, other     *part
		same, differ   int
		distance, rank int
	}
	var all []candidate
	for i, p := range left {
		for j, o := range others {
			c := candidate{one: p, other: o, distance: max(i-j, j-i), rank: i}
			for key, v := range p.settings {
				if w, ok := o.settings[key]; ok && v == w {
					c.same++
				} else if ok {
					c.differ++
				}
			}
			if p.id == "" || o.id == "" || c.same > c.differ {
				all = append(all, c)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.differ, b.differ), cmp.Compare(b.same, a.same), cmp.Compare(a.distance, b.distance), cmp.Compare(a.rank, b.rank))
	})
	used := map[*part]bool{}
	for _, c := range all {
		if pairs[c.one] == nil && !used[c.other] {
			pairs[c.one], used[c.other] = c.other, true
		}
	}
}

// identity returns what a device is known by among those of its kind.
func (p *part) identity() string {
	keys := identities[p.kind]
	var id []string
	for _, key := range keys {
		if v := p.raw(key); v != "" {
			id = append(id, v)
		} else if strings.HasPrefix(key, "!") {
			return ""
		}
	}
	if len(id) < len(keys) && p.kind != "hostdev" {
		return ""
	}
	return strings.Join(id, " ")
}

// identities is the settings that a device is known by, by its kind.
var identities = map[string][]string{
	"disk": {"target@dev"}, "interface": {"mac@address"}, "controller": {"@type", "@index"}, "filesystem": {"target@dir"},
	"hostdev": {"source/address", "source/vendor@id", "source/product@id"}, "channel": {"target@name"}, "graphics": {"@type"},
	"serial": {"target@port"}, "parallel": {"target@port"}, "console": {"target@type"},
	"input": {"@type", "@bus"}, "shmem": {"@name"}, "audio": {"@id"}, "emulator": {},
}

// path is where a part stands, as [Field.Path] has it.
func (p *part) path() string {
	if p.kind == "" {
		return ""
	}
	return "devices/" + p.kind + "[" + cmp.Or(p.id, "#"+itoa(p.place)) + "]"
}
