package xmledit

import (
	"encoding/xml"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/limiquantix/limiquantix/core"
)

// Both spell as libvirt does (virBufferEscapeString), so that its answer does
// not differ from what we sent; what a parser would normalise (XML 1.0, 2.11
// and 3.3.3) is spelt so that it does not.
var (
	textEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;", "\r", "&#13;")
	lineEscaper = strings.NewReplacer("\t", "&#9;", "\n", "&#10;")
)

// escapeText returns s as it is written between tags.
func escapeText(s string) string { return textEscaper.Replace(s) }

// escapeAttr returns s as it is written in an attribute, whichever quotes are used.
func escapeAttr(s string) string { return lineEscaper.Replace(textEscaper.Replace(s)) }

// checkValue refuses what would not come back as it was given: invalid UTF-8,
// and control characters except tab and line breaks.
func checkValue(s string) error {
	if !utf8.ValidString(s) {
		return core.Errorf(core.Invalid, "the value %s is not valid UTF-8", core.Printable(s, 60))
	}
	for _, r := range s {
		if !isXML(r) || r >= 0x7F && r <= 0x9F {
			return core.Errorf(core.Invalid, "the value %s holds a control character", core.Printable(s, 60))
		}
	}
	return nil
}

// checkName leaves the judgement to encoding/xml: a name is what makes <name/>
// one empty element.
func checkName(name string) error {
	d := xml.NewDecoder(strings.NewReader("<" + name + "/>"))
	t, err := d.RawToken()
	start, ok := t.(xml.StartElement)
	written := start.Name.Local
	if start.Name.Space != "" {
		written = start.Name.Space + ":" + written
	}
	if err != nil || !ok || len(start.Attr) > 0 || written != name {
		return core.Errorf(core.Invalid, "%s is not a name in XML", core.Printable(name, 60))
	}
	if _, err := d.RawToken(); err != nil {
		return core.Errorf(core.Invalid, "%s is not a name in XML", core.Printable(name, 60))
	}
	if _, err := d.RawToken(); err != io.EOF {
		return core.Errorf(core.Invalid, "%s is not a name in XML", core.Printable(name, 60))
	}
	return nil
}
