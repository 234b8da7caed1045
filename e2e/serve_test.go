//go:build linux

package e2e

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// application is a running limiquantix serve, which the site's other command
// lines find by its socket.
type application struct {
	t    *testing.T
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
}

// serve starts the application and waits until it serves.
func (s *site) serve(env ...string) *application {
	s.t.Helper()
	c := s.command(context.Background(), "serve") // the cleanup ends it
	c.Env = append(c.Env, env...)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	a := &application{s.t, c, make(chan struct{})}
	url, err := bufio.NewReader(out).ReadString('\n')
	go func() {
		defer close(a.done)
		_ = c.Wait() // it is killed or interrupted
	}()
	s.t.Cleanup(func() {
		c.Process.Kill()
		<-a.done
	})
	if err != nil || !strings.HasPrefix(url, "http://127.0.0.1:") {
		s.t.Fatalf("limiquantix serve says %q, %v", url, err)
	}
	return a
}

// Wait waits until the application has ended.
func (a *application) Wait() {
	a.t.Helper()
	select {
	case <-a.done:
	case <-time.After(time.Minute):
		a.t.Fatal("the application has not ended after a minute")
	}
}

// stop interrupts the application and waits for its end.
func (a *application) stop() {
	a.t.Helper()
	if err := a.cmd.Process.Signal(os.Interrupt); err != nil {
		a.t.Fatal(err)
	}
	a.Wait()
}
