package hostos

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/types/known/timestamppb"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

const (
	longestEntry   = 256 << 10 // bytes of JSON; journalctl prints at most 4 KiB of a field, which may be 16 KiB as numbers
	longestMessage = 8 << 10
)

// readEntries reads what journalctl --output=json prints, a line each, of which
// the first most count. skipped lines are no entries.
//
// Source: journalctl(1), "Journal JSON Format" at systemd.io.
func readEntries(text []byte, most int) (entries []*apiv1.JournalEntry, skipped int) {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if len(entries) == most {
			break
		}
		e := readEntry(line)
		if e == nil {
			skipped++
			continue
		}
		entries = append(entries, e)
	}
	return entries, skipped
}

// readEntry reads one line; nil when it is no entry.
func readEntry(line []byte) *apiv1.JournalEntry {
	if len(line) > longestEntry {
		return nil
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(line, &fields) != nil {
		return nil
	}
	word := func(names ...string) string {
		for _, name := range names {
			if s, _ := fieldText(fields[name]); s != "" {
				return clean(s, 300)
			}
		}
		return ""
	}
	micros, err := strconv.ParseInt(word("__REALTIME_TIMESTAMP"), 10, 64)
	cursor := word("__CURSOR")
	if err != nil || micros < 0 || micros > 1<<54 || !cursorForm.MatchString(cursor) {
		return nil
	}
	e := &apiv1.JournalEntry{
		Time: timestamppb.New(time.UnixMicro(micros)), Cursor: cursor, Priority: -1,
		Unit: word("_SYSTEMD_UNIT", "UNIT"), Source: word("SYSLOG_IDENTIFIER", "_COMM"),
	}
	if unit := word("UNIT"); unit != "" && (e.Unit == "init.scope" || e.Unit == "") { // systemd speaks of it
		e.Unit = unit
	}
	if p, err := strconv.Atoi(word("PRIORITY")); err == nil && p >= 0 && p <= 7 {
		e.Priority = int32(p)
	}
	if pid, err := strconv.ParseInt(word("_PID", "SYSLOG_PID"), 10, 32); err == nil && pid > 0 {
		e.Pid = pid
	}
	message, cut := fieldText(fields["MESSAGE"])
	e.Message, e.Cut = messageText(message)
	e.Cut = e.Cut || cut
	return e
}

// fieldText returns a field's first value: a string, the numbers of its bytes
// when it is not text, an array of these when there are several, and null (cut)
// when it is longer than journalctl prints.
func fieldText(raw json.RawMessage) (text string, cut bool) {
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0:
		return "", false
	case raw[0] == 'n':
		return "", true
	case raw[0] == '"':
		json.Unmarshal(raw, &text) // "" if it is none
		return text, false
	case raw[0] == '[':
		var values []json.RawMessage
		if json.Unmarshal(raw, &values) != nil || len(values) == 0 {
			return "", false
		}
		if first := bytes.TrimSpace(values[0]); len(first) > 0 && (first[0] == '"' || first[0] == '[' || first[0] == 'n') {
			if first[0] == '[' && bytes.HasPrefix(bytes.TrimSpace(first[1:]), []byte("[")) {
				return "", false // one array too deep
			}
			return fieldText(first)
		}
		return numbersText(values), false
	}
	return string(raw), false // a number: some forwarders write them
}

// numbersText puts bytes together that were written as numbers.
func numbersText(values []json.RawMessage) string {
	b := make([]byte, 0, len(values))
	for _, v := range values {
		n, err := strconv.ParseUint(string(bytes.TrimSpace(v)), 10, 8)
		if err != nil {
			return ""
		}
		b = append(b, byte(n))
	}
	return string(b)
}

// messageText makes of what a program wrote what can be shown: line ends and
// tabs stay, other control characters and what is no UTF-8 are escaped as \x1b,
// and it is bounded.
func messageText(s string) (text string, cut bool) {
	var b strings.Builder
	for len(s) > 0 {
		if b.Len() > longestMessage {
			return b.String(), true
		}
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1, r < ' ' && r != '\n' && r != '\t', r == 0x7f:
			b.WriteString(`\x`)
			b.WriteString(hex(s[0]))
		case r >= 0x80 && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069: // C1, and what turns the line around
			b.WriteString(`\u` + strings.Repeat("0", 4-len(strconv.FormatInt(int64(r), 16))) + strconv.FormatInt(int64(r), 16))
		default:
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String(), false
}

func hex(c byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[c>>4], digits[c&15]})
}
