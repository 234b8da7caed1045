package drift

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/limiquantix/limiquantix/core"
)

// States is one VM's XML in three states, all with their secrets or all
// without; "" for a state that is not there: applied, when we have never
// defined the VM; running, when it is off.
type States struct{ Applied, Defined, Running string }

// Field is one setting that is not the same in all states that are there.
// Values are in users' words, "" where it is not set. They and Part come from
// the host as they are: escape them before a terminal or a page sees them.
type Field struct {
	Part string // the device, "disk vda"; "" for the VM itself
	Name string // the setting, "memory"; "" when the device as a whole is there or not
	Path string // where it stands, "devices/disk[vda]/driver@cache": the same for the same setting, always

	Applied, Defined, Running string

	Drifted bool // what is defined is not what we applied: another changed it
	Pending bool // what runs is not what is defined: it changes at the next boot
}

// Report is what differs: the VM's own settings first, then its devices in the
// order of their definition, those that are gone last. Empty: nothing does.
type Report struct{ Fields []Field }

// Drifted reports whether another changed what we applied.
func (r Report) Drifted() bool {
	return slices.ContainsFunc(r.Fields, func(f Field) bool { return f.Drifted })
}

// Pending reports whether the running VM will be another after its next boot.
func (r Report) Pending() bool {
	return slices.ContainsFunc(r.Fields, func(f Field) bool { return f.Pending })
}

// Compare tells how the states differ. Passwords are compared, never told.
//
// Errors: [core.Invalid] when one of the texts is no VM's XML, or more than
// anybody would compare.
func Compare(s States) (Report, error) {
	var all [3]*domain
	for i, xml := range []string{s.Applied, s.Defined, s.Running} {
		if xml == "" {
			continue
		}
		var err error
		if all[i], err = read(xml); err != nil {
			return Report{}, fmt.Errorf("read what is %s: %w", []string{"applied", "defined", "running"}[i], err)
		}
	}
	if all[1] == nil {
		return Report{}, core.Errorf(core.Invalid, "there is no definition to compare with")
	}
	c := comparison{applied: all[0], defined: all[1], running: all[2]}
	return Report{c.fields()}, nil
}

// comparison is three states, of which only defined is never nil.
type comparison struct{ applied, defined, running *domain }

// slot is one part in the states that have it.
type slot struct{ applied, defined, running *part }

func (s slot) first() *part { return cmp.Or(s.defined, s.applied, s.running) }

func (c comparison) fields() (out []Field) {
	for _, s := range c.slots() {
		out = append(out, c.compare(s)...)
	}
	return out
}

// slots pairs the parts of the three states.
func (c comparison) slots() (out []slot) {
	applied, running := match(c.applied.devices(), c.defined.parts), match(c.running.devices(), c.defined.parts)
	used := map[*part]bool{}
	for _, d := range c.defined.parts {
		s := slot{applied[d], d, running[d]}
		used[s.applied], used[s.running] = true, true
		out = append(out, s)
	}
	free := func(d *domain) []*part {
		return slices.DeleteFunc(slices.Clone(d.devices()), func(p *part) bool { return used[p] })
	}
	gone, extra := free(c.applied), free(c.running)
	still := match(extra, gone)
	for _, a := range gone {
		used[still[a]] = true
		out = append(out, slot{applied: a, running: still[a]})
	}
	for _, r := range free(c.running) {
		out = append(out, slot{running: r})
	}
	return out
}

// compare tells how one part differs between the states.
func (c comparison) compare(s slot) (out []Field) {
	p := s.first()
	drifted := c.applied != nil && (s.applied == nil) != (s.defined == nil) && !implied(s.defined, c.applied, c.defined) && !s.applied.isPCI()
	pending := c.running != nil && (s.running == nil) != (s.defined == nil) && !s.running.isBus(c.running) && !s.defined.isBus(c.defined)
	if drifted || pending {
		f := Field{Part: p.label(), Path: p.path(), Drifted: drifted, Pending: pending}
		f.Applied, f.Defined, f.Running = s.applied.summary(), s.defined.summary(), s.running.summary()
		return []Field{f}
	}
	if s.defined == nil {
		return nil
	}
	for _, key := range keysOf(s.applied, s.defined, s.running) {
		if s.follows(key) {
			continue
		}
		f := Field{Part: p.label(), Name: nameOf(p.kind, key), Path: p.path() + key}
		if p.kind != "" {
			f.Path = p.path() + "/" + key
		}
		f.Drifted = s.applied != nil && !sameByDefine(s.applied, s.defined, key)
		f.Pending = s.running != nil && !sameByStart(s.defined, s.running, key)
		if f.Drifted || f.Pending {
			f.Applied, f.Defined, f.Running = words(s.applied.effective(key), s.defined.effective(key), s.running.effective(key))
			out = append(out, f)
		}
	}
	return out
}

func keysOf(parts ...*part) []string {
	var keys []string
	for _, p := range parts {
		if p != nil {
			for key := range p.settings {
				keys = append(keys, key)
			}
		}
	}
	slices.SortFunc(keys, func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a, b))
	})
	return slices.Compact(keys)
}

// String is the field as a sentence: "memory: 2 GiB → 4 GiB, by another, at the
// next boot". It may be printed on a terminal.
func (f Field) String() string {
	what := core.Escape(f.Part)
	if f.Name != "" {
		what = strings.TrimPrefix(what+", ", ", ") + core.Escape(f.Name)
	}
	from := f.Applied
	if !f.Drifted {
		from = f.Running
	}
	text := fmt.Sprintf("%s: %s → %s", what, said(from), said(f.Defined))
	if f.Drifted {
		text += ", by another"
	}
	if f.Pending {
		text += ", at the next boot"
	}
	if f.Drifted && f.Pending && f.Running != f.Applied {
		text += " (now " + said(f.Running) + ")"
	}
	return text
}

func said(v string) string {
	if v == "" {
		return "none"
	}
	return core.Escape(shorten(v))
}

// shorten keeps the first characters of what is too long for a line.
func shorten(v string) string {
	const most = 120
	n := 0
	for i := range v {
		if n++; n > most {
			return v[:i] + "…"
		}
	}
	return v
}
