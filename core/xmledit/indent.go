package xmledit

import "strings"

// unit is one step of indentation where the document shows none; libvirt's own.
const unit = "  "

// indent returns the white space before e on its line, and whether e begins
// its line. A root begins its line.
func (e *Element) indent() (string, bool) {
	if e.parent == nil {
		return "", true
	}
	i := e.index()
	if i == 0 {
		return "", false
	}
	c, ok := e.parent.kids[i-1].(chunk)
	line := strings.LastIndexByte(c.raw, '\n')
	if !ok || line < 0 || !isBlank(c.raw) {
		return "", false
	}
	return c.raw[line+1:], true
}

// endsLine reports whether nothing else stands on the line after e.
func (e *Element) endsLine() bool {
	kids, next := e.parent.kids, e.index()+1
	if next == len(kids) {
		return true
	}
	c, ok := kids[next].(chunk)
	return ok && strings.HasPrefix(strings.TrimLeft(c.raw, " \t\r"), "\n")
}

// childIndent returns the white space to put before a new last child of e, and
// whether it goes on a line of its own: as e's last child does; in an element
// without children, when e itself begins its line and holds no text.
func (e *Element) childIndent() (string, bool) {
	if kids := e.Children(""); len(kids) > 0 {
		return kids[len(kids)-1].indent()
	}
	if !isBlank(e.Text()) {
		return "", false
	}
	own, ok := e.indent()
	return own + unit, ok
}

// lineBreak returns what separates e from a sibling: nothing when e does not
// begin its line.
func (e *Element) lineBreak() []node {
	if indent, ok := e.indent(); ok {
		return []node{blank("\n" + indent)}
	}
	return nil
}

// reindent moves the lines inside e, which comes from elsewhere, so that its
// end tag stands under its start tag at the given indentation. Text with
// anything but white space in it is left alone.
func (e *Element) reindent(indent string) {
	if len(e.kids) == 0 {
		return
	}
	was := ""
	if c, ok := e.kids[len(e.kids)-1].(chunk); ok && isBlank(c.raw) {
		was = c.raw[strings.LastIndexByte(c.raw, '\n')+1:]
	}
	e.shift(was, indent)
}

func (e *Element) shift(was, indent string) {
	if e.Child("") == nil {
		return // white space in a leaf is its text
	}
	for i, k := range e.kids {
		switch k := k.(type) {
		case *Element:
			k.shift(was, indent)
		case chunk:
			if line := strings.LastIndexByte(k.raw, '\n') + 1; line > 0 && isBlank(k.raw) {
				e.kids[i] = blank(k.raw[:line] + indent + strings.TrimPrefix(k.raw[line:], was))
			}
		}
	}
}

func blank(s string) chunk { return chunk{raw: s, text: s} }

func isBlank(s string) bool { return strings.Trim(s, space) == "" }

func isBlankNode(n node) bool {
	c, ok := n.(chunk)
	return ok && isBlank(c.raw)
}
