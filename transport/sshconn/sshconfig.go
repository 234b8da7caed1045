package sshconn

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/limiquantix/limiquantix/core"
)

// sshConfig is a parsed ssh_config: the lines of all files in order, Include
// expanded in place.
//
// It is our own reader and not a library's because github.com/kevinburke/ssh_config
// refuses a file that holds a single Match line, does not expand ~ in Include,
// keeps the quotes round values and lets "?" match nothing. The tests compare this one
// with `ssh -G`.
type sshConfig struct {
	lines []configLine
	files int // that were read
}

type configLine struct {
	keyword string   // lower case
	args    []string // quotes removed
	where   string   // "config:12", without the directory
	// depth is the number of Include around the line: a Host or Match inside an
	// included file ends with that file.
	depth int
}

const (
	maxConfigDepth = 16 // as in OpenSSH (READCONF_MAX_DEPTH)
	// maxConfigFiles bounds what OpenSSH does not: two Include in each of 16 files
	// are 65,536.
	maxConfigFiles = 1000
	maxConfigFile  = core.MiB
)

// readSSHConfig reads a file; a missing one is empty. home is where ~ points.
func readSSHConfig(path, home string) (*sshConfig, error) {
	c := &sshConfig{}
	err := c.read(path, home, 0)
	return c, err
}

func (c *sshConfig) read(path, home string, depth int) error {
	if depth > maxConfigDepth {
		return core.Errorf(core.Invalid, "ssh_config: Include is nested more than %d deep", maxConfigDepth)
	}
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) || err == nil && info.IsDir() {
		return nil
	}
	if c.files++; c.files > maxConfigFiles {
		return core.Errorf(core.Invalid, "ssh_config: Include names more than %d files in all", maxConfigFiles).
			WithHint("does a file include itself, or a directory of something else?")
	}
	text, err := readFile(path, maxConfigFile)
	if err != nil {
		return core.Errorf(core.Invalid, "ssh_config: %s cannot be read: %w", filepath.Base(path), err)
	}
	return c.parse(string(text), filepath.Base(path), filepath.Dir(path), home, depth)
}

func (c *sshConfig) parse(text, name, dir, home string, depth int) error {
	for i, line := range strings.Split(text, "\n") {
		where := fmt.Sprintf("%s:%d", name, i+1)
		keyword, args, err := splitConfigLine(line)
		if err != nil {
			return core.Errorf(core.Invalid, "ssh_config: %s: %w", where, err)
		}
		if keyword == "" {
			continue
		}
		c.lines = append(c.lines, configLine{keyword, args, where, depth})
		if keyword != "include" {
			continue
		}
		for _, pattern := range args {
			pattern = expandHome(pattern, home)
			if !filepath.IsAbs(pattern) {
				pattern = filepath.Join(home, ".ssh", pattern)
			}
			files, err := filepath.Glob(pattern)
			if err != nil {
				return core.Errorf(core.Invalid, "ssh_config: %s: %w", where, err)
			}
			for _, file := range files {
				if err := c.read(file, home, depth+1); err != nil {
					return err
				}
				// What follows the Include is again under the Host before it.
				c.lines = append(c.lines, configLine{keyword: "end of include", depth: depth + 1})
			}
		}
	}
	return nil
}

// splitConfigLine splits "Keyword value", "Keyword=value", "Keyword "a b" c # note".
// Source: ssh_config(5); readconf.c and argv_split in misc.c of OpenSSH 9.2.
func splitConfigLine(line string) (keyword string, args []string, err error) {
	line = strings.TrimSpace(strings.TrimSuffix(line, "\r"))
	if line == "" || line[0] == '#' {
		return "", nil, nil
	}
	end := strings.IndexAny(line, " \t=")
	if end < 0 {
		end = len(line)
	}
	keyword, rest := strings.ToLower(line[:end]), strings.TrimLeft(line[end:], " \t")
	rest = strings.TrimPrefix(rest, "=")
	for {
		rest = strings.TrimLeft(rest, " \t")
		if rest == "" || rest[0] == '#' {
			break
		}
		var word string
		if word, rest, err = configWord(rest); err != nil {
			return "", nil, err
		}
		args = append(args, word)
	}
	if len(args) == 0 {
		return "", nil, fmt.Errorf("%s has no value", core.Printable(keyword, 40))
	}
	return keyword, args, nil
}

// configWord takes one word off s; quotes may begin anywhere in it.
func configWord(s string) (word, rest string, err error) {
	var b strings.Builder
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		ch := s[i]
		switch {
		case ch == '\\' && i+1 < len(s) && (strings.IndexByte(`"'\`, s[i+1]) >= 0 || quote == 0 && s[i+1] == ' '):
			i++
			b.WriteByte(s[i])
		case quote == 0 && (ch == ' ' || ch == '\t'):
			return b.String(), s[i:], nil
		case quote == 0 && (ch == '"' || ch == '\''):
			quote = ch
		case quote != 0 && ch == quote:
			quote = 0
		default:
			b.WriteByte(ch)
		}
	}
	if quote != 0 {
		return "", "", errors.New("a quote is not closed")
	}
	return b.String(), "", nil
}

// lookup is the result of one pass over the file for one host: the first value
// of every keyword, all values of those that accumulate.
type lookup struct {
	first map[string]configLine
	all   map[string][]string
}

func (l lookup) one(keyword string) string {
	if line, ok := l.first[keyword]; ok {
		return line.args[0]
	}
	return ""
}

// lookup evaluates Host and Match for the name as typed (alias) and the user as
// given ("" when not).
//
// Match knows all, host, originalhost, user, localuser and their negations. A
// Match with exec, canonical, final, tagged or localnetwork does not apply here, and
// its line is returned in unknown so that the caller can say so.
func (c *sshConfig) lookup(alias, user, localUser string) (l lookup, unknown []string) {
	l = lookup{map[string]configLine{}, map[string][]string{}}
	active := []bool{true} // per depth of Include
	for _, line := range c.lines {
		for len(active) <= line.depth { // an included file starts in its parent's state
			active = append(active, active[len(active)-1])
		}
		active = active[:line.depth+1]
		on, parent := &active[line.depth], line.depth == 0 || active[line.depth-1]
		switch {
		case line.keyword == "end of include":
			active = active[:line.depth]
		case line.keyword == "host":
			*on = parent && matchWords(line.args, alias)
		case line.keyword == "match":
			matched, known := l.match(line.args, alias, user, localUser)
			if !known {
				unknown = append(unknown, line.where)
			}
			*on = parent && known && matched
		case !*on:
		case line.keyword == "identityfile" || line.keyword == "certificatefile":
			l.all[line.keyword] = append(l.all[line.keyword], line.args[0])
		default:
			if _, seen := l.first[line.keyword]; !seen {
				l.first[line.keyword] = line
			}
		}
	}
	return l, unknown
}

func (l lookup) match(args []string, alias, user, localUser string) (matched, known bool) {
	matched = true
	for i := 0; i < len(args); i++ {
		criterion, negated := strings.CutPrefix(strings.ToLower(args[i]), "!")
		if criterion == "all" {
			matched = matched && !negated
			continue
		}
		criterion, value, hasValue := strings.Cut(criterion, "=")
		if hasValue {
			value = args[i][strings.Index(args[i], "=")+1:]
		} else if i++; i < len(args) {
			value = args[i]
		}
		var subject string
		if criterion == "host" || criterion == "originalhost" {
			value = strings.ToLower(value) // as in OpenSSH; after Host, case counts
		}
		switch criterion {
		case "host":
			if subject = l.one("hostname"); subject == "" {
				subject = alias
			}
			subject = strings.ReplaceAll(subject, "%h", alias)
		case "originalhost":
			subject = alias
		case "user":
			if subject = user; subject == "" {
				if subject = l.one("user"); subject == "" {
					subject = localUser
				}
			}
		case "localuser":
			subject = localUser
		default:
			return false, false
		}
		matched = matched && matchWords(strings.Split(value, ","), subject) != negated
	}
	return matched, len(args) > 0
}

// matchWords reports whether s matches a list of patterns, "!" negating: a
// negated match wins over every other.
func matchWords(patterns []string, s string) bool {
	found := false
	for _, p := range patterns {
		p, negated := strings.CutPrefix(p, "!")
		if matchPattern(p, s) {
			if negated {
				return false
			}
			found = true
		}
	}
	return found
}

// matchPattern matches "*" (anything) and "?" (one byte), in linear time: the
// pattern comes from a file, the text from a user.
func matchPattern(pattern, s string) bool {
	p, i, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p, i = p+1, i+1
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

func expandHome(path, home string) string {
	if path == "~" {
		return home
	}
	if strings.HasPrefix(path, "~/") || strings.HasPrefix(path, `~\`) {
		return filepath.Join(home, path[2:])
	}
	return path
}
