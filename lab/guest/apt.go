//go:build linux

package guest

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/limiquantix/limiquantix/core"
)

// deb is a package file that apt can download.
type deb struct {
	name string // package
	file string // NAME_VERSION_ARCH.deb
	sum  string // "SHA256:..." as the package lists say
}

// lookup asks apt's package lists, without the network, for the current version
// of each package; in order of their names.
//
// Errors: [core.Unsupported] when the lists do not know one.
func lookup(ctx context.Context, names ...string) ([]deb, error) {
	out, err := output(ctx, "", append([]string{"apt-get", "download", "--print-uris"}, names...)...)
	if ctx.Err() != nil {
		return nil, err
	}
	if err != nil {
		return nil, core.Errorf(core.Unsupported, "apt's package lists lack a package: %w", err).
			WithHint("run apt-get update")
	}
	debs, err := parseURIs(out)
	if err == nil && len(debs) != len(names) {
		err = fmt.Errorf("apt-get names %d files for %d packages", len(debs), len(names))
	}
	return debs, err
}

// parseURIs reads lines of apt-get --print-uris: 'URI' FILE SIZE HASH.
func parseURIs(out []byte) ([]deb, error) {
	var debs []deb
	for s := bufio.NewScanner(bytes.NewReader(out)); s.Scan(); {
		f := strings.Fields(s.Text())
		if len(f) == 0 || !strings.HasPrefix(f[0], "'") {
			continue
		}
		var name string
		var ok bool
		if len(f) == 4 {
			name, _, ok = strings.Cut(f[1], "_")
		}
		if !ok || name == "" || strings.ContainsRune(f[1], '/') {
			return nil, fmt.Errorf("apt-get prints a line that is no download: %s", core.Printable(s.Text(), 120))
		}
		debs = append(debs, deb{name: name, file: f[1], sum: f[3]})
	}
	slices.SortFunc(debs, func(a, b deb) int { return strings.Compare(a.file, b.file) })
	return debs, nil
}

// fetch downloads debs and unpacks them all into tree.
func fetch(ctx context.Context, debs []deb, work, tree string) error {
	dir := filepath.Join(work, "debs")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	// The sandbox user could not write to a directory of root's.
	argv := []string{"apt-get", "-q", "-o", "APT::Sandbox::User=root", "download"}
	for _, d := range debs {
		argv = append(argv, d.name)
	}
	if _, err := output(ctx, dir, argv...); err != nil {
		return downloadError(ctx, err)
	}
	for _, d := range debs {
		if err := run(ctx, "dpkg-deb", "-x", filepath.Join(dir, d.file), tree); err != nil {
			return fmt.Errorf("unpack %s: %w", d.file, err)
		}
	}
	return nil
}

// downloadError gives err, from a program that got packages, a code and a hint.
func downloadError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	return core.Errorf(core.Unreachable, "Debian's packages could not be had: %w", err).
		WithHint("check the network; run apt-get update when the package lists are old")
}

// kernelPackage returns the package that the cloud kernel's meta package stands for.
func kernelPackage(ctx context.Context) (string, error) {
	out, err := output(ctx, "", "apt-cache", "show", "--no-all-versions", "linux-image-cloud-amd64")
	if ctx.Err() != nil {
		return "", err
	}
	if err != nil {
		return "", core.Errorf(core.Unsupported, "apt knows no cloud kernel: %w", err).WithHint("run apt-get update")
	}
	for line := range strings.Lines(string(out)) {
		if rest, ok := strings.CutPrefix(line, "Depends: "); ok {
			return strings.Fields(rest)[0], nil
		}
	}
	return "", fmt.Errorf("linux-image-cloud-amd64 depends on no kernel")
}

// aptSources are where this machine gets Debian from.
type aptSources struct {
	codename string   // of the release: "bookworm"
	lines    []string // for sources.list
	proxies  []string // settings of the machine's apt that say how to get there
}

// sources returns the machine's own sources of its Debian release, leaving out
// those of third parties.
//
// Errors: [core.Unsupported] on another system, and without package lists.
func sources(ctx context.Context) (aptSources, error) {
	release, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return aptSources{}, err
	}
	src := aptSources{codename: osCodename(string(release))}
	if src.codename == "" {
		return aptSources{}, core.Errorf(core.Unsupported, "guests can only be built on Debian")
	}
	out, err := output(ctx, "", "apt-get", "indextargets", "--format",
		"$(ORIGIN)|$(CODENAME)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)", "Created-By: Packages")
	if err != nil {
		return aptSources{}, err
	}
	src.lines = sourceLines(string(out), src.codename)
	if len(src.lines) == 0 {
		return aptSources{}, core.Errorf(core.Unsupported, "apt has no package lists of Debian %s", src.codename).
			WithHint("run apt-get update")
	}
	config, err := output(ctx, "", "apt-config", "dump")
	if err != nil {
		return aptSources{}, err
	}
	for line := range strings.Lines(string(config)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "Acquire::http") && strings.Contains(line, "Proxy") && !strings.HasSuffix(line, `"";`) {
			src.proxies = append(src.proxies, strings.TrimSuffix(line, ";"))
		}
	}
	return src, nil
}

// osCodename returns VERSION_CODENAME of an os-release(5) file of Debian's, else "".
func osCodename(release string) string {
	var id, codename string
	for line := range strings.Lines(release) {
		k, v, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch v = strings.Trim(v, `"'`); k {
		case "ID":
			id = v
		case "VERSION_CODENAME":
			codename = v
		}
	}
	if id != "debian" {
		return ""
	}
	return codename
}

// sourceLines turns lines ORIGIN|CODENAME|URI|RELEASE|COMPONENT of apt-get
// indextargets into lines of a sources.list: Debian's main, with its updates.
func sourceLines(targets, codename string) []string {
	const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
	var lines []string
	for target := range strings.Lines(targets) {
		f := strings.Split(strings.TrimSpace(target), "|")
		if len(f) != 5 || f[0] != "Debian" || f[4] != "main" {
			continue
		}
		suffix, ok := strings.CutPrefix(f[1], codename)
		if !ok || !slices.Contains([]string{"", "-updates", "-security"}, suffix) {
			continue
		}
		line := fmt.Sprintf("deb [signed-by=%s] %s %s main", keyring, f[2], f[3])
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}
