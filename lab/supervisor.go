//go:build linux

package lab

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/lab/inside"
	"github.com/limiquantix/limiquantix/lab/self"
)

// The files that [Up] passes to the supervisor, in this order.
const (
	fileLock  = iota // the lock of the lab's directory
	fileSlot         // the claim of the slot
	fileNetns        // the network namespace of the machine, as Up saw it
	fileReady        // a pipe: one JSON response when the lab is there
	fileOwner        // a pipe that ends with the owner; only when Bound
)

// supervisor owns what a lab consists of: the fabric, the hosts and the way to
// them. There is one process of it a lab, in network and mount namespaces of
// its own: whatever it makes there goes when it goes.
type supervisor struct {
	record
	log   *slog.Logger
	lock  *os.File
	netns *os.File
	spawn thread
	rtt   atomic.Int64
	// authorizedKey is the public half of the lab's identity.
	authorizedKey string
	down          context.CancelFunc
	requests      sync.WaitGroup

	mu    sync.Mutex // guards hosts
	hosts map[string]*host
}

func runSupervisor(name string) error {
	s := &supervisor{
		log:   slog.New(slog.NewTextHandler(os.Stderr, nil)),
		lock:  self.Inherited(fileLock, "lock"),
		netns: self.Inherited(fileNetns, "netns"),
		spawn: startThread(),
		hosts: map[string]*host{},
	}
	self.Hold(fileSlot)
	ready := self.Inherited(fileReady, "ready")
	ctx, down := signal.NotifyContext(context.Background(), unix.SIGTERM, unix.SIGINT)
	s.down = down
	listener, err := s.setUp(ctx, name)
	json.NewEncoder(ready).Encode(response{Error: toWire(err)})
	ready.Close()
	if err != nil {
		return err
	}
	if s.Options.Bound {
		owner := self.Inherited(fileOwner, "owner")
		go func() { // ends with the process at the latest
			io.Copy(io.Discard, owner)
			s.log.Info("the process that asked for this lab has ended")
			down()
		}()
	}
	served := make(chan struct{})
	go func() {
		answerAll(listener, s.requests.Go, s.handle)
		close(served)
	}()
	<-ctx.Done()
	listener.Close()
	<-served
	s.requests.Wait()
	return s.tearDown(name)
}

func (s *supervisor) setUp(ctx context.Context, name string) (*net.UnixListener, error) {
	r, err := loadRecord(name)
	if err != nil {
		return nil, err
	}
	s.record = r
	// Nothing mounted here may reach the machine, nor the other way round.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return nil, fmt.Errorf("make mounts private: %w", err)
	}
	for _, d := range []string{s.systemDir(), r.diskDir()} {
		if err := os.MkdirAll(d, 0o711); err != nil {
			return nil, fmt.Errorf("make the lab's directories: %w", err)
		}
	}
	if err := unix.Mount("limiquantix-lab", s.systemDir(), "tmpfs", 0, "mode=0711,size=4g"); err != nil {
		return nil, fmt.Errorf("mount the hosts' system files: %w", err)
	}
	if d := r.sharedDir(); d != "" {
		if err := os.MkdirAll(d, 0o777); err != nil {
			return nil, fmt.Errorf("make the shared directory: %w", err)
		}
		os.Chmod(d, 0o1777) // despite the umask: QEMU runs as its own user
	}
	if s.authorizedKey, err = makeIdentity(ctx, runDir(name)); err != nil {
		return nil, err
	}
	if err := makeFabric(ctx); err != nil {
		return nil, err
	}
	return listenControl(name)
}

// systemDir holds the hosts' system files: a tmpfs that only the supervisor sees.
func (s *supervisor) systemDir() string { return filepath.Join(runDir(s.Options.Name), "system") }

func (s *supervisor) tearDown(name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s.log.Info("going down")
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range s.hosts {
		if err := h.remove(ctx); err != nil {
			s.log.Warn("a host resists", "host", h.Name, "error", err)
		}
	}
	// Detached, so that the directory below can be removed.
	unix.Unmount(s.systemDir(), unix.MNT_DETACH)
	if err := sweep(ctx, name); err != nil {
		return err
	}
	return removeState(name)
}

// handle carries out one request. Its time is bounded here: the asker may be gone.
func (s *supervisor) handle(r request) response {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	var err error
	var added string
	switch r.Op {
	case "state":
	case "add":
		added, err = s.add(ctx, r.Spec, r.Number)
	case "remove":
		err = s.remove(ctx, r.Host)
	case "fault":
		var h *host
		if h, err = s.host(r.Host); err == nil {
			err = h.fault(ctx, r.Fault)
		}
	case "rtt":
		s.rtt.Store(int64(r.RTT))
	case "down":
		s.down()
		return response{}
	default:
		err = core.Errorf(core.Invalid, "the lab does not know how to %q", r.Op)
	}
	if err != nil {
		s.log.Warn(r.Op, "host", r.Host+r.Spec.Name, "error", err)
		return response{Error: toWire(err)}
	}
	return response{State: s.state(), Added: added}
}

func (s *supervisor) host(name string) (*host, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.hosts[name]; h != nil {
		return h, nil
	}
	return nil, s.noHost(name)
}

func (s *supervisor) noHost(name string) error {
	return noHost(s.Options.Name, name, slices.Sorted(maps.Keys(s.hosts)))
}

func noHost(lab, name string, names []string) error {
	return core.Errorf(core.NotFound, "the lab %q has no host %s", lab, core.Printable(name, 40)).
		WithHint("its hosts are: %s", strings.Join(names, ", "))
}

func (s *supervisor) add(ctx context.Context, spec HostOptions, number int) (string, error) {
	h, err := s.reserve(spec, number)
	if err != nil {
		return "", err
	}
	if err := h.create(ctx); err != nil {
		s.mu.Lock()
		delete(s.hosts, h.Name)
		s.mu.Unlock()
		return "", fmt.Errorf("start host %s: %w", h.Name, errWithCleanup(err, h.remove(context.WithoutCancel(ctx))))
	}
	return h.Name, s.introduce(ctx)
}

func errWithCleanup(err, cleanup error) error {
	if cleanup == nil {
		return err
	}
	return fmt.Errorf("%w (and clearing it away: %s)", err, cleanup)
}

// reserve enters a host under its name and number; number 0 is the lowest free.
func (s *supervisor) reserve(spec HostOptions, number int) (*host, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := map[int]bool{}
	for _, h := range s.hosts {
		taken[h.number] = true
	}
	for n := 1; number == 0 && n <= maxHosts; n++ {
		if !taken[n] && (spec.Name != "" || s.hosts[defaultHostName(n)] == nil) {
			number = n
		}
	}
	if number == 0 || taken[number] {
		return nil, core.Errorf(core.Conflict, "the lab has no room for one more host: it holds %d", maxHosts)
	}
	if spec.Name == "" {
		spec.Name = defaultHostName(number)
	}
	spec, err := spec.complete()
	if err != nil {
		return nil, err
	}
	if s.hosts[spec.Name] != nil {
		return nil, core.Errorf(core.Exists, "the lab %q already has a host %s", s.Options.Name, spec.Name)
	}
	h := newHost(s, spec, number)
	s.hosts[spec.Name] = h
	return h, nil
}

func defaultHostName(number int) string { return fmt.Sprintf("kvm%d", number) }

func (s *supervisor) remove(ctx context.Context, name string) error {
	s.mu.Lock()
	h := s.hosts[name]
	if h == nil {
		defer s.mu.Unlock()
		return s.noHost(name)
	}
	delete(s.hosts, name)
	s.mu.Unlock()
	if err := h.remove(ctx); err != nil {
		return fmt.Errorf("remove host %s: %w", name, err)
	}
	return s.introduce(ctx)
}

// all returns the hosts by number.
func (s *supervisor) all() []*host {
	s.mu.Lock()
	defer s.mu.Unlock()
	hosts := make([]*host, 0, len(s.hosts))
	for _, h := range s.hosts {
		hosts = append(hosts, h)
	}
	sort.Slice(hosts, func(i, j int) bool { return hosts[i].number < hosts[j].number })
	return hosts
}

// introduce tells every host the names of all, and writes the files by which
// ssh finds them from the machine.
func (s *supervisor) introduce(ctx context.Context) error {
	hosts := s.all()
	names := hostsFile(hosts)
	for _, h := range hosts {
		if err := h.tell(ctx, inside.Request{Op: "hosts", Text: names}); err != nil {
			s.log.Warn("names not told", "host", h.Name, "error", err)
		}
	}
	return writeSSHFiles(s.Options.Name, s.state())
}

func (s *supervisor) state() *State {
	dir := runDir(s.Options.Name)
	st := &State{
		Name: s.Options.Name, Slot: s.Slot, Running: true, Supervisor: os.Getpid(), RTT: time.Duration(s.rtt.Load()),
		Identity: filepath.Join(dir, identityFile), KnownHosts: filepath.Join(dir, "known_hosts"),
		SSHConfig: filepath.Join(dir, "ssh_config"), Shared: s.sharedDir(), Hosts: []Host{},
	}
	for _, h := range s.all() {
		st.Hosts = append(st.Hosts, h.view(st.Identity))
	}
	return st
}
