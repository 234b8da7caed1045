package virt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/digitalocean/go-libvirt"

	"github.com/limiquantix/limiquantix/core"
)

const errRPC = int(libvirt.ErrRPC)

// codes are core's codes for libvirt's error numbers (libvirt/virterror.h). A
// number that is not here is a failure of the host without a better name.
func code(number libvirt.ErrorNumber, errno int) core.Code {
	switch number {
	case libvirt.ErrNoDomain, libvirt.ErrNoNetwork, libvirt.ErrNoStoragePool, libvirt.ErrNoStorageVol, libvirt.ErrNoDomainSnapshot,
		libvirt.ErrNoSecret, libvirt.ErrNoNodeDevice, libvirt.ErrNoNwfilter, libvirt.ErrNoInterface, libvirt.ErrNoDomainCheckpoint,
		libvirt.ErrNoDomainMetadata, libvirt.ErrNoNetworkPort, libvirt.ErrDeviceMissing, libvirt.ErrInvalidDomainSnapshot:
		return core.NotFound
	case libvirt.ErrDomExist, libvirt.ErrNetworkExist, libvirt.ErrStorageVolExist, libvirt.ErrNetworkPortExist, libvirt.ErrStoragePoolBuilt:
		return core.Exists
	case libvirt.ErrOperationInvalid, libvirt.ErrResourceBusy, libvirt.ErrBlockCopyActive, libvirt.ErrSnapshotRevertRisky,
		libvirt.ErrAgentUnresponsive, libvirt.ErrAgentUnsynced, libvirt.ErrAgentCommandTimeout, libvirt.ErrOperationTimeout,
		libvirt.ErrMigrateUnsafe, libvirt.ErrOperationAborted:
		return core.Conflict
	case libvirt.ErrAuthFailed, libvirt.ErrAuthCancelled, libvirt.ErrAuthUnavailable, libvirt.ErrAccessDenied, libvirt.ErrOperationDenied:
		return core.Denied
	case libvirt.ErrNoSupport, libvirt.ErrConfigUnsupported, libvirt.ErrArgumentUnsupported, libvirt.ErrOperationUnsupported,
		libvirt.ErrNoConnect, libvirt.ErrCPUIncompatible, libvirt.ErrNoSecurityModel:
		return core.Unsupported
	case libvirt.ErrXMLError, libvirt.ErrXMLDetail, libvirt.ErrXMLInvalidSchema, libvirt.ErrInvalidArg, libvirt.ErrParseFailed,
		libvirt.ErrOsType, libvirt.ErrNoName, libvirt.ErrNoOs, libvirt.ErrNoDevice, libvirt.ErrInvalidMac, libvirt.ErrOverflow:
		return core.Invalid
	case libvirt.ErrSystemError:
		return errnoCode(syscall.Errno(errno))
	}
	return core.Internal
}

// errnoCode names the system errors that a user can do something about.
func errnoCode(errno syscall.Errno) core.Code {
	switch errno {
	case syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG:
		return core.NoSpace
	case syscall.EACCES, syscall.EPERM, syscall.EROFS:
		return core.Denied
	case syscall.EEXIST:
		return core.Exists
	case syscall.ENOENT:
		return core.NotFound
	case syscall.EBUSY:
		return core.Conflict
	}
	return core.Internal
}

// libvirtError makes core's error of libvirt's, with libvirt's own reason.
func libvirtError(what string, number libvirt.ErrorNumber, message string, errno int) error {
	c := code(number, errno)
	if c == core.Internal && strings.Contains(message, "No space left on device") {
		c = core.NoSpace // qemu-img's words: its exit status says nothing
	}
	e := core.Errorf(c, "%s: %s", what, core.Escape(strings.TrimSpace(message)))
	e.Cause = libvirt.Error{Code: uint32(number), Message: message}
	if c == core.Denied && number != libvirt.ErrSystemError {
		return e.WithHint("log in as root, or make the user a member of the group libvirt on the host")
	}
	return e
}

// faultError is libvirtError for a reply that go-libvirt did not see.
func faultError(what string, reply frame) error {
	f, err := parseFault(reply.payload)
	if err != nil {
		return err
	}
	return libvirtError(what, libvirt.ErrorNumber(f.code), f.message, f.errno)
}

// isNumber reports whether err is libvirt's error of that number.
func isNumber(err error, number libvirt.ErrorNumber) bool {
	var e libvirt.Error
	return errors.As(err, &e) && e.Code == uint32(number)
}

// lost is why a connection ended, for the user.
func lost(err error) error {
	var e *core.Error
	switch {
	case errors.As(err, &e):
		return err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return core.Errorf(core.Unreachable, "libvirt on the host closed the connection: %w", err)
	case errors.Is(err, net.ErrClosed):
		return core.Errorf(core.Unreachable, "the connection to libvirt is closed: %w", err)
	case errors.Is(err, context.Canceled):
		return core.Errorf(core.Canceled, "canceled: %w", err)
	}
	return core.Errorf(core.Unreachable, "the connection to libvirt is lost: %w", err)
}

// unknownOutcome is for a write whose reply will not come.
func unknownOutcome(what string, why error) error {
	return core.Errorf(core.UnknownOutcome, "%s: no answer, so it may or may not have been done: %w", what, why).
		WithHint("look at the host's present state before doing it again")
}

// callError makes core's error of what a go-libvirt call returned; ended is
// why the connection ended, or nil while it lives.
func (s *session) callError(k kind, what string, err, ended error) error {
	var le libvirt.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &le):
		message, errno := splitMessage(le.Message)
		return libvirtError(what, libvirt.ErrorNumber(le.Code), message, errno)
	case errors.Is(err, libvirt.ErrUnsupported):
		return core.Errorf(core.Unsupported, "%s: libvirt on the host is too old for it: %w", what, err)
	case ended == nil && errors.Is(err, errPanic):
		return core.Errorf(core.Internal, "%s: %w", what, err)
	case errors.Is(err, syscall.EINVAL), errors.Is(err, errNotSent):
		if ended == nil {
			ended = err
		}
		return fmt.Errorf("%s: %w", what, lost(ended)) // it was never sent
	case ended != nil || errors.Is(err, libvirt.ErrInterrupted):
		if ended == nil {
			ended = err
		}
		if k == write {
			return unknownOutcome(what, ended)
		}
		return fmt.Errorf("%s: %w", what, lost(ended))
	}
	return core.Errorf(core.Internal, "%s: %w", what, err)
}
