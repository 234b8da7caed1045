//go:build !linux

package cli

import (
	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/core"
)

// LabCommand returns "lab", which needs Linux and says so.
func LabCommand() *cobra.Command {
	return &cobra.Command{
		Use:                "lab",
		Short:              "Disposable real KVM hosts (on Linux only)",
		DisableFlagParsing: true,
		RunE: func(*cobra.Command, []string) error {
			return core.Errorf(core.Unsupported, "a lab needs Linux: its hosts are Linux namespaces")
		},
	}
}
