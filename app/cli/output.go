package cli

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rivo/uniseg"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/limiquantix/limiquantix/core"
)

// column is one of a table of Ts: its title, and a cell's text as it came (it
// is escaped when it is printed; "" is shown as "-").
type column[T any] struct {
	title string
	text  func(T) string
}

// printList prints ms in the chosen format; as a table with the given columns.
func printList[T proto.Message](p *program, ms []T, columns ...column[T]) error {
	if p.output == "table" {
		var rows [][]string
		if !p.noHeaders {
			titles := make([]string, len(columns))
			for i, c := range columns {
				titles[i] = c.title
			}
			rows = append(rows, titles)
		}
		for _, m := range ms {
			row := make([]string, len(columns))
			for i, c := range columns {
				row[i] = orDash(c.text(m))
			}
			rows = append(rows, row)
		}
		return p.write(align(rows))
	}
	out, objects := list{}, make([]object, len(ms))
	for i, m := range ms {
		objects[i] = slices.DeleteFunc(encode(m), func(f field) bool { return slices.Contains(p.omit, f.key) })
		out = append(out, objects[i])
	}
	var none T
	names := slices.DeleteFunc(fieldNames(none), func(n string) bool { return slices.Contains(p.omit, n) })
	return p.writeData(out, names, objects)
}

// printOne prints one message in the chosen format; as a table, one line for
// each of pairs.
func printOne(p *program, m proto.Message, pairs ...[2]string) error {
	if p.output != "table" {
		o := encode(m)
		return p.writeData(o, fieldNames(m), []object{o})
	}
	rows := make([][]string, len(pairs))
	for i, kv := range pairs {
		rows[i] = []string{kv[0], orDash(kv[1])}
	}
	return p.write(align(rows))
}

// printObject is printOne for what is no message.
func (p *program) printObject(o object, table string) error {
	if p.output == "table" {
		return p.write(table)
	}
	names := make([]string, len(o))
	for i, f := range o {
		names[i] = f.key
	}
	return p.writeData(o, names, []object{o})
}

func (p *program) writeData(n node, columns []string, rows []object) error {
	var b bytes.Buffer
	switch p.output {
	case "json":
		writeJSON(&b, n, "")
		b.WriteByte('\n')
	case "yaml":
		if err := writeYAML(&b, n); err != nil {
			return err
		}
	case "csv":
		if err := writeCSV(&b, columns, rows, !p.noHeaders); err != nil {
			return err
		}
	}
	return p.write(b.String())
}

// write puts data on standard output.
func (p *program) write(s string) error {
	if _, err := p.io.Out.Write([]byte(s)); err != nil {
		return core.Errorf(core.Internal, "write the output: %w", err)
	}
	return nil
}

func fieldNames(m proto.Message) []string {
	fields := m.ProtoReflect().Descriptor().Fields()
	names := make([]string, fields.Len())
	for i := range names {
		names[i] = string(fields.Get(i).Name())
	}
	return names
}

// align escapes the cells and pads all but the last of each row to its
// column's width on a terminal (wide and combining characters counted).
func align(rows [][]string) string {
	var widths []int
	for _, r := range rows {
		for i := range r {
			r[i] = core.Escape(r[i])
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], uniseg.StringWidth(r[i]))
		}
	}
	var b strings.Builder
	for _, r := range rows {
		for i, c := range r {
			b.WriteString(c)
			if i < len(r)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-uniseg.StringWidth(c)+2))
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func count(n int32) string { return fmt.Sprint(n) }

// size prints bytes for people; "" for none.
func size(n int64) string {
	if n == 0 {
		return ""
	}
	return core.Bytes(n).String()
}

// age says how long ago t was, in one unit: "now", "42s", "3m", "5h", "2d".
func (p *program) age(t *timestamppb.Timestamp) string {
	if t == nil {
		return ""
	}
	d := p.env.Now().Sub(t.AsTime())
	switch {
	case d < 2*time.Second:
		return "now"
	case d < 2*time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < 2*time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return fmt.Sprintf("%dd", d/(24*time.Hour))
}
