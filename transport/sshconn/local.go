package sshconn

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/limiquantix/limiquantix/core"
)

// Local is this machine as a host: the methods of [Client] without SSH. Its
// connection never ends by itself.
type Local struct {
	facts facts
	route routeMemory
	end   sync.Once
	done  chan struct{}
}

// NewLocal returns this machine.
func NewLocal() *Local { return &Local{done: make(chan struct{})} }

// Done is closed by Close.
func (l *Local) Done() <-chan struct{} { return l.done }

// Err is nil, or [core.Canceled] after Close.
func (l *Local) Err() error {
	if isClosed(l.done) {
		return core.Errorf(core.Canceled, "the local host was closed")
	}
	return nil
}

// Close makes Done report the end. It ends no command.
func (l *Local) Close() error {
	l.end.Do(func() { close(l.done) })
	return nil
}

// Target returns the name "local".
func (l *Local) Target() Target { return Target{Alias: "local", Host: "local"} }

// HostKey is empty: nothing has to be proved.
func (l *Local) HostKey() HostKey { return HostKey{} }

// Stats is zero: nothing is sent.
func (l *Local) Stats() Stats { return Stats{} }

// Run is [Client.Run] on this machine.
func (l *Local) Run(ctx context.Context, cmd Command) (Result, error) { return run(ctx, cmd, l.Start) }

// Start is [Client.Start] on this machine, without terminals.
func (l *Local) Start(_ context.Context, cmd Command) (*Process, error) {
	if cmd.Terminal != nil {
		return nil, core.Errorf(core.Unsupported, "there are no terminals for the local host").
			WithHint("use a terminal of this machine")
	}
	if _, err := cmd.line(true); err != nil { // the same limits as over SSH
		return nil, err
	}
	words := cmd.words(os.Geteuid() == 0)
	c := exec.Command(words[0], words[1:]...)
	ownGroup(c)
	c.WaitDelay = time.Second // a grandchild may keep the pipes open
	stdin, err1 := c.StdinPipe()
	stdout, err2 := c.StdoutPipe()
	stderr, err3 := c.StderrPipe()
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, core.Errorf(core.Internal, "make pipes: %w", err)
	}
	if err := c.Start(); err != nil {
		// As a shell reports it: 127, so that callers see one behaviour on every host.
		return failedStart(err), nil
	}
	var once sync.Once
	var exit int
	return &Process{
		Stdin: stdin, Stdout: stdout, Stderr: stderr,
		wait: func() (int, error) {
			once.Do(func() { c.Wait(); exit = exitStatus(c.ProcessState) })
			return exit, nil
		},
		close: func() {
			killGroup(c)
			stdout.Close()
			stderr.Close()
		},
	}, nil
}

func exitStatus(state *os.ProcessState) int {
	if status, ok := state.Sys().(interface {
		Signaled() bool
		Signal() syscall.Signal
	}); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}

// failedStart is the process of a program that is not there (127) or not
// executable (126).
func failedStart(err error) *Process {
	status := 127
	if errors.Is(err, os.ErrPermission) {
		status = 126
	}
	return &Process{
		Stdin: discarded{}, Stdout: strings.NewReader(""), Stderr: strings.NewReader(err.Error() + "\n"),
		wait:  func() (int, error) { return status, nil },
		close: func() {},
	}
}

type discarded struct{}

func (discarded) Write(p []byte) (int, error) { return len(p), nil }
func (discarded) Close() error                { return nil }

// Rights is [Client.Rights] for this process.
func (l *Local) Rights(ctx context.Context) (Rights, error) { return l.facts.get(ctx, l) }

// DialTCP connects to host:port.
func (l *Local) DialTCP(ctx context.Context, addr string) (net.Conn, error) {
	if _, _, err := splitHostPort(addr); err != nil {
		return nil, err
	}
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, dialError(ctx, addr, err)
	}
	return c, nil
}

// DialUnix connects to a unix socket.
//
// Errors: [core.NotFound], [core.Denied], [core.Unreachable] when nobody listens on it.
func (l *Local) DialUnix(ctx context.Context, path string) (net.Conn, error) {
	c, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
	switch {
	case err == nil:
		return c, nil
	case errors.Is(err, os.ErrNotExist):
		return nil, core.Errorf(core.NotFound, "there is no socket %s", core.Escape(path))
	case errors.Is(err, os.ErrPermission):
		return nil, core.Errorf(core.Denied, "this user may not open the socket %s", core.Escape(path))
	}
	return nil, dialError(ctx, path, err)
}

// DialLibvirt connects to this machine's libvirt; see [Client.DialLibvirt]. It
// uses sockets only.
func (l *Local) DialLibvirt(ctx context.Context, uri string) (net.Conn, error) {
	uri, sockets, err := libvirtSockets(uri)
	if err != nil {
		return nil, err
	}
	if len(sockets) == 0 {
		sockets = []string{os.Getenv("XDG_RUNTIME_DIR") + "/libvirt/libvirt-sock", os.Getenv("XDG_RUNTIME_DIR") + "/libvirt/virtqemud-sock"}
	}
	var last error
	for _, socket := range sockets {
		conn, err := l.DialUnix(ctx, socket)
		if err == nil {
			l.route.set(uri, &route{socket: socket})
			return conn, nil
		}
		if core.CodeOf(err) == core.Denied {
			return nil, core.Errorf(core.Denied, "this user may not use libvirt here").WithHint("usermod -aG libvirt USER, and log in again")
		}
		last = err
	}
	if core.CodeOf(last) == core.NotFound {
		return nil, core.Errorf(core.Unreachable, "no libvirt runs on this machine: its sockets are missing").
			WithHint("start it, or install libvirt-daemon-system (Debian) or libvirt (Fedora)")
	}
	return nil, last
}

// Route is [Client.Route].
func (l *Local) Route() string { return l.route.String() }
