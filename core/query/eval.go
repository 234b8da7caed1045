package query

import (
	"net/netip"
	"strings"
	"time"
)

// Answer is what a query says of a row. The order is that of Kleene's logic:
// "and" is the least, "or" the greatest, "not" turns the sign around.
type Answer int8

// The answers.
const (
	No      Answer = -1
	Unknown Answer = 0 // what was asked is not known of this object
	Yes     Answer = 1
)

// Match returns what q says of a row at a time. It does not allocate.
func (q *Query) Match(r *Row, at time.Time) Answer {
	if q.root == nil {
		return Yes
	}
	return q.root.eval(r, at.Unix())
}

// Asks reports whether q asks for a field by its name.
func (q *Query) Asks(f Field) bool { return q.asks[f] }

// Missing returns the first field that q asks for, that objects of r's kind have,
// and of which nothing is known of r: why the answer is [Unknown].
func (q *Query) Missing(r *Row) (f Field, missing bool) {
	for f := range fields {
		if q.asks[f] && r.at[f] == 0 && f.Of(r.Kind) {
			return f, true
		}
	}
	return 0, false
}

// node is a part of a compiled query.
type node interface {
	eval(r *Row, at int64) Answer
}

type (
	andNode []node
	orNode  []node
	notNode struct{ node }
)

func (a andNode) eval(r *Row, at int64) Answer {
	least := Yes
	for _, n := range a {
		if least = min(least, n.eval(r, at)); least == No {
			return No
		}
	}
	return least
}

func (o orNode) eval(r *Row, at int64) Answer {
	most := No
	for _, n := range o {
		if most = max(most, n.eval(r, at)); most == Yes {
			return Yes
		}
	}
	return most
}

func (n notNode) eval(r *Row, at int64) Answer { return -n.node.eval(r, at) }

// with returns a with one more part; one that was not understood is left out.
func (a andNode) with(n node) andNode {
	if n == nil {
		return a
	}
	return append(a, n)
}

func (a andNode) node() node {
	switch len(a) {
	case 0:
		return nil
	case 1:
		return a[0]
	}
	return a
}

func (o orNode) with(n node) orNode { return orNode(andNode(o).with(n)) }

func (o orNode) node() node {
	if len(o) < 2 {
		return andNode(o).node()
	}
	return o
}

func negate(n node) node {
	if n == nil {
		return nil
	}
	return notNode{n}
}

// text is how one value of a query is looked for.
type text struct {
	pattern string // folded
	glob    bool   // it has * or ?: all of the text must fit
	whole   bool
	below   bool // folders below count too
}

func newText(s string, quoted, whole bool) text {
	return text{pattern: Fold(s), glob: !quoted && strings.ContainsAny(s, "*?"), whole: whole}
}

func (t text) in(s string) bool {
	switch {
	case t.glob:
		return glob(t.pattern, s)
	case t.below:
		return s == t.pattern || len(s) > len(t.pattern) && strings.HasPrefix(s, t.pattern) && (s[len(t.pattern)] == '/' || strings.HasSuffix(t.pattern, "/"))
	case t.whole:
		return s == t.pattern
	}
	return strings.Contains(s, t.pattern)
}

func (t text) inAny(list []string) bool {
	if len(list) == 0 {
		return t.pattern == "" && t.whole // cluster:"" is none
	}
	for _, s := range list {
		if t.in(s) {
			return true
		}
	}
	return false
}

func answer(so bool) Answer {
	if so {
		return Yes
	}
	return No
}

// wordNode looks for a word wherever words are looked for.
type wordNode struct{ text }

func (w wordNode) eval(r *Row, _ int64) Answer {
	for _, f := range wordFields {
		if v := r.value(f); v != nil && w.inAny(v.folded) {
			return Yes
		}
	}
	return answer(w.glob && w.in(r.value(FieldName).folded0()))
}

func (v *value) folded0() string {
	if len(v.folded) == 0 {
		return ""
	}
	return v.folded[0]
}

// textNode compares a field of text with several values.
type textNode struct {
	field Field
	texts []text
	exact map[string]bool // of whole values without globs, when there are many
}

func (n textNode) eval(r *Row, _ int64) Answer {
	v := r.value(n.field)
	if v == nil {
		return Unknown
	}
	for _, s := range v.folded {
		if n.exact[s] {
			return Yes
		}
	}
	for i := range n.texts {
		if n.texts[i].inAny(v.folded) {
			return Yes
		}
	}
	return No
}

// numberNode compares numbers; an age counts back from when it is asked.
type numberNode struct {
	field Field
	op    string
	n     int64
}

func (n numberNode) eval(r *Row, at int64) Answer {
	v := r.value(n.field)
	if v == nil {
		return Unknown
	}
	for _, have := range v.numbers {
		if table[n.field].how == age {
			have = max(0, at-have)
		}
		if compare(have, n.op, n.n) {
			return Yes
		}
	}
	return No
}

func compare[T int64 | float64](a T, op string, b T) bool {
	switch op {
	case ">":
		return a > b
	case ">=":
		return a >= b
	case "<":
		return a < b
	case "<=":
		return a <= b
	}
	return a == b
}

// netNode looks for addresses within a network, or networks around an address.
type netNode struct{ net netip.Prefix }

func (n netNode) eval(r *Row, _ int64) Answer {
	v := r.value(FieldIP)
	if v == nil {
		return Unknown
	}
	for _, have := range v.nets {
		if n.net.Overlaps(have) {
			return Yes
		}
	}
	return No
}

// flagNode asks whether one of several flags is so.
type flagNode struct{ bits uint32 }

func (n flagNode) eval(r *Row, _ int64) Answer {
	switch {
	case r.is&n.bits != 0:
		return Yes
	case r.known&n.bits != n.bits:
		return Unknown
	}
	return No
}

// customNode compares a column that users made. An object without a value is not
// unknown: it has none.
type customNode struct {
	name   string
	texts  []text
	op     string
	number float64
}

func (n customNode) eval(r *Row, _ int64) Answer {
	for i := range r.custom {
		c := &r.custom[i]
		if c.folded != n.name {
			continue
		}
		if n.texts == nil {
			return answer(compare(c.number, n.op, n.number))
		}
		for _, t := range n.texts {
			if t.inAny(c.value.folded) {
				return Yes
			}
		}
		return No
	}
	return answer(len(n.texts) == 1 && n.texts[0].whole && n.texts[0].pattern == "")
}
