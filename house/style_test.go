package house

import (
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"
)

func TestEveryPackageHasAComment(t *testing.T) {
	commented := map[string]bool{}
	for _, s := range sources(t) {
		if s.generated || strings.Contains(s.path, "testdata/") {
			continue
		}
		name := s.ast.Name.Name
		if s.test() && strings.HasSuffix(name, "_test") {
			continue // the outside tests of a package belong to it
		}
		doc := s.ast.Doc.Text()
		if doc != "" && name != "main" && !strings.HasPrefix(doc, "Package "+name+" ") {
			t.Errorf("%s: the package comment does not begin with %q", s.path, "Package "+name)
		}
		commented[s.pkg()] = commented[s.pkg()] || doc != ""
	}
	for pkg, ok := range commented {
		if !ok {
			t.Errorf("%s: no file has a package comment", pkg)
		}
	}
}

func TestPackageNamesSayWhatIsInside(t *testing.T) {
	empty := []string{"util", "utils", "common", "helper", "helpers", "misc", "type", "types", "model", "models", "manager", "managers", "service", "services", "handlers", "shared", "base", "lib"}
	for _, s := range sources(t) {
		if name := s.ast.Name.Name; slices.Contains(empty, name) || slices.Contains(empty, path.Base(s.pkg())) {
			t.Errorf("%s: %q says nothing of what the package does", s.path, name)
		}
	}
}

func TestNothingRunsBeforeMain(t *testing.T) {
	for _, s := range sources(t) {
		if s.generated {
			continue
		}
		for _, d := range s.ast.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: func init: do it where it is needed", s.at(f))
			}
		}
	}
}

// TestNoGlobalState allows package variables that are tables, errors and
// embedded files. A variable declared without a value is there to be changed.
func TestNoGlobalState(t *testing.T) {
	for _, s := range sources(t) {
		if s.generated || s.test() {
			continue
		}
		for _, d := range s.ast.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR || strings.Contains(docOf(g.Doc), "//go:embed") {
				continue
			}
			for _, spec := range g.Specs {
				v := spec.(*ast.ValueSpec)
				if len(v.Values) == 0 && v.Names[0].Name != "version" && !strings.Contains(docOf(v.Doc), "//go:embed") {
					t.Errorf("%s: the variable %s is global state: put it into a value that somebody owns", s.at(v), v.Names[0].Name)
				}
			}
		}
	}
}

// docOf is a comment with its directives, which Text leaves out.
func docOf(c *ast.CommentGroup) string {
	if c == nil {
		return ""
	}
	var b strings.Builder
	for _, l := range c.List {
		b.WriteString(l.Text + "\n")
	}
	return b.String()
}

// TestSizes holds the sizes of the style page. Where one has to be broken, the
// comment of the file's head, or that of the function or type, says why in a
// line that begins with "size:".
func TestSizes(t *testing.T) {
	for _, s := range sources(t) {
		if s.generated {
			continue
		}
		limit := 500
		if s.test() {
			limit = 900
		}
		if n := strings.Count(s.text, "\n"); n > limit && !excused(headOf(s)) {
			t.Errorf("%s: %d lines, at most %d are easy to find one's way in", s.path, n, limit)
		}
		if s.test() {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if lines := s.fset.Position(n.End()).Line - s.fset.Position(n.Pos()).Line + 1; lines > 80 && !excused(n.Doc) {
					t.Errorf("%s: %s has %d lines, at most 80", s.at(n), n.Name.Name, lines)
				}
			case *ast.GenDecl:
				for _, spec := range n.Specs {
					ts, ok := spec.(*ast.TypeSpec)
					if !ok {
						continue
					}
					if i, ok := ts.Type.(*ast.InterfaceType); ok && methods(i) > 5 && !excused(n.Doc) && !excused(ts.Doc) {
						t.Errorf("%s: interface %s has %d methods, at most 5", s.at(ts), ts.Name.Name, methods(i))
					}
				}
			}
			return true
		})
	}
}

// headOf is the comments before and at the package clause.
func headOf(s source) *ast.CommentGroup {
	head := &ast.CommentGroup{}
	for _, c := range s.ast.Comments {
		if c.Pos() < s.ast.Name.End() || s.fset.Position(c.Pos()).Line <= s.fset.Position(s.ast.Name.Pos()).Line+2 {
			head.List = append(head.List, c.List...)
		}
	}
	return head
}

func excused(c *ast.CommentGroup) bool { return strings.Contains("\n"+c.Text(), "\nsize:") }

// methods counts an interface's own methods; embedded interfaces are counted
// where they are declared.
func methods(i *ast.InterfaceType) int {
	n := 0
	for _, f := range i.Methods.List {
		n += len(f.Names)
	}
	return n
}

func TestEveryExportedNameIsExplained(t *testing.T) {
	for _, s := range sources(t) {
		if s.generated || s.test() || s.ast.Name.Name == "main" {
			continue
		}
		for _, d := range s.ast.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc.Text() == "" && (d.Recv == nil || ast.IsExported(receiver(d)) && !ofIO(d)) {
					t.Errorf("%s: %s has no comment", s.at(d), d.Name.Name)
				}
			case *ast.GenDecl:
				explained(t, s, d)
			}
		}
	}
}

// explained checks types, constants and variables: a comment on the group
// explains constants and variables, a type needs its own.
func explained(t *testing.T, s source, d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if spec.Name.IsExported() && spec.Doc.Text() == "" && (d.Lparen.IsValid() || d.Doc.Text() == "") {
				t.Errorf("%s: type %s has no comment", s.at(spec), spec.Name.Name)
			}
		case *ast.ValueSpec:
			for _, n := range spec.Names {
				if n.IsExported() && d.Doc.Text() == "" && spec.Doc.Text() == "" && spec.Comment.Text() == "" {
					t.Errorf("%s: %s has no comment", s.at(spec), n.Name)
				}
			}
		}
	}
}

// ofIO: the method's contract is that of package io, which explains it.
func ofIO(f *ast.FuncDecl) bool {
	return slices.Contains([]string{"Read", "ReadAt", "Write", "WriteAt", "Close"}, f.Name.Name)
}

// receiver is the name of a method's type.
func receiver(f *ast.FuncDecl) string {
	e := f.Recv.List[0].Type
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}
