package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/limiquantix/limiquantix"

// source is one Go file of the tree, parsed.
type source struct {
	path      string // from the root, with slashes: "core/vm/create.go"
	text      string
	fset      *token.FileSet
	ast       *ast.File
	generated bool
}

// pkg is the folder of the source: "core/vm", "." for the root.
func (s source) pkg() string { return path.Dir(s.path) }

func (s source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

// at is a place in the source for a message: "core/vm/create.go:12".
func (s source) at(n ast.Node) string {
	return s.path + ":" + strconv.Itoa(s.fset.Position(n.Pos()).Line)
}

// imports are the paths that the source imports, in its order.
func (s source) imports() []string {
	var out []string
	for _, i := range s.ast.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err == nil {
			out = append(out, p)
		}
	}
	return out
}

// root is the folder of go.mod.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// files calls f for every file of the tree that is ours: not .git, caches,
// dependencies or the built program.
func files(t *testing.T, f func(name string, text []byte)) {
	t.Helper()
	tree := os.DirFS(root(t))
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch {
		case d.IsDir() && (d.Name() == ".git" || d.Name() == ".cache" || d.Name() == "node_modules" || name == "bin" || name == "app/server/dist"):
			return fs.SkipDir
		case d.IsDir() || !d.Type().IsRegular() || name == "limiquantix" || name == "limiquantix-desktop" || strings.HasSuffix(name, ".test") || strings.HasSuffix(name, ".prof"):
			return nil
		}
		text, err := fs.ReadFile(tree, name)
		if os.IsNotExist(err) {
			return nil // somebody's editor had it for a moment
		}
		f(name, text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// sources parses every Go file of the tree, for all systems and build tags.
func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	files(t, func(name string, text []byte) {
		if path.Ext(name) != ".go" {
			return
		}
		s := source{path: name, text: string(text), fset: token.NewFileSet()}
		var err error
		s.ast, err = parser.ParseFile(s.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Errorf("parse: %v", err)
			return
		}
		s.generated = ast.IsGenerated(s.ast)
		out = append(out, s)
	})
	if len(out) < 100 {
		t.Fatalf("found %d Go files: this is not the whole tree", len(out))
	}
	return out
}

// below reports whether a folder is one of the given ones or lies in it.
func below(folder string, parents ...string) bool {
	for _, p := range parents {
		if folder == p || strings.HasPrefix(folder, p+"/") {
			return true
		}
	}
	return false
}
