package cli

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/rivo/uniseg"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// reporter tells how a task goes: on a terminal one line that changes, with a
// bar where the amount is known; elsewhere a line now and then.
type reporter struct {
	p     *program
	title string
	last  *apiv1.Task
	bar   *progressbar.ProgressBar
	step  string // that the bar is for
	drawn bool   // the terminal's line is not empty
}

func newReporter(p *program, title string) *reporter {
	return &reporter{p: p, title: core.Escape(title)}
}

func (r *reporter) update(t *apiv1.Task) {
	r.last = t
	if r.p.quiet || !r.p.io.ErrTerminal || t.Step == "" {
		return
	}
	if t.Total <= 0 {
		r.clear()
		line := fit(r.title+": "+core.Escape(t.Step), columns(r.p.io.Err)-1)
		fmt.Fprint(r.p.io.Err, line)
		r.drawn = true
		return
	}
	if r.bar == nil || r.step != t.Step {
		r.clear()
		r.step = t.Step
		r.bar = progressbar.NewOptions64(t.Total,
			progressbar.OptionSetWriter(r.p.io.Err),
			progressbar.OptionSetDescription(fit(core.Escape(t.Step), columns(r.p.io.Err)-besideStep)),
			progressbar.OptionShowBytes(true),
			progressbar.OptionUseIECUnits(true),
			progressbar.OptionSetWidth(16),
			progressbar.OptionClearOnFinish(),
			progressbar.OptionSetPredictTime(true))
	}
	_ = r.bar.Set64(min(t.Done, t.Total)) // only drawing can fail
}

func (r *reporter) tick() {
	if r.p.io.ErrTerminal || r.last == nil {
		return
	}
	t := r.last
	line := r.title
	if t.Step != "" {
		line += ": " + core.Escape(t.Step)
	}
	if t.Total > 0 {
		line += fmt.Sprintf(": %s of %s (%d %%)", core.Bytes(t.Done), core.Bytes(t.Total), t.Done*100/t.Total)
	}
	r.p.say("%s", line)
}

// end leaves the terminal's line empty.
func (r *reporter) end() { r.clear() }

// clear empties the terminal's line: something else is to be said.
func (r *reporter) clear() {
	if r.bar != nil {
		_ = r.bar.Clear()
		r.bar = nil
	}
	if r.drawn {
		fmt.Fprint(r.p.io.Err, "\r\x1b[K")
		r.drawn = false
	}
}

// besideStep is how many columns the bar, the rate and the times take at most.
// A line that wraps cannot be drawn over: it would be left on the screen.
const besideStep = 56

// columns is the width of the terminal that w is; 80 where it cannot be known.
func columns(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return 80
}

// fit cuts a text to a number of columns, at least 12.
func fit(s string, width int) string {
	width = max(width, 12)
	if uniseg.StringWidth(s) <= width {
		return s
	}
	var b strings.Builder
	used := 1 // the ellipsis
	for g := uniseg.NewGraphemes(s); g.Next() && used+g.Width() <= width; used += g.Width() {
		b.WriteString(g.Str())
	}
	return b.String() + "…"
}

// silent watches without a word: several tasks at once.
type silent struct{}

func (silent) update(*apiv1.Task) {}
func (silent) tick()              {}
func (silent) clear()             {}
