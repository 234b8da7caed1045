package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

func (p *program) vmScreenshot() *cobra.Command {
	req := &apiv1.ScreenshotVMRequest{}
	var file string
	var force bool
	cmd := &cobra.Command{
		Use:   "screenshot VM",
		Short: "Take a picture of a VM's screen, as PNG",
		Long: `Take a picture of a running VM's screen, as PNG. It goes to NAME.png in the
current directory, or where -o says ("-" is standard output). A file that
exists stays, unless --force is given.`,
		Example:           "  limiquantix vm screenshot web1\n  limiquantix vm screenshot web1 -o - --width 640 > web1.png",
		Args:              between(1, 1),
		ValidArgsFunction: p.completeVMs,
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			if file == "-" && p.io.OutTerminal {
				return core.Errorf(core.Invalid, "a picture cannot be shown on a terminal").WithHint("leave out -o, or redirect standard output")
			}
			if file == "" {
				name, err := pictureName(args[0])
				if err != nil {
					return err
				}
				file = name
			}
			req.Vm = args[0]
			res, err := a.vms.ScreenshotVM(ctx, req)
			if err != nil {
				return fmt.Errorf("screenshot of VM %s: %w", args[0], err)
			}
			if file == "-" {
				_, err := p.io.Out.Write(res.Image)
				return err
			}
			if err := writeNew(file, res.Image, force); err != nil {
				return err
			}
			p.say("%s: %d × %d", core.Escape(file), res.Width, res.Height)
			return nil
		}),
	}
	// In place of the format of data, which every other command has there.
	cmd.Flags().StringVarP(&file, "output", "o", "", "file that it goes to; - is standard output (default: NAME.png)")
	cmd.Flags().Int32Var(&req.MaxWidth, "width", 0, "scale it down to so many pixels of width")
	cmd.Flags().BoolVar(&force, "force", false, "replace a file that exists")
	return cmd
}

// pictureName makes a file's name of a VM's: whatever a host calls its VMs, the
// file is in the current directory, visible, and ends with .png.
func pictureName(ref string) (string, error) {
	name := ref
	if _, after, ok := strings.Cut(ref, "/"); ok {
		name = after
	}
	name += ".png"
	if err := core.CheckFile("file name", name); err != nil {
		return "", core.Errorf(core.Invalid, "no file is named after the VM %s: %w", core.Printable(ref, 60), err).WithHint("name one with -o")
	}
	return name, nil
}

// writeNew writes a file whole or not at all. One that exists stays, unless
// force is set.
func writeNew(file string, data []byte, force bool) (err error) {
	defer func() {
		if errors.Is(err, fs.ErrExist) {
			err = core.Errorf(core.Exists, "%s exists", core.Printable(file, 80)).WithHint("--force replaces it; -o names another")
		} else if err != nil {
			err = core.Errorf(core.CodeOf(err), "write %s: %w", core.Printable(file, 80), err)
		}
	}()
	if _, err := os.Lstat(file); err == nil && !force {
		return fs.ErrExist
	}
	part, err := os.CreateTemp(filepath.Dir(file), ".screenshot-*.part")
	if err != nil {
		return err
	}
	defer os.Remove(part.Name())
	_, err = part.Write(data)
	if err := errors.Join(err, part.Chmod(0o644), part.Close()); err != nil {
		return err
	}
	if force {
		return os.Rename(part.Name(), file)
	}
	return os.Link(part.Name(), file) // unlike a rename it replaces nothing
}
