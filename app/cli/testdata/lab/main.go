// Command lab is "limiquantix lab" by itself, for its test.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/limiquantix/limiquantix/app/cli"
	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/lab"
)

func main() {
	lab.Reexec()
	err := cli.LabCommand().ExecuteContext(context.Background())
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		os.Exit(exit.ExitCode())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "hint:", core.AsError(err).Hint)
	}
	os.Exit(core.CodeOf(err).Exit())
}
