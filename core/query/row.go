package query

import (
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Row is an object as queries see it. Fill it once, then share it: a filled row
// is only read.
type Row struct {
	Kind Kind
	Host string // name; "" when it has none
	ID   string // UUID, or the name of what has none
	Name string
	Text string // a few words to show beside the name; not searched

	at     [fields]uint8 // 1 + where in values; 0: nothing is known
	values []value
	custom []custom
	is     uint32 // flags that are so
	known  uint32 // flags that are known
}

// value is what is known of a field; folded is shown when that has no accent and
// no upper case.
type value struct {
	shown, folded []string
	numbers       []int64
	nets          []netip.Prefix
}

// custom is one column that users made.
type custom struct {
	name, folded string
	value        value
	number       float64 // NaN: it is none
}

// NewRow returns a row of which nothing is known but what it is.
func NewRow(kind Kind, host, id, name string) *Row {
	r := &Row{Kind: kind, Host: host, ID: id, Name: name, values: make([]value, 0, 16)}
	r.SetText(FieldKind, string(kind))
	r.SetText(FieldName, name)
	own := name
	if host != "" {
		r.SetText(FieldHost, host)
		own = host + "/" + name
	}
	r.SetText(fieldPath, own)
	r.SetText(FieldID, host+"/"+id)
	return r
}

func (r *Row) slot(f Field) *value {
	if r.at[f] == 0 {
		r.values = append(r.values, value{})
		r.at[f] = uint8(len(r.values))
	}
	return &r.values[r.at[f]-1]
}

// value returns what is known of a field; nil: nothing.
func (r *Row) value(f Field) *value {
	if i := r.at[f]; i > 0 {
		return &r.values[i-1]
	}
	return nil
}

// SetText says what a field of text holds: nothing, one or several.
func (r *Row) SetText(f Field, texts ...string) { *r.slot(f) = textValue(texts) }

func textValue(texts []string) value {
	texts = slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return s == "" })
	v := value{shown: texts, folded: texts}
	if !slices.ContainsFunc(texts, func(s string) bool { return !folded(s) }) {
		return v
	}
	v.folded = make([]string, len(texts))
	for i, s := range texts {
		v.folded[i] = Fold(s)
	}
	return v
}

// SetNumber says what a field of numbers or sizes holds.
func (r *Row) SetNumber(f Field, n int64) { r.slot(f).numbers = []int64{n} }

// now stands for whatever time it is when somebody asks.
const now = math.MaxInt64

// SetTimes says when; the zero time is now, whenever that is asked.
func (r *Row) SetTimes(f Field, times ...time.Time) {
	v := r.slot(f)
	v.numbers = make([]int64, len(times))
	for i, t := range times {
		v.numbers[i] = now
		if !t.IsZero() {
			v.numbers[i] = t.Unix()
		}
	}
}

// SetIPs says which addresses ("10.0.0.1") or networks ("10.0.0.1/24") an object
// has. What is neither is kept as text alone.
func (r *Row) SetIPs(addresses ...string) {
	r.SetText(FieldIP, addresses...)
	v := r.slot(FieldIP)
	for _, a := range addresses {
		if p, ok := parseNet(a); ok {
			v.nets = append(v.nets, p)
		}
	}
}

// Set says whether a flag of [FieldIs] or [FieldHas] is so. Unknown names do nothing.
func (r *Row) Set(f Field, flag string, so bool) {
	bit := flagOf(f, flag)
	r.known |= bit
	if so {
		r.is |= bit
	}
}

// SetCustom says what a column that users made holds.
func (r *Row) SetCustom(name, text string) {
	number, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil {
		number = math.NaN()
	}
	r.custom = append(r.custom, custom{name: name, folded: Fold(name), value: textValue([]string{text}), number: number})
}

func parseNet(s string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), true
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, false
	}
	a = a.Unmap().WithZone("")
	return netip.PrefixFrom(a, a.BitLen()), true
}
