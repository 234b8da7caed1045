//go:build linux

package sshconn

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/transport/sshconn/sshdtest"
)

// hosts are a Client of a real sshd and this machine: both must behave alike.
func hosts(t *testing.T) map[string]host {
	return map[string]host{"ssh": mustDial(t, config(sshdtest.Start(t, sshdtest.Options{}), "root")), "local": NewLocal()}
}

func TestRunGivesBackWhatTheCommandDid(t *testing.T) {
	for name, h := range hosts(t) {
		t.Run(name, func(t *testing.T) {
			for _, c := range []struct {
				cmd              Command
				wantOut, wantErr string
				wantExit         int
				anyErr           bool
			}{
				{cmd: Command{Argv: []string{"echo", "a  b", "$HOME", "`id`", "it's"}}, wantOut: "a  b $HOME `id` it's\n"},
				{cmd: Command{Argv: []string{"sh", "-c", "echo out; echo err >&2; exit 7"}}, wantOut: "out\n", wantErr: "err\n", wantExit: 7},
				{cmd: Command{Argv: []string{"cat"}, Stdin: strings.NewReader("in")}, wantOut: "in"},
				{cmd: Command{Argv: []string{"cat"}}, wantOut: ""},
				{cmd: Command{Argv: []string{"true"}, Stdin: strings.NewReader(strings.Repeat("x", 8<<20))}},
				{cmd: Command{Argv: []string{"sh", "-c", "exec 2>&-; kill -15 $$"}}, wantExit: 143, anyErr: true}, // the login shell says "Terminated"
				{cmd: Command{Argv: []string{"sh", "-c", "echo $A"}, Env: []string{"A=b c"}}, wantOut: "b c\n"},
				{cmd: Command{Argv: []string{"id", "-u"}, Sudo: true}, wantOut: "0\n"},
			} {
				r, err := h.Run(t.Context(), c.cmd)
				if err != nil || string(r.Stdout) != c.wantOut || !c.anyErr && string(r.Stderr) != c.wantErr || r.Exit != c.wantExit {
					t.Errorf("%q: got %q %q %d %v, want %q %q %d", c.cmd.Argv, r.Stdout, r.Stderr, r.Exit, err, c.wantOut, c.wantErr, c.wantExit)
				}
			}
			if r, err := h.Run(t.Context(), Command{Argv: []string{"/no/such/program"}}); err != nil || r.Exit != 127 {
				t.Errorf("missing program: got exit %d, %v; want 127", r.Exit, err)
			}
		})
	}
}

func TestRunRefusesAndBounds(t *testing.T) {
	for name, h := range hosts(t) {
		t.Run(name, func(t *testing.T) {
			_, err := h.Run(t.Context(), Command{Argv: []string{"echo", "a\nb"}})
			wantError(t, err, core.Invalid)
			_, err = h.Run(t.Context(), Command{})
			wantError(t, err, core.Invalid)

			r, err := h.Run(t.Context(), Command{Argv: []string{"yes"}, MaxOutput: 100 * core.KiB})
			wantError(t, err, core.Unsupported)
			if len(r.Stdout) != 100<<10 {
				t.Errorf("got %d bytes, want the first 100 KiB", len(r.Stdout))
			}
			r, err = h.Run(t.Context(), Command{Argv: []string{"sh", "-c", "yes >&2"}, MaxOutput: 10 * core.KiB})
			wantError(t, err, core.Unsupported)
			if len(r.Stderr) != 10<<10 {
				t.Errorf("got %d bytes of stderr, want the first 10 KiB", len(r.Stderr))
			}
			big, err := h.Run(t.Context(), Command{Argv: []string{"head", "-c", "3000000", "/dev/zero"}})
			if err != nil || !bytes.Equal(big.Stdout, make([]byte, 3000000)) {
				t.Errorf("got %d bytes, %v; want 3,000,000 zeros", len(big.Stdout), err)
			}

			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			_, err = h.Run(ctx, Command{Argv: []string{"sleep", "600"}})
			wantError(t, err, core.UnknownOutcome)

			ctx, cancel = context.WithCancel(t.Context())
			time.AfterFunc(300*time.Millisecond, cancel)
			_, err = h.Run(ctx, Command{Argv: []string{"sleep", "601"}})
			wantError(t, err, core.Canceled)
			for range 100 {
				if r, _ := h.Run(t.Context(), Command{Argv: []string{"pgrep", "-fx", "sleep 60[01]"}}); r.Exit == 1 {
					return
				}
				time.Sleep(50 * time.Millisecond)
			}
			t.Error("a command that was given up still runs")
		})
	}
}

func TestTerminal(t *testing.T) {
	c := mustDial(t, config(sshdtest.Start(t, sshdtest.Options{}), "plain"))
	p, err := c.Start(t.Context(), Command{Argv: []string{"sh", "-c", "read x; stty size; exit 3"}, Terminal: &Terminal{"xterm", 24, 80}})
	if err != nil {
		t.Fatal(describe(err))
	}
	if err := p.Resize(30, 100); err != nil {
		t.Error(err)
	}
	p.Stdin.Write([]byte("go\n"))
	var out bytes.Buffer
	out.ReadFrom(p.Stdout)
	if exit, err := p.Wait(); exit != 3 || err != nil || !strings.Contains(out.String(), "30 100") {
		t.Errorf("got exit %d, %v, output %q; want 3 and the size 30 100", exit, err, out.String())
	}
}

func TestSudo(t *testing.T) {
	s := sshdtest.Start(t, sshdtest.Options{})
	for user, want := range map[string]Kind{"root": Root, "virt": Libvirt, "admin": Sudo, "plain": None} {
		c := mustDial(t, config(s, user))
		r, err := c.Rights(t.Context())
		if err != nil || r.Kind != want {
			t.Errorf("%s: got %+v, %v; want %s", user, r, err, want)
		}
		out, err := c.Run(t.Context(), Command{Argv: []string{"id", "-u"}, Sudo: true})
		if want == Root || want == Sudo {
			if err != nil || string(out.Stdout) != "0\n" {
				t.Errorf("%s: sudo id -u: got %q, %v", user, out.Stdout, err)
			}
		} else {
			wantError(t, err, core.Denied)
		}
	}
}

// What nobody reads must not keep Close waiting.
func TestCloseWithUnreadData(t *testing.T) {
	s := sshdtest.Start(t, sshdtest.Options{})
	c := mustDial(t, config(s, "plain"))
	conn, err := c.DialTCP(t.Context(), s.Addr) // sends a banner
	if err != nil {
		t.Fatal(describe(err))
	}
	if _, err := c.Start(t.Context(), Command{Argv: []string{"yes"}}); err != nil {
		t.Fatal(describe(err))
	}
	time.Sleep(200 * time.Millisecond)
	c.Close()
	if _, err := conn.Read(make([]byte, 100)); err == nil {
		_, err = conn.Read(make([]byte, 100))
		wantError(t, err, core.Canceled)
	}
}
