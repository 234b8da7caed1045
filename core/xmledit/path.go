package xmledit

import (
	"fmt"
	"strings"
)

// Find returns the first element that path leads to from e, or nil.
//
// A path is steps with '/' between them: a name as written, or '*', with
// conditions in brackets that must all hold:
//
//	devices/disk[target/@dev='vda']/source
//	devices/interface[@type='bridge'][mac/@address=?]
//	devices/*[alias]
//
// A condition is a path of names, ending in a name (its text is compared),
// "@attribute" or "." (the element's own text), and then nothing (it is there)
// or ='literal' or =?. Each ? takes the next of args, which may hold any
// characters: never paste a value into a path.
//
// Paths are written by programmers: Find panics when one is malformed or the
// number of args is wrong.
func (e *Element) Find(path string, args ...string) *Element {
	if found := e.FindAll(path, args...); len(found) > 0 {
		return found[0]
	}
	return nil
}

// FindAll returns all elements that path leads to, in document order; see
// [Element.Find].
func (e *Element) FindAll(path string, args ...string) []*Element {
	steps, err := parsePath(path, args)
	if err != nil {
		panic("xmledit: path " + path + ": " + err.Error())
	}
	if e == nil {
		return nil
	}
	found := []*Element{e}
	for _, s := range steps {
		var next []*Element
		for _, at := range found {
			next = append(next, s.from(at)...)
		}
		found = next
	}
	return found
}

// step is one name of a path with its conditions.
type step struct {
	name string // "" for '*'
	when []condition
}

func (s step) from(e *Element) []*Element {
	var found []*Element
next:
	for _, c := range e.Children(s.name) {
		for _, w := range s.when {
			if !w.holds(c) {
				continue next
			}
		}
		found = append(found, c)
	}
	return found
}

// condition is what stands in brackets.
type condition struct {
	names   []string // the way to the element that is looked at
	attr    string   // "" to look at its text
	compare bool     // false: it need only be there
	value   string
}

func (w condition) holds(e *Element) bool {
	at := []*Element{e}
	for _, n := range w.names {
		var next []*Element
		for _, x := range at {
			next = append(next, x.Children(n)...)
		}
		at = next
	}
	for _, x := range at {
		switch {
		case w.attr != "" && !x.HasAttr(w.attr):
		case !w.compare:
			return true
		case w.attr != "" && x.Attr(w.attr) == w.value, w.attr == "" && x.Text() == w.value:
			return true
		}
	}
	return false
}

func parsePath(path string, args []string) ([]step, error) {
	var steps []step
	rest := path
	for {
		end := strings.IndexAny(rest, "/[")
		if end < 0 {
			end = len(rest)
		}
		s := step{name: rest[:end]}
		if s.name == "*" {
			s.name = ""
		} else if !isName(s.name) {
			return nil, fmt.Errorf("%q is no name", s.name)
		}
		rest = rest[end:]
		for strings.HasPrefix(rest, "[") {
			w, after, err := parseCondition(rest[1:], &args)
			if err != nil {
				return nil, err
			}
			s.when, rest = append(s.when, w), after
		}
		steps = append(steps, s)
		if rest == "" {
			break
		}
		if rest[0] != '/' {
			return nil, fmt.Errorf("%q follows a condition", rest)
		}
		rest = rest[1:]
	}
	if len(args) > 0 {
		return nil, fmt.Errorf("%d arguments too many", len(args))
	}
	return steps, nil
}

// parseCondition reads up to and with the closing bracket.
func parseCondition(s string, args *[]string) (w condition, rest string, err error) {
	end := strings.IndexAny(s, "=]")
	if end < 0 {
		return w, "", fmt.Errorf("a bracket is not closed")
	}
	if s[:end] != "." {
		for n := range strings.SplitSeq(s[:end], "/") {
			n, isAttr := strings.CutPrefix(n, "@")
			if !isName(n) || w.attr != "" {
				return w, "", fmt.Errorf("%q is no condition", s[:end])
			}
			if isAttr {
				w.attr = n
			} else {
				w.names = append(w.names, n)
			}
		}
	}
	if s[end] == ']' {
		return w, s[end+1:], nil
	}
	w.compare, s = true, s[end+1:]
	switch {
	case strings.HasPrefix(s, "?]"):
		if len(*args) == 0 {
			return w, "", fmt.Errorf("an argument is missing")
		}
		w.value, *args = (*args)[0], (*args)[1:]
		return w, s[2:], nil
	case strings.HasPrefix(s, "'"):
		if value, rest, ok := strings.Cut(s[1:], "']"); ok && !strings.Contains(value, "'") {
			w.value = value
			return w, rest, nil
		}
	}
	return w, "", fmt.Errorf("after '=' comes 'a literal' or ?")
}

// isName tells names from what a typing error leaves.
func isName(s string) bool {
	return s != "" && s[0] != '.' && !strings.ContainsAny(s, " \t\r\n@='\"<>&*?[]/")
}
