//go:build linux

package guest

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// writeInitrd writes the compressed initramfs that fill makes to out.
func writeInitrd(out string, fill func(*archive) error) error {
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	defer f.Close()
	buffered := bufio.NewWriter(f)
	// Fast to unpack matters more than small: the guest's CPU is emulated.
	z, err := gzip.NewWriterLevel(buffered, gzip.BestSpeed)
	if err != nil {
		return err
	}
	a := &archive{w: z}
	if err := fill(a); err != nil {
		return err
	}
	return errors.Join(a.close(), z.Close(), buffered.Flush(), f.Close())
}

// addModules adds kernel modules with their dependencies as mod/NAME.ko, and
// mod/order, their names in the order in which to load them.
func addModules(a *archive, dir string, names ...string) error {
	index, err := indexModules(dir)
	if err != nil {
		return fmt.Errorf("read the kernel's modules: %w", err)
	}
	files, err := index.order(names...)
	if err != nil {
		return err
	}
	var order strings.Builder
	for _, f := range files {
		a.copy("mod/"+filepath.Base(f), 0o644, f)
		fmt.Fprintln(&order, filepath.Base(f))
	}
	a.file("mod/order", 0o644, []byte(order.String()))
	return nil
}

// recipe adds a file of this package's recipe directory.
func (a *archive) recipe(name string, perm int, file string) {
	data, err := recipe.ReadFile(path.Join("recipe", file))
	if err != nil && a.err == nil {
		a.err = err
	}
	a.file(name, perm, data)
}

// writeRecipe writes a file of the recipe directory to DIR/NAME, with pairs of
// old and new text replaced, and returns its path.
func writeRecipe(dir, name, file string, oldnew ...string) (string, error) {
	data, err := recipe.ReadFile(path.Join("recipe", file))
	if err != nil {
		return "", err
	}
	text := strings.NewReplacer(oldnew...).Replace(string(data))
	out := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return "", err
	}
	return out, os.WriteFile(out, []byte(text), 0o644)
}
