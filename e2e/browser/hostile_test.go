//go:build linux

package browser

import (
	"context"
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/lab"
	"github.com/limiquantix/limiquantix/lab/labtest"
)

// evil is what a VM may be called on a host to do harm to a page: markup, script
// in attributes, addresses, styles, templates, directions, sheer length.
var evil = []string{
	`<img src=x onerror=document.title="pwned">`, `<script>document.title="pwned"<`, `"><svg onload=document.title="pwned">`,
	`javascript:document.title="pwned"`, `' onmouseover='document.title=1`, `{{constructor.constructor("document.title=1")()}}`,
	`${document.title="pwned"}`, `</title><h1>pwned</h1>`, `=HYPERLINK("http://x.invalid","x")`, `@SUM(1+1)`, `%3Cimg%20src%3Dx%3E`, `%00%0a%2e%2e`,
	"\u202egpj.exe", "مرحبا بالعالم", "שלום עולם", "日本語 ünï 😀", "z̷̢a̵l̸g̶o̴͖͝", `__proto__`, `constructor`, `toString`, `null`, `NaN`, `-0`,
	`..`, `.`, `#token=x`, `?q=state:running`, `&host=x`, `a b  c`, `;rm -rf x`, `$(id)`, "`id`", `\`, `"`, `'`, `<`, `>`, `&amp;`, `&lt;img&gt;`, `<!--`, `]]>`,
}

// hostileNames returns n different names.
func hostileNames(n int) []string {
	names := []string{strings.Repeat("x", 200), strings.Repeat("é", 100), strings.Repeat("<b>", 60)}
	for i := 0; len(names) < n; i++ {
		names = append(names, strings.ReplaceAll(fmt.Sprintf("%s %d", evil[i%len(evil)], i), "/", "\u2215")) // QEMU's names have no slash
	}
	return names
}

// TestHostile opens every view on a real host whose VMs are called names that
// were made to do harm, and have them as title, notes and paths too.
func TestHostile(t *testing.T) {
	l := labtest.Up(t, lab.Options{Hosts: 1})
	state, err := l.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	host := state.Hosts[0]
	names := hostileNames(501)
	define(t, l, host.Name, names)
	home := filepath.Join(t.TempDir(), "home")
	command(t, home, "host", "add", "kvm1", "root@"+host.Address, "--identity", host.Identity, "--host-key", host.HostKeys[0].Fingerprint)
	play(t, "hostile.spec.ts", start(t, home, "serve"), fmt.Sprintf("LIMIQUANTIX_VMS=%d", len(names)))
}

// define makes VMs on a host, behind the product's back.
func define(t *testing.T, l *lab.Lab, host string, names []string) {
	t.Helper()
	var all strings.Builder
	for _, name := range names {
		var b strings.Builder
		if err := xml.EscapeText(&b, []byte(name)); err != nil {
			t.Fatal(err)
		}
		n := b.String()
		fmt.Fprintf(&all, `<domain type="qemu"><name>%s</name><title>%s</title><description>%s</description><memory unit="MiB">16</memory>`+
			`<os><type arch="x86_64">hvm</type></os><devices><disk type="file"><source file="/tmp/%s"/><target dev="vda" bus="virtio"/></disk></devices></domain>`+"\x00",
			n, n, n, n)
	}
	// virsh reads a definition from a file: one for each, and all in one session.
	script := `mkdir /tmp/define && cd /tmp/define && split -t '\0' -l 1 -a 4 - vm && for f in vm*; do tr -d '\0' <$f >$f.xml; echo "define /tmp/define/$f.xml"; done | virsh >/tmp/define/out 2>&1; grep -c ' defined' /tmp/define/out`
	cmd, err := l.Command(t.Context(), host, "sh", "-c", script)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdin = strings.NewReader(all.String())
	out, err := cmd.Output()
	if got := strings.TrimSpace(string(out)); err != nil || got != fmt.Sprint(len(names)) {
		t.Fatalf("%q of %d VMs are defined: %v", got, len(names), err)
	}
}

// command runs a command line that must succeed, and returns its output.
func command(t *testing.T, home string, args ...string) string {
	t.Helper()
	exe, err := built()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute) // cleanups use it too
	defer cancel()
	c := exec.CommandContext(ctx, exe, args...)
	c.Env = append(os.Environ(), "LIMIQUANTIX_HOME="+home)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("limiquantix %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}
