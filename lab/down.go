//go:build linux

package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// A supervisor that does not even say yes in this time is stuck.
	patienceToAnswer = 5 * time.Second
	// patienceToEnd is how long one may take to go down by itself.
	patienceToEnd = 30 * time.Second
)

// Down ends the lab and removes everything that it made. It works on a lab
// whose processes were killed, and on one that is half down.
//
// Errors: [core.NotFound] when there is no such lab (any more).
func (l *Lab) Down(ctx context.Context) error {
	err := Remove(ctx, l.name)
	if l.child != nil {
		l.child.Wait()
	}
	if l.owner != nil {
		l.owner.Close()
	}
	return err
}

// Remove is [Lab.Down] for a lab that may be dead.
//
// Errors: [core.NotFound], [core.Invalid] for what cannot be a lab's name.
func Remove(ctx context.Context, name string) error {
	if err := checkName("lab", name); err != nil {
		return err
	}
	lock, err := quiesce(ctx, name)
	if errors.Is(err, os.ErrNotExist) { // it cleared itself away
		return nil
	}
	if err != nil {
		return fmt.Errorf("end the lab %s: %w", name, err)
	}
	defer lock.Close()
	if err := sweep(ctx, name); err != nil {
		return err
	}
	return removeState(name)
}

// quiesce asks the supervisor to go, and insists, until no process of the lab
// holds its lock any more; it returns the lock. [os.ErrNotExist] means that
// there was a lab, and it is gone with all that it had.
func quiesce(ctx context.Context, name string) (*os.File, error) {
	conn, err := dialControl(ctx, name)
	if err != nil && !errors.Is(err, errNoSupervisor) {
		return nil, err
	}
	if conn != nil {
		defer conn.Close()
		if askDown(conn) != nil {
			killPeer(conn)
		}
	}
	for asked := time.Now(); ; {
		lock, err := lockDir(runDir(name))
		if !errors.Is(err, errHeld) {
			return lock, err
		}
		if conn != nil && time.Since(asked) > patienceToEnd {
			killPeer(conn)
			conn = nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func askDown(conn *net.UnixConn) error {
	conn.SetDeadline(time.Now().Add(patienceToAnswer))
	if err := json.NewEncoder(conn).Encode(request{Op: "down"}); err != nil {
		return err
	}
	var yes response
	return json.NewDecoder(conn).Decode(&yes)
}

// killPeer kills the process that listens at the other end: the kernel names
// it, so it cannot be a stranger with a recycled number.
func killPeer(conn *net.UnixConn) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return
	}
	raw.Control(func(fd uintptr) {
		if peer, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
			unix.Kill(int(peer.Pid), unix.SIGKILL)
		}
	})
}
