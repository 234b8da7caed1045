//go:build linux

package lab_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/lab"
)

// traces are what identifies a lab's share of the machine while it is up, so
// that other labs beside it do not disturb the check.
type traces struct {
	name       string
	namespaces map[string]bool // "net:[4026532201]"
	sockets    []string        // inodes, as in /proc/net: a slot is another lab's soon
}

// trace looks at a lab that is up.
func trace(t *testing.T, l *lab.Lab) traces {
	t.Helper()
	st, err := l.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tr := traces{name: st.Name, namespaces: map[string]bool{}}
	pids := []int{st.Supervisor}
	for _, h := range st.Hosts {
		pids = append(pids, h.PID)
	}
	for _, pid := range pids {
		for _, kind := range []string{"net", "mnt", "pid", "uts", "ipc"} {
			own, _ := os.Readlink("/proc/self/ns/" + kind)
			if ns, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/%s", pid, kind)); err == nil && ns != own {
				tr.namespaces[ns] = true
			}
		}
	}
	fds, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", st.Supervisor))
	for _, fd := range fds {
		if to, err := os.Readlink(fd); err == nil && strings.HasPrefix(to, "socket:[") {
			tr.sockets = append(tr.sockets, " "+strings.Trim(to, "socket:[]")+" ")
		}
	}
	claim := tr.lines("/proc/thread-self/net/unix", fmt.Sprintf("@limiquantix-lab/slot/%d\n", st.Slot))
	if len(claim) != 1 || !slices.Contains(tr.sockets, " "+strings.Fields(claim[0])[7]+" ") {
		t.Fatalf("the lab does not hold its slot %d: %q", st.Slot, claim)
	}
	if len(tr.remains()) < 5 {
		t.Fatalf("the check sees too little of a lab that is up: %q", tr.remains())
	}
	return tr
}

// gone waits until nothing is left. Network namespaces and loop devices are
// taken down by the kernel a moment after their last process.
func (tr traces) gone(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		left := tr.remains()
		if len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("left behind:\n%s", strings.Join(left, "\n"))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// remains lists what there is of the lab on the machine.
func (tr traces) remains() []string {
	var left []string
	add := func(what, which string) { left = append(left, what+" "+which) }
	// Only namespaces that are not ours are in the set, so no process of
	// another program can be in one.
	links, _ := filepath.Glob("/proc/[0-9]*/ns/*")
	for _, link := range links {
		if ns, err := os.Readlink(link); err == nil && tr.namespaces[ns] {
			cmdline, _ := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(link)), "cmdline"))
			add("process", link+" "+string(cmdline))
		}
	}
	for _, dir := range []string{"/run/limiquantix-lab/" + tr.name, "/var/lib/limiquantix-lab/" + tr.name} {
		if _, err := os.Stat(dir); err == nil {
			add("directory", dir)
		}
	}
	loops, _ := filepath.Glob("/sys/block/loop*/loop/backing_file")
	for _, loop := range loops {
		if file, err := os.ReadFile(loop); err == nil && strings.Contains(string(file), "/"+tr.name+"/") {
			add("loop device", string(file))
		}
	}
	filepath.WalkDir("/sys/fs/cgroup", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && strings.HasSuffix(path, "/limiquantix-lab/"+tr.name) {
			add("cgroup", path)
		}
		return nil
	})
	for _, inode := range tr.sockets {
		left = append(left, tr.lines("/proc/thread-self/net/tcp", inode)...)
		left = append(left, tr.lines("/proc/thread-self/net/unix", inode)...)
	}
	left = append(left, tr.lines("/proc/self/mountinfo", "/"+tr.name+"/")...)
	return left
}

func (tr traces) lines(file, with string) []string {
	b, _ := os.ReadFile(file)
	var found []string
	for line := range strings.Lines(string(b)) {
		if strings.Contains(line, with) {
			found = append(found, file+": "+strings.TrimSpace(line))
		}
	}
	return found
}
