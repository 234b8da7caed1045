//go:build linux

package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/lab"
)

// untilListed waits until the list of VMs of a running application has the text.
func (s *site) untilListed(text string) {
	s.t.Helper()
	s.await("listed: "+text, 30*time.Second, func() bool {
		return strings.Contains(s.run("vm", "list", "--offline", "--no-headers", "--columns", "name,tags,folder,cf.owner"), text)
	})
}

// TestLabels writes tags, a folder, fields and notes on real libvirtd, of a VM
// that is off and of a running one. Another administrator, whose application runs
// all the time, sees them; nothing else of the VM's XML changes, and undo takes
// all of it back.
func TestLabels(t *testing.T) {
	f := newFleet(t, lab.Options{Hosts: 1})
	one, other := f.manage(t, "kvm1"), f.manage(t, "kvm1")
	was := one.rich()
	app := other.serve()
	defer app.stop()
	other.untilListed("rich")

	one.run("vm", "tag", "add", "prod,web", "rich")
	other.untilListed("prod,web")
	one.run("vm", "move", "/prod/shop", "rich")
	other.untilListed("/prod/shop")
	other.run("vm", "field", "set", "owner=R&D <x>", "rich")
	want(t, "the other's field", one.run("vm", "list", "tag:web", "folder:/prod", "--columns", "name,cf.owner"), "R&D <x>")

	now := one.stored("rich")
	want(t, "the metadata", now, "https://limiquantix.org/xmlns/label/1", "R&amp;D &lt;x&gt;")
	for _, line := range strings.Split(was, "\n") {
		if !strings.Contains(now, line) {
			t.Errorf("labels cost the line %q", line)
		}
	}
	other.run("undo")
	one.run("undo")
	one.run("undo")
	one.is("rich", was)

	one.run("vm", "start", "rich")
	one.run("vm", "tag", "add", "running", "rich")
	one.run("vm", "notes", "rich", "--set", "# Notes & more")
	for _, of := range []string{"--inactive", "--security-info"} {
		want(t, "dumpxml "+of, one.inside("virsh", "dumpxml", "rich", of), "running</", "# Notes &amp; more")
	}
	if pending := one.run("vm", "show", "rich"); strings.Contains(pending, "next boot") {
		t.Errorf("labels wait for the next boot:\n%s", pending)
	}
	one.inside("virsh", "metadata", "rich", "https://limiquantix.org/xmlns/label/1", "--key", "x", "--set", "<labels><tag>by virsh</tag></labels>", "--config", "--live")
	other.untilListed("by virsh")
	one.fails(1, "were changed by somebody else", "undo", one.taskOf("Add tag running"))
}

// TestLabelsKilled kills the program at every moment of a change of labels: what
// was on record is carried on, and nothing else is changed.
func TestLabelsKilled(t *testing.T) {
	f := newFleet(t, lab.Options{Hosts: 1})
	s := f.manage(t, "kvm1")
	was := s.rich()
	s.everyPoint(4, 0, []string{"vm", "tag", "add", "killed", "rich"}, func(int) {
		s.run("task", "resume")
		want(t, "resumed", s.stored("rich"), "<lql:tag>killed</lql:tag>")
		s.run("vm", "tag", "remove", "killed", "rich")
		s.is("rich", was)
	})
}

// taskOf returns the id of the newest task whose title begins with text.
func (s *site) taskOf(text string) string {
	s.t.Helper()
	var tasks []struct{ ID, Title string }
	s.read(&tasks, "task", "list")
	for _, task := range tasks {
		if strings.HasPrefix(task.Title, text) {
			return task.ID
		}
	}
	s.t.Fatalf("no task %s in %+v", text, tasks)
	return ""
}
