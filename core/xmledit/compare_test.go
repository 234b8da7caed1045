package xmledit

import (
	"strings"
	"testing"
)

func TestEqualIgnoresSpelling(t *testing.T) {
	for name, tc := range map[string]struct {
		a, b string
		want bool
	}{
		"attribute order":      {"<a b='1' c='2'/>", `<a c="2" b="1"></a>`, true},
		"white space":          {"<a><b/></a>", "<a>\n  <b></b>\n</a>\n", true},
		"comment":              {"<a><b/></a>", "<!-- x --><a><b/><!-- y --></a>", true},
		"CDATA":                {"<a>x&lt;y</a>", "<a>x<![CDATA[<]]>y</a>", true},
		"CDATA in mixed text":  {"<a>x&lt;y<b/></a>", "<a>x<![CDATA[<]]><!-- c -->y<b/></a>", true},
		"entity":               {"<a b='&#65;'/>", "<a b='A'/>", true},
		"declaration":          {"<?xml version='1.0'?><a/>", "<a/>", true},
		"attribute value":      {"<a b='1'/>", "<a b='2'/>", false},
		"element order":        {"<a><b/><c/></a>", "<a><c/><b/></a>", false},
		"text space":           {"<a>x</a>", "<a> x</a>", false},
		"text that looks like": {"<a>&lt;b/&gt;</a>", "<a><b/></a>", false},
		"prefix":               {"<x:a xmlns:x='u'/>", "<y:a xmlns:y='u'/>", false},
		"no XML":               {"x", "y", false},
		"the same no XML":      {"x", "x", true},
	} {
		if got := Equal(tc.a, tc.b); got != tc.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestDiffIsUnifiedWithThreeLines(t *testing.T) {
	before := "<a>\n1\n2\n3\n4\n5\n6\n7\n8\n9\n</a>\n"
	after := strings.Replace(before, "5\n", "five\n", 1)
	want := "--- before\n+++ after\n@@ -3,7 +3,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"
	if got := Diff(before, after); got != want {
		t.Errorf("got\n%s", got)
	}
	if got := Diff(before, before); got != "" {
		t.Errorf("equal texts differ:\n%s", got)
	}
}
