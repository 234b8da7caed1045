package cli

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// vmColumn is a column of the list of VMs that can be chosen.
func (p *program) vmColumn(name string) (column[*apiv1.VM], error) {
	if field, own := strings.CutPrefix(name, "cf."); own && field != "" {
		return column[*apiv1.VM]{strings.ToUpper(field), func(v *apiv1.VM) string { return v.Fields[field] }}, nil
	}
	for key, c := range map[string]column[*apiv1.VM]{
		"name":    {"NAME", (*apiv1.VM).GetName},
		"host":    {"HOST", (*apiv1.VM).GetHost},
		"state":   {"STATE", vmState},
		"vcpus":   {"VCPUS", func(v *apiv1.VM) string { return count(v.Vcpus) }},
		"memory":  {"MEMORY", func(v *apiv1.VM) string { return size(v.MemoryBytes) }},
		"address": {"ADDRESS", bestAddress},
		"age":     {"AGE", p.vmAge},
		"tags":    {"TAGS", func(v *apiv1.VM) string { return strings.Join(v.Tags, ",") }},
		"folder":  {"FOLDER", (*apiv1.VM).GetFolder},
		"title":   {"TITLE", (*apiv1.VM).GetTitle},
		"uuid":    {"UUID", (*apiv1.VM).GetUuid},
	} {
		if key == name {
			return c, nil
		}
	}
	return column[*apiv1.VM]{}, core.Errorf(core.Invalid, "%s is no column", core.Printable(name, 60)).
		WithHint("columns are name, host, state, vcpus, memory, address, age, tags, folder, title, uuid and cf.FIELD")
}

func (p *program) vmColumns(names []string) ([]column[*apiv1.VM], error) {
	var out []column[*apiv1.VM]
	for _, name := range names {
		c, err := p.vmColumn(name)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// sortVMs sorts by a column, "-" before it for the other way round: by number
// where both are one, what has nothing last.
func (p *program) sortVMs(vms []*apiv1.VM, by string) error {
	name, down := strings.CutPrefix(by, "-")
	c, err := p.vmColumn(name)
	if err != nil {
		return err
	}
	slices.SortStableFunc(vms, func(a, b *apiv1.VM) int {
		x, y := c.text(a), c.text(b)
		switch {
		case x == y:
			return 0
		case x == "":
			return 1
		case y == "":
			return -1
		}
		order := compareCells(name, a, b, x, y)
		if down {
			return -order
		}
		return order
	})
	return nil
}

func compareCells(name string, a, b *apiv1.VM, x, y string) int {
	if name == "memory" {
		return cmp.Compare(a.MemoryBytes, b.MemoryBytes)
	}
	m, errX := strconv.ParseFloat(x, 64)
	n, errY := strconv.ParseFloat(y, 64)
	if errX == nil && errY == nil {
		return cmp.Compare(m, n)
	}
	return core.CompareNatural(x, y)
}
