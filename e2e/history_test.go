//go:build linux

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/lab"
)

// change is what history -o json tells.
type change struct {
	Number                                  int64
	Change, Text, State, Task, Actor, Since string
	HasDiff                                 bool `json:"has_diff"`
}

// untilChange waits until the newest change of a VM is as is says.
func (s *site) untilChange(vm string, is func(c change) bool) change {
	s.t.Helper()
	var list []change
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(100 * time.Millisecond) {
		list = nil
		s.read(&list, "history", vm)
		if len(list) > 0 && is(list[0]) {
			return list[0]
		}
	}
	s.t.Fatalf("the history of %s is %+v", vm, list)
	return change{}
}

// TestHistory changes a VM on real libvirtd by us, by virsh, and by virsh while
// nobody watches.
func TestHistory(t *testing.T) {
	f := newFleet(t, lab.Options{Hosts: 1})
	s := f.manage(t, "kvm1")
	was := s.rich()
	app := s.serve()
	s.untilChange("rich", func(c change) bool { return c.Change == "added" || c.Change == "found" })
	wait := func(what string) {
		t.Helper()
		for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(100 * time.Millisecond) {
			if strings.Contains(s.run("history", "rich", "--at", "0s"), what) {
				return
			}
		}
		t.Fatalf("the history does not know %s:\n%s", what, s.run("history", "rich", "--at", "0s"))
	}
	wait("<on_crash>destroy")

	s.run("vm", "set", "rich", "--title", "ours")
	ours := s.untilChange("rich", func(c change) bool { return c.Change == "configured" })
	if ours.Task == "" || ours.Actor == "" || !ours.HasDiff || ours.Since != "" {
		t.Errorf("our change is told as %+v", ours)
	}
	s.inside("virsh", "desc", "rich", "--config", "--title", "--new-desc", "theirs")
	theirs := s.untilChange("rich", func(c change) bool { return c.Number > ours.Number && c.Change == "configured" })
	if theirs.Task != "" {
		t.Errorf("another's change is told as ours: %+v", theirs)
	}
	wait("<title>theirs</title>")

	app.stop()
	s.inside("virsh", "desc", "rich", "--config", "--title", "--new-desc", "meanwhile")
	app = s.serve()
	away := s.untilChange("rich", func(c change) bool { return c.Number > theirs.Number && c.Change == "configured" })
	if away.Task != "" || away.Since == "" {
		t.Errorf("a change that nobody saw is told as %+v", away)
	}
	diff := s.run("history", "--change", fmt.Sprint(away.Number))
	want(t, "history --change", diff, "-  <title>theirs</title>", "+  <title>meanwhile</title>")
	if all := s.run("history", "rich", "--at", "0s") + diff; strings.Contains(all, "hunter2") || !strings.Contains(was, "hunter2") {
		t.Error("the history holds the password of a console")
	}

	s.run("vm", "start", "rich")
	started := s.untilChange("rich", func(c change) bool { return c.Change == "started" })
	if started.Task == "" || started.State != "running" {
		t.Errorf("our start is told as %+v", started)
	}
	s.inside("virsh", "destroy", "rich")
	if stopped := s.untilChange("rich", func(c change) bool { return c.Change == "stopped" }); stopped.Task != "" {
		t.Errorf("another's stop is told as ours: %+v", stopped)
	}
	app.stop()

	// Who had it done: the key that opened the host is the site's own.
	var acts []struct {
		Event, Title string
		Actor        struct{ User, Door, Key string }
	}
	s.read(&acts, "audit", "list", "rich")
	if len(acts) != 4 || acts[0].Event != "done" || acts[0].Title != "Start VM rich on kvm1" || acts[0].Actor.Door != "cli" || acts[0].Actor.User != "root" || !strings.HasPrefix(acts[0].Actor.Key, "SHA256:") {
		t.Errorf("got %+v", acts)
	}
	want(t, "audit verify", s.run("audit", "verify"), "Intact   yes")
}
