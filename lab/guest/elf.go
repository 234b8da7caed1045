//go:build linux

package guest

import (
	"debug/elf"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// moduleIndex finds kernel modules by name.
type moduleIndex map[string]string // name with '_' for '-' → path; "" when built in

// indexModules reads the modules below dir (lib/modules/VERSION).
func indexModules(dir string) (moduleIndex, error) {
	index := moduleIndex{}
	builtin, err := os.ReadFile(filepath.Join(dir, "modules.builtin"))
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(builtin)) {
		index[moduleName(strings.TrimSpace(line))] = ""
	}
	err = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".ko") {
			index[moduleName(path)] = path
		}
		return err
	})
	return index, err
}

// order returns the files of the named modules and of all that they depend on,
// each after its dependencies.
func (x moduleIndex) order(names ...string) ([]string, error) {
	var files []string
	for _, name := range names {
		file, ok := x[moduleName(name)]
		if !ok {
			return nil, fmt.Errorf("the kernel has no module %s", name)
		}
		if file == "" || slices.Contains(files, file) {
			continue
		}
		deps, err := moduleDepends(file)
		if err != nil {
			return nil, err
		}
		before, err := x.order(deps...)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, f := range append(before, file) {
			if !slices.Contains(files, f) {
				files = append(files, f)
			}
		}
	}
	return files, nil
}

func moduleName(path string) string {
	return strings.ReplaceAll(strings.TrimSuffix(filepath.Base(path), ".ko"), "-", "_")
}

// moduleDepends reads "depends=a,b" of a module's .modinfo section.
func moduleDepends(path string) ([]string, error) {
	f, err := elf.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	defer f.Close()
	section := f.Section(".modinfo")
	if section == nil {
		return nil, fmt.Errorf("%s is no kernel module", filepath.Base(path))
	}
	info, err := section.Data()
	if err != nil {
		return nil, err
	}
	for field := range strings.SplitSeq(string(info), "\x00") {
		if deps, ok := strings.CutPrefix(field, "depends="); ok && deps != "" {
			return strings.Split(deps, ","), nil
		}
	}
	return nil, nil
}

// libraries returns the shared libraries below root that programs and their
// libraries need, by the absolute path that they have in a guest.
func libraries(root string, programs ...string) (map[string]string, error) {
	found := map[string]string{}
	for len(programs) > 0 {
		path := programs[0]
		programs = programs[1:]
		needed, interpreter, err := dynamic(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
		}
		if interpreter != "" {
			file, err := findLibrary(root, filepath.Base(interpreter))
			if err != nil {
				return nil, err
			}
			found[interpreter] = file
		}
		for _, name := range needed {
			guest := "/lib/x86_64-linux-gnu/" + name
			if found[guest] != "" {
				continue
			}
			file, err := findLibrary(root, name)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
			}
			found[guest] = file
			programs = append(programs, file)
		}
	}
	return found, nil
}

func dynamic(path string) (needed []string, interpreter string, err error) {
	f, err := elf.Open(path)
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			b := make([]byte, p.Filesz)
			if _, err := p.ReadAt(b, 0); err != nil {
				return nil, "", err
			}
			interpreter = strings.TrimRight(string(b), "\x00")
		}
	}
	needed, err = f.ImportedLibraries()
	return needed, interpreter, err
}

func findLibrary(root, name string) (string, error) {
	for _, dir := range []string{"lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"} {
		file := filepath.Join(root, dir, name)
		if _, err := os.Stat(file); err == nil {
			return file, nil
		}
	}
	return "", fmt.Errorf("no package of the guest brings %s", name)
}
