package query

import (
	"sort"
	"strings"
)

// Offer replaces the bytes [From, To) of a query by Text.
type Offer struct {
	From, To int
	Text     string
	Hint     string // what it means; may be empty
	Count    int    // how many objects have it; for fields 0
}

// most is how many values are offered.
const most = 12

// Complete offers what could stand at the byte cursor of a text: fields, or
// values that rows have. Fields of which nothing is known of any row are left
// out. It never returns nil elements; what it returns may be empty.
func Complete(text string, cursor int, rows []*Row) []Offer {
	if cursor < 0 || cursor > len(text) || len(text) > maxLength {
		return nil
	}
	p := &parser{text: text[:cursor]}
	p.or(0)
	t := p.last
	switch {
	case p.at != cursor || t.to != cursor:
		return fieldOffers("", cursor, rows)
	case t.op == "" && strings.HasPrefix(p.text[t.start:], `"`):
		return nil
	case t.op == "":
		return fieldOffers(Fold(p.text[t.start:]), cursor, rows)
	}
	typed := ""
	if n := len(t.parts); n > 0 && t.parts[n-1].from >= t.list {
		typed = t.parts[n-1].text
	}
	values := valuesOf(t, rows)
	return chosen(values, Fold(typed), t.list, cursor)
}

// fieldOffers offers fields that begin with what is typed.
func fieldOffers(typed string, cursor int, rows []*Row) []Offer {
	var out []Offer
	add := func(name, op, hint string) {
		if strings.HasPrefix(name, typed) {
			out = append(out, Offer{From: cursor - len(typed), To: cursor, Text: name + op, Hint: hint})
		}
	}
	for f, a := range table {
		if a.name == "" || Field(f) == FieldID || !anyKnows(Field(f), rows) {
			continue
		}
		op := ":"
		if a.how == count || a.how == size || a.how == age {
			op = ">"
		}
		add(a.name, op, a.hint)
	}
	for _, name := range customNames(rows) {
		add("cf."+Quote(name), ":", "custom column")
	}
	if typed != "" {
		add("not", " ", "turns what follows around; so does -")
		add("or", " ", "this or that; and may be left out")
	}
	return out
}

func anyKnows(f Field, rows []*Row) bool {
	for _, r := range rows {
		switch {
		case r.at[f] > 0, f == FieldIs && r.known&0xffff != 0, f == FieldHas && r.known>>16 != 0:
			return true
		}
	}
	return len(rows) == 0
}

func customNames(rows []*Row) []string {
	seen := map[string]string{}
	for _, r := range rows {
		for _, c := range r.custom {
			seen[c.folded] = c.name
		}
	}
	var out []string
	for _, name := range seen {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

// tally is a value and how many rows have it.
type tally struct {
	shown, folded string
	n             int
}

func valuesOf(t term, rows []*Row) []tally {
	seen := map[string]*tally{}
	count := func(v *value) {
		if v == nil {
			return
		}
		for i, folded := range v.folded {
			if c := seen[folded]; c != nil {
				c.n++
			} else if folded != "" {
				seen[folded] = &tally{shown: v.shown[i], folded: folded, n: 1}
			}
		}
	}
	f, ok := byName(t.field)
	switch {
	case t.custom:
		for _, r := range rows {
			for i := range r.custom {
				if r.custom[i].folded == t.field {
					count(&r.custom[i].value)
				}
			}
		}
	case !ok || table[f].how == size || table[f].how == age || table[f].how == net || f == FieldNotes:
		return nil
	case table[f].how == flags:
		return flagValues(f, rows)
	default:
		for _, r := range rows {
			count(r.value(f))
		}
	}
	out := make([]tally, 0, len(seen))
	for _, c := range seen {
		out = append(out, *c)
	}
	return out
}

func flagValues(f Field, rows []*Row) []tally {
	var out []tally
	for _, name := range table[f].values {
		c, known := tally{shown: name, folded: name}, len(rows) == 0
		for _, r := range rows {
			bit := flagOf(f, name)
			known = known || r.known&bit != 0
			if r.is&bit != 0 {
				c.n++
			}
		}
		if known {
			out = append(out, c)
		}
	}
	return out
}

// chosen are the values that fit best: those that begin with what is typed, then
// those that hold it; of these the most frequent.
func chosen(values []tally, typed string, from, to int) []Offer {
	fits := values[:0]
	for _, v := range values {
		if v.folded != typed && strings.Contains(v.folded, typed) {
			fits = append(fits, v)
		}
	}
	sort.Slice(fits, func(i, j int) bool {
		a, b := fits[i], fits[j]
		if p, q := strings.HasPrefix(a.folded, typed), strings.HasPrefix(b.folded, typed); p != q {
			return p
		}
		return a.n > b.n || a.n == b.n && a.folded < b.folded
	})
	out := make([]Offer, 0, most)
	for _, v := range fits[:min(len(fits), most)] {
		out = append(out, Offer{From: from, To: to, Text: Quote(v.shown), Count: v.n})
	}
	return out
}
