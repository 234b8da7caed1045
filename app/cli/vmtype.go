package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// maxTyped is how much is read from standard input: more is refused anyway.
const maxTyped = 1 << 20

func (p *program) vmType() *cobra.Command {
	req := &apiv1.TypeVMRequest{}
	var enter bool
	cmd := &cobra.Command{
		Use:   "type VM [TEXT]",
		Short: "Type text and press keys on a VM's keyboard",
		Long: `Type text and press keys on a running VM's keyboard. Keys go first, then the
text; "-" reads it from standard input. A line break is Enter. The layout is the
one that the guest is set to: its keys are pressed, and the guest makes
characters of them.`,
		Example: `  limiquantix vm type web1 root --enter
  limiquantix vm type web1 --key ctrl+alt+delete
  limiquantix vm type web1 --key ctrl+alt+f2 --layout de 'grüße' --enter
  limiquantix vm type web1 - < script.sh`,
		Args:              between(1, 2),
		ValidArgsFunction: p.completeVMs,
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			text, err := p.typedText(args[1:])
			if err != nil {
				return err
			}
			if enter {
				text += "\n"
			}
			if text == "" && len(req.Chords) == 0 {
				return core.Errorf(core.Invalid, "vm type: there is nothing to type").WithHint("give a TEXT, --key or --enter")
			}
			req.Vm, req.Text = args[0], text
			patience := time.AfterFunc(2*time.Second, func() { p.say("typing: about %d keys take a while", utf8.RuneCountInString(text)+len(req.Chords)) })
			defer patience.Stop()
			if _, err := a.vms.TypeVM(ctx, req); err != nil {
				return fmt.Errorf("type into VM %s: %w", args[0], err)
			}
			return nil
		}),
	}
	cmd.Flags().StringVar(&req.Layout, "layout", "us", "keyboard layout of the guest: us, gb, de or fr")
	cmd.Flags().StringArrayVar(&req.Chords, "key", nil, "keys to press before the text, as ctrl+alt+delete or f2 (repeatable)")
	cmd.Flags().BoolVar(&enter, "enter", false, "press Enter after the text")
	return cmd
}

// typedText returns the text of the command line, or of standard input.
func (p *program) typedText(args []string) (string, error) {
	switch {
	case len(args) == 0:
		return "", nil
	case args[0] != "-":
		return args[0], nil
	}
	var b strings.Builder
	n, err := io.Copy(&b, io.LimitReader(p.io.In, maxTyped+1))
	if err != nil {
		return "", core.Errorf(core.Invalid, "read standard input: %w", err)
	}
	if n > maxTyped {
		return "", core.Errorf(core.Invalid, "standard input holds more than can be typed").WithHint("copy long texts over the network")
	}
	return b.String(), nil
}
