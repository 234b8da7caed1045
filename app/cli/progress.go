package cli

import (
	"fmt"

	"github.com/schollz/progressbar/v3"

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
		fmt.Fprintf(r.p.io.Err, "%s: %s", r.title, core.Escape(t.Step))
		r.drawn = true
		return
	}
	if r.bar == nil || r.step != t.Step {
		r.clear()
		r.step = t.Step
		r.bar = progressbar.NewOptions64(t.Total,
			progressbar.OptionSetWriter(r.p.io.Err),
			progressbar.OptionSetDescription(core.Escape(t.Step)),
			progressbar.OptionShowBytes(true),
			progressbar.OptionSetWidth(24),
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

// silent watches without a word: several tasks at once.
type silent struct{}

func (silent) update(*apiv1.Task) {}
func (silent) tick()              {}
