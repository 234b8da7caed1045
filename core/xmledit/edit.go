package xmledit

import (
	"slices"
	"strings"

	"github.com/limiquantix/limiquantix/core"
)

// SetAttr sets an attribute. A new one becomes the last; one that has the value
// already stays as it was written.
//
// Errors: [core.Invalid] when name is no XML name or value holds control
// characters other than tab and line breaks; [core.Internal] on a nil element.
func (e *Element) SetAttr(name, value string) error {
	if e == nil {
		return errNoElement()
	}
	if err := checkName(name); err != nil {
		return err
	}
	if err := checkValue(value); err != nil {
		return err
	}
	a := e.attr(name)
	if a != nil && a.value == value {
		return nil
	}
	quote := "'" // as libvirt writes it
	if a == nil {
		if len(e.attrs) > 0 {
			quote = e.attrs[0].raw[:1]
		}
		e.attrs = append(e.attrs, attr{lead: " ", name: name, equal: "="})
		a = &e.attrs[len(e.attrs)-1]
	} else {
		quote = a.raw[:1]
	}
	a.raw, a.value = quote+escapeAttr(value)+quote, value
	return nil
}

// RemoveAttr removes an attribute; it does nothing where there is none.
func (e *Element) RemoveAttr(name string) {
	if e != nil {
		e.attrs = slices.DeleteFunc(e.attrs, func(a attr) bool { return a.name == name })
	}
}

// SetText replaces what stands between the tags of an element that has no child
// elements. Text that has the value already stays as it was written.
//
// Errors: as [Element.SetAttr]; [core.Invalid] when e has child elements.
func (e *Element) SetText(value string) error {
	if e == nil {
		return errNoElement()
	}
	if err := checkValue(value); err != nil {
		return err
	}
	if e.Child("") != nil {
		return core.Errorf(core.Invalid, "the element <%s> holds elements, not text", e.name)
	}
	if e.Text() == value {
		return nil
	}
	e.open()
	e.kids = []node{chunk{raw: escapeText(value), text: value}}
	return nil
}

// Add appends a new, empty child element with attributes given as name, value,
// name, value …, and returns it.
//
// Errors: as [Element.SetAttr].
func (e *Element) Add(name string, attrs ...string) (*Element, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	if len(attrs)%2 != 0 {
		return nil, core.Errorf(core.Internal, "an attribute of <%s> has no value", name)
	}
	c := &Element{name: name, tail: "/>"}
	for i := 0; i < len(attrs); i += 2 {
		if err := c.SetAttr(attrs[i], attrs[i+1]); err != nil {
			return nil, err
		}
	}
	return e.append(c)
}

// Ensure returns the first child element with the given name, appended when
// there is none.
//
// Errors: as [Element.SetAttr].
func (e *Element) Ensure(name string) (*Element, error) {
	if c := e.Child(name); c != nil {
		return c, nil
	}
	return e.Add(name)
}

// Append adds fragment, the text of one element, as the last child of e, on a
// line of its own where the siblings are, and returns it. The fragment is for
// XML that was made by a marshaller: for values of users there are
// [Element.Add], [Element.SetAttr] and [Element.SetText].
//
// Errors: [core.Invalid] when fragment is not one element as for [Parse], or
// would be nested deeper than [MaxDepth]; [core.Internal] on a nil element.
func (e *Element) Append(fragment string) (*Element, error) {
	c, err := e.fragment(fragment)
	if err != nil {
		return nil, err
	}
	return e.append(c)
}

// InsertBefore adds fragment as a sibling before e and returns it; see
// [Element.Append].
//
// Errors: as Append; [core.Internal] when e is a root or was removed.
func (e *Element) InsertBefore(fragment string) (*Element, error) {
	return e.insert(fragment, func(c *Element) []node { return append([]node{c}, e.lineBreak()...) }, 0)
}

// InsertAfter adds fragment as a sibling after e and returns it; see
// [Element.InsertBefore].
func (e *Element) InsertAfter(fragment string) (*Element, error) {
	return e.insert(fragment, func(c *Element) []node { return append(e.lineBreak(), c) }, 1)
}

// Replace puts fragment in the place of e and returns the new element; e is
// then no longer part of the document. See [Element.InsertBefore].
func (e *Element) Replace(fragment string) (*Element, error) {
	c, err := e.insert(fragment, func(c *Element) []node { return []node{c} }, 0)
	if err != nil {
		return nil, err
	}
	i := e.index()
	e.parent.kids = slices.Delete(e.parent.kids, i, i+1)
	e.parent = nil
	return c, nil
}

// Remove takes e out of the document, with the line that it leaves empty. It
// does nothing to a nil element, a root, and what was removed before.
func (e *Element) Remove() {
	if e == nil || e.parent == nil {
		return
	}
	p, i := e.parent, e.index()
	if indent, ok := e.indent(); ok && e.endsLine() {
		line := strings.TrimSuffix(p.kids[i-1].(chunk).raw, "\n"+indent)
		p.kids[i-1] = blank(strings.TrimSuffix(line, "\r"))
	}
	p.kids = slices.Delete(p.kids, i, i+1)
	e.parent = nil
}

// insert puts what around makes of the new element at e's place plus offset.
func (e *Element) insert(fragment string, around func(*Element) []node, offset int) (*Element, error) {
	if e.Parent() == nil {
		return nil, errNoElement()
	}
	c, err := e.parent.fragment(fragment)
	if err != nil {
		return nil, err
	}
	if indent, ok := e.indent(); ok {
		c.reindent(indent)
	}
	c.parent = e.parent
	e.parent.kids = slices.Insert(e.parent.kids, e.index()+offset, around(c)...)
	return c, nil
}

// append adds c as the last child of e, with line breaks as around e's other children.
func (e *Element) append(c *Element) (*Element, error) {
	if e == nil {
		return nil, errNoElement()
	}
	indent, lines := e.childIndent()
	c.parent = e
	if !lines {
		e.open()
		e.kids = append(e.kids, c)
		return c, nil
	}
	c.reindent(indent)
	if e.Child("") == nil {
		own, _ := e.indent()
		e.open()
		for len(e.kids) > 0 && isBlankNode(e.kids[len(e.kids)-1]) {
			e.kids = e.kids[:len(e.kids)-1]
		}
		e.kids = append(e.kids, blank("\n"+indent), c, blank("\n"+own))
		return c, nil
	}
	at := len(e.kids)
	for at > 0 && isBlankNode(e.kids[at-1]) {
		at--
	}
	e.kids = slices.Insert(e.kids, at, node(blank("\n"+indent)), node(c))
	return c, nil
}

// fragment parses text that is to go under e.
func (e *Element) fragment(text string) (*Element, error) {
	if e == nil {
		return nil, errNoElement()
	}
	d, err := Parse(strings.TrimSpace(text))
	if err != nil {
		return nil, err
	}
	if len(d.before)+len(d.after) > 0 {
		return nil, core.Errorf(core.Invalid, "the XML to insert is not one element")
	}
	above := 0
	for at := e; at != nil; at = at.parent {
		above++
	}
	if above+d.root.height() > MaxDepth {
		return nil, core.Errorf(core.Invalid, "elements would be nested too deeply")
	}
	return d.root, nil
}

// open makes <a/> ready to take content.
func (e *Element) open() {
	if start, ok := strings.CutSuffix(e.tail, "/>"); ok {
		e.tail, e.end = strings.TrimRight(start, space)+">", "</"+e.name+">"
	}
}

func (e *Element) index() int {
	return slices.IndexFunc(e.parent.kids, func(k node) bool { return k == node(e) })
}

func (e *Element) height() int {
	deepest := 0
	for _, c := range e.Children("") {
		deepest = max(deepest, c.height())
	}
	return deepest + 1
}

func errNoElement() error {
	return core.Errorf(core.Internal, "the XML element to change is not in the document")
}
