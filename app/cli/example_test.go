package cli

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestExamplesAreRight: each line of each help text's examples has a command
// that exists, flags that it has, and as many arguments as it takes.
func TestExamplesAreRight(t *testing.T) {
	p := &program{}
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Runnable() && cmd.Example == "" && cmd.Parent() != nil && !cmd.HasSubCommands() {
			t.Errorf("%s has no example", cmd.CommandPath())
		}
		for _, line := range lines(cmd.Example) {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "limiquantix ") {
				if err := parseExample(p.root(), line); err != nil {
					t.Errorf("%s: %s: %v", cmd.CommandPath(), line, err)
				}
			}
		}
		for _, c := range cmd.Commands() {
			walk(c)
		}
	}
	walk(p.root())
}

func parseExample(root *cobra.Command, line string) error {
	words := shellWords(line)[1:]
	cmd, args, err := root.Find(words)
	if err != nil {
		return err
	}
	if err := cmd.ParseFlags(args); err != nil {
		return err
	}
	return cmd.ValidateArgs(cmd.Flags().Args())
}

// shellWords splits as far as examples need it: single quotes, redirections.
func shellWords(line string) []string {
	var words []string
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			words = append(words, part)
			continue
		}
		skip := false
		for _, w := range strings.Fields(part) {
			switch {
			case skip:
				skip = false
			case w == ">" || w == "<":
				skip = true
			case strings.HasPrefix(w, "<"):
			default:
				words = append(words, w)
			}
		}
	}
	return words
}
