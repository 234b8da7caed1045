//go:build linux

package e2e

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"image"
	_ "image/png" // pictures of the display
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// desk is a display without a desktop around it, and the programs as they are
// installed.
type desk struct {
	*program
	root string // where they are installed
}

// builtWindow is the program with the window, built once as the Makefile does.
var builtWindow = sync.OnceValues(func() (string, error) {
	if _, err := os.Stat("../app/server/dist/index.html"); err != nil {
		return "", fmt.Errorf("there is no user interface to show; make ui builds it: %w", err)
	}
	exe := filepath.Join(scratch, "limiquantix-desktop")
	began := time.Now()
	cmd := exec.Command("go", "build", "-tags", windowTags, "-trimpath", "-buildvcs=false", "-o", exe, "..")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	fmt.Printf("the window was built in %s\n", time.Since(began).Round(time.Second))
	return exe, nil
})

const windowTags = "desktop,production,webkit2_41"

func newDesk(t *testing.T) *desk {
	t.Helper()
	if _, err := builtWindow(); err != nil {
		t.Fatal(err)
	}
	p := newProgram(t)
	d := &desk{program: p, root: t.TempDir()}
	if out, err := exec.Command("../build/tools/install.sh", filepath.Dir(p.exe), d.root).CombinedOutput(); err != nil {
		t.Fatalf("install: %v\n%s", err, out)
	}
	local := filepath.Join(d.root, "usr/local")
	p.exe = filepath.Join(local, "bin/limiquantix")
	run, err := os.MkdirTemp("", "lqx") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(run) })
	p.env = []string{"DISPLAY=" + display(t), "WAYLAND_DISPLAY=", "HOME=" + t.TempDir(), "XDG_RUNTIME_DIR=" + run, "DBUS_SESSION_BUS_ADDRESS=", "NO_AT_BRIDGE=1",
		"PATH=" + local + "/bin:" + os.Getenv("PATH"), "XDG_DATA_DIRS=" + local + "/share:/usr/share", "LIMIQUANTIX_DEBUG=1", "LC_ALL=C"}
	return d
}

// display starts an X server and returns its name.
func display(t *testing.T) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	c := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1440x960x24", "-nolisten", "tcp")
	c.ExtraFiles = []*os.File{w}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	t.Cleanup(func() {
		c.Process.Kill()
		_ = c.Wait() // it was killed
	})
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb: %v", err)
	}
	return ":" + strings.TrimSpace(number)
}

// running is a program under way, with what it says.
type running struct {
	t    *testing.T
	cmd  *exec.Cmd
	mu   sync.Mutex
	said bytes.Buffer
	done chan struct{}
}

// Write implements [io.Writer]: what the program says.
func (r *running) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.said.Write(p)
}

func (r *running) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.said.String()
}

func (d *desk) start(args ...string) *running {
	d.t.Helper()
	r := &running{t: d.t, cmd: d.command(context.Background(), args...), done: make(chan struct{})} // the cleanup ends it
	r.cmd.Stdout, r.cmd.Stderr = r, r
	if err := r.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	go func() {
		defer close(r.done)
		_ = r.cmd.Wait() // its status is looked at in stop
	}()
	d.t.Cleanup(func() {
		r.cmd.Process.Kill()
		<-r.done
		if d.t.Failed() {
			text := r.text()
			d.t.Logf("limiquantix %s said:\n%s", strings.Join(args, " "), text[max(0, len(text)-6000):])
		}
	})
	return r
}

// says waits until the program has said a text so many times.
func (r *running) says(text string, times int) {
	r.t.Helper()
	r.await(fmt.Sprintf("it says %q %d times", text, times), func() bool { return strings.Count(r.text(), text) >= times })
}

func (r *running) await(what string, is func() bool) {
	r.t.Helper()
	for end := time.Now().Add(2 * time.Minute); !is(); time.Sleep(200 * time.Millisecond) {
		select {
		case <-r.done:
			r.t.Fatalf("limiquantix ended before %s", what)
		default:
		}
		if time.Now().After(end) {
			r.t.Fatalf("%s: not within two minutes", what)
		}
	}
}

// stop interrupts the program, which must end well.
func (r *running) stop() {
	r.t.Helper()
	if err := r.cmd.Process.Signal(os.Interrupt); err != nil {
		r.t.Fatal(err)
	}
	select {
	case <-r.done:
	case <-time.After(time.Minute):
		r.t.Fatal("it has not ended after a minute")
	}
	if s := r.cmd.ProcessState.ExitCode(); s != 0 {
		r.t.Errorf("interrupted, it ended with status %d", s)
	}
}

// tool runs a program of the desktop and returns what it prints.
func (d *desk) tool(name string, args ...string) (string, error) {
	c := exec.CommandContext(d.t.Context(), name, args...)
	c.Env = append(os.Environ(), d.env...)
	c.Env = append(c.Env, "LIMIQUANTIX_HOME="+d.home)
	out, err := c.CombinedOutput()
	return string(out), err
}

// picture returns how many colours the display shows, and keeps the picture in
// the directory WINDOW_PICTURES for who wants to look at it.
func (d *desk) picture(name string) int {
	d.t.Helper()
	dir := os.Getenv("WINDOW_PICTURES")
	if dir == "" {
		dir = d.t.TempDir()
	}
	path := filepath.Join(dir, name+".png")
	if out, err := d.tool("import", "-window", "root", path); err != nil {
		d.t.Fatalf("import: %v\n%s", err, out)
	}
	f, err := os.Open(path)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		d.t.Fatal(err)
	}
	colours := map[[4]uint32]bool{}
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y += 2 {
		for x := b.Min.X; x < b.Max.X; x += 2 {
			r, g, b, a := img.At(x, y).RGBA()
			colours[[4]uint32{r, g, b, a}] = true
		}
	}
	return len(colours)
}

// windows counts the windows of a title.
func (d *desk) windows(title string) int {
	out, _ := d.tool("xdotool", "search", "--name", "^"+title+"$") // its status says whether there are any
	return len(strings.Fields(out))
}

const called = "call=/limiquantix.v1."

// TestWindow is the program as a desktop has it: installed, opened, opened
// again, reached by links, and with a console in a window of its own.
func TestWindow(t *testing.T) {
	d := newDesk(t)
	entry := filepath.Join(d.root, "usr/local/share/applications/limiquantix.desktop")
	if out, err := d.tool("desktop-file-validate", entry); err != nil || out != "" {
		t.Errorf("desktop-file-validate: %v\n%s", err, out)
	}
	app := d.start("demo", "--window", "--calm", "--home", d.home, "--hosts", "2", "--vms", "4")
	// Only the page calls these: it was loaded, its scripts run, it has its
	// endpoint, and its calls and streams pass.
	app.says(called+"EventService/Watch", 1)
	app.says(called+"VMService/ListVMs", 1)
	time.Sleep(2 * time.Second) // to paint
	if n := d.picture("window"); n < 50 {
		t.Errorf("the window shows %d colours: nothing is painted", n)
	}
	for _, args := range [][]string{{}, {"open"}, {"open", "limiquantix://"}} { // a second start is handed over
		if out, errs, status := d.try(args...); status != 0 || out != "" {
			t.Errorf("limiquantix %q: status %d\n%s%s", args, status, out, errs)
		}
	}
	var vms []struct{ UUID, Name, Host, State string }
	d.read(&vms, "vm", "list")
	vm := vms[0]
	for _, v := range vms {
		if v.State == "running" {
			vm = v
		}
	}
	link := "limiquantix://" + vm.Host + "/vm/" + vm.UUID
	before := strings.Count(app.text(), called+"VMService/GetVM ") + strings.Count(app.text(), called+"VMService/GetVM\n")
	if out, err := d.tool("xdg-open", link); err != nil {
		t.Fatalf("xdg-open %s: %v\n%s", link, err, out)
	}
	app.says(called+"VMService/GetVM\n", before+1) // the page asks for the VM that it shows
	time.Sleep(2 * time.Second)
	d.picture("window-link")
	d.fails(4, "not managed here", "open", "limiquantix://elsewhere")
	d.fails(4, "not known on", "open", "limiquantix://"+vm.Host+"/vm/00000000-0000-4000-8000-000000000000")
	d.fails(2, "is no link", "open", "javascript:alert(1)")
	d.fails(4, "not managed here", "console", "limiquantix://elsewhere/vm/"+vm.UUID+"/console")

	console := d.start("console", link+"/console")
	app.says(called+"VMService/OpenConsole", 1)
	console.await("its window is called "+vm.Name, func() bool { return d.windows(vm.Name) == 1 })
	time.Sleep(2 * time.Second)
	d.picture("window-console")
	console.stop()
	if strings.Contains(app.text(), "SECURITY ERROR") || strings.Contains(console.text(), "SECURITY ERROR") {
		t.Error("the page breaks its own policy")
	}
	app.stop()
	if _, err := os.Stat(d.home); !os.IsNotExist(err) {
		t.Errorf("the demo left its home: %v", err)
	}
}

// TestWindowOfAServer: a window belongs to the application that runs, and takes
// its place when that ends.
func TestWindowOfAServer(t *testing.T) {
	d := newDesk(t)
	server := d.start("serve")
	server.says("#token=", 1)
	window := d.start("open")
	server.says(called+"EventService/Watch", 1)
	server.stop()
	window.says(called+"EventService/Watch", 1) // of its own core
	if out := d.run("host", "list"); !strings.Contains(out, "NAME") {
		t.Errorf("host list says %q", out)
	}
	window.stop()
}

// TestNoWindow: without a display, or the program with the window, there is a
// sentence.
func TestNoWindow(t *testing.T) {
	p := newProgram(t)
	alone := filepath.Join(t.TempDir(), "limiquantix")
	if out, err := exec.Command("cp", p.exe, alone).CombinedOutput(); err != nil {
		t.Fatalf("cp: %v\n%s", err, out)
	}
	p.exe = alone
	p.env = []string{"DISPLAY=:" + strconv.Itoa(1<<15), "WAYLAND_DISPLAY="}
	p.fails(1, "limiquantix-desktop, is not installed", "open")
	p.fails(1, "limiquantix-desktop, is not installed")
	p.env = []string{"DISPLAY=", "WAYLAND_DISPLAY="}
	p.fails(1, "there is no display", "open")
	p.fails(1, "limiquantix serve", "demo", "--window")
	if out := p.run(); !strings.Contains(out, "Available Commands") {
		t.Errorf("without arguments and display it says %q", out)
	}
}

// TestWindowAlone runs the tests that need the window's build tag: what the web
// view does with a page that wants to get out.
func TestWindowAlone(t *testing.T) {
	c := exec.CommandContext(t.Context(), "go", "test", "-tags", windowTags, "-count=1", "-vet=off", "-timeout=10m", "../app/desktop")
	c.Env = append(os.Environ(), "CGO_ENABLED=1", "DISPLAY="+display(t), "WAYLAND_DISPLAY=", "DBUS_SESSION_BUS_ADDRESS=", "NO_AT_BRIDGE=1")
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("go test: %v\n%s", err, out)
	}
}
