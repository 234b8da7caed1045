//go:build linux

package guest

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/limiquantix/limiquantix/core"
)

func TestSourcesAreDebiansOwnOnly(t *testing.T) {
	targets := strings.Join([]string{
		"Debian|bookworm|http://mirror.example/debian/|stable|main",
		"Debian|bookworm-updates|http://mirror.example/debian/|bookworm-updates|main",
		"Debian|bookworm-updates|http://mirror.example/debian/|bookworm-updates|contrib",
		"Debian|bookworm-security|http://mirror.example/debian-security/|bookworm-security|main",
		"Debian|bookworm-security|http://mirror.example/debian-security/|bookworm-security|main",
		"Debian|bookworm-backports|http://mirror.example/debian/|bookworm-backports|main",
		"Debian|trixie|http://mirror.example/debian/|trixie|main",
		". nodistro|nodistro|https://third.example/node|nodistro|main",
		"", "|", "Debian",
	}, "\n")
	const keyring = "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] "
	want := []string{
		keyring + "http://mirror.example/debian/ stable main",
		keyring + "http://mirror.example/debian/ bookworm-updates main",
		keyring + "http://mirror.example/debian-security/ bookworm-security main",
	}
	if got := sourceLines(targets, "bookworm"); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestThisMachineCanBuild(t *testing.T) {
	missing, err := Missing(t.Context())
	if err != nil || len(missing) > 0 {
		t.Errorf("missing %q, %v", missing, err)
	}
	src, err := sources(t.Context())
	if err != nil || src.codename == "" || len(src.lines) == 0 {
		t.Errorf("sources %+v, %v", src, err)
	}
}

func TestMissingPackagesAreNamed(t *testing.T) {
	got, err := missing(t.Context(), []string{"dpkg", "limiquantix-no-such-package", "apt"})
	if want := []string{"limiquantix-no-such-package"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

func TestUnknownPackageIsUnsupported(t *testing.T) {
	_, err := lookup(t.Context(), "dpkg", "limiquantix-no-such-package")
	if core.CodeOf(err) != core.Unsupported || core.AsError(err).Hint == "" {
		t.Errorf("got %v", err)
	}
}

func TestOnlyDebianHasACodename(t *testing.T) {
	for release, want := range map[string]string{
		"ID=debian\nVERSION_CODENAME=bookworm\n":       "bookworm",
		"VERSION_CODENAME=\"trixie\"\nID=\"debian\"\n": "trixie",
		"ID=ubuntu\nVERSION_CODENAME=jammy\n":          "",
		"ID=debian\n":                                  "",
		"":                                             "",
	} {
		if got := osCodename(release); got != want {
			t.Errorf("%q: %q, want %q", release, got, want)
		}
	}
}

func FuzzParseURIs(f *testing.F) {
	sample, err := os.ReadFile("testdata/print-uris")
	if err != nil {
		f.Fatal(err)
	}
	if debs, err := parseURIs(sample); err != nil || len(debs) != 2 || debs[0].name != "busybox-static" ||
		debs[0].file != "busybox-static_1%3a1.35.0-4+deb12u1+b1_amd64.deb" || !strings.HasPrefix(debs[1].sum, "SHA256:") {
		f.Errorf("sample: %+v, %v", debs, err)
	}
	f.Add(sample)
	f.Add([]byte("'http://x/a.deb' ../../a_1_amd64.deb 1 SHA256:00\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		debs, err := parseURIs(data)
		for _, d := range debs {
			// File names become paths below a directory.
			if d.name == "" || strings.ContainsRune(d.file, '/') || !strings.HasPrefix(d.file, d.name+"_") {
				t.Errorf("%+v, %v", d, err)
			}
		}
	})
}
