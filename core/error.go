package core

import (
	"context"
	"errors"
	"fmt"
)

// Code says what kind of thing went wrong, for callers that decide by it. The
// strings are part of the API (core/api/v1/error.proto) and never change.
type Code string

// The codes. The command line's exit status follows from them: see [Code.Exit].
const (
	// Invalid: the request itself is wrong; sending it again cannot help.
	Invalid Code = "invalid"
	// NotFound: a named object does not exist.
	NotFound Code = "not_found"
	// Exists: a name is already taken.
	Exists Code = "exists"
	// Ambiguous: a reference matches several objects; the message lists them.
	Ambiguous Code = "ambiguous"
	// Conflict: the object is in a state that does not allow this, or somebody
	// else changed it meanwhile.
	Conflict Code = "conflict"
	// Blocked: the plan has blockers; nothing was done.
	Blocked Code = "blocked"
	// Changed: what would be done is not what was shown; nothing was done.
	Changed Code = "changed"
	// Unreachable: the host cannot be reached or does not answer; nothing was done.
	Unreachable Code = "unreachable"
	// UnknownOutcome: the connection was lost after a request was sent, so it
	// may or may not have been carried out. Look before repeating.
	UnknownOutcome Code = "unknown_outcome"
	// HostKeyUnknown: the host was never seen; the user must compare the
	// fingerprint in [Error.Detail] ("fingerprint", "key_type").
	HostKeyUnknown Code = "host_key_unknown"
	// HostKeyChanged: the host shows another key than before. A hard stop.
	HostKeyChanged Code = "host_key_changed"
	// HostKeyRevoked: the key is marked @revoked in a known_hosts file.
	HostKeyRevoked Code = "host_key_revoked"
	// AuthFailed: the host did not accept any identity that was offered.
	AuthFailed Code = "auth_failed"
	// SecretNeeded: a password or passphrase is needed; [Error.Detail]
	// "secret" says which ("password", "passphrase") and "for" for what.
	SecretNeeded Code = "secret_needed"
	// Denied: the host or this application refuses for want of rights.
	Denied Code = "denied"
	// NoSpace: a file system or pool is full.
	NoSpace Code = "no_space"
	// Unsupported: the host or its software cannot do this.
	Unsupported Code = "unsupported"
	// BadImage: a file is not a disk image that may be used.
	BadImage Code = "bad_image"
	// Canceled: the user, or the caller's context, gave up.
	Canceled Code = "canceled"
	// Refused: the user said no, or a destructive act lacked its confirmation.
	Refused Code = "refused"
	// Internal: a defect of this program.
	Internal Code = "internal"
)

// Exit returns the command line's exit status for c (cli.md): 0 for "",
// 2 usage, 3 blocked or changed, 4 no such object, 5 host not reachable, 6 refused, else 1.
func (c Code) Exit() int {
	switch c {
	case "":
		return 0
	case Invalid:
		return 2
	case Blocked, Changed:
		return 3
	case NotFound:
		return 4
	case Unreachable, UnknownOutcome, HostKeyUnknown, HostKeyChanged, HostKeyRevoked:
		return 5
	case Refused:
		return 6
	}
	return 1
}

// Error is an error with a sentence for the user. It is made where the fact is
// known and travels unchanged to the edge (API, command line, window).
type Error struct {
	Code Code
	// Message is one sentence for the user, without a full stop, path of this
	// machine, stack or secret.
	Message string
	// Hint says what to do next; "" when there is nothing to say.
	Hint string
	// Detail holds facts for a program that decides by them; keys are documented
	// at the codes. Nil when there is none.
	Detail map[string]string
	// Also is what else is wrong, where several things are and all are told at
	// once: see [All]. Its errors have no Also of their own. Nil when there is no more.
	Also []*Error
	// Cause is kept for the log and for errors.Is; the user does not see it.
	Cause error
}

// Errorf returns an [Error] with a code and a message. A %w verb sets Cause;
// several are joined.
func Errorf(code Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	cause := errors.Unwrap(err)
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		cause = errors.Join(several.Unwrap()...)
	}
	return &Error{Code: code, Message: err.Error(), Cause: cause}
}

// WithHint returns a copy of e with a hint.
func (e *Error) WithHint(format string, args ...any) *Error {
	c := *e
	c.Hint = fmt.Sprintf(format, args...)
	return &c
}

// WithDetail returns a copy of e with one more detail.
func (e *Error) WithDetail(key, value string) *Error {
	c := *e
	c.Detail = map[string]string{key: value}
	for k, v := range e.Detail {
		if k != key {
			c.Detail[k] = v
		}
	}
	return &c
}

// InField returns err with the detail "field": the path of the field of a
// request that it is about, so that a form can show it there. An err that names
// a field within that one gets the longer path: InField(InField(err, "user"),
// "cloud_init") is about "cloud_init.user". Nil for nil.
func InField(err error, field string) error {
	if err == nil {
		return nil
	}
	e := AsError(err)
	out := e.in(field)
	out.Also = nil
	for _, other := range e.Also {
		out.Also = append(out.Also, other.in(field))
	}
	return out
}

func (e *Error) in(field string) *Error {
	if within := e.Detail["field"]; within != "" {
		field += "." + within
	}
	return e.WithDetail("field", field)
}

// All returns everything that is wrong as one error: the first of errs that is
// not nil, as an [Error] with the others in its Also. Nil when there is none.
func All(errs ...error) error {
	var found []*Error
	for _, err := range errs {
		if e := AsError(err); e != nil {
			also := e.Also
			e.Also = nil
			found = append(append(found, e), also...)
		}
	}
	if found == nil {
		return nil
	}
	found[0].Also = found[1:]
	return found[0]
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// CodeOf returns the code of err: "" for nil, [Canceled] for a canceled
// context, [Unreachable] for a deadline that passed, [Internal] when no
// [Error] is in its chain.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	switch {
	case errors.As(err, &e):
		return e.Code
	case errors.Is(err, context.Canceled):
		return Canceled
	case errors.Is(err, context.DeadlineExceeded):
		return Unreachable
	}
	return Internal
}

// AsError returns the [Error] in err's chain, its message prefixed with the
// context that wrapping added, or a new one that carries [CodeOf] err. Nil for nil.
func AsError(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		c := *e
		c.Message = err.Error()
		return &c
	}
	return &Error{Code: CodeOf(err), Message: err.Error(), Cause: err}
}
