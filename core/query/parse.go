package query

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/limiquantix/limiquantix/core"
)

// Problem is a part of a query that was not understood.
type Problem struct {
	From, To int // bytes [From, To) of the text
	Message  string
	Hint     string // what to write instead; may be empty
	// Unfinished: it may be only half typed.
	Unfinished bool
}

// Query is a text, understood. It may be used concurrently.
type Query struct {
	root node // nil: nothing is asked
	asks [fields]bool
}

// Bounds of a query: it also comes from links.
const (
	maxLength = 64 << 10
	maxDepth  = 50
)

// Parse understands what can be understood of text. What cannot is left out and
// told, in its order: who chooses objects to change by a query must refuse one
// with problems ([ParseStrict]).
func Parse(text string) (*Query, []Problem) {
	p := &parser{text: text}
	if len(text) > maxLength {
		return &Query{}, []Problem{{From: 0, To: len(text), Message: fmt.Sprintf("a query has at most %d characters", maxLength)}}
	}
	q := &p.q
	q.root = p.or(0)
	slices.SortStableFunc(p.problems, func(a, b Problem) int { return a.From - b.From })
	return q, p.problems
}

// ParseStrict is [Parse] for who must not go by half of what was meant.
//
// Errors: [core.Invalid] with the details "offset" and "length", in characters:
// the first part that was not understood.
func ParseStrict(text string) (*Query, error) {
	q, problems := Parse(text)
	if len(problems) == 0 {
		return q, nil
	}
	p := problems[0]
	return nil, core.Errorf(core.Invalid, "%s", p.Message).WithHint("%s", p.Hint).
		WithDetail("offset", strconv.Itoa(utf8.RuneCountInString(text[:p.From]))).
		WithDetail("length", strconv.Itoa(utf8.RuneCountInString(text[p.From:p.To])))
}

// Empty reports whether nothing is asked: every row matches.
func (q *Query) Empty() bool { return q.root == nil }

// parser reads a text by recursive descent.
type parser struct {
	text     string
	at       int
	open     int // parentheses
	q        Query
	problems []Problem
	faults   int  // problems, also those that are not told
	last     term // the one that ends where reading has come to
}

// term is a word, or a field with its values, as they were written.
type term struct {
	from, to int
	start    int    // where the word or field begins, behind "-"
	field    string // in lower case; "" for a word
	custom   bool   // "cf." stood before it
	op       string // ":", "=", "!=", ">" …
	parts    []span
	list     int // where what follows the last comma begins
}

// span is a piece of the text without its quotes.
type span struct {
	from, to int
	text     string
	quoted   bool
}

// mostProblems is how many are told of one text.
const mostProblems = 20

func (p *parser) wrong(from, to int, hint, format string, args ...any) {
	if p.faults++; p.faults > mostProblems {
		return
	}
	p.problems = append(p.problems, Problem{From: from, To: to, Message: fmt.Sprintf(format, args...), Hint: hint})
}

func (p *parser) unfinished(from, to int, message string) {
	if p.faults++; p.faults > mostProblems {
		return
	}
	p.problems = append(p.problems, Problem{From: from, To: to, Message: message, Unfinished: true})
}

func (p *parser) space() {
	for p.at < len(p.text) {
		r, width := utf8.DecodeRuneInString(p.text[p.at:])
		if !unicode.IsSpace(r) {
			return
		}
		p.at += width
	}
}

// keyword takes a word of the language, if it comes next and stands alone.
func (p *parser) keyword(word string) bool {
	rest := p.text[p.at:]
	if len(rest) < len(word) || !strings.EqualFold(rest[:len(word)], word) {
		return false
	}
	if next, _ := utf8.DecodeRuneInString(rest[len(word):]); len(rest) > len(word) && !unicode.IsSpace(next) && next != '(' && next != ')' {
		return false
	}
	p.at += len(word)
	return true
}

func (p *parser) or(depth int) node {
	var any orNode
	any = any.with(p.and(depth))
	for p.space(); p.keyword("or"); p.space() {
		behind := p.at
		any = any.with(p.and(depth))
		if strings.TrimSpace(p.text[behind:p.at]) == "" {
			p.unfinished(behind-len("or"), behind, "what should stand after or?")
		}
	}
	return any.node()
}

func (p *parser) and(depth int) node {
	var all andNode
	for {
		p.space()
		if p.at == len(p.text) || p.peekOr() {
			return all.node()
		}
		if p.text[p.at] == ')' {
			if p.open > 0 {
				return all.node()
			}
			p.wrong(p.at, p.at+1, `put it in quotes if it is part of a name`, "there is no ( for this )")
			p.at++
			continue
		}
		if p.keyword("and") {
			continue
		}
		all = all.with(p.unary(depth))
	}
}

func (p *parser) peekOr() bool {
	at := p.at
	is := p.keyword("or")
	p.at = at
	return is
}

func (p *parser) unary(depth int) node {
	from := p.at
	if depth > maxDepth {
		p.wrong(from, len(p.text), "", "this is nested too deeply")
		p.at = len(p.text)
		return nil
	}
	switch {
	case p.keyword("not"):
		p.space()
		if p.at == len(p.text) || p.text[p.at] == ')' {
			p.unfinished(from, p.at, "what should not be?")
			return nil
		}
		return negate(p.unary(depth + 1))
	case p.text[p.at] == '-' && p.minus():
		p.at++
		if p.text[p.at] == '(' {
			return negate(p.group(depth))
		}
		return negate(p.term(from))
	case p.text[p.at] == '(':
		return p.group(depth)
	}
	return p.term(from)
}

// minus tells whether the "-" here turns something around.
func (p *parser) minus() bool {
	next, _ := utf8.DecodeRuneInString(p.text[p.at+1:])
	return p.at+1 < len(p.text) && !unicode.IsSpace(next) && next != ')'
}

func (p *parser) group(depth int) node {
	from := p.at
	p.at++
	p.open++
	n := p.or(depth + 1)
	p.open--
	if p.at < len(p.text) && p.text[p.at] == ')' {
		p.at++
		return n
	}
	p.unfinished(from, from+1, "this ( is not closed")
	return n
}

// term reads one word, or one field with its values, and compiles it.
func (p *parser) term(from int) node {
	t := term{from: from, start: p.at}
	p.head(&t)
	if t.field == "" && !t.custom {
		part := p.part(false)
		t.parts = []span{part}
	} else {
		p.list(&t)
	}
	t.to = p.at
	p.last = t
	n := p.compile(t)
	if t.op == "!=" {
		return negate(n)
	}
	return n
}

// head reads "field:", "cf.name>=", if that comes next.
func (p *parser) head(t *term) {
	rest := p.text[p.at:]
	if colons(rest) {
		return
	}
	end := 0
	if len(rest) > 3 && strings.EqualFold(rest[:3], "cf.") {
		if end = customName(rest, t); end == 0 {
			return
		}
	} else {
		for end < len(rest) && (rest[end]|0x20 >= 'a' && rest[end]|0x20 <= 'z' || rest[end] == '_') {
			end++
		}
	}
	for _, op := range []string{">=", "<=", "!=", ":", "=", ">", "<"} {
		if end > 0 && strings.HasPrefix(rest[end:], op) {
			if !t.custom {
				t.field = strings.ToLower(rest[:end])
			}
			t.op = op
			p.at += end + len(op)
			t.list = p.at
			return
		}
	}
	t.custom, t.field = false, ""
}

// customName reads cf.owner or cf."cost centre"; it returns where that ends.
func customName(rest string, t *term) int {
	if rest[3] == '"' {
		end := strings.IndexByte(rest[4:], '"')
		if end <= 0 {
			return 0
		}
		t.custom, t.field = true, Fold(rest[4:4+end])
		return 4 + end + 1
	}
	end := 3
	for end < len(rest) && !strings.ContainsRune(" \t\n:=<>!\"(),", rune(rest[end])) {
		end++
	}
	if end == 3 {
		return 0
	}
	t.custom, t.field = true, Fold(rest[3:end])
	return end
}

// colons tells whether a word with colons begins here that is no field: a MAC or
// IPv6 address.
func colons(rest string) bool {
	n := 0
	for i := range len(rest) {
		switch c := rest[i]; {
		case c == ':':
			n++
		case c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' || c == '.' || c == '*' || c == '/' || c == '%':
		case c == ' ' || c == '\t' || c == '\n' || c == ')':
			return n >= 2
		default:
			return false
		}
	}
	return n >= 2
}

// list reads a,b,"c d" up to the next space.
func (p *parser) list(t *term) {
	for {
		t.list = p.at
		if part := p.part(true); part.to > part.from {
			t.parts = append(t.parts, part)
		}
		if p.at == len(p.text) || p.text[p.at] != ',' {
			return
		}
		p.at++
	}
}

// part reads one word or quoted text. Parentheses within it that are balanced
// belong to it.
func (p *parser) part(comma bool) span {
	from := p.at
	if from < len(p.text) && p.text[from] == '"' {
		return p.quote()
	}
	inner := 0
	for p.at < len(p.text) {
		r, width := utf8.DecodeRuneInString(p.text[p.at:])
		if unicode.IsSpace(r) || comma && r == ',' || r == ')' && inner == 0 {
			break
		}
		switch r {
		case '(':
			inner++
		case ')':
			inner--
		}
		p.at += width
	}
	return span{from: from, to: p.at, text: p.text[from:p.at]}
}

func (p *parser) quote() span {
	from := p.at
	var b strings.Builder
	for p.at++; p.at < len(p.text); p.at++ {
		c := p.text[p.at]
		if c == '"' {
			p.at++
			return span{from: from, to: p.at, text: b.String(), quoted: true}
		}
		if c == '\\' && p.at+1 < len(p.text) && (p.text[p.at+1] == '"' || p.text[p.at+1] == '\\') {
			p.at++
			c = p.text[p.at]
		}
		b.WriteByte(c)
	}
	p.unfinished(from, len(p.text), "the quote is not closed")
	return span{from: from, to: p.at, text: b.String(), quoted: true}
}

// Quote returns s as it is written in a query: in quotes where it must be.
func Quote(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`,"\()`, r) }) {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
