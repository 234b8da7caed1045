package console

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/limiquantix/limiquantix/core"
)

func TestTyping(t *testing.T) {
	for _, c := range []struct {
		name, layout, text string
		chords             []string
		want               []Stroke
	}{
		{name: "letters and shift", text: "aB\n", want: []Stroke{{30}, {keyShift, 48}, {keyEnter}}},
		{name: "one Enter for a DOS line", text: "a\r\nb\t", want: []Stroke{{30}, {keyEnter}, {48}, {keyTab}}},
		{name: "chords go first", chords: []string{"ctrl+alt+f2", "Ctrl+C"}, text: "a", want: []Stroke{{keyCtrl, keyAlt, 60}, {keyCtrl, 46}, {30}}},
		{name: "a chord's letter is where the layout has it", layout: "de", chords: []string{"ctrl+z"}, want: []Stroke{{keyCtrl, 21}}},
		{name: "a chord's character may need Shift", chords: []string{"ctrl+plus"}, want: []Stroke{{keyCtrl, keyShift, 13}}},
		{name: "z and y", layout: "de", text: "zy", want: []Stroke{{21}, {44}}},
		{name: "a dead key and space", layout: "de", text: "^`", want: []Stroke{{41}, {keySpace}, {keyShift, 13}, {keySpace}}},
		{name: "a dead key and its letter", layout: "fr", text: "ê", want: []Stroke{{26}, {18}}},
		{name: "AltGr", layout: "de", text: "@\\", want: []Stroke{{keyAltGr, 16}, {keyAltGr, 12}}},
		{name: "digits need Shift", layout: "fr", text: "1", want: []Stroke{{keyShift, 2}}},
		{name: "nothing", want: nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ends, err := Typing(c.layout, c.chords, c.text)
			if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
				t.Errorf("%v: %s", err, diff)
			}
			if n := len(ends); n > 0 && ends[n-1] != len(got) {
				t.Errorf("the last character ends with stroke %d of %d", ends[n-1], len(got))
			}
		})
	}
}

func TestTypingRefusesBeforeAnythingIsTyped(t *testing.T) {
	for _, c := range []struct {
		name, layout, text string
		chords             []string
		want               string
	}{
		{name: "a character that no layout has", text: "ok\n漢", want: "U+6F22, line 2, column 1"},
		{name: "a character that another layout has", text: "für", want: "no key for \"ü\""},
		{name: "a control character", text: "a\x1b", want: "U+001B, line 1, column 2"},
		{name: "broken UTF-8", text: "a\xff", want: "not valid UTF-8"},
		{name: "an unknown layout", layout: "klingon", want: "no keyboard layout \"klingon\""},
		{name: "an unknown key", chords: []string{"ctrl+warp"}, want: "unknown key \"warp\""},
		{name: "a key twice", chords: []string{"ctrl+ctrl"}, want: "a key twice"},
		{name: "an empty part", chords: []string{"ctrl++"}, want: "unknown key \"\""},
		{name: "an empty chord", chords: []string{""}, want: "unknown key \"\""},
		{name: "too many keys", chords: []string{"a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+q"}, want: "more than 16 keys"},
		{name: "too many chords", chords: slices.Repeat([]string{"f2"}, MaxChords+1), want: "too many"},
		{name: "an hour", text: strings.Repeat("A", MaxText), want: "takes 44m0s"},
		{name: "too long", text: strings.Repeat("a", MaxText+1), want: "too long"},
	} {
		t.Run(c.name, func(t *testing.T) {
			strokes, _, err := Typing(c.layout, c.chords, c.text)
			if core.CodeOf(err) != core.Invalid || !strings.Contains(err.Error(), c.want) || strokes != nil {
				t.Errorf("got %v, %v; want Invalid with %q", strokes, err, c.want)
			}
		})
	}
}
