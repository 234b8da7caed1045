//go:build linux

package sshconn

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/transport/sshconn/sshdtest"
)

// host is the method set that Client and Local share.
type host interface {
	Run(context.Context, Command) (Result, error)
	Start(context.Context, Command) (*Process, error)
	DialTCP(context.Context, string) (net.Conn, error)
	DialUnix(context.Context, string) (net.Conn, error)
	DialLibvirt(context.Context, string) (net.Conn, error)
	Route() string
	Files(context.Context) (*Files, error)
	Rights(context.Context) (Rights, error)
	Done() <-chan struct{}
	Err() error
	Close() error
	Target() Target
	HostKey() HostKey
	Stats() Stats
}

var (
	_ host = (*Client)(nil)
	_ host = (*Local)(nil)
)

// config returns a Config for a user of s that reads nothing of this machine.
func config(s *sshdtest.Server, user string) Config {
	return Config{
		Address: "127.0.0.1", Port: s.Port, User: user, Identity: []string{s.Key},
		SSHConfig: "none", Agent: "none", KnownHosts: []string{s.KnownHosts},
	}
}

func dial(t testing.TB, cfg Config) (*Client, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var d Dialer
	c, err := d.Dial(ctx, cfg)
	if err == nil {
		t.Cleanup(func() { c.Close() })
	}
	return c, err
}

func mustDial(t testing.TB, cfg Config) *Client {
	t.Helper()
	c, err := dial(t, cfg)
	if err != nil {
		t.Fatal(describe(err))
	}
	return c
}

func output(t testing.TB, h host, argv ...string) string {
	t.Helper()
	r, err := h.Run(t.Context(), Command{Argv: argv})
	if err != nil || r.Exit != 0 {
		t.Fatalf("%v: exit %d, %v, %s", argv, r.Exit, describe(err), r.Stderr)
	}
	return strings.TrimSpace(string(r.Stdout))
}

// describe prints all of an error.
func describe(err error) string {
	var e *core.Error
	if !errors.As(err, &e) {
		return "no core.Error: " + errString(err)
	}
	return string(e.Code) + ": " + e.Message + " | hint: " + e.Hint + " | " + join(e.Detail) + " | cause: " + errString(e.Cause)
}

func errString(err error) string {
	if err == nil {
		return "nil"
	}
	return err.Error()
}

func join(m map[string]string) string {
	var b strings.Builder
	for k, v := range m {
		b.WriteString(k + "=" + v + " ")
	}
	return b.String()
}

// wantError checks the code, and details given as "key=value" ("key=" wants any value).
func wantError(t testing.TB, err error, code core.Code, details ...string) *core.Error {
	t.Helper()
	if core.CodeOf(err) != code {
		t.Fatalf("got %s, want code %s", describe(err), code)
	}
	var e *core.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a core.Error", err)
	}
	if e.Message == "" || strings.HasSuffix(e.Message, ".") || strings.Contains(e.Message, "\n") {
		t.Errorf("message %q is no sentence without a full stop", e.Message)
	}
	for _, d := range details {
		key, want, _ := strings.Cut(d, "=")
		if got, ok := e.Detail[key]; !ok || want != "" && !strings.Contains(got, want) {
			t.Errorf("detail %s = %q, want %q in it (%s)", key, got, want, describe(err))
		}
	}
	return e
}

func itoa(n int) string { return strconv.Itoa(n) }
