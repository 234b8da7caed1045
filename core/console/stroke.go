package console

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/limiquantix/limiquantix/core"
)

// Stroke is keys that are pressed together, in this order, and let go in the
// reverse one: Linux key codes, one to [MaxKeys] of them.
type Stroke []uint32

// MaxKeys is how many keys one stroke may have: libvirt's
// VIR_DOMAIN_SEND_KEY_MAX_KEYS.
const MaxKeys = 16

// MaxText is how many bytes of text are typed at most: at the pace of a
// keyboard that takes the better part of an hour.
const MaxText = 64 << 10

// MaxChords is how many chords are pressed at most.
const MaxChords = 100

// MaxTime is how long QEMU may need to play everything.
const MaxTime = 30 * time.Minute

// Hold is how long each key of a stroke is down before the next event: QEMU's
// own default. Longer would let slow guests repeat keys, shorter lose them.
const Hold = 10 * time.Millisecond

// Takes returns how long QEMU needs to play a stroke: each key goes down and
// up, and each of these events waits for [Hold].
//
// Source: qmp_send_key and qemu_input_event_send_key_delay of QEMU's ui/input*.c.
func (s Stroke) Takes() time.Duration { return 2 * time.Duration(len(s)) * Hold }

// Typing returns the strokes that press chords, in order, and then type text on
// a keyboard of that layout ("" is us). A line feed is Enter, "\r\n" one Enter, a
// tab Tab. ends[i] is how many strokes have been played when the i-th chord or
// character is complete.
//
// Errors: [core.Invalid] for an unknown layout or chord, text over [MaxText] or
// not UTF-8, more than [MaxChords], what takes longer than [MaxTime], and for a
// character that the layout does not have: the first such.
func Typing(layoutName string, chords []string, text string) (strokes []Stroke, ends []int, err error) {
	l, err := findLayout(layoutName)
	if err != nil {
		return nil, nil, err
	}
	if len(text) > MaxText {
		return nil, nil, core.Errorf(core.Invalid, "the text is too long: %s", core.Bytes(len(text))).WithHint("at most %s are typed at once: copy longer texts over the network", core.Bytes(MaxText))
	}
	if !utf8.ValidString(text) {
		return nil, nil, core.Errorf(core.Invalid, "the text is not valid UTF-8")
	}
	if len(chords) > MaxChords {
		return nil, nil, core.Errorf(core.Invalid, "%d chords are too many", len(chords)).WithHint("at most %d are pressed at once", MaxChords).WithDetail("field", "chords")
	}
	for _, name := range chords {
		s, err := l.chord(name)
		if err != nil {
			return nil, nil, err
		}
		strokes = append(strokes, s)
		ends = append(ends, len(strokes))
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	line, column := 1, 1
	for _, r := range text {
		s := l.strokes(r)
		if s == nil {
			return nil, nil, lacks(l, r, line, column)
		}
		strokes = append(strokes, s...)
		ends = append(ends, len(strokes))
		if column++; r == '\n' {
			line, column = line+1, 1
		}
	}
	if err := tooSlow(strokes); err != nil {
		return nil, nil, err
	}
	return strokes, ends, nil
}

// tooSlow refuses what takes longer than [MaxTime].
func tooSlow(strokes []Stroke) error {
	var takes time.Duration
	for _, s := range strokes {
		takes += s.Takes()
	}
	if takes <= MaxTime {
		return nil
	}
	return core.Errorf(core.Invalid, "typing this takes %s; nothing was typed", takes.Round(time.Minute)).
		WithHint("what takes more than %d minutes is better copied over the network", MaxTime/time.Minute).WithDetail("field", "text")
}

// lacks is the error for a character without a key.
func lacks(l *layout, r rune, line, column int) error {
	e := core.Errorf(core.Invalid, "the keyboard layout %s has no key for %s (U+%04X, line %d, column %d); nothing was typed", l.name, core.Printable(string(r), 1), r, line, column).
		WithDetail("field", "text")
	var others []string
	for i := range layouts {
		if layouts[i].strokes(r) != nil {
			others = append(others, layouts[i].name)
		}
	}
	if len(others) > 0 {
		return e.WithHint("these layouts have it, if the guest is set to one of them: %s", strings.Join(others, ", "))
	}
	return e.WithHint("leave it out, or send the text over the network")
}

// names are the keys that chords call by name.
var names = map[string]code{
	"ctrl": keyCtrl, "control": keyCtrl, "shift": keyShift, "alt": keyAlt, "altgr": keyAltGr,
	"super": keySuper, "meta": keySuper, "win": keySuper, "menu": 127,
	"esc": keyEsc, "escape": keyEsc, "tab": keyTab, "enter": keyEnter, "return": keyEnter, "space": keySpace,
	"backspace": keyBackspace, "delete": 111, "del": 111, "insert": 110, "ins": 110,
	"home": 102, "end": 107, "pageup": 104, "pagedown": 109, "up": 103, "down": 108, "left": 105, "right": 106,
	"print": 99, "sysrq": 99, "pause": 119, "capslock": 58, "numlock": 69, "scrolllock": 70,
	"f1": 59, "f2": 60, "f3": 61, "f4": 62, "f5": 63, "f6": 64, "f7": 65, "f8": 66, "f9": 67, "f10": 68, "f11": 87, "f12": 88,
}

// chord reads "ctrl+alt+delete" or "ctrl+z". A single character is the key that
// gives it on the layout; "plus" is the key of '+'.
func (l *layout) chord(name string) (Stroke, error) {
	bad := func(why string) error {
		return core.Errorf(core.Invalid, "the chord %s %s", core.Printable(name, 40), why).
			WithHint("chords look like ctrl+alt+delete, ctrl+c, alt+f4, super, f2").WithDetail("field", "chords")
	}
	var s Stroke
	for part := range strings.SplitSeq(strings.ToLower(name), "+") {
		keys := l.named(strings.TrimSpace(part))
		if keys == nil {
			return nil, bad(fmt.Sprintf("has an unknown key %s", core.Printable(part, 20)))
		}
		for _, k := range keys {
			if slices.Contains(s, k) {
				return nil, bad("names a key twice")
			}
			s = append(s, k)
		}
	}
	if len(s) > MaxKeys {
		return nil, bad(fmt.Sprintf("has more than %d keys", MaxKeys))
	}
	return s, nil
}

// named returns the keys that one part of a chord means; nil for none.
func (l *layout) named(part string) Stroke {
	if part == "plus" {
		return l.direct('+')
	}
	if k, ok := names[part]; ok {
		return Stroke{k}
	}
	if r, n := utf8.DecodeRuneInString(part); n == len(part) && n > 0 && r != utf8.RuneError && r != ' ' {
		return l.direct(r)
	}
	return nil
}
