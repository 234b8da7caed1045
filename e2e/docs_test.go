//go:build linux

package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/limiquantix/limiquantix/lab"
	"github.com/limiquantix/limiquantix/lab/guest"
)

// TestDocsNameRealCommands: every "limiquantix NOUN VERB --flag" in the texts is
// a command with that flag.
func TestDocsNameRealCommands(t *testing.T) {
	p := newProgram(t)
	mention := regexp.MustCompile(`limiquantix ((?:[a-z]+ ){0,2}[a-z]+)([^\n|` + "`" + `]*)`)
	flag := regexp.MustCompile(`\s(--[a-z][a-z-]*)`)
	help := map[string]string{}
	seen := 0
	for _, doc := range texts(t) {
		text, err := os.ReadFile(doc)
		if err != nil {
			t.Fatal(err)
		}
		plain := strings.ReplaceAll(string(text), "\\\n", " ") // continued lines
		for _, m := range mention.FindAllStringSubmatch(plain, -1) {
			words := strings.Fields(m[1])
			verb := p.verbOf(words, help)
			if verb == "" || verb != m[1] && strings.Contains(help[verb], "Available Commands:") {
				t.Errorf("%s: limiquantix %s: there is no such command", filepath.Base(doc), m[1])
				continue
			}
			seen++
			// Whole words only: what follows && is another command's.
			rest, _, _ := strings.Cut(m[2], "&&")
			for _, f := range flag.FindAllStringSubmatch(rest, -1) {
				if !regexp.MustCompile(regexp.QuoteMeta(f[1]) + `[ ,\n]`).MatchString(help[verb]) {
					t.Errorf("%s: limiquantix %s has no flag %s", filepath.Base(doc), verb, f[1])
				}
			}
		}
	}
	if seen < 30 {
		t.Errorf("only %d commands found in the texts", seen)
	}
}

// verbOf returns the longest beginning of words that is a command, with its
// help in help; "" when the first word is none.
func (p *program) verbOf(words []string, help map[string]string) string {
	found := ""
	for n := 1; n <= len(words) && n <= 3; n++ {
		verb := strings.Join(words[:n], " ")
		if _, known := help[verb]; !known {
			out, _, status := p.try(append(slices.Clone(words[:n]), "--help")...)
			// A verb's help shows its own usage, a noun's that of the noun.
			if status != 0 || !strings.Contains(out, "limiquantix "+verb) {
				out = ""
			}
			help[verb] = out
		}
		if help[verb] == "" {
			break
		}
		found = verb
	}
	return found
}

// texts are the README and the user guide.
func texts(t *testing.T) []string {
	t.Helper()
	docs, err := filepath.Glob("../docs/*.md")
	if err != nil || len(docs) == 0 {
		t.Fatalf("no docs: %v", err)
	}
	return append(docs, "../README.md", "../lab/README.md", "../ARCHITECTURE.md")
}

func TestDocsLinkToWhatIsThere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	for _, doc := range texts(t) {
		text, err := os.ReadFile(doc)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(doc), m[1])); err != nil {
				t.Errorf("%s: %v", filepath.Base(doc), err)
			}
		}
	}
}

func TestMakePackagesInstallsWhatTheLabNeeds(t *testing.T) {
	text, err := os.ReadFile("../build/packages.txt")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, line := range strings.Split(string(text), "\n") {
		if f := strings.Fields(line); len(f) > 1 && f[0] != "#" {
			listed = append(listed, f[0])
		}
	}
	needed := guest.Packages()
	for _, p := range lab.Packages() {
		needed = append(needed, p.Name)
	}
	for _, name := range needed {
		if !slices.Contains(listed, name) {
			t.Errorf("build/packages.txt lacks %s", name)
		}
	}
}
