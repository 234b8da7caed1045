//go:build linux

package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/lab/inside"
	"github.com/limiquantix/limiquantix/lab/self"
)

// Lab is a lab that is up. Its methods may be called concurrently, and by
// several processes at once.
type Lab struct {
	name string
	// The supervisor when this process started it: somebody must wait for it.
	child *exec.Cmd
	// The pipe whose end is the end of a bound lab.
	owner *os.File
}

// Up makes a lab and returns when all of its hosts answer. What a dead lab of
// the same name left is cleared away first. On error nothing is left. The main
// program must call [Reexec].
//
// Errors: [core.Exists] when a lab of that name is up, [core.Denied] without
// root, [core.Unsupported] when programs are missing (the hint says what to
// install), [core.Invalid] for options that make no sense.
func Up(ctx context.Context, o Options) (*Lab, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	if err := checkMachine(); err != nil {
		return nil, err
	}
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	l, err := start(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("start the lab %s: %w", o.Name, err)
	}
	if err := l.addAll(ctx, o, log); err != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		if derr := l.Down(ctx); derr != nil {
			log.Warn("the lab was not cleared away", "error", derr)
		}
		return nil, err
	}
	return l, nil
}

// start claims a name and a slot and starts the supervisor.
func start(ctx context.Context, o Options) (*Lab, error) {
	lock, err := claimName(o.Name)
	if errors.Is(err, errHeld) {
		return nil, core.Errorf(core.Exists, "a lab named %q is up", o.Name).
			WithHint("use it, take another --name, or: limiquantix lab down --name %s", o.Name)
	}
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	giveUp := func(err error) (*Lab, error) {
		if serr := errors.Join(sweep(context.WithoutCancel(ctx), o.Name), removeState(o.Name)); serr != nil {
			err = fmt.Errorf("%w (and clearing away: %s)", err, serr)
		}
		return nil, err
	}
	if err := sweep(ctx, o.Name); err != nil {
		return nil, fmt.Errorf("clear away the dead lab of this name: %w", err)
	}
	slot, claim, err := claimSlot()
	if err != nil {
		return giveUp(err)
	}
	defer claim.Close()
	if err := (record{Options: o, Slot: slot, Cgroups: cgroupBases()}).save(); err != nil {
		return giveUp(fmt.Errorf("write the lab's record: %w", err))
	}
	l, err := startSupervisor(ctx, o, lock, claim)
	if err != nil {
		return giveUp(err)
	}
	return l, nil
}

func startSupervisor(ctx context.Context, o Options, lock, claim *os.File) (*Lab, error) {
	// By /proc/thread-self: what this thread sees, wherever its process is.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	netns, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return nil, err
	}
	defer netns.Close()
	logFile, err := os.OpenFile(filepath.Join(runDir(o.Name), supervisorLog), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer logFile.Close()
	readyR, readyW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer readyR.Close()
	defer readyW.Close()
	files := []*os.File{fileLock: lock, fileSlot: claim, fileNetns: netns, fileReady: readyW}
	l := &Lab{name: o.Name}
	if o.Bound {
		ownerR, ownerW, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		defer ownerR.Close()
		files, l.owner = append(files, ownerR), ownerW
	}
	l.child = &exec.Cmd{
		Path: self.Exe, Args: []string{self.ArgZero(roleSupervisor, o.Name)}, Env: []string{"PATH=" + inside.Path, "HOME=/root"}, Dir: "/",
		Stdout: logFile, Stderr: logFile, ExtraFiles: files,
		SysProcAttr: &syscall.SysProcAttr{Setsid: true, Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS},
	}
	if err := l.child.Start(); err != nil {
		return nil, fmt.Errorf("start the supervisor: %w", err)
	}
	readyW.Close()
	var ready response
	stop := context.AfterFunc(ctx, func() { l.child.Process.Kill() })
	defer stop()
	err = json.NewDecoder(readyR).Decode(&ready)
	if err == nil {
		err = ready.Error.err()
	} else {
		said, _ := os.ReadFile(logFile.Name())
		err = fmt.Errorf("the supervisor ended: %w: %s", err, bytes.TrimSpace(said))
	}
	if err != nil {
		l.child.Process.Kill()
		l.child.Wait()
		return nil, err
	}
	return l, nil
}

// addAll starts the hosts of the options, as many at once as there are CPUs.
func (l *Lab) addAll(ctx context.Context, o Options, log *slog.Logger) error {
	specs := make([]HostOptions, 0, o.Hosts+len(o.More))
	for i := range o.Hosts {
		h := o.Each
		h.Name = defaultHostName(i + 1)
		specs = append(specs, h)
	}
	specs = append(specs, o.More...)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	slots := make(chan struct{}, max(2, runtime.NumCPU()))
	var all sync.WaitGroup
	for i, spec := range specs {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			began := time.Now()
			if _, err := ask(ctx, l.name, request{Op: "add", Spec: spec, Number: i + 1}); err != nil {
				cancel(err)
				return
			}
			log.Info("host is up", "host", spec.Name, "took", time.Since(began).Round(time.Millisecond))
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

// Open returns a lab that was made before, perhaps by another process.
//
// Errors: [core.NotFound] when there is none of that name, [core.Conflict]
// when it is dead and only [Remove] can help.
func Open(ctx context.Context, name string) (*Lab, error) {
	if err := checkName("lab", name); err != nil {
		return nil, err
	}
	if _, err := ask(ctx, name, request{Op: "state"}); err != nil {
		return nil, err
	}
	return &Lab{name: name}, nil
}

// List returns all labs of the machine by name, dead ones too; nil when there
// are none.
func List(ctx context.Context) ([]State, error) {
	entries, err := os.ReadDir(runRoot)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if errors.Is(err, os.ErrPermission) {
		return nil, core.Errorf(core.Denied, "only root may see the labs").WithHint("run it with sudo")
	}
	if err != nil {
		return nil, fmt.Errorf("list labs: %w", err)
	}
	var labs []State
	for _, e := range entries {
		a, err := ask(ctx, e.Name(), request{Op: "state"})
		switch core.CodeOf(err) {
		case "":
			labs = append(labs, *a.State)
		case core.NotFound: // went down meanwhile
		case core.Conflict:
			labs = append(labs, State{Name: e.Name(), Slot: -1, Hosts: []Host{}})
		default:
			return nil, err
		}
	}
	return labs, nil
}

// Name returns the lab's name.
func (l *Lab) Name() string { return l.name }

// State returns what the lab is now.
func (l *Lab) State(ctx context.Context) (State, error) {
	a, err := ask(ctx, l.name, request{Op: "state"})
	if err != nil {
		return State{}, err
	}
	return *a.State, nil
}

// Hosts returns the lab's hosts by number.
func (l *Lab) Hosts(ctx context.Context) ([]Host, error) {
	st, err := l.State(ctx)
	return st.Hosts, err
}

// Host returns one host.
//
// Errors: [core.NotFound], with the names there are in the hint.
func (l *Lab) Host(ctx context.Context, name string) (Host, error) {
	hosts, err := l.Hosts(ctx)
	if err != nil {
		return Host{}, err
	}
	var names []string
	for _, h := range hosts {
		if h.Name == name {
			return h, nil
		}
		names = append(names, h.Name)
	}
	return Host{}, noHost(l.name, name, names)
}

// AddHost starts one more host and returns when it answers.
//
// Errors: [core.Exists], [core.Invalid].
func (l *Lab) AddHost(ctx context.Context, o HostOptions) (Host, error) {
	a, err := ask(ctx, l.name, request{Op: "add", Spec: o})
	if err != nil {
		return Host{}, err
	}
	return l.Host(ctx, a.Added)
}

// RemoveHost ends a host and deletes its disk.
//
// Errors: [core.NotFound].
func (l *Lab) RemoveHost(ctx context.Context, name string) error {
	_, err := ask(ctx, l.name, request{Op: "remove", Host: name})
	return err
}

// SetRTT sets the round-trip time between the machine and every host, for open
// connections too. It delays and does not throttle; between the hosts there is none.
func (l *Lab) SetRTT(ctx context.Context, rtt time.Duration) error {
	if rtt < 0 || rtt > time.Minute {
		return core.Errorf(core.Invalid, "a round trip takes 0 to 60 s, not %s", rtt)
	}
	_, err := ask(ctx, l.name, request{Op: "rtt", RTT: rtt})
	return err
}

// Fault does something bad to a host, or with [Heal] undoes all that was done.
// It returns when the fault is in force, or the host answers again.
//
// Errors: [core.NotFound], [core.Invalid]; [core.Conflict] when the host has
// no power.
func (l *Lab) Fault(ctx context.Context, host string, f Fault) error {
	_, err := ask(ctx, l.name, request{Op: "fault", Host: host, Fault: f})
	return err
}
