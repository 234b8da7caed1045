package vm

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/vm/label"
	"github.com/limiquantix/limiquantix/core/xmledit"
)

func labelsOf(l *apiv1.LabelVMsRequest_Labels) label.Labels {
	return label.Labels{Tags: l.GetTags(), Folder: l.GetFolder(), Fields: fieldsOf(l.GetFields())}
}

func fieldsOf(list []*apiv1.LabelField) map[string]string {
	fields := make(map[string]string, len(list))
	for _, f := range list {
		fields[f.Name] = f.Value
	}
	return fields
}

func labelsProto(l label.Labels, notes string) *apiv1.LabelVMsRequest_Labels {
	out := &apiv1.LabelVMsRequest_Labels{Tags: l.Tags, Folder: l.Folder, Notes: notes}
	for _, name := range slices.Sorted(maps.Keys(l.Fields)) {
		out.Fields = append(out.Fields, &apiv1.LabelField{Name: name, Value: l.Fields[name]})
	}
	return out
}

func labelSubject(targets []*apiv1.LabelVMsRequest_Target) string {
	if len(targets) == 1 {
		return "VM " + targets[0].Name
	}
	return fmt.Sprintf("%d VMs", len(targets))
}

// labelWords says what a request does: a title, and the command line when one
// verb says all of it.
func labelWords(req *apiv1.LabelVMsRequest, visits []*visit) (title string, command []string) {
	var refs []string
	for _, v := range visits {
		for _, t := range v.targets {
			refs = append(refs, v.host.Name+"/"+t.Name)
		}
	}
	subject := labelSubject(req.Targets)
	if len(req.Targets) == 1 && len(visits) == 1 {
		subject += " on " + visits[0].host.Name
	}
	var deeds []string
	say := func(deed string, args ...string) {
		deeds = append(deeds, deed)
		command = slices.Concat([]string{"vm"}, args, refs)
	}
	if len(req.AddTags) > 0 {
		say("Add "+tagWords(req.AddTags), "tag", "add", strings.Join(req.AddTags, ","))
	}
	if len(req.RemoveTags) > 0 {
		say("Remove "+tagWords(req.RemoveTags), "tag", "remove", strings.Join(req.RemoveTags, ","))
	}
	if req.Folder != nil {
		deed, to := "Move to "+*req.Folder, *req.Folder
		if to == "" {
			deed, to = "Take out of the folder", "/"
		}
		say(deed, "move", to)
	}
	for _, f := range req.Fields {
		say("Set "+f.Name, "field", "set", f.Name+"="+f.Value)
	}
	if req.Notes != nil {
		say("Write notes", "notes", "--set", *req.Notes)
	}
	switch len(deeds) {
	case 0:
		return "Put back the labels of " + subject, nil
	case 1:
		return deeds[0] + ": " + subject, command
	}
	return strings.Join(deeds, ", ") + ": " + subject, nil
}

func tagWords(tags []string) string {
	if len(tags) == 1 {
		return "tag " + tags[0]
	}
	return "tags " + strings.Join(tags, ", ")
}

// labelDiff shows what changes of one VM, under its name.
func labelDiff(t *apiv1.LabelVMsRequest_Target) string {
	return xmledit.Diff(labelText(t.Name, t.Before), labelText(t.Name, t.After))
}

// labelText is the part of a VM's XML that labels are in; "" when it cannot be.
func labelText(name string, l *apiv1.LabelVMsRequest_Labels) string {
	doc, err := xmledit.Parse("<domain>\n  <name/>\n  <metadata>\n  </metadata>\n</domain>\n")
	if err != nil {
		return ""
	}
	dom := doc.Root()
	xml, err := labelsOf(l).XML()
	if err != nil || dom.Child("name").SetText(name) != nil {
		return ""
	}
	if l.GetNotes() != "" {
		e, err := dom.Child("name").InsertAfter("<description/>")
		if err != nil || e.SetText(l.Notes) != nil {
			return ""
		}
	}
	if xml == "" {
		return doc.String()
	}
	if _, err := dom.Child("metadata").Append(xml); err != nil {
		return ""
	}
	return doc.String()
}
