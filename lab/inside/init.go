//go:build linux

package inside

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/limiquantix/limiquantix/lab/self"
)

// service is a daemon that a host's first process keeps running, as systemd
// does with Restart=on-failure.
type service struct {
	argv    []string
	wanted  bool
	pid     int // 0 when not running
	started time.Time
}

// initProcess is PID 1 of a host: it reaps what is orphaned and keeps the daemons
// running. One goroutine does it all, so nothing is locked.
type initProcess struct {
	log      *slog.Logger
	services map[string]*service
	restart  chan string // names of services whose pause is over
}

// order is that in which the services start: sshd last, as it is what the
// outside waits for.
func order() []string { return []string{"virtlogd", "libvirtd", "sshd"} }

// Init is the second half of a host's first process; see [Build]. It returns
// only when the supervisor is gone.
func Init() error {
	talk := newServer(self.Inherited(0, "supervisor"))
	self.Hold(1) // the lab's lock
	p := &initProcess{
		log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
		services: map[string]*service{
			"virtlogd": {argv: []string{"/usr/sbin/virtlogd"}},
			"libvirtd": {argv: []string{"/usr/sbin/libvirtd"}},
			"sshd":     {argv: []string{"/usr/sbin/sshd", "-D", "-e"}},
		},
		restart: make(chan string, 16),
	}
	children := make(chan os.Signal, 1)
	signal.Notify(children, unix.SIGCHLD)
	requests := make(chan Request)
	go func() { // ends with the process
		for {
			var r Request
			if err := talk.read(&r); err != nil {
				close(requests)
				return
			}
			requests <- r
		}
	}()
	if err := talk.reply(p.startAll()); err != nil {
		return err
	}
	for {
		select {
		case <-children:
			p.reap()
		case name := <-p.restart:
			if s := p.services[name]; s.wanted && s.pid == 0 {
				p.start(name)
			}
		case r, ok := <-requests:
			if !ok {
				return errors.New("the supervisor is gone")
			}
			if err := talk.reply(p.do(r)); err != nil {
				return err
			}
		}
	}
}

func (p *initProcess) startAll() error {
	for _, name := range order() {
		if p.services[name].pid == 0 {
			if err := p.start(name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *initProcess) start(name string) error {
	s := p.services[name]
	s.wanted, s.started = true, time.Now()
	null, err := os.OpenFile("/dev/null", os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	log, err := os.OpenFile(filepath.Join("/var/log", name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
	if err != nil {
		return err
	}
	defer log.Close()
	// Not os/exec: its Wait and reap would take each other's children.
	s.pid, err = syscall.ForkExec(s.argv[0], s.argv, &syscall.ProcAttr{
		Dir: "/", Env: []string{"PATH=" + Path, "HOME=/root", "LANG=C.UTF-8"},
		Files: []uintptr{null.Fd(), log.Fd(), log.Fd()},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		s.pid = 0
		return fmt.Errorf("start %s: %w", name, err)
	}
	return nil
}

// reap collects all children that ended and starts services again that should
// run: at once, or after a second when they end as soon as they start.
func (p *initProcess) reap() {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil || pid <= 0 {
			return
		}
		for name, s := range p.services {
			if s.pid != pid {
				continue
			}
			s.pid = 0
			p.log.Info("service ended", "service", name, "status", int(status), "wanted", s.wanted)
			wait := 100 * time.Millisecond
			if time.Since(s.started) < 2*time.Second {
				wait = time.Second
			}
			time.AfterFunc(wait, func() { p.restart <- name })
		}
	}
}

func (p *initProcess) do(r Request) error {
	switch r.Op {
	case "hosts":
		return os.WriteFile("/etc/hosts", []byte(r.Text), 0o644)
	case "heal":
		return p.heal()
	}
	s := p.services[r.Service]
	if s == nil {
		return fmt.Errorf("no service %q", r.Service)
	}
	switch r.Op {
	case "stop":
		s.wanted = false
		return p.stop(r.Service)
	case "crash":
		return p.signal(r.Service, unix.SIGKILL)
	case "freeze":
		return p.signal(r.Service, unix.SIGSTOP)
	}
	return fmt.Errorf("unknown request %q", r.Op)
}

func (p *initProcess) heal() error {
	for _, name := range order() {
		if p.services[name].pid != 0 {
			if err := p.signal(name, unix.SIGCONT); err != nil {
				return err
			}
		}
	}
	return p.startAll()
}

// signal sends sig to a service's own process.
func (p *initProcess) signal(name string, sig syscall.Signal) error {
	pid := p.services[name].pid
	if pid == 0 {
		return fmt.Errorf("%s does not run", name)
	}
	return unix.Kill(pid, sig)
}

// stop ends a service and returns when it has ended. sshd's sessions are processes of the same
// name and end with it.
func (p *initProcess) stop(name string) error {
	s := p.services[name]
	deadline := time.Now().Add(10 * time.Second)
	for s.pid != 0 || name == "sshd" && len(processesNamed(name)) > 0 {
		sig := unix.SIGTERM
		if name == "sshd" || time.Now().After(deadline) {
			sig = unix.SIGKILL
		}
		if s.pid != 0 {
			unix.Kill(s.pid, unix.SIGCONT) // it may be frozen
			unix.Kill(s.pid, sig)
		}
		if name == "sshd" {
			for _, pid := range processesNamed(name) {
				unix.Kill(pid, unix.SIGKILL)
			}
		}
		time.Sleep(10 * time.Millisecond)
		p.reap()
	}
	return nil
}

func processesNamed(name string) []int {
	var pids []int
	dirs, _ := filepath.Glob("/proc/[0-9]*/comm")
	for _, path := range dirs {
		comm, err := readSmall(path)
		pid, perr := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err == nil && perr == nil && strings.TrimSpace(comm) == name {
			pids = append(pids, pid)
		}
	}
	return pids
}

func readSmall(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 4096))
	return string(b), err
}
