package console

import (
	"slices"
	"strings"

	"github.com/limiquantix/limiquantix/core"
)

// Linux key codes of modifiers and of keys that are the same on all layouts.
//
// Source: linux/input-event-codes.h.
const (
	keyEsc, keyBackspace, keyTab, keyEnter      = 1, 14, 15, 28
	keyCtrl, keyShift, keyAlt, keySpace         = 29, 42, 56, 57
	keyAltGr, keySuper                     code = 100, 125
)

// code is a Linux key code.
type code = uint32

// places are the key codes of a keyboard's four rows of characters, left to
// right: the digits, Q to ], A to \ (where European keyboards have #), and the
// key beside the left Shift to /.
var places = [4][]code{
	{41, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13},
	{16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27},
	{30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 43},
	{86, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53},
}

// row is what the keys of one row give, alone and with Shift or AltGr. A space
// stands for a key that gives nothing, is dead, or differs between systems.
type row struct{ plain, shift, altGr string }

// layout is a keyboard layout.
type layout struct {
	name string
	rows [4]row
	dead []deadKey
}

// deadKey is a key that waits for the next one: with the space key it gives
// accent, with a letter the letter under it.
type deadKey struct {
	accent rune
	stroke Stroke
}

// under lists what an accent makes of letters: pairs of letter and result.
var under = map[rune]string{
	'^': "aâeêiîoôuûAÂEÊIÎOÔUÛ",
	'´': "aáeéiíoóuúyýAÁEÉIÍOÓUÚYÝ",
	'`': "aàeèiìoòuùAÀEÈIÌOÒUÙ",
	'¨': "aäeëiïoöuüyÿAÄEËIÏOÖUÜ",
}

var latinD, latinC = row{plain: "qwertyuiop[]", shift: "QWERTYUIOP{}"}, row{plain: "asdfghjkl;'\\", shift: "ASDFGHJKL:\"|"}

// layouts are those that can be typed on. Each is compared with xkeyboard-config
// by a test.
var layouts = []layout{
	{name: "us", rows: [4]row{
		{plain: "`1234567890-=", shift: "~!@#$%^&*()_+"},
		latinD,
		latinC,
		{plain: " zxcvbnm,./", shift: " ZXCVBNM<>?"},
	}},
	{name: "gb", rows: [4]row{
		{plain: "`1234567890-=", shift: "¬!\"£$%^&*()_+", altGr: "    €        "},
		latinD,
		{plain: "asdfghjkl;'#", shift: "ASDFGHJKL:@~"},
		{plain: "\\zxcvbnm,./", shift: "|ZXCVBNM<>?"},
	}},
	{name: "de", rows: [4]row{
		{plain: " 1234567890ß ", shift: "°!\"§$%&/()=? ", altGr: "  ²³   {[]}\\ "},
		{plain: "qwertzuiopü+", shift: "QWERTZUIOPÜ*", altGr: "@ €        ~"},
		{plain: "asdfghjklöä#", shift: "ASDFGHJKLÖÄ'"},
		{plain: "<yxcvbnm,.-", shift: ">YXCVBNM;:_", altGr: "|      µ   "},
	}, dead: []deadKey{{'^', Stroke{41}}, {'´', Stroke{13}}, {'`', Stroke{keyShift, 13}}}},
	{name: "fr", rows: [4]row{
		{plain: "²&é\"'(-è_çà)=", shift: " 1234567890°+", altGr: "  ~#{[|`\\^@]}"},
		{plain: "azertyuiop $", shift: "AZERTYUIOP £", altGr: "  €        ¤"},
		{plain: "qsdfghjklmù*", shift: "QSDFGHJKLM%µ"},
		{plain: "<wxcvbn,;:!", shift: ">WXCVBN?./§"},
	}, dead: []deadKey{{'^', Stroke{26}}, {'¨', Stroke{keyShift, 26}}}},
}

// Layouts returns the names of the keyboard layouts that can be typed on, the
// default one first.
func Layouts() []string {
	var names []string
	for _, l := range layouts {
		names = append(names, l.name)
	}
	return names
}

// findLayout returns a layout by name; "" is us. [core.Invalid] for another.
func findLayout(name string) (*layout, error) {
	if name == "" {
		return &layouts[0], nil
	}
	i := slices.IndexFunc(layouts, func(l layout) bool { return l.name == name })
	if i < 0 {
		return nil, core.Errorf(core.Invalid, "there is no keyboard layout %s", core.Printable(name, 20)).
			WithHint("layouts are: %s", strings.Join(Layouts(), ", "))
	}
	return &layouts[i], nil
}

// strokes returns how to type r; nil when the layout does not have it. A key
// that gives it at once is preferred to a dead one.
func (l *layout) strokes(r rune) []Stroke {
	switch r {
	case '\n':
		return []Stroke{{keyEnter}}
	case '\t':
		return []Stroke{{keyTab}}
	case ' ':
		return []Stroke{{keySpace}}
	}
	if s := l.direct(r); s != nil {
		return []Stroke{s}
	}
	for _, d := range l.dead {
		if d.accent == r {
			return []Stroke{d.stroke, {keySpace}}
		}
		pairs := []rune(under[d.accent])
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i+1] == r {
				return []Stroke{d.stroke, l.direct(pairs[i])}
			}
		}
	}
	return nil
}

// direct returns the one stroke that gives r; nil when there is none.
func (l *layout) direct(r rune) Stroke {
	for i, row := range l.rows {
		if n := index(row.plain, r); n >= 0 {
			return Stroke{places[i][n]}
		}
		if n := index(row.shift, r); n >= 0 {
			return Stroke{keyShift, places[i][n]}
		}
		if n := index(row.altGr, r); n >= 0 {
			return Stroke{keyAltGr, places[i][n]}
		}
	}
	return nil
}

// Heard returns what a guest that is set to a layout makes of a stroke, when that
// is one character; Backspace is '\b'. What dead keys give is not told.
func Heard(layoutName string, s Stroke) (rune, bool) {
	l, err := findLayout(layoutName)
	if err != nil || len(s) == 0 {
		return 0, false
	}
	for r, key := range map[rune]code{'\n': keyEnter, '\t': keyTab, ' ': keySpace, '\b': keyBackspace} {
		if s[len(s)-1] == key && (len(s) == 1 || len(s) == 2 && s[0] == keyShift) {
			return r, true
		}
	}
	for _, row := range l.rows {
		for _, r := range row.plain + row.shift + row.altGr {
			if r != ' ' && slices.Equal(l.direct(r), s) {
				return r, true
			}
		}
	}
	return 0, false
}

// index returns the place of r among the runes of s; -1 when it is not there.
func index(s string, r rune) int { return slices.Index([]rune(s), r) }
