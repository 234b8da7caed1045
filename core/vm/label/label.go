// Package label is what administrators write onto a VM: tags, a folder and
// fields of their own. It reads and makes the part of libvirt's <metadata> that
// holds them, and asks no host.
package label

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/xmledit"
)

// Space is the XML namespace of labels. It is another one than that of what the
// product itself notes of a VM: libvirt keeps one element for each, and replaces
// it as a whole.
const Space = "https://limiquantix.org/xmlns/label/1"

// Prefix is how [Space] is abbreviated in what we write.
const Prefix = "lql"

// Bounds of labels. What a host says beyond them is not shown.
const (
	MaxTags   = 64
	MaxFields = 64
	maxTag    = 64   // characters
	maxFolder = 255  // characters
	maxField  = 64   // characters of a name
	maxValue  = 1000 // characters of a value
)

// Labels of one VM.
type Labels struct {
	Tags   []string          `json:"tags,omitempty"`   // sorted, each once
	Folder string            `json:"folder,omitempty"` // "/prod/web"; "" for none
	Fields map[string]string `json:"fields,omitempty"` // no value is ""
}

// Read returns the labels that stand in a VM's XML; none when it is no XML. It
// is quick where there are none. What nobody could have written by [Change] is
// left out: it would not be safe to show.
func Read(xml string) Labels {
	if !strings.Contains(xml, Space) {
		return Labels{}
	}
	doc, err := xmledit.Parse(xmledit.Clean(xml))
	if err != nil {
		return Labels{}
	}
	return read(doc.Root().Child("metadata").ChildNS(Space, "labels"))
}

func read(e *xmledit.Element) Labels {
	var l Labels
	for _, c := range e.Children("") {
		if c.Space() != Space {
			continue
		}
		text := strings.TrimSpace(c.Text())
		switch c.Local() {
		case "tag":
			if CheckTag(text) == nil && len(l.Tags) < MaxTags {
				l.Tags = append(l.Tags, text)
			}
		case "folder":
			if folder, err := CleanFolder(text); err == nil {
				l.Folder = folder
			}
		case "field":
			if name := c.Attr("name"); checkField(name, text) == nil && text != "" && len(l.Fields) < MaxFields {
				l.set(name, text)
			}
		}
	}
	l.Tags = tidy(l.Tags)
	return l
}

func (l *Labels) set(name, value string) {
	if l.Fields == nil {
		l.Fields = map[string]string{}
	}
	l.Fields[name] = value
}

func tidy(tags []string) []string {
	slices.SortFunc(tags, func(a, b string) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a), strings.ToLower(b)), cmp.Compare(a, b))
	})
	return slices.Compact(tags)
}

// XML returns the element that holds l, without a namespace, as libvirt wants
// it in virDomainSetMetadata; "" when there are no labels.
//
// Errors: [core.Invalid] for text that XML cannot hold.
func (l Labels) XML() (string, error) {
	if l.Empty() {
		return "", nil
	}
	doc, err := xmledit.Parse("<labels>\n</labels>")
	if err != nil {
		return "", err
	}
	add := func(name, text string, attrs ...string) {
		if err != nil {
			return
		}
		var e *xmledit.Element
		if e, err = doc.Root().Add(name, attrs...); err == nil {
			err = e.SetText(text)
		}
	}
	for _, t := range l.Tags {
		add("tag", t)
	}
	if l.Folder != "" {
		add("folder", l.Folder)
	}
	for _, name := range slices.Sorted(maps.Keys(l.Fields)) {
		add("field", l.Fields[name], "name", name)
	}
	return doc.String(), err
}

// Empty reports whether there are no labels.
func (l Labels) Empty() bool { return len(l.Tags) == 0 && l.Folder == "" && len(l.Fields) == 0 }

// Equal reports whether two VMs have the same labels.
func (l Labels) Equal(o Labels) bool {
	return slices.Equal(l.Tags, o.Tags) && l.Folder == o.Folder && maps.Equal(l.Fields, o.Fields)
}

// CheckTag refuses what cannot be a tag. [core.Invalid].
func CheckTag(tag string) error {
	if !visible(tag, maxTag) || strings.ContainsAny(tag, ",\"") {
		return core.Errorf(core.Invalid, "%s cannot be a tag", core.Printable(tag, 60)).
			WithHint("a tag is 1 to %d characters that can be seen, without a comma and quotation marks", maxTag)
	}
	return nil
}

// CleanFolder returns a folder as it is written: "/prod/web"; "" for "" and "/".
// [core.Invalid] for what cannot be one.
func CleanFolder(folder string) (string, error) {
	var parts []string
	for part := range strings.SplitSeq(folder, "/") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		if part == "." || part == ".." || !visible(part, maxFolder) || strings.ContainsAny(part, "\"\\") {
			return "", core.Errorf(core.Invalid, "%s cannot be a folder", core.Printable(folder, 60)).
				WithHint("a folder is names with '/' between them, as /prod/web")
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return "", nil
	}
	folder = "/" + strings.Join(parts, "/")
	if utf8.RuneCountInString(folder) > maxFolder {
		return "", core.Errorf(core.Invalid, "the folder is longer than %d characters", maxFolder)
	}
	return folder, nil
}

func checkField(name, value string) error {
	if !visible(name, maxField) || strings.ContainsAny(name, "=:\"") {
		return core.Errorf(core.Invalid, "%s cannot be the name of a field", core.Printable(name, 60)).
			WithHint("it is 1 to %d characters that can be seen, without = : and quotation marks", maxField)
	}
	if value != "" && !visible(value, maxValue) {
		return core.Errorf(core.Invalid, "the value of %s is more than %d characters, or has some that cannot be seen", core.Printable(name, 60), maxValue).
			WithHint("longer text goes into the notes")
	}
	return nil
}

// visible reports whether s is one line that a reader sees as it is.
func visible(s string, most int) bool {
	return s != "" && s == strings.TrimSpace(s) && utf8.RuneCountInString(s) <= most && core.Escape(s) == s
}
