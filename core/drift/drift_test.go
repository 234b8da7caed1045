package drift

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/xmledit"
)

// sample returns one state of a VM of testdata; "" when it could not be had
// (what the test's host has no hardware for does not run).
func sample(t testing.TB, name, state string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+"."+state+".xml"))
	if err != nil && (state != "running" || !os.IsNotExist(err)) {
		t.Fatal(err)
	}
	return string(b)
}

// samples are the names of the VMs of testdata.
func samples(t testing.TB) (names []string) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.sent.xml")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	for _, f := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(f), ".sent.xml"))
	}
	return names
}

func compare(t testing.TB, s States) Report {
	t.Helper()
	r, err := Compare(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWhatLibvirtDoesIsNoDrift(t *testing.T) {
	for _, name := range samples(t) {
		sent, defined, running := sample(t, name, "sent"), sample(t, name, "defined"), sample(t, name, "running")
		for how, s := range map[string]States{
			"defined":          {Applied: sent, Defined: defined},
			"started":          {Applied: sent, Defined: defined, Running: running},
			"settled, started": {Applied: defined, Defined: defined, Running: running},
		} {
			t.Run(name+" "+how, func(t *testing.T) {
				for _, f := range compare(t, s).Fields {
					t.Errorf("%s\n\t%+v", f, f)
				}
			})
		}
	}
}

// TestEveryOtherValueIsTold changes each attribute of each sample, one after the
// other: what is not told is in the list, with the reason. So the table of noise
// hides nothing by accident.
func TestEveryOtherValueIsTold(t *testing.T) {
	seen, tried := map[string]bool{}, map[string]int{}
	for _, name := range samples(t) {
		defined := sample(t, name, "defined")
		for at := range attributes(t, defined) {
			edited, where := changed(t, defined, at)
			if tried[where]++; tried[where] > 4 {
				continue
			}
			r, err := Compare(States{Applied: defined, Defined: edited})
			if err != nil {
				t.Fatalf("%s: %s: %v", name, where, err)
			}
			if silent()[where] != "" {
				seen[where] = true
			} else if !r.Drifted() {
				t.Errorf("%s: another value of %s is not told", name, where)
			}
		}
	}
	for where, why := range silent() {
		if !seen[where] {
			t.Errorf("%s (%s) is in no sample", where, why)
		}
	}
}

// silent is what may change without being told.
func silent() map[string]string {
	return map[string]string{
		"/domain@xmlns:qemu":               "a prefix is spelling",
		"console/target@port":              "of a virtio console it is another when it runs",
		"controller/address@multifunction": "libvirt sets it where functions share a slot",
		"devices/graphics@listen":          "<listen> says it",
		"devices/graphics@port":            "it is chosen at each start, unless autoport is off",
		"domain/clock@adjustment":          "the guest sets its clock",
		"domain/seclabel@model":            "dynamic labels are made at each start",
		"domain/seclabel@relabel":          "dynamic labels are made at each start",
	}
}

func every(e *xmledit.Element) []*xmledit.Element {
	all := []*xmledit.Element{e}
	for _, c := range e.Children("") {
		all = append(all, every(c)...)
	}
	return all
}

// attributes counts them.
func attributes(t testing.TB, xml string) int {
	n := 0
	doc, err := xmledit.Parse(xml)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range every(doc.Root()) {
		n += len(e.Attrs())
	}
	return n
}

// changed gives attribute number n another value, and says which that is.
func changed(t testing.TB, xml string, n int) (edited, where string) {
	doc, err := xmledit.Parse(xml)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range every(doc.Root()) {
		for _, a := range e.Attrs() {
			if n--; n >= 0 {
				continue
			}
			if err := e.SetAttr(a, e.Attr(a)+"1"); err != nil {
				t.Fatal(err)
			}
			return doc.String(), e.Parent().Name() + "/" + e.Name() + "@" + a
		}
	}
	return "", ""
}

// small is a VM with what the tests change.
const small = `<domain type='kvm'><name>a</name><memory unit='GiB'>2</memory><vcpu>1</vcpu><devices>
<disk type='file'><source file='/a.qcow2'/><target dev='vda' bus='virtio'/></disk>
<graphics type='vnc' passwd='one'/><rng model='virtio'><backend model='random'>/dev/urandom</backend></rng></devices></domain>`

func TestSentences(t *testing.T) {
	with := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(small) }
	four, three := with("'GiB'>2", "'MiB'>4096"), with("'GiB'>2", "'GiB'>3")
	second := with("<graphics", "<disk type='block'><source dev='/dev/x'/><target dev='vdb' bus='virtio'/></disk><graphics")
	for name, test := range map[string]struct {
		states  States
		want    string
		pending bool
	}{
		"the same":                {States{small, small, small}, "", false},
		"ours that waits":         {States{four, four, small}, "memory: 2 GiB → 4 GiB, at the next boot", true},
		"by another, off":         {States{small, four, ""}, "memory: 2 GiB → 4 GiB, by another", false},
		"by another, running":     {States{small, four, small}, "memory: 2 GiB → 4 GiB, by another, at the next boot", true},
		"by another, runs so":     {States{small, four, four}, "memory: 2 GiB → 4 GiB, by another", false},
		"all three":               {States{small, four, three}, "memory: 2 GiB → 4 GiB, by another, at the next boot (now 3 GiB)", true},
		"never ours":              {States{"", four, small}, "memory: 2 GiB → 4 GiB, at the next boot", true},
		"less than is rounded to": {States{small, with("'GiB'>2", "'KiB'>2097156"), ""}, "memory: 2GiB → 2097156KiB, by another", false},
		"a disk is new":           {States{small, second, small}, "disk vdb: none → /dev/x, virtio, by another, at the next boot", true},
		"a disk is gone":          {States{second, small, second}, "disk vdb: /dev/x, virtio → none, by another, at the next boot", true},
		"a disk runs only":        {States{small, small, second}, "disk vdb: /dev/x, virtio → none, at the next boot", true},
		"a disk moved":            {States{small, with("vda", "vdc"), ""}, "disk vdc, target: vda → vdc, by another", false},
		"another password":        {States{small, with("one", "two"), ""}, "console vnc, password: another one → set, by another", false},
		"what nobody knows":       {States{small, with("<vcpu>", "<new x='1'/><vcpu>"), ""}, "new x: none → 1, by another", false},
		"a disk is locked":        {States{small, with("<source", "<readonly/><source"), ""}, "disk vda, read-only: none → yes, by another", false},
		"an escape":               {States{small, with("<name>a", "<title>\u202e</title><name>a"), ""}, `title: none → \u202e, by another`, false},
		"long":                    {States{small, with("<name>a", "<title>"+strings.Repeat("é", 200)+"</title><name>a"), ""}, "title: none → " + strings.Repeat("é", 120) + "…, by another", false},
	} {
		t.Run(name, func(t *testing.T) {
			r := compare(t, test.states)
			var got []string
			for _, f := range r.Fields {
				got = append(got, f.String())
			}
			if text := strings.Join(got, "; "); text != test.want || r.Pending() != test.pending || r.Drifted() != strings.Contains(test.want, "by another") {
				t.Errorf("got %s, pending %t, want %s", text, r.Pending(), test.want)
			}
		})
	}
}

// TestOrderIsNoDrift: devices of a kind that nothing tells apart are paired by
// what they say.
func TestOrderIsNoDrift(t *testing.T) {
	const first, second = "<rng model='virtio'><backend model='random'>/dev/random</backend></rng>", "<rng model='virtio'><backend model='egd' type='udp'/></rng>"
	both := strings.Replace(small, "</devices>", first+second+"</devices>", 1)
	other := strings.Replace(small, "</devices>", second+first+"</devices>", 1)
	if r := compare(t, States{both, other, both}); len(r.Fields) > 0 {
		t.Errorf("got %v", r.Fields)
	}
	r := compare(t, States{both, strings.Replace(both, first, "", 1), ""})
	if len(r.Fields) != 1 || r.Fields[0].Applied != "virtio, /dev/random, random" || r.Fields[0].Defined != "" {
		t.Errorf("got %+v", r.Fields)
	}
}

func TestWhatCannotBeCompared(t *testing.T) {
	deep := "<domain>" + strings.Repeat("<"+strings.Repeat("a", 40_000)+">", 40) + strings.Repeat("<b/>", 30_000) + strings.Repeat("</"+strings.Repeat("a", 40_000)+">", 40) + "</domain>"
	for name, s := range map[string]States{
		"nothing is defined": {Applied: small}, "no XML": {Defined: "<domain"}, "a network": {Defined: "<network/>"},
		"applied is none": {Applied: "x", Defined: small}, "too large": {Defined: deep},
	} {
		if _, err := Compare(s); core.CodeOf(err) != core.Invalid {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestHostileSizeIsNoWork: a host that sends as much as it may costs no minutes.
func TestHostileSizeIsNoWork(t *testing.T) {
	const begin, end = "<domain><devices>", "</devices></domain>"
	a := begin + strings.Repeat("<rng a='1'/>", 60_000) + end
	b := begin + strings.Repeat("<rng b='1'/>", 60_000) + end
	compare(t, States{a, b, a})
	sets := "<domain>" + strings.Repeat("<x cpuset='0-4095'/>", 10_000) + "</domain>"
	compare(t, States{sets, sets, sets})
}

// FuzzCompare: nothing that a host sends as XML makes a comparison panic, and
// what is the same differs in nothing.
func FuzzCompare(f *testing.F) {
	for _, name := range samples(f) {
		f.Add(sample(f, name, "sent"), sample(f, name, "defined"))
	}
	f.Add(small, "<domain><vcpu current='x'>-1</vcpu><devices><emulator/><graphics type='vnc' port='zz'/></devices></domain>")
	f.Fuzz(func(t *testing.T, a, b string) {
		if r, err := Compare(States{a, a, a}); err == nil && len(r.Fields) > 0 {
			t.Errorf("against itself: %v", r.Fields)
		}
		if r, err := Compare(States{a, b, a}); err == nil {
			for _, field := range r.Fields {
				if text := field.String(); core.Escape(text) != text || !field.Drifted && !field.Pending {
					t.Errorf("%q of %+v", text, field)
				}
			}
		}
	})
}
