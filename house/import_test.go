package house

import (
	"strings"
	"testing"
)

// layers says which of our own packages a package may import. The first row
// whose folder holds it decides; "=core" means core itself without what is below.
var layers = []struct {
	folder string
	may    []string
	why    string
}{
	{"core/api", []string{"core/api"}, "generated code speaks of nothing else"},
	{"core/xmledit", []string{"=core"}, "an XML editor knows no noun"},
	{"core/store", []string{"=core"}, "the store knows the query of no noun"},
	{"core/failpoint", []string{"=core"}, "tests reach it from everywhere"},
	{"core/image/header", []string{"=core"}, "a parser of hostile files stands alone"},
	{"core/cloudinit", []string{"=core"}, "a seed is made of values"},
	{"core/console", []string{"=core", "core/xmledit"}, "screens and keyboards are values; a parser of hostile pictures stands alone"},
	{"core/hardware", []string{"=core", "core/api"}, "what tools print is read without a host"},
	{"core/vm/config", []string{"=core", "core/xmledit"}, "what one VM's XML says needs no host and no plan"},
	{"core/vm/label", []string{"=core", "core/xmledit"}, "what stands in one VM's metadata needs no host and no plan"},
	{"core/drift", []string{"=core", "core/xmledit", "core/vm/config"}, "how configurations differ needs no host and no plan"},
	{"core/plan", []string{"=core", "core/api"}, "plans are below the nouns that make them"},
	{"core/task", []string{"=core", "core/api", "core/plan", "core/store", "core/failpoint"}, "tasks run any noun's plans, so they know none"},
	{"core", []string{"core"}, "core does not know how a host is reached, nor who asks"},
	{"transport/sshconn", []string{"=core", "transport/sshconn"}, "SSH knows neither libvirt nor nouns"},
	{"transport/netwatch", []string{"=core"}, "that the network changed concerns no host in particular"},
	{"transport/virt", []string{"core", "transport/virt", "transport/contract"}, "libvirt is spoken over any net.Conn"},
	{"transport", []string{"core", "transport"}, "transports do not know the application"},
	{"lab", []string{"=core", "lab"}, "the lab is apart: it must not be bent to suit the product"},
	{"app/server", []string{"core", "app/server"}, "the edge serves handlers, whatever is behind"},
	{"app/cli", []string{"core", "app/server", "app/cli", "lab"}, "the command line is a client of the API"},
	{"app/compose", []string{"core", "transport", "app", "hostkit", "guestagent"}, "the one place where concrete types meet"},
	{"app/desktop", []string{"core", "app/server", "app/desktop"}, "the window is a client of the API"},
	{"e2e", []string{"=core", "lab", "e2e"}, "end-to-end tests use the built program"},
	{"bench", []string{"core", "transport", "app", "lab", "bench"}, "measurements may look at any layer"},
	{"build", []string{"=core", "build"}, "tools of the build"},
	{"house", nil, "it reads files"},
	{".", []string{"app", "lab"}, "main chooses, nothing else"},
}

// inTests says what test files may import beyond their package's own row.
var inTests = []struct{ folder, may string }{
	{"core", "transport/sim"},               // the stateful fake of a host
	{"core/cloudinit", "core/image/header"}, // reads back the ISO that was written
	{"transport", "lab"},                    // real hosts
	{"app/compose", "lab"},
	{"app/cli", "app/compose"},
	{"app/cli", "transport/sim"},
	{"e2e", "core/failpoint"},
}

func TestImportsGoOneWay(t *testing.T) {
	for _, s := range sources(t) {
		layer := -1
		for i, l := range layers {
			if below(s.pkg(), l.folder) || l.folder == "." && s.pkg() == "." {
				layer = i
				break
			}
		}
		if layer < 0 {
			t.Errorf("%s: no row of layers is for the folder %s: add one, and a line to ARCHITECTURE.md", s.path, s.pkg())
			continue
		}
		for _, imported := range s.imports() {
			folder, ours := strings.CutPrefix(imported, module+"/")
			if !ours || folder == s.pkg() || mayImport(s, folder, layers[layer].may) {
				continue
			}
			t.Errorf("%s imports %s: %s", s.path, folder, layers[layer].why)
		}
	}
}

func mayImport(s source, folder string, may []string) bool {
	for _, m := range may {
		if exact, is := strings.CutPrefix(m, "="); is && folder == exact || !is && below(folder, m) {
			return true
		}
	}
	for _, e := range inTests {
		if s.test() && below(s.pkg(), e.folder) && below(folder, e.may) {
			return true
		}
	}
	return false
}

// parts says where a module of others may be imported, and why nowhere else.
// What is not in the table may not be imported at all.
var parts = []struct {
	module string
	where  []string
	why    string
}{
	{"golang.org/x/crypto/ssh", []string{"transport/sshconn"}, "one place decides about keys, trust and algorithms"},
	{"github.com/pkg/sftp", []string{"transport/sshconn"}, "files of a host go through sshconn.Files"},
	{"github.com/kevinburke/ssh_config", []string{"transport/sshconn"}, "the user's ssh_config is read in one place"},
	{"github.com/skeema/knownhosts", []string{"transport/sshconn"}, "known_hosts is read in one place"},
	{"github.com/digitalocean/go-libvirt", []string{"transport/virt"}, "libvirt's words end at transport/virt, behind its frame guard"},
	{"libvirt.org/go/libvirtxml", []string{"core/vm", "core/storage", "core/network", "core/snapshot"}, "it builds new XML; edits go through core/xmledit, since it drops what it does not know"},
	{"github.com/beevik/etree", []string{"core/xmledit"}, "XML is edited in one place"},
	{"modernc.org/sqlite", []string{"core/store"}, "nouns speak SQL to store.Tx, not to a driver"},
	{"github.com/kdomanski/iso9660", []string{"core/cloudinit"}, "it writes the seed"},
	{"github.com/lima-vm/go-qcow2reader", []string{"core/image"}, "images are read in one place"},
	{"github.com/zalando/go-keyring", []string{"app/compose", "core/secret"}, "secrets have one door"},
	{"github.com/spf13/cobra", []string{"app/cli"}, "the command line is one of four doors"},
	{"github.com/spf13/pflag", []string{"app/cli"}, "the command line is one of four doors"},
	{"github.com/schollz/progressbar/v3", []string{"app/cli"}, "only a terminal has progress bars"},
	{"github.com/rivo/uniseg", []string{"app/cli"}, "only a terminal has columns"},
	{"golang.org/x/term", []string{"app/cli"}, "only the command line asks on a terminal"},
	{"github.com/wailsapp/wails/v2", []string{"app/desktop"}, "all else must run without a window"},
	{"github.com/coder/websocket", []string{"app/server"}, "consoles leave by one door"},
	{"connectrpc.com/connect", []string{"core", "app"}, "the contract"},
	{"google.golang.org/protobuf", []string{"core", "app"}, "the contract"},
	{"gopkg.in/yaml.v3", []string{"core/cloudinit", "app/cli"}, "YAML is for cloud-init and for -o yaml"},
	{"github.com/rogpeppe/go-internal/diff", []string{"core/xmledit"}, "diffs are made in one place"},
	{"golang.org/x/sync", []string{"core", "transport", "app", "lab"}, ""},
	{"golang.org/x/sys", []string{"core/task", "core/store", "transport", "app", "lab", "bench"}, "core asks the system for file locks only"},
	{"golang.org/x/image", []string{"core/console", "transport/sim"}, "pictures of screens are scaled in one place, and drawn by the simulator"},
	{"golang.org/x/net", []string{"transport"}, "what every net.Conn has to do, as a test"},
}

// testParts may be imported by test files, beside what their package may.
var testParts = []struct {
	module string
	where  []string
}{
	{"github.com/google/go-cmp", []string{"."}},
	{"github.com/rogpeppe/go-internal", []string{"app", "e2e"}},
	{"golang.org/x/crypto/ssh", []string{"transport", "lab", "app", "e2e"}}, // a server to test a client against
	{"github.com/kdomanski/iso9660", []string{"transport", "lab"}},
	{"golang.org/x/sys", []string{"."}},
	{"golang.org/x/sync", []string{"."}},
}

func TestPartsHaveTheirPlace(t *testing.T) {
	for _, s := range sources(t) {
		for _, imported := range s.imports() {
			window := below(s.pkg(), "app/desktop") && (strings.HasPrefix(s.text, "//go:build desktop\n") || strings.HasPrefix(s.text, "//go:build desktop && "))
			if imported == "C" && !window {
				t.Errorf("%s uses cgo: the program is one static binary, but for the window", s.path)
			}
			if below(imported, "github.com/wailsapp/wails/v2") && !window {
				t.Errorf("%s imports Wails without the build tag desktop", s.path)
			}
			first, _, _ := strings.Cut(imported, "/")
			if !strings.Contains(first, ".") || below(imported, module) {
				continue
			}
			if why, ok := allowed(s, imported); !ok {
				t.Errorf("%s imports %s: %s", s.path, imported, why)
			}
		}
	}
}

func allowed(s source, imported string) (why string, ok bool) {
	for _, p := range testParts {
		if s.test() && below(imported, p.module) && (p.where[0] == "." || below(s.pkg(), p.where...)) {
			return "", true
		}
	}
	for _, p := range parts {
		if below(imported, p.module) {
			return p.why, below(s.pkg(), p.where...)
		}
	}
	return "no row of parts allows it: add one with the reason", false
}

// TestNounsHaveNoCycles: Go refuses cycles of packages, but its message comes
// late and without the way round. Test files count too here: two nouns whose
// tests need each other are one noun.
func TestNounsHaveNoCycles(t *testing.T) {
	graph := map[string]map[string]bool{}
	for _, s := range sources(t) {
		for _, imported := range s.imports() {
			folder, ours := strings.CutPrefix(imported, module+"/")
			if !ours || folder == s.pkg() || !below(folder, "core") || !below(s.pkg(), "core") {
				continue
			}
			if graph[s.pkg()] == nil {
				graph[s.pkg()] = map[string]bool{}
			}
			graph[s.pkg()][folder] = true
		}
	}
	const entered, left = 1, 2
	state := map[string]int{}
	var visit func(folder string, way []string)
	visit = func(folder string, way []string) {
		way = append(way, folder)
		switch state[folder] {
		case entered:
			t.Errorf("a cycle: %s", strings.Join(way, " → "))
		case 0:
			state[folder] = entered
			for next := range graph[folder] {
				visit(next, way)
			}
			state[folder] = left
		}
	}
	for folder := range graph {
		visit(folder, nil)
	}
}
