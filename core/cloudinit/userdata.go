package cloudinit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/limiquantix/limiquantix/core"
)

// firstLine is that by which cloud-init knows its own YAML.
const firstLine = "#cloud-config"

// parseUserData reads the user's own #cloud-config; an empty mapping for nil.
func parseUserData(data []byte) (*yaml.Node, error) {
	if len(data) == 0 {
		return mapping(), nil
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	first, rest, _ := strings.Cut(string(data), "\n")
	if err := checkHeader(strings.TrimSpace(first)); err != nil {
		return nil, err
	}
	return parseMapping("user-data", "\n"+rest) // an empty first line keeps the line numbers
}

// checkHeader refuses the other kinds of user-data, which cannot be merged.
func checkHeader(first string) error {
	if first == firstLine {
		return nil
	}
	lower := strings.ToLower(first)
	kind := ""
	switch {
	case strings.HasPrefix(first, "#!"):
		kind = "a script"
	case strings.HasPrefix(lower, "## template:"):
		kind = "a Jinja template"
	case strings.HasPrefix(lower, "content-type:"), strings.HasPrefix(lower, "mime-version:"):
		kind = "a MIME archive"
	case strings.HasPrefix(first, "\x1f\x8b"):
		kind = "compressed"
	case strings.HasPrefix(lower, "#include"), strings.HasPrefix(lower, "#cloud-"), strings.HasPrefix(lower, "#part-handler"), strings.HasPrefix(lower, "#upstart"):
		kind = "of the kind " + core.Printable(first, 40)
	default:
		return core.Errorf(core.Invalid, "the user-data does not begin with the line %s", firstLine).
			WithHint("put %s alone on the first line, or cloud-init ignores the file", firstLine)
	}
	return core.Errorf(core.Invalid, "the user-data is %s, which cannot be merged", kind).
		WithHint("write it as %s; commands go under runcmd:, files under write_files:", firstLine)
}

// parseMapping reads one YAML document that is a mapping (an empty one is an
// empty mapping), without doubled keys. what names it in errors.
func parseMapping(what, data string) (*yaml.Node, error) {
	if len(data) > MaxUserData {
		return nil, core.Errorf(core.Invalid, "the %s is larger than %v", what, core.Bytes(MaxUserData))
	}
	if !utf8.ValidString(data) {
		return nil, core.Errorf(core.Invalid, "the %s is not valid UTF-8", what)
	}
	d := yaml.NewDecoder(strings.NewReader(data))
	var doc, more yaml.Node
	if err := d.Decode(&doc); errors.Is(err, io.EOF) {
		return mapping(), nil
	} else if err != nil {
		return nil, badYAML(what, data, err)
	}
	if err := d.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, core.Errorf(core.Invalid, "the %s holds more than one YAML document", what).WithHint("remove the line ---")
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.ShortTag() == "!!null" {
		return mapping(), nil
	}
	if root.Kind != yaml.MappingNode {
		return nil, badLine(what, root, "a mapping (key: value) is expected")
	}
	if find(root, "<<") != nil {
		return nil, badLine(what, root, "the merge key << is not accepted at the top")
	}
	var all map[string]any // finds doubled keys and aliases that explode
	if err := root.Decode(&all); err != nil {
		return nil, badYAML(what, data, err)
	}
	return root, nil
}

// merge puts ours into theirs, both mappings: theirs win, lists are joined with
// ours first, a user that both name is merged in the same way.
func merge(ours, theirs *yaml.Node) error {
	var added []*yaml.Node
	for i := 0; i < len(ours.Content); i += 2 {
		key, our := ours.Content[i], ours.Content[i+1]
		their := find(theirs, key.Value)
		switch {
		case their == nil:
			added = append(added, key, our)
		case our.Kind == yaml.SequenceNode && their.ShortTag() == "!!null" && their.Kind == yaml.ScalarNode:
			*their = *our
		case our.Kind == yaml.SequenceNode:
			if their.Kind != yaml.SequenceNode {
				return badLine("user-data", their, key.Value+" must be a list")
			}
			if err := join(our, their); err != nil {
				return err
			}
		case our.Kind == yaml.MappingNode && their.Kind == yaml.MappingNode:
			if err := merge(our, their); err != nil {
				return err
			}
		}
	}
	theirs.Content = append(added, theirs.Content...) // before theirs: an alias must follow its anchor
	return nil
}

// join puts the items of ours before those of theirs.
func join(ours, theirs *yaml.Node) error {
	var added []*yaml.Node
next:
	for _, our := range ours.Content {
		for _, their := range theirs.Content {
			if name := find(our, "name"); name != nil && find(their, "name") != nil && find(their, "name").Value == name.Value {
				if err := merge(our, their); err != nil {
					return err
				}
				continue next
			}
			if our.Kind == yaml.ScalarNode && their.Kind == yaml.ScalarNode && our.Value == their.Value {
				continue next
			}
		}
		added = append(added, our)
	}
	theirs.Content = append(added, theirs.Content...)
	return nil
}

// find returns the value of a key in a mapping, or nil.
func find(n *yaml.Node, key string) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

func badLine(what string, n *yaml.Node, why string) error {
	return core.Errorf(core.Invalid, "the %s is not right: line %d: %s", what, n.Line, why).
		WithHint("cloud-init's reference has an example of every module: https://cloudinit.readthedocs.io").
		WithDetail("line", strconv.Itoa(n.Line)).WithDetail("column", strconv.Itoa(n.Column))
}

// badYAML keeps the first line of what the parser says: the place and the
// reason. Of a column it says nothing: the one told is where the line begins.
func badYAML(what, data string, err error) error {
	m := regexp.MustCompile(`(?s)^yaml: (?:unmarshal errors:\s*)?([^\n]*)`).FindStringSubmatch(err.Error())
	why := err.Error()
	if m != nil {
		why = m[1]
	}
	// yaml.v3 counts the lines of its parser's errors from 0, of all others from 1.
	if line, what, ok := strings.Cut(why, ": did not find expected "); ok {
		if n, err := strconv.Atoi(strings.TrimPrefix(line, "line ")); err == nil {
			why = fmt.Sprintf("line %d: did not find expected %s", n+1, what)
		}
	}
	e := core.Errorf(core.Invalid, "the %s is not valid YAML: %s", what, core.Escape(strings.TrimSpace(why))).
		WithHint("indent with spaces, never with tabs, and put quotes around values that hold ': ' or begin with a special character")
	var line int
	if _, err := fmt.Sscanf(strings.TrimSpace(why), "line %d:", &line); err != nil || line < 1 {
		return e
	}
	column := 1
	if all := strings.Split(data, "\n"); line <= len(all) {
		column += len(all[line-1]) - len(strings.TrimLeft(all[line-1], " \t"))
	}
	return e.WithDetail("line", strconv.Itoa(line)).WithDetail("column", strconv.Itoa(column))
}
