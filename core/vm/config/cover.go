package config

import (
	"strconv"
	"strings"

	"github.com/limiquantix/limiquantix/core/xmledit"
)

// maxCompared bounds the work of one comparison: XML comes from hosts that we
// do not trust.
const maxCompared = 500_000

// cover compares by what libvirt does to XML that it is given, when it stores
// it or starts a VM by it: it adds, and spells differently.
type cover struct {
	// skip leaves out what is compared in another way or not at all. attr is ""
	// for an element as a whole.
	skip func(e *xmledit.Element, attr string) bool
	left int
}

// covers reports whether everything that want says is said by have.
func (c *cover) covers(have, want *xmledit.Element) bool {
	if c.left--; c.left < 0 {
		return true // too much to compare: no claim
	}
	for _, a := range want.Attrs() {
		if !strings.HasPrefix(a, "xmlns") && !c.skip(want, a) && !(have.HasAttr(a) && sameValue(have.Attr(a), want.Attr(a))) {
			return false
		}
	}
	children := want.Children("")
	if len(children) == 0 {
		return sameText(have, want)
	}
	used := map[*xmledit.Element]bool{}
	byName := map[string][]*xmledit.Element{}
	for _, h := range have.Children("") {
		byName[h.Name()] = append(byName[h.Name()], h)
	}
	for _, w := range children {
		if !c.skip(w, "") && !c.taken(byName[w.Name()], w, used) {
			return false
		}
	}
	return true
}

// taken finds one of have that covers want and was not used yet, and uses it.
func (c *cover) taken(have []*xmledit.Element, want *xmledit.Element, used map[*xmledit.Element]bool) bool {
	for _, h := range have {
		if c.left--; c.left < 0 {
			return true
		}
		if !used[h] && c.covers(h, want) {
			used[h] = true
			return true
		}
	}
	return false
}

// sameText compares the text of elements without children, sizes by what they mean.
func sameText(have, want *xmledit.Element) bool {
	w := strings.TrimSpace(want.Text())
	if w == "" || sameValue(strings.TrimSpace(have.Text()), w) {
		return true
	}
	if strings.HasSuffix(strings.ToLower(want.Name()), "memory") {
		a, known := size(have)
		b, too := size(want)
		return known && too && a == b
	}
	return false
}

// sameValue takes 0x0A for 10, and capitals of UUIDs and MAC addresses for small letters.
func sameValue(have, want string) bool {
	if strings.EqualFold(have, want) {
		return true
	}
	a, errA := strconv.ParseUint(have, 0, 64)
	b, errB := strconv.ParseUint(want, 0, 64)
	return errA == nil && errB == nil && a == b
}

// Made reports whether now is what libvirt made of wanted, when there was
// before: it says all of it, and nothing that wanted took away. In doubt it
// is not.
func Made(before, wanted, now string) bool {
	want, errWant := xmledit.Parse(wanted)
	have, errHave := xmledit.Parse(now)
	if errWant != nil || errHave != nil {
		return false
	}
	// A unit is part of a size: it is compared with it. The name of a chip set
	// without its version is made one with it.
	all := cover{left: maxCompared, skip: func(e *xmledit.Element, attr string) bool {
		return attr == "unit" || attr == "machine" && e.Name() == "type"
	}}
	if !all.covers(have.Root(), want.Root()) || all.left < 0 {
		return false
	}
	lines := map[string]int{}
	count(lines, before, 1)
	gone := map[string]bool{} // lines of before that wanted has fewer of
	after := map[string]int{}
	count(after, wanted, 1)
	for l, n := range lines {
		gone[l] = after[l] < n
	}
	count(after, now, -1)
	for l, taken := range gone {
		if taken && after[l] < 0 {
			return false
		}
	}
	return true
}

func count(lines map[string]int, xml string, by int) {
	text, err := xmledit.Canonical(xml)
	if err != nil {
		return
	}
	for l := range strings.SplitSeq(text, "\n") {
		lines[strings.TrimSpace(l)] += by
	}
}
