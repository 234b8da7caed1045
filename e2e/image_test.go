//go:build linux

package e2e

import (
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/lab"
)

// TestImageFromURL: an image is streamed from a web server through this computer
// to the host's pool, and arrives byte for byte.
func TestImageFromURL(t *testing.T) {
	f := newFleet(t, lab.Options{Hosts: 1})
	s := f.manage(t, "kvm1")
	path := disk(t, "base.qcow2", 3*core.MiB)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	web := serveImages(t, path)
	for name, sum := range map[string]string{
		"a.qcow2": fmt.Sprintf("sha256:%x", sha256.Sum256(data)),
		"b.qcow2": fmt.Sprintf("sha512:%x", sha512.Sum512(data)),
	} {
		s.run("image", "add", web+"/base.qcow2", "--host", "kvm1", "--name", name, "--checksum", sum)
		got, err := s.lab.Exec(t.Context(), "kvm1", "sha256sum", "/var/lib/libvirt/images/"+name)
		if want := fmt.Sprintf("%x ", sha256.Sum256(data)); err != nil || !strings.HasPrefix(string(got), want) {
			t.Errorf("%s: got %s, %v, want %s", name, got, err, want)
		}
	}
	if list := s.run("image", "list", "-o", "csv"); !strings.Contains(list, "a.qcow2") || !strings.Contains(list, "b.qcow2") {
		t.Errorf("got images %s", list)
	}
}
