package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// maxXML is the largest XML that is read back from an editor: libvirt takes no more.
const maxXML = 4 << 20

func (p *program) vmEdit() *cobra.Command {
	var from string
	cmd := p.changes(&cobra.Command{
		Use:   "edit VM",
		Short: "Edit libvirt's XML of a VM in $EDITOR",
		Long: `Edit libvirt's XML of a VM, that of its next start, in $VISUAL or $EDITOR. What
would change is shown before it is done. If it is refused, or somebody else has
changed the VM meanwhile, the text can be edited again; it is never lost.

With --from no editor is begun: the XML in the file becomes the VM's.

Passwords of consoles are not shown, and stay as they are. "limiquantix undo"
puts back what was before.`,
		Example:           "  limiquantix vm edit web1\n  EDITOR='sed -i s/destroy/restart/' limiquantix vm edit web1 --plan\n  limiquantix vm edit web1 --from web1.xml",
		Args:              between(1, 1),
		ValidArgsFunction: p.completeVMs,
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			e := &editing{p: p, a: a, vm: args[0], what: "edit VM " + clip(args[0])}
			if from != "" {
				return e.take(ctx, from)
			}
			return e.run(ctx)
		}),
	})
	cmd.Flags().StringVar(&from, "from", "", "file with the XML that the VM is to have (- is standard input)")
	return cmd
}

// editing is one use of vm edit.
type editing struct {
	p    *program
	a    *api
	vm   string
	what string // "edit VM web1"
	file string
	base *apiv1.GetVMXMLResponse
}

func (e *editing) run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "limiquantix-edit-")
	if err != nil {
		return core.Errorf(core.Denied, "%s: make a folder for the text: %w", e.what, err)
	}
	e.file = filepath.Join(dir, "vm.xml")
	if err := e.read(ctx); err != nil {
		os.RemoveAll(dir)
		return err
	}
	begun := e.base.Xml
	if err := os.WriteFile(e.file, []byte(begun), 0o600); err != nil {
		os.RemoveAll(dir)
		return core.Errorf(core.NoSpace, "%s: write the text: %w", e.what, err)
	}
	touched, err := e.rounds(ctx, begun)
	if err == nil || !touched {
		os.RemoveAll(dir)
		return err
	}
	fmt.Fprintf(e.p.io.Err, "The edited text is kept in %s\n", e.file)
	return err
}

// take makes the XML of a file the VM's, without an editor. The file stays.
func (e *editing) take(ctx context.Context, path string) error {
	text, err := e.readFrom(ctx, path)
	if err != nil {
		return err
	}
	if err := e.read(ctx); err != nil {
		return err
	}
	if text == e.base.Xml {
		e.p.say("%s: nothing is changed by it", core.Escape(e.what))
		return nil
	}
	again, err := e.apply(ctx, text)
	if again {
		return core.Errorf(core.Refused, "%s: not done", e.what).WithHint("edit %s, and say it again", core.Printable(path, 120))
	}
	return err
}

// readFrom reads a file, pipe or standard input.
func (e *editing) readFrom(ctx context.Context, path string) (string, error) {
	var text []byte
	var err error
	if path == "-" {
		text, err = io.ReadAll(io.LimitReader(e.p.io.In, maxXML+1))
	} else {
		text, err = readStart(ctx, path, maxXML+1)
	}
	switch {
	case ctx.Err() != nil:
		return "", core.Errorf(core.Canceled, "%s: reading %s was canceled", e.what, core.Printable(path, 80))
	case err != nil:
		return "", core.Errorf(core.Invalid, "%s: --from: %w", e.what, err).WithHint("name a file that is there and may be read")
	case len(text) > maxXML:
		return "", core.Errorf(core.Invalid, "%s: --from: the text is over 4 MiB", e.what)
	}
	return string(text), nil
}

// read reads the VM's XML as it is now.
func (e *editing) read(ctx context.Context) (err error) {
	if e.base, err = e.a.vms.GetVMXML(ctx, &apiv1.GetVMXMLRequest{Vm: e.vm}); err != nil {
		return fmt.Errorf("%s: %w", e.what, err)
	}
	return nil
}

// rounds has the text edited until it is done, or given up; touched tells
// whether there is work in it that an error would lose.
func (e *editing) rounds(ctx context.Context, begun string) (touched bool, err error) {
	for {
		text, err := e.edit(ctx)
		if err != nil {
			return text != "" && text != begun, err
		}
		if text == begun {
			e.p.say("%s: nothing was changed", core.Escape(e.what))
			return false, nil
		}
		again, err := e.apply(ctx, text)
		switch {
		case again:
			continue
		case err == nil:
			return true, nil
		}
		if err = e.mend(ctx, err); err != nil {
			return true, err
		}
	}
}

// apply shows what the text would change, asks, and does it. again: the user
// wants to edit it further.
func (e *editing) apply(ctx context.Context, text string) (again bool, err error) {
	hash := e.base.Hash
	c := change{what: e.what, send: func(ctx context.Context, m mode) (*apiv1.Operation, error) {
		return e.a.vms.EditVM(ctx, &apiv1.EditVMRequest{Vm: e.vm, Xml: text, BaseHash: hash, PlanOnly: m.planOnly, ExpectedPlanDigest: m.shown})
	}}
	if e.p.plan || e.p.yes || e.p.asPlanned != "" {
		return false, e.p.do(ctx, e.a, c)
	}
	plan, err := c.planned(ctx)
	if err != nil {
		return false, err
	}
	if len(plan.Steps) == 0 {
		e.p.say("%s: nothing to do", core.Escape(e.what))
		return false, nil
	}
	if !e.p.io.InTerminal {
		return false, core.Errorf(core.Refused, "%s: not done without a confirmation", e.what).WithHint("add --yes")
	}
	fmt.Fprint(e.p.io.Err, planText(plan))
	switch answer, err := e.p.ask(ctx, "Do it? (yes/no/edit) "); {
	case err != nil:
		return false, err
	case answer == "yes" || answer == "y":
		c.shown = plan.Digest
		return false, e.p.do(ctx, e.a, c)
	case answer == "edit" || answer == "e":
		return true, nil
	}
	return false, core.Errorf(core.Refused, "%s: not done", e.what)
}

// mend asks, after err, whether the text shall be edited again; after somebody
// else's change, on top of that. Otherwise it returns err.
func (e *editing) mend(ctx context.Context, err error) error {
	code := core.CodeOf(server.FromConnect(err))
	if !e.p.io.InTerminal || code == core.Refused || code == core.Canceled {
		return err
	}
	e.p.complain(err)
	question := "Edit it again? (yes/no) "
	if code == core.Conflict {
		question = "Edit your text again, to go on top of that change? (yes/no) "
	}
	answer, aerr := e.p.ask(ctx, question)
	if aerr != nil {
		return aerr
	}
	if answer != "yes" && answer != "y" {
		return core.Errorf(core.Refused, "%s: given up", e.what)
	}
	if code != core.Conflict {
		return nil
	}
	return e.read(ctx)
}

// edit runs the editor and returns the text that it leaves.
func (e *editing) edit(ctx context.Context) (string, error) {
	argv, err := e.p.editor()
	if err != nil {
		return "", err
	}
	// Not by ctx: an interrupt in an editor is the editor's.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), argv[0], append(argv[1:], e.file)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = e.p.io.In, e.p.io.Out, e.p.io.Err
	e.p.editing.Store(true)
	ran := cmd.Run()
	e.p.editing.Store(false)
	f, err := os.Open(e.file)
	if err != nil {
		return "", core.Errorf(core.Invalid, "%s: the text is gone: %w", e.what, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxXML+1))
	switch {
	case err != nil:
		return "", core.Errorf(core.Invalid, "%s: read the text: %w", e.what, err)
	case ran != nil:
		return string(text), core.Errorf(core.Refused, "%s: the editor %s failed: %v", e.what, core.Printable(argv[0], 60), ran)
	case len(text) > maxXML:
		return string(text), core.Errorf(core.Invalid, "%s: the text is over 4 MiB", e.what)
	}
	return string(text), nil
}

// editor returns the user's editor with its arguments.
func (p *program) editor() ([]string, error) {
	for _, variable := range []string{"VISUAL", "EDITOR"} {
		if argv := strings.Fields(p.env.Getenv(variable)); len(argv) > 0 {
			return argv, nil
		}
	}
	for _, name := range []string{"sensible-editor", "editor", "vi", "nano", "notepad"} {
		if path, err := exec.LookPath(name); err == nil {
			return []string{path}, nil
		}
	}
	return nil, core.Errorf(core.Invalid, "there is no editor").WithHint("name one in the variable EDITOR")
}
