package drift

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/vm/config"
)

func itoa(n int) string { return strconv.Itoa(n) }

// spell returns an attribute's value in the spelling that libvirt uses.
func spell(name, v string) string {
	switch name {
	case "cpuset", "cpus", "nodeset":
		return spellSet(v)
	case "uuid", "machine":
		return strings.ToLower(v)
	}
	if len(v) > 2 && (strings.HasPrefix(v, "0x") || strings.HasPrefix(v, "0X")) {
		if n, err := strconv.ParseUint(v, 0, 64); err == nil {
			return fmt.Sprintf("0x%x", n)
		}
	}
	return v
}

// spellMAC pads the bytes of a MAC address, in small letters.
func spellMAC(v string) string {
	bytes := strings.Split(v, ":")
	if len(bytes) != 6 {
		return v
	}
	for i, b := range bytes {
		n, err := strconv.ParseUint(b, 16, 8)
		if err != nil {
			return v
		}
		bytes[i] = fmt.Sprintf("%02x", n)
	}
	return strings.Join(bytes, ":")
}

// spellUUID returns a UUID in small letters with its dashes.
func spellUUID(v string) string {
	if id, err := core.ParseUUID(v); err == nil {
		return core.FormatUUID(id)
	}
	return v
}

// maxCPU bounds sets of CPUs and nodes that are written out: "0-4294967295" is one.
const maxCPU = 4096

// spellSet returns a set of CPUs or nodes as libvirt prints it: "0,1,3" is "0-1,3".
//
// Source: libvirt.org/formatdomain.html, "CPU Allocation" (cpuset).
func spellSet(v string) string {
	var in [maxCPU]bool
	for item := range strings.SplitSeq(v, ",") {
		item, out := strings.CutPrefix(strings.TrimSpace(item), "^")
		from, to, span := strings.Cut(item, "-")
		a, errA := strconv.Atoi(strings.TrimSpace(from))
		b := a
		if span {
			var err error
			if b, err = strconv.Atoi(strings.TrimSpace(to)); err != nil {
				return v
			}
		}
		if errA != nil || a < 0 || b < a || b >= maxCPU {
			return v
		}
		for i := a; i <= b; i++ {
			in[i] = !out
		}
	}
	var text []string
	for i := 0; i < maxCPU; i++ {
		if !in[i] {
			continue
		}
		from := i
		for i+1 < maxCPU && in[i+1] {
			i++
		}
		if from == i {
			text = append(text, itoa(i))
		} else {
			text = append(text, itoa(from)+"-"+itoa(i))
		}
	}
	return strings.Join(text, ",")
}

// sizeValue reads a size; without a unit it is of the one given.
func sizeValue(text, unit string) (value, bool) {
	n, ok := config.Size(text, unit)
	return sizeOfBytes(int64((n + core.KiB - 1) / core.KiB * core.KiB)), ok // libvirt keeps KiB
}

// words returns what three values are for a user. Sizes that are the same when
// rounded are told to the byte.
func words(values ...value) (applied, defined, running string) {
	text := make([]string, len(values))
	for i, v := range values {
		text[i] = v.text()
	}
	for i, v := range values {
		for j, w := range values {
			if v.size && w.size && v.raw != w.raw && text[i] == text[j] {
				text[i], text[j] = v.exact(), w.exact()
			}
		}
	}
	if slices.ContainsFunc(values, func(v value) bool { return v.secret }) {
		return secretWords(values)
	}
	return text[0], text[1], text[2]
}

// secretWords tells which are the same, and nothing else.
func secretWords(values []value) (applied, defined, running string) {
	text := make([]string, len(values))
	for i, v := range values {
		switch {
		case !v.set:
		case v.raw == values[1].raw:
			text[i] = "set"
		default:
			text[i] = "another one"
		}
	}
	return text[0], text[1], text[2]
}

func (v value) text() string {
	switch {
	case !v.set:
		return ""
	case v.size:
		return v.bytes().String()
	case v.raw == "":
		return "empty"
	case strings.HasPrefix(v.raw, "<"): // somebody's metadata
		return strings.Join(strings.Fields(v.raw), " ")
	}
	return v.raw
}

func (v value) exact() string { return v.bytes().Exact() }

func (v value) bytes() core.Bytes {
	n, _ := strconv.ParseInt(v.raw, 10, 64)
	return core.Bytes(n)
}

func sizeOfBytes(n int64) value {
	return value{set: true, raw: strconv.FormatInt(n, 10), size: true}
}
