//go:build linux

package lab

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/limiquantix/limiquantix/lab/inside"
	"github.com/limiquantix/limiquantix/lab/self"
	"github.com/limiquantix/limiquantix/lab/wire"
)

// host is one host as its supervisor holds it.
type host struct {
	HostOptions
	number  int
	lab     *supervisor
	cable   *wire.Cable
	keys    hostKeys
	disk    disk
	proxy   *wire.Proxy
	address string

	mu      sync.Mutex // one act on a host at a time
	machine *machine   // nil without power
	faults  []Fault
}

// machine is a host that has power.
type machine struct {
	cmd     *exec.Cmd
	talk    *inside.Client
	cgroups []string
	ended   chan struct{} // closed when PID 1 was reaped
}

func newHost(s *supervisor, spec HostOptions, number int) *host {
	return &host{HostOptions: spec, number: number, lab: s, cable: wire.NewCable(&s.rtt)}
}

func (h *host) inside() string { return fabricPrefix + strconv.Itoa(firstAddress+h.number) }

func (h *host) dir(kind string) string {
	return filepath.Join(runDir(h.lab.Options.Name), kind, h.Name)
}

// create makes the host's keys and disk, powers it on and opens the way to it.
func (h *host) create(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var err error
	if h.keys, err = makeHostKeys(ctx, h.dir("keys"), h.Name, h.HostKeyTypes); err != nil {
		return err
	}
	image := filepath.Join(h.lab.diskDir(), h.Name+".img")
	if h.disk, err = makeDisk(ctx, image, filepath.Join(h.lab.systemDir(), h.Name+".disk"), h.DiskSize); err != nil {
		return err
	}
	if err := h.powerOn(ctx); err != nil {
		return err
	}
	if h.Inside {
		return nil
	}
	return h.openProxy()
}

func (h *host) openProxy() error {
	at := fmt.Sprintf("127.77.%d.%d:", h.lab.Slot, firstAddress+h.number)
	l, err := listenIn(h.lab.netns, at+"22")
	for _, other := range []string{"2222", "0"} { // the machine's own sshd is on 0.0.0.0:22
		if errors.Is(err, unix.EADDRINUSE) {
			l, err = listenIn(h.lab.netns, at+other)
		}
	}
	if err != nil {
		return fmt.Errorf("listen at the host's loopback address: %w", err)
	}
	h.address = l.Addr().String()
	h.proxy = wire.Listen(l, h.inside()+":22", h.cable)
	return nil
}

// powerOn starts PID 1 and waits until sshd and libvirtd answer.
func (h *host) powerOn(ctx context.Context) error {
	m, err := h.fork()
	if err != nil {
		return err
	}
	h.machine = m
	fail := func(err error) error {
		h.powerOff(context.WithoutCancel(ctx))
		return err
	}
	pid := m.cmd.Process.Pid
	m.cgroups = makeCgroups(h.lab.Cgroups, h.lab.Options.Name, h.Name)
	if err := joinCgroups(m.cgroups, pid); err != nil {
		return fail(err)
	}
	if err := plugIn(ctx, h.number, pid); err != nil {
		return fail(err)
	}
	if err := m.talk.Ask(ctx, h.plan()); err != nil {
		return fail(fmt.Errorf("build the host: %w%s", err, h.lastWords()))
	}
	if err := m.waitReady(ctx, h.inside()); err != nil {
		return fail(fmt.Errorf("%w%s", err, h.lastWords()))
	}
	return nil
}

// fork starts the host's first process, in namespaces of its own. It waits to
// be told what to build.
func (h *host) fork() (*machine, error) {
	ours, theirs, err := inside.SocketPair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	if err := os.MkdirAll(h.dir("log"), 0o700); err != nil {
		return nil, err
	}
	log, err := os.OpenFile(h.consoleLog(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := &exec.Cmd{
		Path: self.Exe, Args: []string{self.ArgZero(inside.RoleBuild, h.lab.Options.Name+"/"+h.Name)}, Env: []string{"PATH=" + inside.Path},
		Stdout: log, Stderr: log, ExtraFiles: []*os.File{theirs, h.lab.lock},
		SysProcAttr: &syscall.SysProcAttr{
			Setsid:    true,
			Pdeathsig: syscall.SIGKILL,
			Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC |
				syscall.CLONE_NEWPID | syscall.CLONE_NEWNET,
		},
	}
	if err := h.lab.spawn.start(cmd); err != nil {
		ours.Close()
		return nil, fmt.Errorf("start the host's first process: %w", err)
	}
	m := &machine{cmd: cmd, talk: inside.NewClient(ours), ended: make(chan struct{})}
	go func() { // ends with the host; powerOff waits for it
		cmd.Wait()
		close(m.ended)
	}()
	return m, nil
}

func (h *host) consoleLog() string { return filepath.Join(h.dir("log"), "console") }

// lastWords returns the end of the host's console for an error's text.
func (h *host) lastWords() string {
	b, err := os.ReadFile(h.consoleLog())
	if err != nil || len(b) == 0 {
		return ""
	}
	return "; the host's console says: " + string(b[max(0, len(b)-400):])
}

// waitReady returns when sshd and libvirtd answer.
func (m *machine) waitReady(ctx context.Context, inside string) error {
	libvirt := fmt.Sprintf("/proc/%d/root/run/libvirt/libvirt-sock", m.cmd.Process.Pid)
	for !answers(ctx, "unix", libvirt, false) || !answers(ctx, "tcp", inside+":22", true) {
		select {
		case <-m.ended:
			return errors.New("the host's first process ended")
		case <-ctx.Done():
			return fmt.Errorf("sshd or libvirtd did not start: %w", ctx.Err())
		case <-time.After(15 * time.Millisecond):
		}
	}
	return nil
}

func answers(ctx context.Context, network, address string, banner bool) bool {
	c, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, network, address)
	if err != nil {
		return false
	}
	defer c.Close()
	if !banner {
		return true
	}
	c.SetDeadline(time.Now().Add(2 * time.Second))
	line, err := bufio.NewReader(c).ReadString('\n')
	return err == nil && len(line) > 4 && line[:4] == "SSH-"
}

// powerOff ends everything in the host at once and returns when it is gone.
func (h *host) powerOff(ctx context.Context) error {
	m := h.machine
	if m == nil {
		return nil
	}
	// First the cables: a host without power sends no FIN for its connections.
	unplugged := unplug(ctx, h.number)
	m.cmd.Process.Kill()
	select {
	case <-m.ended:
		h.machine = nil
	case <-ctx.Done():
		return fmt.Errorf("the host's first process does not end: %w", ctx.Err())
	}
	m.talk.Close()
	if err := removeCgroups(ctx, m.cgroups); err != nil {
		return err
	}
	if unplugged != nil { // PID 1 was dead before us, and took its ends along
		h.lab.log.Info("unplug", "host", h.Name, "error", unplugged)
	}
	return nil
}

// alive says whether the host has power; one whose PID 1 was killed by
// somebody else has none.
func (h *host) alive() bool {
	if h.machine == nil {
		return false
	}
	select {
	case <-h.machine.ended:
		return false
	default:
		return true
	}
}

func (h *host) remove(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.proxy != nil {
		h.proxy.Close()
	}
	if err := h.powerOff(ctx); err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(h.lab.systemDir(), h.Name)); err != nil {
		return err
	}
	for _, kind := range []string{"keys", "log"} {
		os.RemoveAll(h.dir(kind))
	}
	if h.disk.image == "" {
		return nil
	}
	return h.disk.remove()
}

func (h *host) tell(ctx context.Context, r inside.Request) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.alive() {
		return nil
	}
	return h.machine.talk.Ask(ctx, r)
}

func (h *host) view(identity string) Host {
	h.mu.Lock()
	defer h.mu.Unlock()
	v := Host{
		Name: h.Name, Kind: Namespace, Address: h.address, Inside: h.inside(), Identity: identity,
		HostKeys: h.keys.public, Faults: append([]Fault{}, h.faults...),
		// By way of /proc, since the disk is mounted in the supervisor only.
		Images: fmt.Sprintf("/proc/%d/root%s", os.Getpid(), filepath.Join(h.disk.dir(), "images")),
		Traffic: Traffic{
			Connections: h.cable.Accepted.Load(), Open: h.cable.Open.Load(),
			ToHost: h.cable.ToHost.Load(), FromHost: h.cable.FromHost.Load(),
		},
	}
	if h.alive() {
		v.PID = h.machine.cmd.Process.Pid
	} else if !slices.Contains(v.Faults, PowerOff) {
		v.Faults = append(v.Faults, PowerOff)
	}
	return v
}
