package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/limiquantix/limiquantix/core"
)

// face is all of a plan that its digest is made of: what a user is shown, and
// what stands behind it. Its JSON is what is summed.
type face struct {
	Title, Host, Object, Undo string
	Destructive               bool
	Command, Warnings         []string
	Blockers                  []Blocker
	Steps                     []stepFace
}

type stepFace struct {
	ID, Text, Call, Diff, Content, UndoText string
	When                                    When
	Done                                    bool
}

// Digest tells the plan from any other: planning the same request again gives
// the same one as long as the same would be done. With a plan that has Drawn it
// carries that, for [Drawn]. To callers it is opaque.
func (p *Plan) Digest() string {
	shown := face{
		Title: p.Title, Host: p.Host, Object: p.Object, Undo: p.Undo, Destructive: p.Destructive,
		Command: p.Command, Blockers: p.Blockers,
	}
	for _, w := range p.Warnings {
		shown.Warnings = append(shown.Warnings, p.steady(w))
	}
	for _, s := range p.Steps {
		shown.Steps = append(shown.Steps, s.face())
	}
	sum := checksum(shown)
	if p.Drawn == "" {
		return sum
	}
	return sum + "." + p.Drawn
}

func (s Step) face() stepFace {
	return stepFace{ID: s.ID, Text: s.Text, Call: s.Call, Diff: s.Diff, Content: s.Content, UndoText: s.UndoText, When: s.When, Done: s.Done}
}

// checksum is 128 bits of a SHA-256, in hexadecimal: it can be copied by hand.
func checksum(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // v is made of strings, numbers and lists of them
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// Drawn returns what was drawn at random for the plan that a digest is of; ""
// for nothing. It comes from a client: whoever uses it checks it.
func Drawn(digest string) string {
	_, drawn, _ := strings.Cut(digest, ".")
	return drawn
}

// ContentOf is a [Step.Content] of bytes.
func ContentOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// WarnOf adds a warning with a figure that moves by itself, as free space does:
// the same warning with another figure is no other plan.
func (p *Plan) WarnOf(before string, figure core.Bytes, after string) {
	text := before + figure.String() + after
	if p.moving == nil {
		p.moving = map[string]string{}
	}
	p.moving[text] = before + "…" + after
	p.Warnings = append(p.Warnings, text)
}

// steady is a warning without the figure that moves.
func (p *Plan) steady(warning string) string {
	if without, is := p.moving[warning]; is {
		return without
	}
	return warning
}
