//go:build linux

package cli_test

import (
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/limiquantix/limiquantix/app/compose"
	"github.com/limiquantix/limiquantix/app/server"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/api/v1/apiv1connect"
	"github.com/limiquantix/limiquantix/transport/sim"
)

// simulated returns the real core over one simulated host, and its VMs' API.
func simulated(t *testing.T) (http.Handler, apiv1connect.VMServiceClient) {
	t.Helper()
	fleet := sim.NewFleet(sim.Model{Hosts: 1, VMsPerHost: 2})
	t.Cleanup(fleet.Close)
	app, err := compose.New(t.Context(), compose.Config{Home: t.TempDir(), Fleet: fleet, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { app.Close() })
	mem := server.InMemory(app.Handler, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { mem.Close() })
	hosts := apiv1connect.NewHostServiceClient(mem.Client(), mem.URL)
	if _, err := hosts.AddHost(t.Context(), &apiv1.AddHostRequest{Name: "host1", Spec: &apiv1.HostSpec{Address: "sim:host1"}}); err != nil {
		t.Fatal(err)
	}
	return app.Handler, apiv1connect.NewVMServiceClient(mem.Client(), mem.URL)
}

// crashAction is what the VM is defined to do when it crashes.
func crashAction(t *testing.T, vms apiv1connect.VMServiceClient) string {
	t.Helper()
	res, err := vms.GetVMXML(t.Context(), &apiv1.GetVMXMLRequest{Vm: "vm1"})
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`<on_crash>(.*)</on_crash>`).FindStringSubmatch(res.Xml)[1]
}

// editor returns an editor that does the next line of a sed script each time
// it is opened.
func editor(t *testing.T, turns ...string) string {
	t.Helper()
	dir := t.TempDir()
	script, path := filepath.Join(dir, "turns"), filepath.Join(dir, "editor")
	const body = "#!/bin/sh\nset -e\nsed -i \"$(head -n 1 %s)\" \"$1\"\nsed -i 1d %s\n"
	for name, text := range map[string]string{script: strings.Join(turns, "\n") + "\n", path: strings.ReplaceAll(body, "%s", script)} {
		if err := os.WriteFile(name, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return "EDITOR=" + path
}

func TestEditOnTerminalIsAskedAboutAndNeverLost(t *testing.T) {
	core, vms := simulated(t)
	tt := onTerminalOf(t, core, []string{editor(t,
		"s/<domain /<domain </",                        // not XML any more
		"s/<domain </<domain /;s/>destroy</>restart</", // mended, with a change
		"s/on_crash>restart/on_crash>preserve/",        // second thoughts
		"s/<title>mine/<title>mine/",                   // after somebody else
	)}, "vm", "edit", "vm1")
	tt.see("is not valid: line 1")
	tt.see("Edit it again? (yes/no) ")
	tt.typeKeys("yes\n")
	tt.see("+  <on_crash>restart</on_crash>")
	tt.see("Do it? (yes/no/edit) ")
	tt.typeKeys("edit\n")
	tt.see("+  <on_crash>preserve</on_crash>")
	if _, err := vms.SetVM(t.Context(), &apiv1.SetVMRequest{Vm: "vm1", Title: proto.String("theirs")}); err != nil {
		t.Fatal(err)
	}
	if crashAction(t, vms) != "destroy" {
		t.Fatal("it is done before it was asked for")
	}
	tt.typeKeys("yes\n")
	tt.see("+  <title>theirs</title>")
	tt.see("to go on top of that change? (yes/no) ")
	tt.typeKeys("yes\n")
	tt.see("-  <title>theirs</title>") // the plan shows that it would go
	tt.typeKeys("no\n")
	tt.see("limiquantix: edit VM vm1: not done")
	if status, cooked := tt.end(); status != 6 || !cooked {
		t.Errorf("status %d, terminal as it was: %t", status, cooked)
	}
	if got := crashAction(t, vms); got != "destroy" {
		t.Errorf("got %s, although the answer was no", got)
	}
	kept := regexp.MustCompile(`kept in (\S+)`).FindStringSubmatch(tt.text())
	if kept == nil {
		t.Fatalf("no word of the text:\n%q", tt.text())
	}
	text, err := os.ReadFile(kept[1])
	if err != nil || !strings.Contains(string(text), "<on_crash>preserve") {
		t.Errorf("the text is lost: %v", err)
	}
	os.RemoveAll(filepath.Dir(kept[1]))
}

func TestEditOnTerminalIsDone(t *testing.T) {
	core, vms := simulated(t)
	tt := onTerminalOf(t, core, []string{editor(t, "s/on_crash>destroy/on_crash>restart/")}, "vm", "edit", "vm1")
	tt.see("Do it? (yes/no/edit) ")
	tt.typeKeys("yes\n")
	tt.see("Edit VM vm1 on host1: done")
	if status, _ := tt.end(); status != 0 || crashAction(t, vms) != "restart" {
		t.Errorf("status %d, %s", status, crashAction(t, vms))
	}
}

// TestInterruptInEditorIsTheEditors: Ctrl-C means something in an editor, and
// the command must not end under it.
func TestInterruptInEditorIsTheEditors(t *testing.T) {
	core, vms := simulated(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "editor")
	const body = "#!/bin/sh\ntrap 'sed -i \"s/<on_crash>destroy/<on_crash>restart/\" \"$1\"; exit 0' INT\necho editing\nwhile :; do sleep 0.1; done\n"
	if err := os.WriteFile(path, []byte(body), 0o700); err != nil {
		t.Fatal(err)
	}
	tt := onTerminalOf(t, core, []string{"EDITOR=" + path}, "vm", "edit", "vm1")
	tt.see("editing")
	tt.typeKeys("\x03")
	tt.see("Do it? (yes/no/edit) ")
	tt.typeKeys("y\n")
	if status, _ := tt.end(); status != 0 || crashAction(t, vms) != "restart" {
		t.Errorf("status %d, %s; %q", status, crashAction(t, vms), tt.text())
	}
}

func TestUndoOnTerminalNamesTheChange(t *testing.T) {
	core, vms := simulated(t)
	op, err := vms.SetVM(t.Context(), &apiv1.SetVMRequest{Vm: "vm1", Title: proto.String("mine")})
	if err != nil {
		t.Fatal(err)
	}
	first := onTerminalOf(t, core, nil, "task", "watch", op.Task.Id)
	first.end()
	tt := onTerminalOf(t, core, nil, "undo")
	tt.see("Newest change: Set title of VM vm1 on host1")
	tt.see("Set title of VM vm1 back? (yes/no) ")
	tt.typeKeys("yes\n")
	tt.see("Undo: Set title of VM vm1 on host1: done")
	if status, _ := tt.end(); status != 0 {
		t.Errorf("status %d", status)
	}
}
