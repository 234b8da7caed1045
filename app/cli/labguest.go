//go:build linux

package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/lab/guest"
)

// GuestCommand returns "guest tiny|cloud", for the lab command: builds a guest
// of the lab where it is not in the cache, and prints the path of its image.
// Progress goes to standard error.
func GuestCommand() *cobra.Command {
	var opt guest.Options
	cmd := &cobra.Command{
		Use:   "guest",
		Short: "Build the lab's guests, and print where they are",
		Args:  cobra.NoArgs,
	}
	cmd.PersistentFlags().StringVar(&opt.Cache, "cache", "", "directory for finished guests (default: the user's cache directory)")
	tiny := &cobra.Command{
		Use:   "tiny",
		Short: "A guest that is up in seconds: the path of its disk (kernel and initrd lie beside it)",
		Example: "  limiquantix lab guest tiny\n" +
			"  qemu-img create -f qcow2 -F qcow2 -b $(limiquantix lab guest tiny) /tmp/my.qcow2",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			opt.Progress = progressTo(cmd)
			files, err := guest.Tiny(cmd.Context(), opt)
			if err == nil {
				fmt.Fprintln(cmd.OutOrStdout(), files.Disk)
			}
			return err
		},
	}
	cloud := &cobra.Command{
		Use:     "cloud",
		Short:   "A Debian cloud image: the path of its qcow2 file",
		Example: "  limiquantix lab guest cloud",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			opt.Progress = progressTo(cmd)
			path, err := guest.Cloud(cmd.Context(), opt)
			if err == nil {
				fmt.Fprintln(cmd.OutOrStdout(), path)
			}
			return err
		},
	}
	cmd.AddCommand(tiny, cloud)
	return cmd
}

func progressTo(cmd *cobra.Command) func(string) {
	return func(line string) { fmt.Fprintln(cmd.ErrOrStderr(), line) }
}
