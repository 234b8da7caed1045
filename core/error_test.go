package core

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
)

func TestCodeOf(t *testing.T) {
	denied := Errorf(Denied, "no")
	for name, tc := range map[string]struct {
		err  error
		want Code
	}{
		"nil":                  {nil, ""},
		"an error of ours":     {denied, Denied},
		"wrapped":              {fmt.Errorf("open pool: %w", denied), Denied},
		"joined":               {errors.Join(io.EOF, denied), Denied},
		"the outer code wins":  {Errorf(NotFound, "pool: %w", denied), NotFound},
		"canceled":             {fmt.Errorf("x: %w", context.Canceled), Canceled},
		"deadline":             {context.DeadlineExceeded, Unreachable},
		"a code over deadline": {Errorf(UnknownOutcome, "x: %w", context.DeadlineExceeded), UnknownOutcome},
		"foreign":              {io.EOF, Internal},
	} {
		if got := CodeOf(tc.err); got != tc.want {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
	}
}

func TestErrorfKeepsCauses(t *testing.T) {
	for want, err := range map[error]*Error{
		nil:                 Errorf(NotFound, "no pool %q", "x"),
		io.EOF:              Errorf(NotFound, "read: %w", io.EOF),
		io.ErrUnexpectedEOF: Errorf(NotFound, "read: %w and %w", io.EOF, io.ErrUnexpectedEOF),
	} {
		if err.Code != NotFound || err.Error() == "" {
			t.Errorf("got %#v", err)
		}
		if want == nil && err.Cause != nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%v: the cause is %v", err, err.Cause)
		}
	}
}

func TestAllTellsOfSeveralMistakes(t *testing.T) {
	if err := All(nil, nil); err != nil {
		t.Errorf("got %v, want nil", err)
	}
	in := func(message, field string) error { return Errorf(Invalid, "%s", message).WithDetail("field", field) }
	several := InField(All(nil, in("a", "user"), All(in("b", "password"), io.EOF)), "cloud_init")
	e := AsError(fmt.Errorf("vm create: %w", several))
	if e.Code != Invalid || e.Message != "vm create: a" || e.Detail["field"] != "cloud_init.user" || len(e.Also) != 2 {
		t.Fatalf("got %+v", e)
	}
	if b := e.Also[0]; b.Message != "b" || b.Detail["field"] != "cloud_init.password" || b.Also != nil {
		t.Errorf("got %+v", b)
	}
	if c := e.Also[1]; c.Code != Internal || c.Detail["field"] != "cloud_init" {
		t.Errorf("got %+v", c)
	}
}

func TestErrorsAreNotChangedByHintsAndDetails(t *testing.T) {
	a := Errorf(HostKeyUnknown, "the host is not known")
	b := a.WithHint("compare %s", "it").WithDetail("fingerprint", "SHA256:x")
	c := b.WithDetail("key_type", "ssh-ed25519").WithDetail("fingerprint", "SHA256:y")
	if a.Hint != "" || a.Detail != nil || len(b.Detail) != 1 || b.Detail["fingerprint"] != "SHA256:x" {
		t.Errorf("the first were changed: %+v %+v", a, b)
	}
	if c.Hint != "compare it" || c.Detail["key_type"] != "ssh-ed25519" || c.Detail["fingerprint"] != "SHA256:y" || c.Code != HostKeyUnknown {
		t.Errorf("got %+v", c)
	}
}

func TestAsErrorKeepsTheContext(t *testing.T) {
	if AsError(nil) != nil {
		t.Error("nil becomes an error")
	}
	inner := Errorf(NoSpace, "the pool is full").WithHint("remove something")
	got := AsError(fmt.Errorf("add image: %w", inner))
	if got.Message != "add image: the pool is full" || got.Code != NoSpace || got.Hint != "remove something" || inner.Message != "the pool is full" {
		t.Errorf("got %+v", got)
	}
	if got := AsError(io.EOF); got.Code != Internal || !errors.Is(got, io.EOF) || got.Message != "EOF" {
		t.Errorf("got %+v", got)
	}
}

// The numbers are in cli.md: scripts depend on them.
func TestExitStatus(t *testing.T) {
	want := map[Code]int{"": 0, Invalid: 2, Blocked: 3, Changed: 3, NotFound: 4, Unreachable: 5, UnknownOutcome: 5, HostKeyUnknown: 5,
		HostKeyChanged: 5, HostKeyRevoked: 5, Refused: 6, Exists: 1, Internal: 1, Canceled: 1, BadImage: 1, "new": 1}
	for code, exit := range want {
		if got := code.Exit(); got != exit {
			t.Errorf("%q: got %d, want %d", code, got, exit)
		}
	}
}
