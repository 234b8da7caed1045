package config

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/xmledit"
)

func parse(t testing.TB, xml string) *xmledit.Doc {
	t.Helper()
	doc, err := xmledit.Parse(xml)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func ptr[T any](v T) *T { return &v }

func TestSettings(t *testing.T) {
	for name, test := range map[string]struct {
		before string
		set    Settings
		after  string
	}{
		"a title is put after the UUID": {"<domain>\n  <name>a</name>\n  <uuid>u</uuid>\n  <memory>1</memory>\n</domain>", Settings{Title: ptr("x & <y>")},
			"<domain>\n  <name>a</name>\n  <uuid>u</uuid>\n  <title>x &amp; &lt;y&gt;</title>\n  <memory>1</memory>\n</domain>"},
		"title, then description": {"<domain>\n  <name>a</name>\n</domain>", Settings{Title: ptr("t"), Description: ptr("d\ne")},
			"<domain>\n  <name>a</name>\n  <title>t</title>\n  <description>d\ne</description>\n</domain>"},
		"an empty one is removed":         {"<domain>\n  <title>t</title>\n  <name>a</name>\n</domain>", Settings{Title: ptr(""), Description: ptr("")}, "<domain>\n  <name>a</name>\n</domain>"},
		"the same stays as written":       {"<domain><title>a&#98;</title><vcpu> 2 </vcpu><memory unit='GiB'>1</memory></domain>", Settings{Title: ptr("ab"), VCPUs: ptr(2), Memory: ptr(core.GiB)}, "<domain><title>a&#98;</title><vcpu> 2 </vcpu><memory unit='GiB'>1</memory></domain>"},
		"CPUs":                            {"<domain><vcpu placement='static' cpuset='0-3'>2</vcpu></domain>", Settings{VCPUs: ptr(4)}, "<domain><vcpu placement='static' cpuset='0-3'>4</vcpu></domain>"},
		"CPUs that nobody has set":        {"<domain><name>a</name></domain>", Settings{VCPUs: ptr(3)}, "<domain><name>a</name><vcpu>3</vcpu></domain>"},
		"CPUs within what there may be":   {"<domain><vcpu current='2'>8</vcpu></domain>", Settings{VCPUs: ptr(4)}, "<domain><vcpu current='4'>8</vcpu></domain>"},
		"CPUs beyond what there may be":   {"<domain><vcpu current='2'>8</vcpu></domain>", Settings{VCPUs: ptr(9)}, "<domain><vcpu>9</vcpu></domain>"},
		"one socket has other cores":      {"<domain><vcpu>2</vcpu><cpu><topology sockets='1' dies='1' cores='1' threads='2'/></cpu></domain>", Settings{VCPUs: ptr(8)}, "<domain><vcpu>8</vcpu><cpu><topology sockets='1' dies='1' cores='4' threads='2'/></cpu></domain>"},
		"of several there are more":       {"<domain><vcpu>4</vcpu><cpu><topology sockets='2' cores='2' threads='1'/></cpu></domain>", Settings{VCPUs: ptr(6)}, "<domain><vcpu>6</vcpu><cpu><topology sockets='3' cores='2' threads='1'/></cpu></domain>"},
		"memory and its balloon":          {"<domain><memory unit='GiB'>1</memory><currentMemory unit='MiB'>1024</currentMemory></domain>", Settings{Memory: ptr(2 * core.GiB)}, "<domain><memory unit='KiB'>2097152</memory><currentMemory unit='KiB'>2097152</currentMemory></domain>"},
		"memory within what there may be": {"<domain><memory>4194304</memory><currentMemory>1048576</currentMemory></domain>", Settings{Memory: ptr(2 * core.GiB)}, "<domain><memory>4194304</memory><currentMemory unit='KiB'>2097152</currentMemory></domain>"},
		"memory beyond what there may be": {"<domain><memory>4194304</memory><currentMemory>1048576</currentMemory></domain>", Settings{Memory: ptr(8 * core.GiB)}, "<domain><memory unit='KiB'>8388608</memory><currentMemory unit='KiB'>8388608</currentMemory></domain>"},
		"memory is rounded up to KiB":     {"<domain><memory>1</memory></domain>", Settings{Memory: ptr(core.MiB + 1)}, "<domain><memory unit='KiB'>1025</memory></domain>"},
	} {
		t.Run(name, func(t *testing.T) {
			doc := parse(t, test.before)
			if err := test.set.Apply(doc); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.after, doc.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if err := test.set.Restore(doc, parse(t, test.before)); err != nil {
				t.Fatal(err)
			}
			got, _ := xmledit.Canonical(doc.String())
			want, _ := xmledit.Canonical(test.before)
			if name != "an empty one is removed" && got != want { // there it is put elsewhere
				t.Errorf("restored (-want +got):\n%s", cmp.Diff(want, got))
			}
		})
	}
}

func TestSettingsThatCannotBe(t *testing.T) {
	const topology = "<domain><vcpu>4</vcpu><cpu><topology sockets='2' cores='2' threads='1'/></cpu></domain>"
	for name, test := range map[string]struct {
		xml   string
		set   Settings
		code  core.Code
		field string
	}{
		"no CPU":            {"<domain/>", Settings{VCPUs: ptr(0)}, core.Invalid, "vcpus"},
		"too many CPUs":     {"<domain/>", Settings{VCPUs: ptr(1 << 30)}, core.Invalid, "vcpus"},
		"no memory":         {"<domain/>", Settings{Memory: ptr(core.MiB - 1)}, core.Invalid, "memory_bytes"},
		"absurd memory":     {"<domain/>", Settings{Memory: ptr(core.Bytes(math.MaxInt64))}, core.Invalid, "memory_bytes"},
		"above 52 bits":     {"<domain/>", Settings{Memory: ptr(MaxMemory + 1)}, core.Invalid, "memory_bytes"},
		"a title of two":    {"<domain><name>a</name></domain>", Settings{Title: ptr("a\nb")}, core.Invalid, "title"},
		"control character": {"<domain><name>a</name></domain>", Settings{Description: ptr("a\x00b")}, core.Invalid, "description"},
		"topology":          {topology, Settings{VCPUs: ptr(5)}, core.Unsupported, "vcpus"},
		"hostile topology":  {"<domain><vcpu>4</vcpu><cpu><topology sockets='4096' cores='4096' threads='4096'/></cpu></domain>", Settings{VCPUs: ptr(5)}, core.Unsupported, "vcpus"},
		"NUMA CPUs":         {"<domain><vcpu>4</vcpu><cpu><numa/></cpu></domain>", Settings{VCPUs: ptr(5)}, core.Unsupported, "vcpus"},
		"NUMA memory":       {"<domain><memory>4</memory><cpu><numa/></cpu></domain>", Settings{Memory: ptr(core.GiB)}, core.Unsupported, "memory_bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.set.Apply(parse(t, test.xml))
			if e := core.AsError(err); core.CodeOf(err) != test.code || e.Detail["field"] != test.field {
				t.Errorf("got %v, %+v", err, e)
			}
		})
	}
}

func TestSecretsAreKept(t *testing.T) {
	const two = `<domain><devices><graphics type='vnc' port='-1'%v/><graphics type='spice'%s/></devices></domain>`
	xml := func(vnc, spice string) string {
		return strings.NewReplacer("%v", vnc, "%s", spice).Replace(two)
	}
	for name, test := range map[string]struct {
		before, edited, after string
		changed               bool
	}{
		"not shown":         {xml(" passwd='a'", " passwd='b'"), xml("", ""), xml(" passwd='a'", " passwd='b'"), false},
		"starred":           {xml(" passwd='a'", ""), xml(" passwd='*****'", " passwd='*****'"), xml(" passwd='a'", ""), false},
		"another":           {xml(" passwd='a'", ""), xml(" passwd='c'", ""), xml(" passwd='c'", ""), true},
		"a first":           {xml("", ""), xml("", " passwd=''"), xml("", " passwd=''"), true},
		"the same":          {xml(" passwd='a'", ""), xml(" passwd='a'", ""), xml(" passwd='a'", ""), false},
		"with the console":  {xml(" passwd='a'", ""), `<domain><devices/></domain>`, `<domain><devices/></domain>`, true},
		"a console is new":  {`<domain><devices/></domain>`, xml("", ""), xml("", ""), false},
		"quotes and angles": {xml(` passwd='"&lt;'`, ""), xml("", ""), xml(` passwd='&quot;&lt;'`, ""), false},
	} {
		t.Run(name, func(t *testing.T) {
			doc := parse(t, test.edited)
			changed, err := KeepSecrets(doc, test.before)
			if err != nil || changed != test.changed || !xmledit.Equal(doc.String(), test.after) {
				t.Errorf("changed %t, %v:\n%s\nwant\n%s", changed, err, doc, test.after)
			}
			if public, err := WithoutSecrets(test.before); err != nil || strings.Contains(public, "passwd") {
				t.Errorf("public: %s, %v", public, err)
			}
		})
	}
}
