package console

import (
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// keysyms are X's names of what is not a letter, a digit or U+code.
var keysyms = map[string]rune{
	"exclam": '!', "quotedbl": '"', "numbersign": '#', "dollar": '$', "percent": '%', "ampersand": '&', "apostrophe": '\'',
	"parenleft": '(', "parenright": ')', "asterisk": '*', "plus": '+', "comma": ',', "minus": '-', "period": '.', "slash": '/',
	"colon": ':', "semicolon": ';', "less": '<', "equal": '=', "greater": '>', "question": '?', "at": '@', "bracketleft": '[',
	"backslash": '\\', "bracketright": ']', "asciicircum": '^', "underscore": '_', "grave": '`', "braceleft": '{', "bar": '|',
	"braceright": '}', "asciitilde": '~', "notsign": '¬', "sterling": '£', "EuroSign": '€', "degree": '°', "section": '§',
	"ssharp": 'ß', "twosuperior": '²', "threesuperior": '³', "mu": 'µ', "currency": '¤', "brokenbar": '¦',
	"adiaeresis": 'ä', "odiaeresis": 'ö', "udiaeresis": 'ü', "Adiaeresis": 'Ä', "Odiaeresis": 'Ö', "Udiaeresis": 'Ü',
	"eacute": 'é', "egrave": 'è', "agrave": 'à', "ccedilla": 'ç', "ugrave": 'ù',
}

var deadNames = map[string]rune{"dead_circumflex": '^', "dead_acute": '´', "dead_grave": '`', "dead_diaeresis": '¨'}

var (
	xkbKey    = regexp.MustCompile(`(?s)key\s+<(\w+)> \{(.*?)\};`)
	xkbLevels = regexp.MustCompile(`\[\s*(\w+(?:\s*,\s*\w+)*)\s*\]\s*$`)
)

// xkbLevelsOf returns, by Linux key code, what the keys of a layout give on
// their levels (plain, Shift, AltGr, both), as xkeyboard-config has it.
func xkbLevelsOf(t *testing.T, name string) map[uint32][]string {
	t.Helper()
	cmd := exec.Command("xkbcomp", "-w", "0", "-xkb", "-", "-")
	cmd.Stdin = strings.NewReader(fmt.Sprintf(`xkb_keymap { xkb_keycodes { include "evdev+aliases(qwerty)" };
xkb_types { include "complete" }; xkb_compat { include "complete" }; xkb_symbols { include "pc+%s+inet(evdev)" }; };`, name))
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("xkbcomp (packages x11-xkb-utils, xkb-data): %v", err)
	}
	text := string(out)
	codes := map[string]uint32{}
	for _, m := range regexp.MustCompile(`<(\w+)> = (\d+);`).FindAllStringSubmatch(text, -1) {
		n, _ := strconv.Atoi(m[2])
		codes[m[1]] = uint32(n - 8) // X's codes are Linux's and 8
	}
	levels := map[uint32][]string{}
	for _, m := range xkbKey.FindAllStringSubmatch(text, -1) {
		if found := xkbLevels.FindStringSubmatch(strings.TrimSpace(m[2])); found != nil {
			for _, s := range strings.Split(found[1], ",") {
				levels[codes[m[1]]] = append(levels[codes[m[1]]], strings.TrimSpace(s))
			}
		}
	}
	return levels
}

// gives returns what a stroke gives on an xkb layout; dead says that it waits
// for the next key.
func gives(levels map[uint32][]string, s Stroke) (r rune, dead bool) {
	level := 0
	for _, modifier := range s[:len(s)-1] {
		level += map[uint32]int{keyShift: 1, keyAltGr: 2}[modifier]
	}
	names := levels[s[len(s)-1]]
	if level >= len(names) {
		return 0, false
	}
	name := names[level]
	if accent, ok := deadNames[name]; ok {
		return accent, true
	}
	if r, ok := keysyms[name]; ok {
		return r, false
	}
	if runes := []rune(name); len(runes) == 1 {
		return runes[0], false
	}
	return 0, false
}

// TestLayoutsAreThoseOfXKB types every character that a layout has, and looks
// up in xkeyboard-config what a guest gets.
func TestLayoutsAreThoseOfXKB(t *testing.T) {
	for _, l := range layouts {
		t.Run(l.name, func(t *testing.T) {
			levels := xkbLevelsOf(t, l.name)
			typed := 0
			for r := rune(1); r < 0x2100; r++ {
				strokes := l.strokes(r)
				if strokes == nil || unicode.IsControl(r) || r == ' ' {
					continue
				}
				typed++
				got, dead := gives(levels, strokes[0])
				switch {
				case len(strokes) == 1 && (dead || got != r):
					t.Errorf("%q is typed as %v, which gives %q (dead: %t)", r, strokes, got, dead)
				case len(strokes) == 2 && strokes[1][0] == keySpace && (!dead || got != r):
					t.Errorf("%q is typed as %v, whose first gives %q (dead: %t)", r, strokes, got, dead)
				case len(strokes) == 2 && strokes[1][0] != keySpace:
					base, _ := gives(levels, strokes[1])
					if !dead || !strings.Contains(under[got], string([]rune{base, r})) {
						t.Errorf("%q is typed as %v, which gives %q and %q", r, strokes, got, base)
					}
				}
			}
			for r := ' '; r < 0x7f; r++ {
				if l.strokes(r) == nil {
					t.Errorf("%q cannot be typed", r)
				}
			}
			t.Logf("%d characters", typed)
		})
	}
}
