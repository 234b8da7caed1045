package server

import (
	"context"
	"errors"
	"io"
	"strings"
	"syscall"

	"connectrpc.com/connect"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// internalMessage is all that a user is told of a defect; the log has the rest.
const internalMessage = "something went wrong inside limiquantix; its log has the details"

// planner is an error that carries the plan which could not be done.
type planner interface{ PlanProto() *apiv1.Plan }

// ToConnect turns an error of a service into the Connect error that travels: a
// Connect code that suits the [core.Code], and an ErrorDetail. An error without
// a [core.Error] in its chain becomes [core.Internal] (or Canceled, or
// Unreachable for a deadline) with a general sentence, since its text may hold
// paths or worse. Nil for nil.
func ToConnect(err error) error {
	if err == nil {
		return nil
	}
	if ready := new(connect.Error); errors.As(err, &ready) {
		return ready
	}
	e := known(err)
	detail := toDetail(e)
	for _, other := range e.Also {
		detail.Also = append(detail.Also, toDetail(other))
	}
	if p := planner(nil); errors.As(err, &p) {
		detail.Plan = p.PlanProto()
	}
	out := connect.NewError(connectCode(e.Code), errors.New(e.Message))
	if d, derr := connect.NewErrorDetail(detail); derr == nil {
		out.AddDetail(d)
	}
	return out
}

func toDetail(e *core.Error) *apiv1.ErrorDetail {
	d := &apiv1.ErrorDetail{Code: string(e.Code), Message: valid(e.Message), Hint: valid(e.Hint), Detail: map[string]string{}}
	for k, v := range e.Detail {
		d.Detail[k] = valid(v)
	}
	return d
}

// valid makes text from hosts fit for protobuf, which takes UTF-8 only.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// known returns what the user may read of err.
func known(err error) *core.Error {
	if own := new(core.Error); errors.As(err, &own) {
		return core.AsError(err)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return core.Errorf(core.Canceled, "canceled")
	case errors.Is(err, context.DeadlineExceeded):
		return core.Errorf(core.Unreachable, "no answer in time")
	}
	return core.Errorf(core.Internal, internalMessage)
}

// connectCode is what a client that knows only Connect (a browser's network
// tab, curl) sees; ours read the ErrorDetail.
func connectCode(c core.Code) connect.Code {
	switch c {
	case core.Invalid, core.BadImage, core.Ambiguous:
		return connect.CodeInvalidArgument
	case core.NotFound:
		return connect.CodeNotFound
	case core.Exists:
		return connect.CodeAlreadyExists
	case core.Conflict, core.Blocked, core.Changed, core.Unsupported, core.AuthFailed, core.SecretNeeded,
		core.HostKeyUnknown, core.HostKeyChanged, core.HostKeyRevoked:
		return connect.CodeFailedPrecondition
	case core.Unreachable:
		return connect.CodeUnavailable
	case core.UnknownOutcome:
		return connect.CodeUnknown
	case core.Denied:
		return connect.CodePermissionDenied
	case core.NoSpace:
		return connect.CodeResourceExhausted
	case core.Canceled:
		return connect.CodeCanceled
	case core.Refused:
		return connect.CodeAborted
	}
	return connect.CodeInternal
}

// BlockedError is an error that came over the API with a plan: of a change that
// is blocked, or is not what was shown. It unwraps to its [core.Error].
type BlockedError struct {
	Err  *core.Error
	Plan *apiv1.Plan
}

// Error returns the message.
func (e *BlockedError) Error() string { return e.Err.Message }

// Unwrap returns the [core.Error].
func (e *BlockedError) Unwrap() error { return e.Err }

// PlanProto returns the plan, whose blockers say why.
func (e *BlockedError) PlanProto() *apiv1.Plan { return e.Plan }

// FromConnect turns what a client of the API got back into the error that the
// service returned: a *[core.Error], or a *[BlockedError] when a plan came with
// it. An error that was made on the way (nobody listens, wrong token) gets the
// code that fits best. What wrapping put before the Connect error stays before
// the message; an error that was turned already, or has no Connect error in its
// chain, is returned as it is. Nil for nil.
func FromConnect(err error) error {
	ce := new(connect.Error)
	if own := new(core.Error); errors.As(err, &own) || !errors.As(err, &ce) {
		return err
	}
	arrived := fromWire(ce)
	e := new(core.Error)
	if errors.As(arrived, &e) {
		e.Message = strings.TrimSuffix(err.Error(), ce.Error()) + e.Message
	}
	return arrived
}

func fromWire(ce *connect.Error) error {
	for _, d := range ce.Details() {
		v, derr := d.Value()
		if detail, ok := v.(*apiv1.ErrorDetail); ok && derr == nil {
			return FromDetail(detail)
		}
	}
	// Connect calls the first an invalid argument, the others canceled.
	if errors.Is(ce, io.ErrUnexpectedEOF) || errors.Is(ce, syscall.ECONNRESET) || errors.Is(ce, syscall.EPIPE) {
		return lostError(ce)
	}
	if foreign(ce) {
		return notOurs(ce)
	}
	switch ce.Code() {
	case connect.CodeCanceled:
		return &core.Error{Code: core.Canceled, Message: "canceled", Cause: ce}
	case connect.CodeUnauthenticated, connect.CodePermissionDenied:
		return &core.Error{Code: core.Denied, Message: "the running limiquantix does not accept us", Cause: ce}
	case connect.CodeUnimplemented:
		return &core.Error{Code: core.Unsupported, Message: "the running limiquantix does not know this call",
			Hint: "its version may be another one: end it and try again", Cause: ce}
	case connect.CodeInvalidArgument, connect.CodeResourceExhausted:
		return &core.Error{Code: core.Invalid, Message: ce.Message(), Cause: ce}
	case connect.CodeUnavailable:
		return lostError(ce)
	}
	return &core.Error{Code: core.Internal, Message: ce.Message(), Cause: ce}
}

func lostError(cause error) *core.Error {
	return &core.Error{Code: core.Internal, Message: "the connection to the running limiquantix was lost", Cause: cause}
}

// FromDetail turns an ErrorDetail, as it stands in a failed task, into an
// error: as [FromConnect]. Nil for nil.
func FromDetail(d *apiv1.ErrorDetail) error {
	if d == nil {
		return nil
	}
	e := fromDetail(d)
	for _, other := range d.Also {
		e.Also = append(e.Also, fromDetail(other))
	}
	if d.Plan != nil {
		return &BlockedError{Err: e, Plan: d.Plan}
	}
	return e
}

func fromDetail(d *apiv1.ErrorDetail) *core.Error {
	return &core.Error{Code: core.Code(d.Code), Message: d.Message, Hint: d.Hint, Detail: d.Detail}
}
