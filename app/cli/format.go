package cli

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"

	"gopkg.in/yaml.v3"

	"github.com/limiquantix/limiquantix/core"
)

// writeJSON appends n as JSON, indented by two spaces a level.
func writeJSON(b *bytes.Buffer, n node, indent string) {
	inner := indent + "  "
	switch n := n.(type) {
	case object:
		writeItems(b, "{", "}", indent, len(n), func(i int) {
			b.WriteString(quoteJSON(n[i].key) + ": ")
			writeJSON(b, n[i].value, inner)
		})
	case list:
		writeItems(b, "[", "]", indent, len(n), func(i int) { writeJSON(b, n[i], inner) })
	case string:
		b.WriteString(quoteJSON(n))
	case nil:
		b.WriteString("null")
	default:
		fmt.Fprint(b, n) // bool and numbers
	}
}

func writeItems(b *bytes.Buffer, open, end, indent string, n int, item func(int)) {
	b.WriteString(open)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n" + indent + "  ")
		item(i)
	}
	if n > 0 {
		b.WriteString("\n" + indent)
	}
	b.WriteString(end)
}

// quoteJSON returns s as a JSON string in which every character that could
// command a terminal (C1 controls and direction marks too, which JSON allows
// bare) is an escape.
func quoteJSON(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	return escapeUnprintable(strings.TrimSuffix(b.String(), "\n"), jsonAstral)
}

// jsonAstral is how JSON writes a character beyond U+FFFF; YAML: yamlAstral.
func jsonAstral(r rune) string {
	hi, lo := utf16.EncodeRune(r)
	return fmt.Sprintf(`\u%04x\u%04x`, hi, lo)
}

func yamlAstral(r rune) string { return fmt.Sprintf(`\U%08x`, r) }

// escapeUnprintable writes characters that are not printable, line breaks
// apart, as \uXXXX: right inside a quoted string of JSON or YAML.
func escapeUnprintable(s string, astral func(rune) string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case unicode.IsPrint(r) || r == '\n':
			b.WriteRune(r)
		case r > 0xffff:
			b.WriteString(astral(r))
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// yamlNode turns n into what the YAML library writes.
func yamlNode(n node) *yaml.Node {
	switch n := n.(type) {
	case object:
		out := &yaml.Node{Kind: yaml.MappingNode}
		for _, f := range n {
			out.Content = append(out.Content, yamlNode(f.key), yamlNode(f.value))
		}
		if len(n) == 0 {
			out.Style = yaml.FlowStyle
		}
		return out
	case list:
		out := &yaml.Node{Kind: yaml.SequenceNode}
		for _, v := range n {
			out.Content = append(out.Content, yamlNode(v))
		}
		if len(n) == 0 {
			out.Style = yaml.FlowStyle
		}
		return out
	case string:
		if strings.IndexFunc(n, func(r rune) bool { return !unicode.IsPrint(r) }) >= 0 {
			// JSON's quoting is YAML's, and safe on a terminal.
			return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: n}
		}
		out := &yaml.Node{}
		out.SetString(n)
		return out
	}
	out := &yaml.Node{}
	_ = out.Encode(n) // nil, bool and numbers always encode
	return out
}

func writeYAML(b *bytes.Buffer, n node) error {
	out, err := yaml.Marshal(yamlNode(n))
	if err != nil {
		return err
	}
	b.WriteString(escapeUnprintable(string(out), yamlAstral))
	return nil
}

// writeCSV writes a line for each of rows, all of which have the fields in
// columns. A list of words is one cell with ';' between them; what has parts of
// its own is a cell of JSON.
func writeCSV(b *bytes.Buffer, columns []string, rows []object, headers bool) error {
	w := csv.NewWriter(b)
	if headers {
		_ = w.Write(columns) // the writer keeps its error until Error
	}
	for _, r := range rows {
		cells := make([]string, len(r))
		for i, f := range r {
			cells[i] = core.Escape(cell(f.value))
		}
		_ = w.Write(cells)
	}
	w.Flush()
	return w.Error()
}

func cell(n node) string {
	switch n := n.(type) {
	case nil:
		return ""
	case object:
		return compactJSON(n)
	case list:
		words := make([]string, len(n))
		for i, v := range n {
			s, ok := v.(string)
			if !ok {
				return compactJSON(n)
			}
			words[i] = s
		}
		return strings.Join(words, ";")
	}
	return fmt.Sprint(n)
}

func compactJSON(n node) string {
	var b, out bytes.Buffer
	writeJSON(&b, n, "")
	_ = json.Compact(&out, b.Bytes()) // our own JSON is JSON
	return out.String()
}

// clip cuts a name that somebody typed to what a sentence can hold.
func clip(name string) string {
	const most = 80
	if runes := []rune(name); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return name
}
