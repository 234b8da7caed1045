package query

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/limiquantix/limiquantix/core"
)

// many is from how many values on a set is quicker than a list.
const many = 4

// compile makes a node of a term; nil when it was not understood.
func (p *parser) compile(t term) node {
	if t.op == "" {
		w := t.parts[0]
		if w.text == "" {
			return nil
		}
		return wordNode{newText(w.text, w.quoted, false)}
	}
	field, ok := byName(t.field)
	if !ok && !t.custom {
		p.unknownField(t)
		return nil
	}
	if len(t.parts) == 0 {
		p.unfinished(t.from, t.to, "what should "+strings.TrimSuffix(p.text[t.start:t.list], t.op)+" be?")
		return nil
	}
	if t.custom {
		return p.compileCustom(t)
	}
	p.q.asks[field] = true
	before := p.faults
	n := p.compileField(field, t)
	if p.faults > before {
		return nil
	}
	return n
}

func (p *parser) unknownField(t term) {
	to := t.start + len(t.field)
	if near := nearest(t.field, names()); near != "" {
		p.wrong(t.start, to, "did you mean "+near+"?", "there is no field %s", t.field)
		return
	}
	p.wrong(t.start, to, "fields are "+strings.Join(names(), ", ")+"; put words with a colon in quotes", "there is no field %s", t.field)
}

func (p *parser) compileField(f Field, t term) node {
	switch table[f].how {
	case count, size, age:
		return p.numbers(f, t)
	}
	if t.op != ":" && t.op != "=" && t.op != "!=" {
		p.wrong(t.start, t.to, "write "+f.String()+":"+p.text[t.list:t.to], "%s cannot be greater or less", f)
		return nil
	}
	switch table[f].how {
	case net:
		return p.nets(t)
	case flags:
		return p.flags(f, t)
	case choice:
		return p.choices(f, t)
	}
	return p.texts(f, t)
}

func (p *parser) texts(f Field, t term) node {
	n := textNode{field: f}
	for _, v := range t.parts {
		x := newText(v.text, v.quoted, table[f].how != part)
		x.below = table[f].how == tree && !x.glob && x.pattern != ""
		if x.whole && !x.glob && !x.below && x.pattern != "" && len(t.parts) >= many {
			if n.exact == nil {
				n.exact = map[string]bool{}
			}
			n.exact[x.pattern] = true
			continue
		}
		n.texts = append(n.texts, x)
	}
	return n
}

// choices compares with words of a fixed set, in which "_", "-" and space are the same.
func (p *parser) choices(f Field, t term) node {
	n := textNode{field: f}
	for _, v := range t.parts {
		x := newText(strings.NewReplacer("_", " ", "-", " ").Replace(v.text), v.quoted, true)
		if !slices.ContainsFunc(table[f].values, x.in) {
			p.noChoice(f, v, x.pattern)
			continue
		}
		n.texts = append(n.texts, x)
	}
	return n
}

func (p *parser) noChoice(f Field, v span, typed string) {
	hint := f.String() + " is one of: " + strings.Join(table[f].values, ", ")
	if near := nearest(typed, table[f].values); near != "" {
		hint = "did you mean " + near + "?"
	}
	p.wrong(v.from, v.to, hint, "%s is never %s", f, core.Printable(v.text, 40))
}

func (p *parser) flags(f Field, t term) node {
	var any orNode
	for _, v := range t.parts {
		name := strings.TrimSuffix(Fold(v.text), "s")
		for _, have := range table[f].values {
			if strings.TrimSuffix(have, "s") == name {
				name = have
			}
		}
		bit := flagOf(f, name)
		if bit == 0 {
			p.noChoice(f, v, name)
			continue
		}
		any = any.with(flagNode{bit})
	}
	return any.node()
}

func (p *parser) nets(t term) node {
	var any orNode
	for _, v := range t.parts {
		if strings.ContainsAny(v.text, "*?") || strings.HasSuffix(v.text, ".") {
			any = any.with(textNode{field: FieldIP, texts: []text{newText(strings.TrimSuffix(v.text, "*")+"*", false, true)}})
			continue
		}
		n, ok := parseNet(v.text)
		if !ok {
			p.wrong(v.from, v.to, "write ip:10.0.0.7, ip:10.0.0.0/8 or ip:10.0.*", "%s is no address and no network", core.Printable(v.text, 40))
			continue
		}
		any = any.with(netNode{n})
	}
	return any.node()
}

func (p *parser) numbers(f Field, t term) node {
	ordered := strings.ContainsAny(t.op, "<>")
	if ordered && len(t.parts) > 1 {
		p.wrong(t.parts[1].from, t.to, "", "%s%s takes one value", f, t.op)
		return nil
	}
	if table[f].how == age && !ordered {
		p.wrong(t.start, t.to, "write "+f.String()+">30d or "+f.String()+"<1h", "%s is an age: it is greater or less than something", f)
		return nil
	}
	var any orNode
	for _, v := range t.parts {
		n, ok := parseNumber(table[f].how, v.text)
		if !ok {
			what := map[manner][2]string{count: {"number", f.String() + ">=4"}, size: {"size", "sizes look like 512M, 4G or 1.5TiB"}, age: {"age", "ages look like 90s, 15m, 1h, 30d, 2w or 1y"}}[table[f].how]
			p.wrong(v.from, v.to, what[1], "%s is no %s", core.Printable(v.text, 40), what[0])
			continue
		}
		any = any.with(numberNode{field: f, op: t.op, n: n})
	}
	return any.node()
}

func parseNumber(s manner, text string) (int64, bool) {
	switch s {
	case size:
		b, err := core.ParseBytes(text)
		return int64(b), err == nil
	case age:
		return parseAge(text)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

// parseAge reads "30d" as seconds. A month is not a fixed time, so there is none.
func parseAge(s string) (int64, bool) {
	if s == "" {
		return 0, false
	}
	unit, ok := map[byte]int64{'s': 1, 'm': 60, 'h': 3600, 'd': 86400, 'w': 7 * 86400, 'y': 365 * 86400}[s[len(s)-1]|0x20]
	n, err := strconv.ParseFloat(s[:len(s)-1], 64)
	if !ok || err != nil || !(n >= 0 && n < 1e9) {
		return 0, false
	}
	return int64(n * float64(unit)), true
}

func (p *parser) compileCustom(t term) node {
	n := customNode{name: t.field, op: t.op}
	if !strings.ContainsAny(t.op, "<>") {
		for _, v := range t.parts {
			n.texts = append(n.texts, newText(v.text, v.quoted, t.op != ":" || v.text == ""))
		}
		return n
	}
	var err error
	if n.number, err = strconv.ParseFloat(t.parts[0].text, 64); err != nil || math.IsNaN(n.number) || len(t.parts) > 1 {
		p.wrong(t.list, t.to, "write cf.cost>100, or cf.owner:anna for text", "%s is no number", core.Printable(p.text[t.list:t.to], 40))
		return nil
	}
	return n
}
