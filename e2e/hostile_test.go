//go:build linux

package e2e

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/lab"
)

// hostileNames are what a name must not do harm with, and whether something may
// be called so.
func hostileNames() map[string]bool {
	return map[string]bool{
		`quo"te`: true, "apo'strophe": true, "$(cd ..;cd tmp;touch pwned)": true, "$(id)": true, "`id`": true, "${IFS}&|;": true,
		"<script>alert(1)<": true, "a&amp;b": true, `back\slash`: true, "%s%n%d": true, "日本語 ünï 😀": true, "{{7*7}}": true, "-rf": false,
		"--help": false, ".hidden": false, "..": false, "../../etc/passwd": false, "line\nbreak": false, "tab\there": false,
		"bell\aand\x1b[31mred": false, "\u202egpj.exe": false, "zero\u200bwidth": false, " space": false, "not utf8 \xff\xfe": false,
		strings.Repeat("x", 4096): false, strings.Repeat("x", core.MaxName): true, longAccents: true, "": false,
	}
}

// longAccents may be the name of a file, but not of a VM: libvirt cannot start it.
var longAccents = strings.Repeat("é", core.MaxName/2)

// TestHostileNames calls objects names that were made to do harm: each is
// refused clearly, or right everywhere.
func TestHostileNames(t *testing.T) {
	f := newFleet(t, lab.Options{Hosts: 4})
	image := disk(t, "base.qcow2", core.MiB)
	for i, test := range []struct {
		name string
		run  func(t *testing.T, s *site, image string)
	}{
		{"vm", hostileVMs}, {"image", hostileImages}, {"references", hostileReferences}, {"already on the host", hostileObjects},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := f.manage(t, f.state.Hosts[i].Name)
			test.run(t, s, image)
			if _, err := s.lab.Exec(t.Context(), s.host.Name, "test", "-e", "/tmp/pwned"); err == nil {
				t.Error("a name was run as a command")
			}
		})
	}
}

// named runs a command line that uses a hostile name; what it says must be
// printable, and when it fails, one sentence and a hint.
func (s *site) named(args ...string) (status int) {
	s.t.Helper()
	_, errs, status := s.try(args...)
	if !printable(errs) || status != 0 && (!strings.HasPrefix(errs, "limiquantix: ") || !strings.Contains(errs, "\nhint: ")) || len(errs) > 2000 {
		s.t.Errorf("limiquantix %s: exit status %d\n%q", short(args), status, errs)
	}
	return status
}

// printable reports whether a text commands no terminal.
func printable(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) && r != '\n' }) < 0
}

func hostileVMs(t *testing.T, s *site, image string) {
	s.run("image", "add", image, "--host", s.host.Name)
	before := s.picture()
	for name, fine := range hostileNames() {
		status := s.named("vm", "create", "--host", s.host.Name, "--image", "base.qcow2", "--memory", "64MiB", "--user", "admin", "--start", "--", name)
		if !fine || name == longAccents {
			if status != 2 {
				t.Errorf("%q: exit status %d, want 2", short([]string{name}), status)
			}
			continue
		}
		if status != 0 {
			t.Errorf("%q: exit status %d", name, status)
			continue
		}
		var vms []struct{ UUID, Name, State string }
		s.read(&vms, "vm", "list")
		if len(vms) != 1 || vms[0].Name != name || vms[0].State != "running" {
			t.Errorf("made %q, vm list has %q", name, vms)
			continue
		}
		if table := s.run("vm", "list"); !printable(table) {
			t.Errorf("vm list prints %q", table)
		}
		var dom struct {
			Name string `xml:"name"`
		}
		if err := xml.Unmarshal([]byte(s.run("vm", "xml", "--", name)), &dom); err != nil || dom.Name != name {
			t.Errorf("vm xml: %q, %v", dom.Name, err)
		}
		if got := s.inside("virsh", "domname", vms[0].UUID); strings.TrimSpace(got) != name {
			t.Errorf("the host calls it %q", got)
		}
		s.named("vm", "pause", "--", name)
		s.run("vm", "delete", "--yes", "--stop", "--", name)
	}
	s.settled(before)
}

func hostileImages(t *testing.T, s *site, image string) {
	before := s.picture()
	for name, fine := range hostileNames() {
		if name == "" { // means the file's own name
			continue
		}
		status := s.named("image", "add", image, "--host", s.host.Name, "--name="+name)
		if (status == 0) != fine || status != 0 && status != 2 {
			t.Errorf("%q: exit status %d", short([]string{name}), status)
		}
		if status != 0 {
			continue
		}
		var images []struct{ Name string }
		s.read(&images, "image", "list")
		if len(images) != 1 || images[0].Name != name+".qcow2" {
			t.Errorf("added %q, image list has %q", name, images)
		}
		if _, err := os.Lstat(filepath.Join(s.host.Images, name+".qcow2")); err != nil {
			t.Error(err)
		}
		s.run("image", "remove", "--host", s.host.Name, "--yes", "--", "default/"+name+".qcow2")
	}
	// A file of this computer may be called so, too.
	file := filepath.Join(t.TempDir(), "$(touch x)'\".qcow2")
	if err := os.Link(image, file); err != nil {
		t.Fatal(err)
	}
	s.named("image", "add", file, "--host", s.host.Name, "--name", "x")
	s.named("image", "remove", s.host.Name+"/default/x.qcow2", "--yes")
	s.settled(before)
}

// hostileReferences names what does not exist.
func hostileReferences(t *testing.T, s *site, image string) {
	s.run("image", "add", image, "--host", s.host.Name)
	before := s.picture()
	s.serve() // some three hundred commands: with a warm connection
	create := func(more ...string) []string {
		return append([]string{"vm", "create", "web", "--host", s.host.Name, "--image", "base.qcow2", "--memory", "64MiB"}, more...)
	}
	for name := range hostileNames() {
		if name == "" {
			continue
		}
		for _, args := range [][]string{
			{"host", "add", "--identity", s.host.Identity, "--accept-new", "--", name + "@nowhere", "root@" + name},
			{"host", "show", "--", name}, {"vm", "show", "--", name}, {"vm", "delete", "--yes", "--", name},
			{"image", "add", image, "--host=" + name}, {"image", "add", image, "--host", s.host.Name, "--pool=" + name},
			{"image", "remove", "--yes", "--", name}, {"task", "show", "--", name},
			create("--pool=" + name), create("--network=" + name), create("--image=" + name),
		} {
			if status := s.named(args...); status < 2 || status > 4 && args[0] != "host" { // a host of that name may be looked for
				t.Errorf("limiquantix %s: exit status %d", short(args), status)
			}
		}
		// These are the guest's, and may be fine.
		for _, flag := range []string{"--hostname=", "--user="} {
			if status := s.named(append(create(flag+name), "--plan")...); status != 0 && status != 2 {
				t.Errorf("vm create %s%q: exit status %d", flag, name, status)
			}
		}
	}
	s.settled(before)
}

// hostileObjects looks at a host on which somebody else gave names.
func hostileObjects(t *testing.T, s *site, _ string) {
	names := []string{"$(cd ..;cd tmp;touch pwned)x", "`id`", "it's <b>", "\u202egpj.exe", "-rf", "zero\u200bwidth", "*", `back\slash "q"`, strings.Repeat("long", 50)}
	for _, name := range names {
		var text strings.Builder
		if err := xml.EscapeText(&text, []byte(name)); err != nil {
			t.Fatal(err)
		}
		def := "<domain type='qemu'><name>" + text.String() + "</name><memory unit='MiB'>32</memory><os><type arch='x86_64' machine='q35'>hvm</type></os></domain>"
		s.inside("sh", "-c", `printf %s "$1" >/tmp/def.xml && virsh define /tmp/def.xml`, "sh", def)
		s.inside("sh", "-c", `qemu-img create -q -f qcow2 "$1" 1M`, "sh", "/var/lib/libvirt/images/"+name+"\n\x1b[31m.qcow2")
	}
	s.inside("virsh", "pool-refresh", "default")
	for _, list := range [][]string{{"vm", "list"}, {"volume", "list"}, {"image", "list"}} {
		out := s.run(list...)
		if !printable(out) {
			t.Errorf("%q prints %q", list, out)
		}
		if text := s.run(append(list, "-o", "json")...); !json.Valid([]byte(text)) {
			t.Errorf("%q: not JSON: %q", list, text)
		}
	}
	var vms []struct{ UUID, Name string }
	s.read(&vms, "vm", "list")
	var got []string
	for _, v := range vms {
		got = append(got, v.Name)
		s.run("vm", "show", v.UUID)
		s.run("vm", "start", v.UUID)
		s.run("vm", "delete", "--yes", "--stop", v.UUID)
	}
	slices.Sort(got)
	slices.Sort(names)
	if !slices.Equal(got, names) {
		t.Errorf("vm list has %q, want %q", got, names)
	}
	if left := strings.TrimSpace(s.inside("virsh", "list", "--all", "--name")); left != "" {
		t.Errorf("left: %q", left)
	}
}
