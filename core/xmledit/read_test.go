package xmledit

import (
	"strings"
	"testing"
)

func TestReading(t *testing.T) {
	all := corpus(t)
	running := mustParse(t, all["libvirt-running.xml"]).Root()
	vendor := mustParse(t, all["vendor-metadata.xml"]).Root()
	odd := mustParse(t, all["odd-spelling.xml"]).Root()
	cdata := mustParse(t, all["cdata.xml"]).Root()
	crlf := mustParse(t, all["crlf.xml"]).Root()
	ours := vendor.Child("metadata").ChildNS("https://limiquantix.dev/xmlns/vm/1", "limiquantix")
	for name, tc := range map[string]struct{ got, want string }{
		"text with entities":      {running.Child("name").Text(), "web & mail <prod>"},
		"attribute with entities": {running.Find("devices/disk/source").Attr("file"), "/srv/vm/it's here/a,b.qcow2"},
		"nested path":             {running.Find("devices/disk/backingStore/source").Attr("file"), "/srv/vm/base.qcow2"},
		"double escape":           {odd.Child("title").Text(), `'tis "hex" &amp; > >`},
		"odd attribute":           {odd.Child("devices").Attr("c"), "\"'\n\t"},
		"names of attributes":     {strings.Join(running.Find("devices/disk/address").Attrs(), " "), "type domain bus slot function"},
		"attributes of none":      {strings.Join(running.Find("nope").Attrs(), " "), ""},
		"odd name":                {odd.Child("name").Text(), "odd"},
		"CDATA":                   {cdata.Child("description").Text(), `<b>not markup</b> & "quoted" ]] >`},
		"CDATA amid text":         {cdata.Find("metadata/app:note").Text(), "before a < b after AB"},
		"line ends":               {crlf.Child("description").Text(), "one\ntwo"},
		"by namespace":            {ours.Name(), "x:limiquantix"},
		"inherited namespace":     {ours.Child("x:tag").Space(), "https://limiquantix.dev/xmlns/vm/1"},
		"local name":              {ours.Child("x:tag").Local(), "tag"},
		"parent":                  {ours.Parent().Name(), "metadata"},
		"missing":                 {vendor.Child("a").Child("b").Find("c").Text() + vendor.Child("a").Attr("b") + vendor.Child("a").Parent().Name(), ""},
		"written":                 {running.Find("devices/console/target").String(), "<target type='serial' port='0'/>"},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: got %q, want %q", name, tc.got, tc.want)
		}
	}
}

func TestFind(t *testing.T) {
	root := mustParse(t, `<domain><devices>
		<disk type='file' device='disk'><target dev='vda'/><source file='/a'/></disk>
		<disk type='file' device='cdrom'><target dev='sda'/></disk>
		<disk type='block'><target dev="v'db"/><alias name='x'/></disk>
		<interface type='bridge'><mac address='52:54:00:00:00:01'/></interface>
		<lease><key>k1</key></lease><lease><key>k2</key></lease>
	</devices></domain>`).Root()
	for name, tc := range map[string]struct {
		path string
		args []string
		want string // the elements' type and text
	}{
		"all of a name":        {"devices/disk", nil, "disk disk disk"},
		"literal":              {"devices/disk[target/@dev='sda']", nil, "disk"},
		"argument":             {"devices/disk[target/@dev=?]/alias", []string{"v'db"}, "alias"},
		"two conditions":       {"devices/disk[@type='file'][@device=?]/target", []string{"disk"}, "target"},
		"it is there":          {"devices/*[alias]", nil, "disk"},
		"attribute is there":   {"devices/*[@device]", nil, "disk disk"},
		"text of a child":      {"devices/lease[key='k2']", nil, "lease"},
		"own text":             {"devices/lease/key[.='k1']", nil, "key"},
		"any name":             {"devices/*/mac", nil, "mac"},
		"nothing":              {"devices/disk[@type='dir']", nil, ""},
		"hostile argument":     {"devices/disk[@type=?]", []string{"x'] | *[.='"}, ""},
		"missing step":         {"os/type", nil, ""},
		"attribute is not set": {"devices/interface[@device='']", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, e := range root.FindAll(tc.path, tc.args...) {
				got = append(got, e.Name())
			}
			if g := strings.Join(got, " "); g != tc.want {
				t.Errorf("got %q, want %q", g, tc.want)
			}
		})
	}
}

func TestFindPanicsOnMalformedPaths(t *testing.T) {
	for _, path := range []string{"", "/a", "a/", "a//b", "a[", "a[]", "a[@]", "a[@b", "a[@b=]", "a[@b='c]", "a[@b=c]",
		"a[@b='c']d", "a[@b/c]", "a b", "@a", "a[b=?]", "a[..]", "a[*]", "."} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("path %q was accepted", path)
				}
			}()
			var none *Element
			none.FindAll(path)
		}()
	}
}

func FuzzPath(f *testing.F) {
	f.Add("devices/disk[target/@dev='vda'][@x=?]/*", "v")
	f.Fuzz(func(t *testing.T, path, arg string) {
		steps, err := parsePath(path, []string{arg})
		if err == nil && len(steps) == 0 {
			t.Fatal("no steps and no error")
		}
	})
}
