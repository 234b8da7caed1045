package xmledit

import (
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// Diff returns a unified diff (three lines of context) from before to after,
// any two texts; "" when they are equal.
func Diff(before, after string) string {
	d := diff.Diff("before", []byte(before), "after", []byte(after))
	_, d2, _ := strings.Cut(string(d), "\n") // the first line repeats the names
	return d2
}

// Canonical returns xml in one spelling: an element or text a line, indented,
// attributes sorted by name; comments, instructions, white space between
// elements and the difference between <a/> and <a></a> are gone. Prefixes and
// the order of elements are kept: they carry meaning.
//
// Errors: as [Parse].
func Canonical(xml string) (string, error) {
	d, err := Parse(xml)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	d.root.canonical(&b, "")
	return b.String(), nil
}

// Equal reports whether two documents have the same [Canonical] form. Two that
// are the same text are equal even when they are not XML.
func Equal(a, b string) bool {
	if a == b {
		return true
	}
	ca, errA := Canonical(a)
	cb, errB := Canonical(b)
	return errA == nil && errB == nil && ca == cb
}

func (e *Element) canonical(b *strings.Builder, indent string) {
	b.WriteString(indent + "<" + e.name)
	attrs := slices.Clone(e.attrs)
	slices.SortFunc(attrs, func(x, y attr) int { return strings.Compare(x.name, y.name) })
	for _, a := range attrs {
		b.WriteString(" " + a.name + "='" + escapeAttr(a.value) + "'")
	}
	if e.Child("") == nil {
		if text := e.Text(); isBlank(text) {
			b.WriteString("/>\n")
		} else {
			b.WriteString(">" + escapeAttr(text) + "</" + e.name + ">\n")
		}
		return
	}
	b.WriteString(">\n")
	text := "" // gathered over comments, CDATA and entities
	flush := func() {
		if !isBlank(text) {
			b.WriteString(indent + unit + escapeAttr(text) + "\n")
		}
		text = ""
	}
	for _, k := range e.kids {
		switch k := k.(type) {
		case chunk:
			text += k.text
		case *Element:
			flush()
			k.canonical(b, indent+unit)
		}
	}
	flush()
	b.WriteString(indent + "</" + e.name + ">\n")
}
