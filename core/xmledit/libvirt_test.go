package xmledit

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What users type comes back from a real libvirt as it was, and as nothing but
// a value: the test driver parses and formats domains as the QEMU driver does.
func TestHostileValuesComeBackFromLibvirt(t *testing.T) {
	for _, value := range []string{
		`it's "quoted" & <b>bold</b>`, `</title><os/>`, `$(reboot)`, `]]>`, `<![CDATA[x]]>`, `<!-- x -->`, `&amp;`, `&#10;`,
		"line one\nline two\n", "tab\there", "مرحبا 🐧", "\u202eevil", "x\ry", "<script>alert(1)</script>",
	} {
		d := mustParse(t, "<domain type='test'>\n  <name>hostile</name>\n  <memory>1024</memory>\n  <os>\n    <type>hvm</type>\n  </os>\n</domain>\n")
		description, err := d.Root().Ensure("description")
		if err != nil {
			t.Fatal(err)
		}
		if err := description.SetText(value); err != nil {
			t.Fatal(err)
		}
		metadata, err := d.Root().Ensure("metadata")
		if err != nil {
			t.Fatal(err)
		}
		note, err := metadata.Add("x:note", "xmlns:x", "urn:x", "value", value)
		if err != nil {
			t.Fatal(err)
		}
		if err := note.SetText(value); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "domain.xml")
		if err := os.WriteFile(path, []byte(d.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		// One connection, for the test driver forgets at its end.
		out, err := exec.Command("virsh", "-q", "-c", "test:///default", "define "+path+"; dumpxml hostile").CombinedOutput()
		if err != nil {
			t.Fatalf("%q: %v\n%s\n%s", value, err, out, d)
		}
		root := mustParse(t, string(out[bytes.IndexByte(out, '<'):])).Root()
		got := root.Find("metadata/x:note")
		// libvirt 9.0 writes a carriage return in a description as it is, and
		// XML reads that as a line feed.
		described := strings.ReplaceAll(value, "\r", "\n")
		if root.Child("description").Text() != described || got.Text() != value || got.Attr("value") != value || len(root.FindAll("os/type")) != 1 {
			t.Errorf("%q comes back as\n%s", value, out)
		}
	}
}
