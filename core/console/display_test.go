package console

import (
	"strings"
	"testing"

	"github.com/limiquantix/limiquantix/core"
)

func TestFindDisplay(t *testing.T) {
	for _, c := range []struct {
		name, graphics string
		want           Display
		refused        string // in the sentence
	}{
		{name: "loopback", graphics: `<graphics type='vnc' port='5901' autoport='yes' listen='127.0.0.1'><listen type='address' address='127.0.0.1'/></graphics>`,
			want: Display{"tcp", "127.0.0.1:5901", ""}},
		{name: "every address", graphics: `<graphics type='vnc' port='5900' listen='0.0.0.0'/>`, want: Display{"tcp", "127.0.0.1:5900", ""}},
		{name: "every address of IPv6", graphics: `<graphics type='vnc' port='5900'><listen type='address' address='::'/></graphics>`, want: Display{"tcp", "[::1]:5900", ""}},
		{name: "no address", graphics: `<graphics type='vnc' port='5900'/>`, want: Display{"tcp", "127.0.0.1:5900", ""}},
		{name: "a password", graphics: `<graphics type='vnc' port='5900' passwd='s3cret'/>`, want: Display{"tcp", "127.0.0.1:5900", "s3cret"}},
		{name: "a socket", graphics: `<graphics type='vnc' socket='/run/a b.sock'><listen type='socket' socket='/run/a b.sock'/></graphics>`, want: Display{"unix", "/run/a b.sock", ""}},
		{name: "a socket by its attribute", graphics: `<graphics type='vnc' socket='/run/vnc'/>`, want: Display{"unix", "/run/vnc", ""}},
		{name: "VNC after SPICE", graphics: `<graphics type='spice' port='5900'/><graphics type='vnc' port='5901'/>`, want: Display{"tcp", "127.0.0.1:5901", ""}},
		{name: "SPICE only", graphics: `<graphics type='spice' port='5900'/>`, refused: `speaks "spice", not VNC`},
		{name: "none", refused: "has no screen"},
		{name: "listens nowhere", graphics: `<graphics type='vnc'><listen type='none'/></graphics>`, refused: "listens nowhere"},
		{name: "no port", graphics: `<graphics type='vnc' port='-1' autoport='yes'/>`, refused: "no port yet"},
		{name: "a port that is none", graphics: `<graphics type='vnc' port='65536'/>`, refused: "no port yet"},
		{name: "another host", graphics: `<graphics type='vnc' port='22' listen='10.0.0.1'/>`, refused: `"10.0.0.1" only`},
		{name: "another host by name", graphics: `<graphics type='vnc' port='22' listen='metadata.internal'/>`, refused: `"metadata.internal" only`},
		{name: "a mapped address", graphics: `<graphics type='vnc' port='22' listen='::ffff:10.0.0.1'/>`, refused: "only"},
		{name: "listen wins over its attribute", graphics: `<graphics type='vnc' port='22' listen='127.0.0.1'><listen type='address' address='10.0.0.1'/></graphics>`, refused: "10.0.0.1"},
		{name: "a relative socket", graphics: `<graphics type='vnc' socket='run/vnc'/>`, refused: "not a path"},
		{name: "a crooked socket", graphics: `<graphics type='vnc' socket='/run/../etc/x'/>`, refused: "not a path"},
		{name: "an option for nc", graphics: `<graphics type='vnc' socket='-e/bin/sh'/>`, refused: "not a path"},
		{name: "a line break", graphics: `<graphics type='vnc' socket='/run/a&#10;b'/>`, refused: "not a path"},
		{name: "a socket too long", graphics: `<graphics type='vnc' socket='/` + strings.Repeat("x", 200) + `'/>`, refused: "not a path"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := FindDisplay("<domain id='1'><devices>" + c.graphics + "</devices></domain>")
			if c.refused != "" {
				if core.CodeOf(err) != core.Unsupported || !strings.Contains(err.Error(), c.refused) {
					t.Errorf("got %v, %v; want a refusal with %q", got, err, c.refused)
				}
				return
			}
			if err != nil || got != c.want {
				t.Errorf("got %+v, %v; want %+v", got, err, c.want)
			}
		})
	}
}

func TestFindDisplayOfAStoppedVM(t *testing.T) {
	_, err := FindDisplay("<domain><devices><graphics type='vnc' port='5900'/></devices></domain>")
	if core.CodeOf(err) != core.Conflict {
		t.Errorf("got %v, want Conflict", err)
	}
}

func FuzzFindDisplay(f *testing.F) {
	f.Add("vnc", "5900", "127.0.0.1", "/run/vnc", "address")
	f.Add("vnc", "-1", "::", "", "socket")
	f.Fuzz(func(t *testing.T, kind, port, listen, socket, listenType string) {
		esc := strings.NewReplacer("&", "&amp;", "<", "&lt;", "'", "&apos;").Replace
		d, err := FindDisplay("<domain id='1'><devices><graphics type='" + esc(kind) + "' port='" + esc(port) + "' listen='" + esc(listen) + "' socket='" + esc(socket) +
			"'><listen type='" + esc(listenType) + "' address='" + esc(listen) + "'/></graphics></devices></domain>")
		if err != nil {
			return
		}
		switch {
		case d.Network == "unix" && strings.HasPrefix(d.Address, "/") && len(d.Address) <= maxSocket:
		case d.Network == "tcp" && (strings.HasPrefix(d.Address, "127.") || strings.HasPrefix(d.Address, "[::1]:")):
		default:
			t.Errorf("%q %q %q gave %+v", port, listen, socket, d)
		}
	})
}
