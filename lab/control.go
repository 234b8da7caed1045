//go:build linux

package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/limiquantix/limiquantix/core"
)

// request is what a lab's supervisor is asked over its socket: one JSON value
// a connection, answered by one response.
type request struct {
	Op   string      `json:"op"` // state, add, remove, fault, rtt, down
	Host string      `json:"host,omitempty"`
	Spec HostOptions `json:"spec,omitzero"`
	// Number of the host to add; 0 is any.
	Number int           `json:"number,omitempty"`
	Fault  Fault         `json:"fault,omitempty"`
	RTT    time.Duration `json:"rtt,omitempty"`
}

type response struct {
	Error *wireError `json:"error,omitempty"`
	State *State     `json:"state,omitempty"`
	Added string     `json:"added,omitempty"` // the new host's name
}

// wireError is a [core.Error] without its cause, which is text by then.
type wireError struct {
	Code    core.Code `json:"code"`
	Message string    `json:"message"`
	Hint    string    `json:"hint,omitempty"`
}

func toWire(err error) *wireError {
	if err == nil {
		return nil
	}
	e := core.AsError(err)
	return &wireError{e.Code, e.Message, e.Hint}
}

func (e *wireError) err() error {
	if e == nil {
		return nil
	}
	return &core.Error{Code: e.Code, Message: e.Message, Hint: e.Hint}
}

func controlSocket(name string) string { return filepath.Join(runDir(name), "control.sock") }

// errNoSupervisor says that nobody answers for the lab.
var errNoSupervisor = errors.New("the lab has no supervisor")

// dialControl connects to a lab's supervisor: errNoSupervisor when it is dead,
// a [core.NotFound] when there is no such lab.
func dialControl(ctx context.Context, name string) (*net.UnixConn, error) {
	c, err := new(net.Dialer).DialContext(ctx, "unix", controlSocket(name))
	if errors.Is(err, unix.ECONNREFUSED) || errors.Is(err, os.ErrNotExist) {
		if _, err := os.Stat(runDir(name)); errors.Is(err, os.ErrNotExist) {
			return nil, core.Errorf(core.NotFound, "there is no lab %q", name).
				WithHint("limiquantix lab list shows the labs")
		}
		return nil, errNoSupervisor
	}
	if err != nil {
		return nil, fmt.Errorf("reach the lab %s: %w", name, err)
	}
	return c.(*net.UnixConn), nil
}

// ask sends one request and waits for its answer.
func ask(ctx context.Context, name string, r request) (response, error) {
	c, err := dialControl(ctx, name)
	if errors.Is(err, errNoSupervisor) {
		return response{}, core.Errorf(core.Conflict, "the lab %q is dead: its supervisor was killed", name).
			WithHint("limiquantix lab down --name %s clears it away", name)
	}
	if err != nil {
		return response{}, err
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := json.NewEncoder(c).Encode(r); err != nil {
		return response{}, fmt.Errorf("ask the lab to %s: %w", r.Op, err)
	}
	var answer response
	if err := json.NewDecoder(c).Decode(&answer); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return response{}, fmt.Errorf("ask the lab to %s: %w", r.Op, err)
	}
	return answer, answer.Error.err()
}

// listenControl makes the socket. Only root may reach it: its directory is 0700.
func listenControl(name string) (*net.UnixListener, error) {
	path := controlSocket(name)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
}

// answerAll serves requests until l is closed; each handler runs on its own.
func answerAll(l *net.UnixListener, run func(func()), handle func(request) response) {
	for {
		c, err := l.AcceptUnix()
		if err != nil {
			return
		}
		run(func() {
			defer c.Close()
			// One who says nothing must not hold up the lab's end.
			c.SetReadDeadline(time.Now().Add(10 * time.Second))
			var r request
			if json.NewDecoder(c).Decode(&r) == nil {
				json.NewEncoder(c).Encode(handle(r))
			}
		})
	}
}
