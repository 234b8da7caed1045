package cli

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
)

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  limiquantix version\n  limiquantix version -o json",
		Args:    between(0, 0),
		RunE: func(*cobra.Command, []string) error {
			platform := runtime.GOOS + "/" + runtime.GOARCH
			return p.printObject(object{{"version", p.env.Version}, {"go", runtime.Version()}, {"platform", platform}},
				fmt.Sprintf("limiquantix %s (%s, %s)\n", p.env.Version, runtime.Version(), platform))
		},
	}
}
