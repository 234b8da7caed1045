package xmledit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/limiquantix/limiquantix/core"
)

// corpus returns the sample domains: what libvirt, virt-manager, converters and
// people write.
func corpus(t testing.TB) map[string]string {
	t.Helper()
	files, err := filepath.Glob("testdata/domain/*.xml")
	if err != nil || len(files) < 12 {
		t.Fatalf("found %d samples, %v", len(files), err)
	}
	texts := map[string]string{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(f)] = string(b)
	}
	return texts
}

func mustParse(t testing.TB, src string) *Doc {
	t.Helper()
	d, err := Parse(src)
	if err != nil {
		t.Fatalf("parse %q: %v", src, err)
	}
	return d
}

func TestParsedXMLPrintsBackTheSameBytes(t *testing.T) {
	for name, src := range corpus(t) {
		t.Run(name, func(t *testing.T) {
			if got := mustParse(t, src).String(); got != src {
				t.Error(Diff(src, got))
			}
		})
	}
}

func TestEditingOneAttributeLeavesEveryOtherByte(t *testing.T) {
	for name, src := range corpus(t) {
		t.Run(name, func(t *testing.T) {
			for i := range every(mustParse(t, src).Root()) {
				checkOneEdit(t, src, i)
			}
		})
	}
}

// every returns e and all elements in it, in document order.
func every(e *Element) []*Element {
	all := []*Element{e}
	for _, c := range e.Children("") {
		all = append(all, every(c)...)
	}
	return all
}

// checkOneEdit changes the attributes of the ith element of src, one at a time,
// and takes the change back.
func checkOneEdit(t testing.TB, src string, i int) {
	t.Helper()
	const value = `new <"&'> value`
	for n := range len(every(mustParse(t, src).Root())[i].attrs) {
		d := mustParse(t, src)
		e := every(d.Root())[i]
		was := e.attrs[n]
		if err := e.SetAttr(was.name, value); err != nil {
			t.Fatal(err)
		}
		got := d.String()
		if r := mustParse(t, got); every(r.Root())[i].Attr(was.name) != value {
			t.Fatalf("attribute %s reads %q", was.name, every(r.Root())[i].Attr(was.name))
		}
		written := e.attrs[n].raw
		var at int // the one place where written stands for was.raw
		for at = 0; at < len(src) && at < len(got) && src[at] == got[at]; at++ {
		}
		tail := len(src) - at
		for tail > 0 && !strings.HasSuffix(got, src[len(src)-tail:]) {
			tail--
		}
		if len(got)-len(src) != len(written)-len(was.raw) || len(src)-at-tail > len(was.raw) {
			t.Fatalf("editing %s changed more than it:\n%s", was.name, Diff(src, got))
		}
	}
}

func TestParseRefuses(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("<a>", n) + strings.Repeat("</a>", n) }
	lolz := `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">]><lolz>&lol2;</lolz>`
	for name, tc := range map[string]struct{ src, want string }{
		"nothing":               {"", "no element"},
		"white space":           {" \n", "no element"},
		"text":                  {"hello", "outside"},
		"text after":            {"<a/>x", "outside"},
		"two roots":             {"<a/><b/>", "more than one"},
		"unclosed":              {"<a><b></b>", "EOF"},
		"wrong end":             {"<a><b></a></b>", "closed by"},
		"billion laughs":        {lolz, "document types"},
		"external entity":       {`<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>`, "document types"},
		"unknown entity":        {"<a>&nbsp;</a>", "entity"},
		"too deep":              {deep(65), "too deeply"},
		"much too deep":         {deep(100000), "too deeply"},
		"too large":             {"<a>" + strings.Repeat("x", MaxSize) + "</a>", "larger than"},
		"too many":              {"<a>" + strings.Repeat("<b/>", maxNodes) + "</a>", "more than"},
		"NUL":                   {"<a>\x00</a>", "does not allow"},
		"control character":     {"<a>\n\x1b</a>", "line 2: a character"},
		"control in a comment":  {"<a><!-- \x01 --></a>", "does not allow"},
		"control by number":     {"<a>&#27;</a>", "line 1"},
		"not UTF-8":             {"<a>\xff</a>", "does not allow"},
		"U+FFFE":                {"<a>\ufffe</a>", "does not allow"},
		"other encoding":        {`<?xml version="1.0" encoding="ISO-8859-1"?><a/>`, "encoding"},
		"attribute twice":       {"<a b='1' b='2'/>", "twice"},
		"attribute unquoted":    {"<a b=1/>", "quoted"},
		"no space between them": {"<a b='1'c='2'/>", "no space"},
		"< in an attribute":     {"<a b='<'/>", "line 1"},
		"two colons":            {"<a:b:c/>", "line 1"},
		"]]> in text":           {"<a>]]></a>", "]]>"},
		"-- in a comment":       {"<a><!-- -- --></a>", "--"},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := Parse(tc.src)
			if core.CodeOf(err) != core.Invalid || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, %v; want invalid with %q", d, err, tc.want)
			}
		})
	}
	if _, err := Parse(deep(MaxDepth)); err != nil {
		t.Errorf("%d levels: %v", MaxDepth, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, src := range corpus(f) {
		f.Add(src)
	}
	f.Add("<a b='1' c=\"&lt;\"  ><![CDATA[x]]><!----><?p?></a >")
	f.Fuzz(func(t *testing.T, src string) {
		d, err := Parse(src)
		if err != nil {
			if core.CodeOf(err) != core.Invalid {
				t.Fatalf("%v has code %s", err, core.CodeOf(err))
			}
			return
		}
		if got := d.String(); got != src {
			t.Fatalf("got %q", got)
		}
		if len(src) < 4096 {
			for i := range every(d.Root()) {
				checkOneEdit(t, src, i)
			}
		}
		c, err := Canonical(src)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := Canonical(c); err != nil && len(c) < MaxSize {
			t.Fatalf("%v: canonical form %q", err, c)
		} else if err == nil && again != c && !mixed(d.Root()) {
			t.Fatalf("canonical form %q becomes %q", c, again)
		}
	})
}

// mixed reports whether an element holds both text and elements; its canonical
// form is for comparing, and indents again when read.
func mixed(e *Element) bool {
	for _, x := range every(e) {
		if x.Child("") != nil && !isBlank(x.Text()) {
			return true
		}
	}
	return false
}

func FuzzEdit(f *testing.F) {
	for _, src := range corpus(f) {
		f.Add(src, uint(5), "name", "a value")
	}
	f.Add("<a><b/></a>", uint(1), "x:y", "<&\"'\n\t\r>")
	f.Fuzz(func(t *testing.T, src string, pick uint, name, value string) {
		d, err := Parse(src)
		if err != nil || len(src) > 1<<16 {
			return
		}
		all := every(d.Root())
		e := all[pick%uint(len(all))]
		added, err := e.Add(name, "value", value)
		if err != nil {
			if got := d.String(); got != src {
				t.Fatalf("a refused edit (%v) changed the document: %q", err, got)
			}
			return
		}
		text := e.SetText(value)
		if added.SetText(value) != nil {
			t.Fatal("an attribute's value is refused as text")
		}
		r, err := Parse(d.String())
		if err != nil {
			if len(d.String()) > MaxSize || strings.Contains(err.Error(), "deep") {
				return
			}
			t.Fatalf("%v: %s", err, d)
		}
		if text == nil {
			t.Fatal("an element with a child takes text")
		}
		again := every(r.Root())
		if len(again) != len(all)+1 {
			t.Fatalf("%d elements became %d", len(all), len(again))
		}
		kids := again[pick%uint(len(all))].Children("")
		last := kids[len(kids)-1]
		if last.Name() != name || last.Attr("value") != value || last.Text() != value {
			t.Fatalf("got %s %q %q, want %s %q", last.Name(), last.Attr("value"), last.Text(), name, value)
		}
	})
}
