package label

import (
	"maps"
	"slices"

	"github.com/limiquantix/limiquantix/core"
)

// Change is what is to become of the labels of VMs: the same for all of them.
type Change struct {
	Add, Remove []string          // tags
	Folder      *string           // nil: as it is; "" for none
	Fields      map[string]string // "" removes one; others stay
}

// Check refuses what no VM could have, and writes the folder as it is kept.
// [core.Invalid] with the detail "field".
func (c *Change) Check() error {
	for _, t := range c.Add {
		if err := CheckTag(t); err != nil {
			return core.InField(err, "add_tags")
		}
		if slices.Contains(c.Remove, t) {
			return core.InField(core.Errorf(core.Invalid, "the tag %s is to be added and removed", core.Printable(t, 60)), "remove_tags")
		}
	}
	if c.Folder != nil {
		folder, err := CleanFolder(*c.Folder)
		if err != nil {
			return core.InField(err, "folder")
		}
		c.Folder = &folder
	}
	for name, value := range c.Fields {
		if err := checkField(name, value); err != nil {
			return core.InField(err, "fields")
		}
	}
	return nil
}

// Apply returns l with the change; l stays as it is. [core.Invalid] when it
// would have more than there can be.
func (c Change) Apply(l Labels) (Labels, error) {
	out := Labels{Folder: l.Folder, Fields: maps.Clone(l.Fields)}
	for _, t := range slices.Concat(l.Tags, c.Add) {
		if !slices.Contains(c.Remove, t) {
			out.Tags = append(out.Tags, t)
		}
	}
	out.Tags = tidy(out.Tags)
	if c.Folder != nil {
		out.Folder = *c.Folder
	}
	for name, value := range c.Fields {
		if value == "" {
			delete(out.Fields, name)
			continue
		}
		out.set(name, value)
	}
	if len(out.Tags) > MaxTags {
		return l, core.InField(core.Errorf(core.Invalid, "a VM has at most %d tags", MaxTags), "add_tags")
	}
	if len(out.Fields) > MaxFields {
		return l, core.InField(core.Errorf(core.Invalid, "a VM has at most %d fields", MaxFields), "fields")
	}
	return out, nil
}
