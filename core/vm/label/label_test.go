package label

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/limiquantix/limiquantix/core"
)

const foreign = `<domain><name>a</name><metadata>
  <libosinfo:libosinfo xmlns:libosinfo="http://libosinfo.org/xmlns/libvirt/domain/1.0"/>
  <x:labels xmlns:x="urn:other"><x:tag>not ours</x:tag></x:labels>
  <my:labels xmlns:my="https://limiquantix.org/xmlns/label/1">
    <my:tag> web </my:tag><my:tag>web</my:tag><my:tag>Alpha</my:tag><my:tag>a,b</my:tag><my:tag>&#8238;evil</my:tag><tag>none of ours</tag>
    <my:folder>prod//web/</my:folder>
    <my:field name="owner">R&amp;D</my:field><my:field name="">x</my:field><my:field name="empty"/>
  </my:labels></metadata></domain>`

func TestReadTakesWhatItCanShow(t *testing.T) {
	want := Labels{Tags: []string{"Alpha", "web"}, Folder: "/prod/web", Fields: map[string]string{"owner": "R&D"}}
	if d := cmp.Diff(want, Read(foreign)); d != "" {
		t.Error(d)
	}
	for _, xml := range []string{"", "<domain/>", "<a>" + Space, strings.Replace(foreign, Space, "urn:x", 1)} {
		if l := Read(xml); !l.Empty() {
			t.Errorf("%q has %+v", xml, l)
		}
	}
}

func TestChange(t *testing.T) {
	was := Labels{Tags: []string{"a", "b"}, Folder: "/x", Fields: map[string]string{"k": "v"}}
	none, folder := "", " prod / web/"
	tests := []struct {
		name   string
		change Change
		want   Labels
	}{
		{"nothing", Change{}, was},
		{"tags", Change{Add: []string{"c", "a"}, Remove: []string{"b", "z"}}, Labels{Tags: []string{"a", "c"}, Folder: "/x", Fields: was.Fields}},
		{"folder", Change{Folder: &folder}, Labels{Tags: was.Tags, Folder: "/prod/web", Fields: was.Fields}},
		{"no folder", Change{Folder: &none}, Labels{Tags: was.Tags, Fields: was.Fields}},
		{"fields", Change{Fields: map[string]string{"k": "", "n": "1"}}, Labels{Tags: was.Tags, Folder: "/x", Fields: map[string]string{"n": "1"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.change.Check(); err != nil {
				t.Fatal(err)
			}
			got, err := tt.change.Apply(was)
			if err != nil || !got.Equal(tt.want) {
				t.Errorf("got %+v, %v; want %+v", got, err, tt.want)
			}
			if was.Fields["k"] != "v" || len(was.Tags) != 2 {
				t.Errorf("what was is %+v", was)
			}
		})
	}
}

func TestCheckRefuses(t *testing.T) {
	dots := "/a/../b"
	for field, c := range map[string]Change{
		"add_tags":    {Add: []string{"a,b"}},
		"remove_tags": {Add: []string{"a"}, Remove: []string{"a"}},
		"folder":      {Folder: &dots},
		"fields":      {Fields: map[string]string{"a=b": "x"}},
	} {
		err := c.Check()
		if core.CodeOf(err) != core.Invalid || core.AsError(err).Detail["field"] != field {
			t.Errorf("%s: got %v (%v)", field, err, core.AsError(err).Detail)
		}
	}
	for _, tag := range []string{"", " a", "a\n", "a\u202eb", strings.Repeat("x", 65), `a"b`} {
		if CheckTag(tag) == nil {
			t.Errorf("%q is a tag", tag)
		}
	}
	many := Labels{}
	for i := range MaxTags {
		many.Tags = append(many.Tags, strings.Repeat("t", i+1))
	}
	if _, err := (Change{Add: []string{"one more"}}).Apply(many); core.CodeOf(err) != core.Invalid {
		t.Errorf("one tag too many: %v", err)
	}
}

// FuzzLabels holds that what is written is read again as it was.
func FuzzLabels(f *testing.F) {
	f.Add("web", "/prod/web", "owner", "R&D <x>")
	f.Add("ümläut-日本", "it's", "a b", `"q"`)
	f.Fuzz(func(t *testing.T, tag, folder, name, value string) {
		c := Change{Add: []string{tag}, Folder: &folder, Fields: map[string]string{name: value}}
		if c.Check() != nil {
			return
		}
		l, err := c.Apply(Labels{})
		if err != nil {
			return
		}
		xml, err := l.XML()
		if err != nil {
			t.Skip() // XML cannot hold it
		}
		xml = strings.Replace(xml, "<labels>", `<labels xmlns="`+Space+`">`, 1)
		got := Read("<domain><metadata>" + xml + "</metadata></domain>")
		if !got.Equal(l) || !slices.IsSorted(got.Tags) {
			t.Errorf("got %+v, want %+v of %s", got, l, xml)
		}
	})
}
