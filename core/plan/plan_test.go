package plan

import (
	"strings"
	"testing"

	"github.com/limiquantix/limiquantix/core"
)

// sample is a plan with all that a digest is made of.
func sample() *Plan {
	p := &Plan{
		Title: "Delete VM web1", Host: "kvm1", Object: "web1", Undo: "u", Destructive: true, Command: []string{"vm", "delete"},
		Steps: []Step{
			{ID: "stop", Text: "Power off VM web1", Call: "virDomainDestroy(web1)"},
			{ID: "define", Text: "Store", Call: "c", Diff: "d", Content: "x", UndoText: "u", When: NextBoot},
		},
		Warnings: []string{"w"},
	}
	p.WarnOf("the pool has ", 3*core.GiB, " free")
	p.Block(core.Exists, "b", "f")
	return p
}

func TestDigestCoversAllThatIsShown(t *testing.T) {
	was := sample().Digest()
	if again := sample().Digest(); again != was {
		t.Fatalf("got %s and %s for the same", was, again)
	}
	for name, change := range map[string]func(p *Plan){
		"title": func(p *Plan) { p.Title += "0" }, "host": func(p *Plan) { p.Host = "kvm2" }, "object": func(p *Plan) { p.Object = "o" },
		"undo": func(p *Plan) { p.Undo = "" }, "destructive": func(p *Plan) { p.Destructive = false }, "command": func(p *Plan) { p.Command = []string{"vm delete"} },
		"id": func(p *Plan) { p.Steps[0].ID = "o" }, "text": func(p *Plan) { p.Steps[0].Text = "o" }, "call": func(p *Plan) { p.Steps[0].Call = "o" },
		"diff": func(p *Plan) { p.Steps[1].Diff = "o" }, "content": func(p *Plan) { p.Steps[1].Content = "o" }, "undo text": func(p *Plan) { p.Steps[1].UndoText = "o" },
		"when": func(p *Plan) { p.Steps[1].When = Live }, "done": func(p *Plan) { p.Steps[0].Done = true }, "fewer steps": func(p *Plan) { p.Steps = p.Steps[:1] },
		"order": func(p *Plan) { p.Steps[0], p.Steps[1] = p.Steps[1], p.Steps[0] }, "warning": func(p *Plan) { p.Warnings[0] = "o" },
		"fewer warnings": func(p *Plan) { p.Warnings = p.Warnings[:1] }, "blocker": func(p *Plan) { p.Blockers[0].Fix = "" }, "blockers": func(p *Plan) { p.Blockers = nil },
		"drawn": func(p *Plan) { p.Drawn = core.NewUUID() },
	} {
		p := sample()
		if change(p); p.Digest() == was {
			t.Errorf("%s: the digest is the same", name)
		}
	}
	p := sample()
	p.Warnings = p.Warnings[:1]
	p.WarnOf("the pool has ", 2*core.GiB, " free")
	if p.Digest() != was {
		t.Error("free space moves by itself, and made it another plan")
	}
}

func TestWhatChangedIsNamed(t *testing.T) {
	step := func(texts ...string) *Plan {
		p := &Plan{}
		for _, text := range texts {
			name, call, _ := strings.Cut(text, "=")
			p.Steps = append(p.Steps, Step{Text: name, Call: call})
		}
		return p
	}
	blocked := step("a")
	blocked.Block(core.Conflict, "it runs", "")
	for _, test := range []struct {
		was, now *Plan
		want     string
	}{
		{step("a"), step("a", "b"), ": added: b"},
		{step("a", "b"), step("a"), ": no longer done: b"},
		{step("a", "a"), step("a"), ": no longer done: a"},
		{step("a=1", "b"), step("a=2", "b"), ": done otherwise: a"},
		{step("a=1", "b"), step("a=2", "c"), ": added: c; no longer done: b; done otherwise: a"},
		{step("a", "b"), step("b", "a"), ": the order of the steps"},
		{step("a"), blocked, ": in the way now: it runs"},
		{blocked, step("a"), ": no longer in the way: it runs"},
		{step(), step("1", "2", "3", "4", "5"), ": added: 1, 2, 3, and 2 more"},
		{step(), step("\x1b[2J"), `: added: \x1b[2J`},
	} {
		was := test.was.Outline()
		err := &ChangedError{Plan: test.now, Was: &was}
		if want := "what would be done has changed since it was shown" + test.want; err.Error() != want {
			t.Errorf("got  %s\nwant %s", err, want)
		}
		if core.CodeOf(err) != core.Changed || core.AsError(err).Hint == "" {
			t.Errorf("got %+v", core.AsError(err))
		}
	}
	if got, want := (&ChangedError{Plan: blocked}).Error(), "what would be done now is not what was shown: in the way now: it runs; it is now: a"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
