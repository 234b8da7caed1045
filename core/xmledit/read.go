package xmledit

import "strings"

// Root returns the document's root element, never nil.
func (d *Doc) Root() *Element { return d.root }

// Name returns the name as written, with its prefix: "disk", "qemu:arg".
func (e *Element) Name() string {
	if e == nil {
		return ""
	}
	return e.name
}

// Local returns the name without its prefix.
func (e *Element) Local() string {
	_, local := split(e.Name())
	return local
}

// Space returns the namespace (a URI) that the element is in, by the xmlns
// declarations on it and around it; "" when it is in none.
func (e *Element) Space() string {
	prefix, _ := split(e.Name())
	declaration := "xmlns"
	if prefix != "" {
		declaration += ":" + prefix
	}
	for at := e; at != nil; at = at.parent {
		if a := at.attr(declaration); a != nil {
			return a.value
		}
	}
	return ""
}

// Parent returns the element around e; nil for the root and for what was removed.
func (e *Element) Parent() *Element {
	if e == nil {
		return nil
	}
	return e.parent
}

// Children returns the child elements in document order, those with the given
// name (as written, with its prefix), or all for "". Changing the slice does
// not change the document.
func (e *Element) Children(name string) []*Element {
	if e == nil {
		return nil
	}
	var found []*Element
	for _, k := range e.kids {
		if c, ok := k.(*Element); ok && (name == "" || c.name == name) {
			found = append(found, c)
		}
	}
	return found
}

// Child returns the first child element with the given name (as written), or nil.
func (e *Element) Child(name string) *Element {
	if c := e.Children(name); len(c) > 0 {
		return c[0]
	}
	return nil
}

// ChildNS returns the first child element of a namespace, whatever its prefix,
// or nil: for <metadata>, where everybody may choose a prefix.
func (e *Element) ChildNS(space, local string) *Element {
	for _, c := range e.Children("") {
		if c.Local() == local && c.Space() == space {
			return c
		}
	}
	return nil
}

// Attrs returns the names of the attributes as written, in their order.
func (e *Element) Attrs() []string {
	if e == nil {
		return nil
	}
	names := make([]string, len(e.attrs))
	for i, a := range e.attrs {
		names[i] = a.name
	}
	return names
}

// Attr returns the value of an attribute with its entities resolved; "" when
// it is not there, as when it is empty.
func (e *Element) Attr(name string) string {
	if a := e.attr(name); a != nil {
		return a.value
	}
	return ""
}

// HasAttr reports whether an attribute is there.
func (e *Element) HasAttr(name string) bool { return e.attr(name) != nil }

// Text returns the text directly inside e, CDATA included, entities resolved,
// children and comments left out. White space is kept.
func (e *Element) Text() string {
	if e == nil {
		return ""
	}
	var b strings.Builder
	for _, k := range e.kids {
		if c, ok := k.(chunk); ok {
			b.WriteString(c.text)
		}
	}
	return b.String()
}

// String returns the element as written, with all that is in it. Namespaces
// that are declared around it are not declared again.
func (e *Element) String() string {
	if e == nil {
		return ""
	}
	var b strings.Builder
	e.write(&b)
	return b.String()
}

func (e *Element) attr(name string) *attr {
	if e == nil {
		return nil
	}
	for i := range e.attrs {
		if e.attrs[i].name == name {
			return &e.attrs[i]
		}
	}
	return nil
}

func split(name string) (prefix, local string) {
	if prefix, local, ok := strings.Cut(name, ":"); ok {
		return prefix, local
	}
	return "", name
}
