package xmledit

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/limiquantix/limiquantix/core"
)

// Limits on what Parse accepts: XML comes from hosts that we do not trust.
const (
	// MaxSize is libvirt's own limit for a string in its protocol
	// (REMOTE_STRING_MAX in remote_protocol.x), in bytes.
	MaxSize = 4 << 20
	// MaxDepth is the deepest nesting of elements; the root is at depth 1.
	MaxDepth = 64
	// maxNodes bounds memory: 4 MiB of "<a/>" would be a million elements.
	maxNodes = 200_000
)

// Doc is an XML document: one root element with what stands around it.
type Doc struct {
	before, after []chunk // declaration, comments, white space
	root          *Element
}

// Element is an element of a [Doc]. The zero value is not usable; nil is an
// element that is not there.
type Element struct {
	parent *Element // nil for the root and for a removed element
	name   string   // as written, with its prefix
	attrs  []attr
	tail   string // white space and the end of the start tag: ">", "/>", " />"
	kids   []node // chunks and elements
	end    string // the end tag as written; "" when tail ends in "/>"
}

// attr is one attribute with everything that was written for it.
type attr struct {
	lead  string // the white space before it
	name  string // as written, with its prefix
	equal string // "=" with the white space around it
	raw   string // the value as written, with its quotes
	value string // the value as meant
}

// node is a chunk or an *Element.
type node interface{ write(b *strings.Builder) }

// chunk is anything between tags: text, CDATA, a comment, an instruction.
type chunk struct {
	raw  string // as written
	text string // as meant; "" for comments and instructions
}

// Parse reads a document.
//
// Errors: [core.Invalid] when xml is not well-formed (with the line), is over
// [MaxSize] or [MaxDepth], declares a document type or entities, or is not UTF-8.
func Parse(src string) (*Doc, error) {
	if len(src) > MaxSize {
		return nil, core.Errorf(core.Invalid, "the XML is larger than %v", core.Bytes(MaxSize))
	}
	if err := checkCharacters(src); err != nil {
		return nil, err
	}
	p := parser{src: src, dec: xml.NewDecoder(strings.NewReader(src)), doc: &Doc{}}
	for {
		tok, err := p.dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, p.bad(err)
		}
		span := src[p.pos:p.dec.InputOffset()]
		if err := p.take(tok, span); err != nil {
			return nil, err
		}
		p.pos += len(span)
	}
	if p.doc.root == nil {
		return nil, core.Errorf(core.Invalid, "the XML holds no element")
	}
	return p.doc, nil
}

// parser cuts the source into nodes. encoding/xml judges what is well-formed
// and says where each token ends; the bytes are kept from the source.
type parser struct {
	src   string
	pos   int // start of the token at hand
	dec   *xml.Decoder
	doc   *Doc
	open  *Element // the innermost open element; nil outside the root
	depth int
	nodes int
}

func (p *parser) take(tok xml.Token, span string) error {
	if p.nodes++; p.nodes > maxNodes {
		return core.Errorf(core.Invalid, "the XML holds more than %d nodes", maxNodes)
	}
	switch t := tok.(type) {
	case xml.StartElement:
		return p.start(t, span)
	case xml.EndElement:
		p.open.end = span // "" for <a/>, where encoding/xml makes this token up
		p.open = p.open.parent
		p.depth--
		return nil
	case xml.CharData:
		text := span
		if strings.ContainsAny(span, "&\r<") { // entity, line end, CDATA
			text = string(t)
		}
		if p.open == nil && strings.Trim(text, space+"\ufeff") != "" {
			return p.bad(errors.New("text outside of the root element"))
		}
		p.add(chunk{raw: span, text: text})
	case xml.Directive:
		return p.bad(errors.New("document types and entities are not accepted"))
	default: // xml.Comment, xml.ProcInst
		p.add(chunk{raw: span})
	}
	return nil
}

func (p *parser) start(t xml.StartElement, span string) error {
	if p.depth++; p.depth > MaxDepth {
		return p.bad(errors.New("elements are nested too deeply"))
	}
	if p.open == nil && p.doc.root != nil {
		return p.bad(errors.New("more than one root element"))
	}
	e := &Element{parent: p.open}
	if err := e.scan(t, span); err != nil {
		return p.bad(err)
	}
	if p.nodes += len(e.attrs); p.open == nil {
		p.doc.root = e
	} else {
		p.open.kids = append(p.open.kids, e)
	}
	p.open = e
	return nil
}

func (p *parser) add(c chunk) {
	switch {
	case p.open != nil:
		p.open.kids = append(p.open.kids, c)
	case p.doc.root == nil:
		p.doc.before = append(p.doc.before, c)
	default:
		p.doc.after = append(p.doc.after, c)
	}
}

func (p *parser) bad(err error) error {
	line, _ := p.dec.InputPos()
	why := err.Error()
	if s := new(xml.SyntaxError); errors.As(err, &s) {
		line, why = s.Line, s.Msg
	}
	return core.Errorf(core.Invalid, "the XML is not valid: line %d: %s", line, core.Escape(why))
}

// scan cuts a start tag, which encoding/xml has found well-formed, into parts.
func (e *Element) scan(t xml.StartElement, tag string) error {
	rest := tag[1:]
	cut := func(n int) (s string) { s, rest = rest[:n], rest[n:]; return s }
	e.name = cut(strings.IndexAny(rest, space+"/>"))
	for i := 0; ; i++ {
		lead := cut(len(rest) - len(strings.TrimLeft(rest, space)))
		if rest == ">" || rest == "/>" {
			e.tail = lead + rest
			return nil
		}
		if lead == "" {
			return errors.New("no space before an attribute")
		}
		a := attr{lead: lead, name: cut(strings.IndexAny(rest, space+"="))}
		if e.attr(a.name) != nil {
			return errors.New("attribute " + a.name + " is given twice")
		}
		a.equal = cut(strings.IndexAny(rest, `'"`))
		a.raw = cut(2 + strings.IndexByte(rest[1:], rest[0]))
		a.value = t.Attr[i].Value
		e.attrs = append(e.attrs, a)
	}
}

// space is XML's white space (XML 1.0, production 3).
const space = " \t\r\n"

// checkCharacters refuses what XML 1.0 (production 2) has no place for;
// encoding/xml does not look inside comments.
func checkCharacters(s string) error {
	for i, r := range s {
		if !isXML(r) || r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			line := 1 + strings.Count(s[:i], "\n")
			return core.Errorf(core.Invalid, "the XML is not valid: line %d: a character that XML does not allow", line)
		}
	}
	return nil
}

func isXML(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000
}

// String returns the document: the bytes that were parsed, but for the edits.
func (d *Doc) String() string {
	var b strings.Builder
	for _, c := range d.before {
		c.write(&b)
	}
	d.root.write(&b)
	for _, c := range d.after {
		c.write(&b)
	}
	return b.String()
}

func (c chunk) write(b *strings.Builder) { b.WriteString(c.raw) }

func (e *Element) write(b *strings.Builder) {
	b.WriteByte('<')
	b.WriteString(e.name)
	for _, a := range e.attrs {
		b.WriteString(a.lead)
		b.WriteString(a.name)
		b.WriteString(a.equal)
		b.WriteString(a.raw)
	}
	b.WriteString(e.tail)
	for _, k := range e.kids {
		k.write(b)
	}
	b.WriteString(e.end)
}
