package xmledit

import (
	"strings"
	"testing"

	"github.com/limiquantix/limiquantix/core"
)

const sample = `<domain type='kvm'>
  <name>vm</name>
  <devices>
    <disk type='file'>
      <target dev='vda'/>
    </disk>
    <disk type='block'>
      <target dev="vdb"/>
    </disk>

    <!-- NICs -->
    <interface/>
  </devices>
  <os></os>
  <metadata/>
</domain>
`

func TestEdits(t *testing.T) {
	for name, tc := range map[string]struct {
		src  string
		edit func(t *testing.T, root *Element) error
		want string
	}{
		"set an attribute in its quotes": {
			src: sample,
			edit: func(_ *testing.T, r *Element) error {
				return r.Find("devices/disk[@type='block']/target").SetAttr("dev", `v"d'c`)
			},
			want: strings.Replace(sample, `dev="vdb"`, `dev="v&quot;d&apos;c"`, 1),
		},
		"the same value stays as written": {
			src:  `<a b = "&#65;&quot;"/>`,
			edit: func(_ *testing.T, r *Element) error { return r.SetAttr("b", `A"`) },
			want: `<a b = "&#65;&quot;"/>`,
		},
		"a new attribute": {
			src:  sample,
			edit: func(_ *testing.T, r *Element) error { return r.Find("devices/interface").SetAttr("type", "user") },
			want: strings.Replace(sample, "<interface/>", "<interface type='user'/>", 1),
		},
		"a new attribute takes the element's quotes": {
			src:  `<a b="1" />`,
			edit: func(_ *testing.T, r *Element) error { return r.SetAttr("c", "2") },
			want: `<a b="1" c="2" />`,
		},
		"remove an attribute": {
			src:  `<a b="1"  c='2' />`,
			edit: func(_ *testing.T, r *Element) error { r.RemoveAttr("b"); r.RemoveAttr("d"); return nil },
			want: `<a  c='2' />`,
		},
		"set text": {
			src:  sample,
			edit: func(_ *testing.T, r *Element) error { return r.Child("name").SetText("a<b>&\n") },
			want: strings.Replace(sample, "<name>vm<", "<name>a&lt;b&gt;&amp;\n<", 1),
		},
		"set text of <a/>": {
			src:  `<a b='1' />`,
			edit: func(_ *testing.T, r *Element) error { return r.SetText("x") },
			want: `<a b='1'>x</a>`,
		},
		"append among siblings": {
			src: sample,
			edit: func(_ *testing.T, r *Element) error {
				_, err := r.Child("devices").Append("<disk>\n  <target dev='vdc'/>\n</disk>\n")
				return err
			},
			want: strings.Replace(sample, "    <interface/>\n", "    <interface/>\n    <disk>\n      <target dev='vdc'/>\n    </disk>\n", 1),
		},
		"append to <metadata/>": {
			src:  sample,
			edit: func(_ *testing.T, r *Element) error { _, err := r.Child("metadata").Add("x:y", "a", "<"); return err },
			want: strings.Replace(sample, "<metadata/>", "<metadata>\n    <x:y a='&lt;'/>\n  </metadata>", 1),
		},
		"append to <os></os>": {
			src:  sample,
			edit: func(_ *testing.T, r *Element) error { _, err := r.Child("os").Add("boot"); return err },
			want: strings.Replace(sample, "<os></os>", "<os>\n    <boot/>\n  </os>", 1),
		},
		"append on one line": {
			src:  `<a><b/></a>`,
			edit: func(_ *testing.T, r *Element) error { _, err := r.Append("<c>\n  <d/>\n</c>"); return err },
			want: "<a><b/><c>\n  <d/>\n</c></a>",
		},
		"append with tabs": {
			src:  "<a>\n\t<b/>\n</a>",
			edit: func(_ *testing.T, r *Element) error { _, err := r.Add("c"); return err },
			want: "<a>\n\t<b/>\n\t<c/>\n</a>",
		},
		"append to mixed text": {
			src:  "<a>text</a>",
			edit: func(_ *testing.T, r *Element) error { _, err := r.Add("c"); return err },
			want: "<a>text<c/></a>",
		},
		"text inside a fragment is not indented": {
			src:  "<a>\n  <b/>\n</a>",
			edit: func(_ *testing.T, r *Element) error { _, err := r.Append("<c>\n<d>\n  </d>\n</c>"); return err },
			want: "<a>\n  <b/>\n  <c>\n  <d>\n  </d>\n  </c>\n</a>",
		},
		"insert before": {
			src:  sample,
			edit: func(_ *testing.T, r *Element) error { _, err := r.Find("devices").InsertBefore("<cpu/>"); return err },
			want: strings.Replace(sample, "  <devices>", "  <cpu/>\n  <devices>", 1),
		},
		"insert after": {
			src:  sample,
			edit: func(_ *testing.T, r *Element) error { _, err := r.Find("name").InsertAfter("<cpu/>"); return err },
			want: strings.Replace(sample, "  <devices>", "  <cpu/>\n  <devices>", 1),
		},
		"replace": {
			src: sample,
			edit: func(t *testing.T, r *Element) error {
				old := r.Find("devices/disk")
				_, err := old.Replace("<disk>\n\t<x/>\n</disk>")
				if old.Parent() != nil {
					t.Error("the old element has a parent")
				}
				return err
			},
			want: strings.Replace(sample, "<disk type='file'>\n      <target dev='vda'/>\n    </disk>", "<disk>\n    \t<x/>\n    </disk>", 1),
		},
		"remove with its line": {
			src:  sample,
			edit: func(_ *testing.T, r *Element) error { r.Find("devices/interface").Remove(); return nil },
			want: strings.Replace(sample, "    <interface/>\n", "", 1),
		},
		"remove the first of a line": {
			src:  "<a>\n  <b/><c/>\n</a>",
			edit: func(_ *testing.T, r *Element) error { r.Child("b").Remove(); return nil },
			want: "<a>\n  <c/>\n</a>",
		},
		"remove with CRLF": {
			src:  "<a>\r\n  <b/>\r\n  <c/>\r\n</a>",
			edit: func(_ *testing.T, r *Element) error { r.Child("b").Remove(); return nil },
			want: "<a>\r\n  <c/>\r\n</a>",
		},
		"removing the root or nothing does nothing": {
			src: "<a/>",
			edit: func(_ *testing.T, r *Element) error {
				r.Remove()
				r.Child("x").Remove()
				r.Child("x").RemoveAttr("y")
				return nil
			},
			want: "<a/>",
		},
		"ensure": {
			src: "<a>\n  <b/>\n</a>",
			edit: func(_ *testing.T, r *Element) error {
				r.Ensure("b")
				r.Ensure("c")
				c, err := r.Ensure("c")
				if err != nil {
					return err
				}
				return c.SetAttr("d", "1")
			},
			want: "<a>\n  <b/>\n  <c d='1'/>\n</a>",
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := mustParse(t, tc.src)
			if err := tc.edit(t, d.Root()); err != nil {
				t.Fatal(err)
			}
			if got := d.String(); got != tc.want {
				t.Errorf("got\n%s\ndifference\n%s", got, Diff(tc.want, got))
			}
			mustParse(t, d.String())
		})
	}
}

func TestAppendThenRemoveGivesTheSameBytes(t *testing.T) {
	for name, src := range corpus(t) {
		t.Run(name, func(t *testing.T) {
			for i, e := range every(mustParse(t, src).Root()) {
				if e.Child("") == nil {
					continue // <a/> has been opened
				}
				d := mustParse(t, src)
				c, err := every(d.Root())[i].Append("<new>\n  <x/>\n</new>")
				if err != nil {
					t.Fatal(err)
				}
				c.Remove()
				if got := d.String(); got != src {
					t.Errorf("%s: %s", e.Name(), Diff(src, got))
				}
			}
		})
	}
}

func TestEditsRefused(t *testing.T) {
	d := mustParse(t, sample)
	root := d.Root()
	removed := mustParse(t, sample).Root().Child("name")
	removed.Remove()
	second := func(_ *Element, err error) error { return err }
	deep := strings.Repeat("<a>", MaxDepth) + strings.Repeat("</a>", MaxDepth)
	for name, tc := range map[string]struct {
		err  error
		want core.Code
	}{
		"control in an attribute":  {root.SetAttr("a", "\x1b[0m"), core.Invalid},
		"NUL in text":              {root.Child("name").SetText("a\x00b"), core.Invalid},
		"C1 in text":               {root.Child("name").SetText("a\u009bb"), core.Invalid},
		"not UTF-8":                {root.Child("name").SetText("\xff"), core.Invalid},
		"text over elements":       {root.SetText("x"), core.Invalid},
		"name with a space":        {root.SetAttr("a b", "1"), core.Invalid},
		"name that is markup":      {root.SetAttr("a='1' b", "1"), core.Invalid},
		"empty name":               {root.SetAttr("", "1"), core.Invalid},
		"element name":             {second(root.Add("a/><b")), core.Invalid},
		"element name with a >":    {second(root.Add("a></a><b")), core.Invalid},
		"attribute without value":  {second(root.Add("a", "b")), core.Internal},
		"fragment of two":          {second(root.Append("<a/><b/>")), core.Invalid},
		"fragment that escapes":    {second(root.Append("<a></a></domain>")), core.Invalid},
		"fragment with a comment":  {second(root.Append("<!-- --><a/>")), core.Invalid},
		"fragment of text":         {second(root.Append("a")), core.Invalid},
		"fragment too deep":        {second(root.Append(deep)), core.Invalid},
		"before the root":          {second(root.InsertBefore("<a/>")), core.Internal},
		"replace the root":         {second(root.Replace("<a/>")), core.Internal},
		"after a removed one":      {second(removed.InsertAfter("<a/>")), core.Internal},
		"attribute of a missing":   {root.Child("no").SetAttr("a", "1"), core.Internal},
		"text of a missing":        {root.Child("no").SetText("1"), core.Internal},
		"append to a missing":      {second(root.Child("no").Append("<a/>")), core.Internal},
		"add to a missing":         {second(root.Child("no").Add("a")), core.Internal},
		"insert beside a missing":  {second(root.Child("no").InsertBefore("<a/>")), core.Internal},
		"replace what is missing":  {second(root.Child("no").Replace("<a/>")), core.Internal},
		"ensure a child of nobody": {second(root.Child("no").Ensure("a")), core.Internal},
	} {
		if got := core.CodeOf(tc.err); got != tc.want {
			t.Errorf("%s: got %q (%v), want %q", name, got, tc.err, tc.want)
		}
	}
	if got := d.String(); got != sample {
		t.Errorf("refused edits changed the document:\n%s", Diff(sample, got))
	}
}
